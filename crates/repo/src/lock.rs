//! `Chart.lock`: the hash that ties it to the dependencies, and the file (Helm: internal/resolver/resolver.go).

use std::fs;
use std::path::Path;

use chart::go_json::{self, Node};
use chart::{Dependency, Lock};
use serde_json::{Value as Json, json};

use crate::{Error, atomic, cache};

/// The mode of the file.
const MODE: u32 = 0o644;

/// Returns the hash of dependencies as declared and as locked (`HashReq`).
pub fn digest(declared: &[Option<Dependency>], locked: &[Option<Dependency>]) -> String {
    let both = Node::List(vec![go_json::dependency_list(declared), go_json::dependency_list(locked)]);
    hashed(&go_json::marshal(&both))
}

/// Returns the hash that Helm 2 made (`HashV2Req`).
pub fn old_digest(declared: &[Option<Dependency>]) -> String {
    let mut fields = go_json::Fields::default();
    fields.push("dependencies", go_json::dependency_list(declared));
    hashed(&go_json::marshal(&fields))
}

fn hashed(text: &str) -> String {
    format!("sha256:{}", cache::hex(&cache::hash(text.as_bytes())))
}

/// Writes the lock beside a chart's `Chart.yaml` (downloader/manager.go, writeLock).
///
/// # Errors
/// When a link stands in its place, or the system refuses.
pub fn store(chart: &Path, lock: &Lock, is_version_1: bool) -> Result<(), Error> {
    let name = if is_version_1 { "requirements.lock" } else { "Chart.lock" };
    let path = chart.join(name);
    if let Ok(target) = fs::read_link(&path) {
        let target = value::gofmt::quoted(target.to_string_lossy().as_bytes());
        return Err(Error::refused(format!("the {name} file is a symlink to {target}")));
    }
    let dependencies = match lock.dependencies.as_slice() {
        [] => Json::Array(Vec::new()),
        entries => chart::dependencies_json(entries),
    };
    let document = json!({
        "dependencies": dependencies,
        "digest": lock.digest,
        "generated": lock.generated,
    });
    let text = value::yaml::write_json(&document).map_err(|error| Error::refused(error.to_string()))?;
    atomic::write(&path, &text, MODE)
}

#[cfg(test)]
mod tests {
    use chart::Dependency;

    use super::{digest, old_digest};

    fn dependency(version: &str) -> Option<Dependency> {
        Some(Dependency {
            name: "alpine".into(),
            version: version.into(),
            repository: "http://localhost:8879/charts".into(),
            ..Dependency::default()
        })
    }

    /// The text that is hashed escapes what could be HTML.
    #[test]
    fn the_digest_is_helms() {
        let expected = "sha256:fb239e836325c5fa14b29d1540a13b7d3ba13151b67fe719f820e0ef6d66aaaf";
        assert_eq!(digest(&[dependency("0.1.0")], &[dependency("0.1.0")]), expected);
        assert_ne!(digest(&[dependency(">0.1.0")], &[dependency("0.1.0")]), expected);
        assert!(old_digest(&[dependency("0.1.0")]).starts_with("sha256:"));
    }
}
