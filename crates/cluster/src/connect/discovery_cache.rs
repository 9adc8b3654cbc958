//! What a cluster serves, kept in a file between commands, where kubectl keeps it too.

use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::discovery::Discovery;

/// How long what is kept is believed without asking (`genericclioptions.ConfigFlags.toDiscoveryClient`).
const BELIEVED: Duration = Duration::from_secs(6 * 60 * 60);

/// The form of the file; others are not read.
const FORM: u64 = 1;

/// A file for one server. What cannot be read or written is as if it were not there.
#[derive(Debug, Clone)]
pub struct DiscoveryCache {
    file: PathBuf,
}

/// What was found, and the tags under which the server knows its two answers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kept {
    pub(crate) discovery: Discovery,
    pub(crate) tags: [String; 2],
}

impl DiscoveryCache {
    /// Chooses the file for a server (`https://127.0.0.1:6443`) below the folder of caches (`~/.kube/cache`).
    pub fn new(folder: &Path, server: &str) -> DiscoveryCache {
        DiscoveryCache { file: folder.join("discovery").join(server_folder(server)).join("pintle.json") }
    }

    /// Reads what is kept, and whether it is young enough to be believed.
    pub(crate) fn load(&self) -> Option<(Kept, bool)> {
        let written = fs::metadata(&self.file).and_then(|metadata| metadata.modified()).ok()?;
        let is_young = SystemTime::now().duration_since(written).is_ok_and(|age| age < BELIEVED);
        let document: Value = serde_json::from_slice(&fs::read(&self.file).ok()?).ok()?;
        if document["form"] != FORM {
            return None;
        }
        let tag = |index: usize| document["tags"][index].as_str().map(str::to_owned);
        let discovery = Discovery::from_json(&document["served"])?;
        Some((Kept { discovery, tags: [tag(0)?, tag(1)?] }, is_young))
    }

    /// Keeps something: beside the file first, so that nobody reads half of it.
    pub(crate) fn save(&self, kept: &Kept) {
        let document = json!({"form": FORM, "tags": kept.tags, "served": kept.discovery.to_json()});
        let beside = self.file.with_extension(format!("{}.new", process::id()));
        let written = self.file.parent().map_or(Ok(()), fs::create_dir_all);
        let written = written.and_then(|()| fs::write(&beside, document.to_string()));
        if written.and_then(|()| fs::rename(&beside, &self.file)).is_err() {
            let _nothing_to_remove = fs::remove_file(&beside);
        }
    }

    /// Forgets what is kept.
    pub(crate) fn forget(&self) {
        let _was_not_there = fs::remove_file(&self.file);
    }
}

/// Returns the name of a folder for what is kept of a server (`https://127.0.0.1:6443`), which leads out of no other.
pub fn server_folder(server: &str) -> String {
    let host = server.trim_start_matches("https://").trim_start_matches("http://");
    let is_harmless = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '/' | '.');
    let host: String = host.chars().map(|letter| if is_harmless(letter) { letter } else { '_' }).collect();
    host.replace("..", "__").trim_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::DiscoveryCache;

    #[test]
    fn a_server_has_a_file_of_its_own_below_the_folder() {
        let file = |server| DiscoveryCache::new(Path::new("/c"), server).file;
        assert_eq!(file("https://127.0.0.1:6443"), Path::new("/c/discovery/127.0.0.1_6443/pintle.json"));
        assert_eq!(file("https://a/../../x"), Path::new("/c/discovery/a/__/__/x/pintle.json"));
    }
}
