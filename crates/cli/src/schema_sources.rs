//! The documents that schemas refer to: files, and what is behind URLs.

use std::time::Duration;

use chart::files::SchemaFiles;
use chart::schema::Loader;
use repo::ErrorKind;

use crate::repositories;

/// How long a document may take (Helm: common/util/jsonschema.go, newHTTPURLLoader).
const TIMEOUT: Duration = Duration::from_secs(15);

/// Reads documents from disk and from servers.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SchemaSources;

impl Loader for SchemaSources {
    fn load(&self, url: &str) -> Result<Vec<u8>, String> {
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return SchemaFiles.load(url);
        }
        repositories::document(url, TIMEOUT, &|_| ()).map_err(|error| match error.kind() {
            ErrorKind::Status { status, .. } => {
                let (code, reason) = status.split_once(' ').unwrap_or((status, ""));
                format!("HTTP request to {url} returned status {code} ({reason})")
            }
            _ => format!("HTTP request failed for {url}: {}", error.full_text()),
        })
    }
}
