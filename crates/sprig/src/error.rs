//! The crate's error: what a Go function said when it failed, word for word.

/// A failed template function, with the text Go's library gives.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Error(Box<str>);

impl Error {
    /// Makes an error that says `text`.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }
}
