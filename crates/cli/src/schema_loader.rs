//! Fetches the documents that a `values.schema.json` refers to.

use std::fs;
use std::io;

use chart::schema::{Loader, file_path};

/// Reads `file:` references from disk.
pub(crate) struct SchemaLoader;

impl Loader for SchemaLoader {
    fn load(&self, url: &str) -> Result<Vec<u8>, String> {
        let Some(path) = file_path(url) else {
            return Err(format!("schemas behind URLs are not available yet: {url}"));
        };
        fs::read(&path).map_err(|error| {
            let reason = match error.kind() {
                io::ErrorKind::NotFound => "no such file or directory".to_owned(),
                io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
                io::ErrorKind::IsADirectory => return format!("read {path}: is a directory"),
                _ => error.to_string(),
            };
            format!("open {path}: {reason}")
        })
    }
}
