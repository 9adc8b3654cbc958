//! An index of the archives in a folder.

use std::fs;
use std::path::Path;

use super::full::{FullEntry, FullIndex};
use crate::{Error, cache};

/// Makes an index of a folder and the folders in it (`repo.IndexDirectory`); archives that are no charts are passed over.
///
/// `now` is the present time as Go writes it.
///
/// # Errors
/// When a chart breaks a rule of `Chart.yaml` that loading does not ask for, or an archive cannot be read again.
pub fn index_directory(folder: &Path, base_url: &str, now: &str) -> Result<FullIndex, Error> {
    let mut index =
        FullIndex { api_version: "v1".to_owned(), generated: now.to_owned(), ..FullIndex::default() };
    let mut folders = vec![String::new()];
    folders.extend(names(folder, |_| true));
    for below in folders {
        let place = if below.is_empty() { folder.to_path_buf() } else { folder.join(&below) };
        for name in names(&place, |name| name.ends_with(".tgz")) {
            add(&mut index, &place.join(&name), &name, &below, base_url, now)?;
        }
    }
    Ok(index)
}

fn names(folder: &Path, is_wanted: fn(&str) -> bool) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| is_wanted(name)).collect();
    names.sort_unstable();
    names
}

fn add(
    index: &mut FullIndex,
    path: &Path,
    name: &str,
    below: &str,
    base_url: &str,
    now: &str,
) -> Result<(), Error> {
    let Ok(loaded) = chart::files::load_any_version(&path.to_string_lossy(), &mut Vec::new()) else {
        return Ok(());
    };
    let bytes = fs::read(path).map_err(|error| Error::file("open", path, &error))?;
    let join = |base: &str, path: &str| {
        value::url::join(base, path).unwrap_or_else(|_| chart::clean(&format!("{base}/{path}")))
    };
    let parent_url = join(base_url, below);
    let url = if parent_url.is_empty() { name.to_owned() } else { join(&parent_url, name) };
    let mut metadata = loaded.metadata;
    if metadata.api_version.is_empty() {
        metadata.api_version = chart::API_VERSION_V1.to_owned();
    }
    metadata.validate().map_err(|error| {
        Error::from(error)
            .context(format!("validate failed for {name}"))
            .context(format!("failed adding to {name} to index"))
    })?;
    let entry = FullEntry {
        urls: vec![url],
        created: now.to_owned(),
        digest: cache::hex(&cache::hash(&bytes)),
        metadata,
        ..FullEntry::default()
    };
    index.entries.entry(entry.metadata.name.clone()).or_default().push(Some(entry));
    Ok(())
}
