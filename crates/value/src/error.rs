//! The error of this crate.

/// An error of reading, writing or converting values.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(Box<ErrorKind>);

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A message in Go's words from a method or conversion.
    #[error("{0}")]
    Message(String),
}

impl Error {
    /// Returns an error with a message in Go's words.
    pub fn message(text: impl Into<String>) -> Self {
        Error(Box::new(ErrorKind::Message(text.into())))
    }

    /// Returns what went wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.0
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Error(Box::new(kind))
    }
}
