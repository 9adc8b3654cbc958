//! Files written so that a reader sees the old contents or the new ones, never a part.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::Error;

/// The mode of files that hold secrets.
const PRIVATE: u32 = 0o600;

/// Makes the folder in which a file is to lie.
pub(crate) fn make_folder_of(path: &Path) -> Result<(), Error> {
    match path.parent() {
        Some(folder) => fs::create_dir_all(folder).map_err(|error| Error::file("mkdir", folder, &error)),
        None => Ok(()),
    }
}

/// Writes a file through a temporary one beside it, which bears its name and a number (Helm: fileutil,
/// `AtomicWriteFile`). A link is followed, and a file that is there keeps its mode.
pub(crate) fn write(path: &Path, contents: &[u8], mode: u32) -> Result<(), Error> {
    replace(path, contents, |present| present.unwrap_or(mode))
}

/// As [`write`], but the file is for its owner alone from now on.
pub(crate) fn write_private(path: &Path, contents: &[u8]) -> Result<(), Error> {
    replace(path, contents, |_| PRIVATE)
}

/// Puts a file in the place of another; `mode_of` is told the mode of the one that is there.
fn replace(path: &Path, contents: &[u8], mode_of: impl FnOnce(Option<u32>) -> u32) -> Result<(), Error> {
    let target = target(path);
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = |operation| move |error| Error::file(operation, path, &error);
    let mut file = temporary(folder, path)?;
    file.write_all(contents).map_err(failed("write"))?;
    set_mode(file.path(), mode_of(mode_of_file(&target))).map_err(failed("chmod"))?;
    file.persist(&target).map_err(|error| Error::file("rename", path, &error.error))?;
    Ok(())
}

/// Makes a file beside another; the error names the one that was to be made.
fn temporary(folder: &Path, path: &Path) -> Result<NamedTempFile, Error> {
    let mut name = OsString::from(path.file_name().unwrap_or(OsStr::new("file")));
    // As long as Go's random numbers mostly are.
    name.push((RandomState::new().hash_one(path) as u32 | 1 << 31).to_string());
    let beside = path.with_file_name(&name);
    let mut builder = tempfile::Builder::new();
    builder
        .prefix(&name)
        .rand_bytes(0)
        .tempfile_in(folder)
        .map_err(|error| Error::file("open", &beside, &error))
}

fn target(path: &Path) -> PathBuf {
    match fs::symlink_metadata(path) {
        Ok(about) if about.is_symlink() => fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf()),
        _ => path.to_path_buf(),
    }
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(unix)]
fn mode_of_file(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).ok().map(|about| about.permissions().mode())
}

#[cfg(not(unix))]
fn set_mode(_path: &Path, _mode: u32) -> std::io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn mode_of_file(_path: &Path) -> Option<u32> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::{write, write_private};

    #[test]
    fn modes_and_links_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        write(&file, b"a", 0o600).unwrap();
        let mode = || fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        let link = folder.path().join("link");
        symlink(&file, &link).unwrap();
        write(&link, b"b", 0o600).unwrap();
        assert_eq!((fs::read(&file).unwrap(), mode()), (b"b".to_vec(), 0o644));
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        write_private(&file, b"c").unwrap();
        assert_eq!(mode(), 0o600);
    }
}
