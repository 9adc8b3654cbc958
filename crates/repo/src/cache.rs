//! What is kept on disk between runs: indexes of repositories, names of their charts, and downloaded charts.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::{Error, atomic};

/// The mode of cached files.
const MODE: u32 = 0o644;

/// Returns where the index of a repository is kept (helmpath.CacheIndexFile).
pub fn index_path(cache: &Path, name: &str) -> PathBuf {
    cache.join(if name.is_empty() { "index.yaml".to_owned() } else { format!("{name}-index.yaml") })
}

/// Returns where the names of a repository's charts are kept (helmpath.CacheChartsFile).
pub fn charts_path(cache: &Path, name: &str) -> PathBuf {
    cache.join(if name.is_empty() { "charts.txt".to_owned() } else { format!("{name}-charts.txt") })
}

/// Keeps an index and the names of its charts.
pub(crate) fn store_index(cache: &Path, name: &str, index: &[u8], charts: &str) -> Result<(), Error> {
    // Helm does not mind when the names cannot be written.
    let names = charts_path(cache, name);
    let _ = atomic::make_folder_of(&names);
    let _ = atomic::write(&names, charts.as_bytes(), MODE);
    let path = index_path(cache, name);
    let _ = atomic::make_folder_of(&path);
    atomic::write(&path, index, MODE)
}

/// Forgets a repository (cmd/repo_remove.go, removeRepoCache).
///
/// # Errors
/// When the index is there but cannot be removed.
pub fn forget(cache: &Path, name: &str) -> Result<(), Error> {
    let _ = fs::remove_file(charts_path(cache, name));
    let path = index_path(cache, name);
    match fs::symlink_metadata(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => {
            let words = format!("can't remove index file {}", path.display());
            Err(Error::file("stat", &path, &error).context(words))
        }
        Ok(_) => fs::remove_file(&path).map_err(|error| Error::file("remove", &path, &error)),
    }
}

/// The SHA-256 of a file's contents.
pub(crate) type Hash = [u8; 32];

/// Downloaded charts by the hash of their contents (downloader/cache.go).
#[derive(Debug, Clone)]
pub struct ContentCache {
    root: PathBuf,
}

impl ContentCache {
    /// Returns the cache in a folder, which need not be there yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        ContentCache { root: root.into() }
    }

    /// Returns the file with that hash, if it is kept. An empty file counts as none.
    pub(crate) fn get(&self, hash: &Hash) -> Option<PathBuf> {
        let path = self.path(hash);
        fs::metadata(&path).ok().filter(|about| about.is_file() && about.len() > 0).map(|_| path)
    }

    /// Keeps a chart and returns where.
    pub(crate) fn put(&self, hash: &Hash, contents: &[u8]) -> Result<PathBuf, Error> {
        let path = self.path(hash);
        atomic::make_folder_of(&path)?;
        atomic::write(&path, contents, MODE)?;
        Ok(path)
    }

    fn path(&self, hash: &Hash) -> PathBuf {
        let name = hex(hash);
        self.root.join(name.get(..2).unwrap_or_default()).join(format!("{name}.chart"))
    }
}

/// Returns the hash of contents.
pub(crate) fn hash(contents: &[u8]) -> Hash {
    Sha256::digest(contents).into()
}

/// Returns bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads the digest of an index, whose algorithm may stand in front.
pub(crate) fn parse_digest(text: &str) -> Result<Option<Hash>, Error> {
    let digits = text.split_once(':').map_or(text, |(_, digits)| digits);
    if digits.is_empty() {
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(32);
    for pair in digits.as_bytes().chunks(2) {
        let digit = |byte: &u8| {
            let invalid = || Error::refused(format!("encoding/hex: invalid byte: {}", go_byte(*byte)));
            char::from(*byte).to_digit(16).ok_or_else(invalid)
        };
        let [high, low] = pair else {
            pair.iter().try_for_each(|byte| digit(byte).map(|_| ()))?;
            return Err(Error::refused("encoding/hex: odd length hex string"));
        };
        bytes.push(u8::try_from(digit(high)? * 16 + digit(low)?).unwrap_or_default());
    }
    let length = bytes.len();
    Hash::try_from(bytes).map(Some).map_err(|_| Error::refused(format!("invalid digest length: {length}")))
}

/// Returns a byte as Go's `%#U` prints it.
fn go_byte(byte: u8) -> String {
    let letter = char::from(byte);
    if letter.is_ascii_graphic() || letter == ' ' {
        return format!("U+{byte:04X} '{letter}'");
    }
    format!("U+{byte:04X}")
}

#[cfg(test)]
mod tests {
    use super::{ContentCache, hash, hex, parse_digest};

    #[test]
    fn digests_may_name_their_algorithm() {
        let digest = hex(&hash(b"x"));
        assert_eq!(parse_digest(&format!("sha256:{digest}")).unwrap(), Some(hash(b"x")));
        assert_eq!(parse_digest("").unwrap(), None);
        for (text, expected) in [
            ("xy", "encoding/hex: invalid byte: U+0078 'x'"),
            ("abc", "encoding/hex: odd length hex string"),
            ("abcd", "invalid digest length: 2"),
        ] {
            assert_eq!(parse_digest(text).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn charts_are_kept_by_hash_and_empty_files_are_none() {
        let folder = tempfile::tempdir().unwrap();
        let cache = ContentCache::new(folder.path());
        assert_eq!(cache.get(&hash(b"x")), None);
        let path = cache.put(&hash(b"x"), b"x").unwrap();
        assert_eq!(cache.get(&hash(b"x")), Some(path.clone()));
        std::fs::write(&path, b"").unwrap();
        assert_eq!(cache.get(&hash(b"x")), None);
    }
}
