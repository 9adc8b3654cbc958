//! Errors of opening and saving a sandbox. What a request does wrong is a Kubernetes `Status`, not one of these.

use std::path::PathBuf;

/// Says why a sandbox could not be opened or saved.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(Box<Kind>);

#[derive(Debug, thiserror::Error)]
enum Kind {
    #[error("sandbox `{}` is in use by another process", .0.display())]
    Locked(PathBuf),
    #[error("open sandbox `{}`", path.display())]
    Open { path: PathBuf, source: Box<redb::Error> },
    #[error("sandbox `{}` is damaged; remove the file to begin anew", .0.display())]
    Damaged(PathBuf),
    #[error("save sandbox state")]
    Save(#[source] Box<redb::Error>),
    #[error("sandbox `{}` was written by another version (format {found}, this program reads {expected})", path.display())]
    Format { path: PathBuf, found: u64, expected: u64 },
    #[error("create folder `{}` for the sandbox", path.display())]
    Folder { path: PathBuf, source: std::io::Error },
}

impl Error {
    pub(crate) fn locked(path: PathBuf) -> Error {
        Error(Box::new(Kind::Locked(path)))
    }

    pub(crate) fn open(path: PathBuf, source: impl Into<redb::Error>) -> Error {
        match source.into() {
            redb::Error::Corrupted(_) => Error::damaged(path),
            source => Error(Box::new(Kind::Open { path, source: Box::new(source) })),
        }
    }

    pub(crate) fn damaged(path: PathBuf) -> Error {
        Error(Box::new(Kind::Damaged(path)))
    }

    pub(crate) fn save(source: impl Into<redb::Error>) -> Error {
        Error(Box::new(Kind::Save(Box::new(source.into()))))
    }

    pub(crate) fn format(path: PathBuf, found: u64, expected: u64) -> Error {
        Error(Box::new(Kind::Format { path, found, expected }))
    }

    pub(crate) fn folder(path: PathBuf, source: std::io::Error) -> Error {
        Error(Box::new(Kind::Folder { path, source }))
    }

    /// Returns whether another process holds the store.
    pub fn is_locked(&self) -> bool {
        matches!(*self.0, Kind::Locked(_))
    }
}
