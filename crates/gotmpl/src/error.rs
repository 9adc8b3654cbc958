//! The errors of the engine: parsing, executing, and what functions return.

use std::fmt;

/// What a function returns when it fails.
#[derive(Debug)]
pub enum CallError {
    /// An error or panic of the function, in Go's words.
    Message(String),
    /// A template that the function executed failed (`include`, `tpl`).
    Execution(Box<ExecError>),
    /// Any other error that the embedder wants to find again in the chain.
    Other(Box<dyn std::error::Error + 'static>),
}

impl CallError {
    /// Returns an error with a message in Go's words.
    pub fn message(text: impl Into<String>) -> Self {
        CallError::Message(text.into())
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CallError::Message(text) => f.write_str(text),
            CallError::Execution(error) => error.fmt(f),
            CallError::Other(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for CallError {}

impl From<value::Error> for CallError {
    fn from(error: value::Error) -> Self {
        CallError::Message(error.to_string())
    }
}

/// An error while a template was executed.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct ExecError {
    message: String,
}
