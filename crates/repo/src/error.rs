//! The error of this crate. Each kind says its own layer; the cause is its source.

use std::error::Error as StdError;
use std::io;
use std::path::Path;

/// An error of reading, fetching or writing what belongs to chart repositories.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(Box<ErrorKind>);

/// What went wrong, in Helm's words.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The operating system refused something; the text is Go's `PathError`.
    #[error("{operation} {path}: {reason}")]
    File {
        /// Go's name of the system call: `open`, `mkdir`, …
        operation: &'static str,
        /// The path.
        path: String,
        /// The reason in Go's lower-case words.
        reason: String,
        /// Whether there is nothing at the path.
        is_missing: bool,
    },
    /// `repositories.yaml` cannot be read.
    #[error("couldn't load repositories file ({path})")]
    Config {
        /// Where it was looked for.
        path: String,
        /// Why.
        source: Error,
    },
    /// A cached index cannot be read.
    #[error("error loading {path}")]
    Index {
        /// Its path.
        path: String,
        /// Why.
        source: Error,
    },
    /// An index without content.
    #[error("empty index.yaml file")]
    EmptyIndex,
    /// An index that names no version of its own form.
    #[error("no API version specified")]
    NoApiVersion,
    /// A request failed before its answer began.
    #[error("{method} {}: {reason}", value::gofmt::quoted(url.as_bytes()))]
    Request {
        /// The method as Go's errors name it: `Get`, `Head`.
        method: String,
        /// The URL, its password hidden.
        url: String,
        /// Go's words for what happened.
        reason: String,
    },
    /// A server answered with something else than 200.
    #[error("failed to fetch {url} : {status}")]
    Status {
        /// The URL that was asked for.
        url: String,
        /// Code and reason.
        status: String,
    },
    /// A cause with words in front, as Go's `fmt.Errorf("…: %w")` puts them.
    #[error("{words}")]
    Context {
        /// The words.
        words: String,
        /// The cause.
        source: Error,
    },
    /// Something that rules or data refuse; the text is Helm's.
    #[error("{0}")]
    Refused(String),
    /// Repositories that a lock file names are not known.
    #[error("no repository definition for {}", .0.join(", "))]
    UnknownRepositories(Vec<String>),
}

impl Error {
    /// Returns what went wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.0
    }

    /// Returns whether a file was looked for that is not there.
    pub fn is_missing_file(&self) -> bool {
        match self.kind() {
            ErrorKind::File { is_missing, .. } => *is_missing,
            ErrorKind::Config { source, .. } | ErrorKind::Context { source, .. } => source.is_missing_file(),
            _ => false,
        }
    }

    /// Returns the text with all causes, joined as Go's `%w` joins them.
    pub fn full_text(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }

    /// Puts words before the text.
    pub fn context(self, words: impl Into<String>) -> Error {
        ErrorKind::Context { words: words.into(), source: self }.into()
    }

    pub(crate) fn refused(text: impl Into<String>) -> Self {
        ErrorKind::Refused(text.into()).into()
    }

    /// Returns an error in the words of Go's `PathError`.
    pub(crate) fn file(operation: &'static str, path: &Path, error: &io::Error) -> Error {
        let reason = chart::files::go_reason(error);
        let is_missing = error.kind() == io::ErrorKind::NotFound;
        ErrorKind::File { operation, path: path.display().to_string(), reason, is_missing }.into()
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Error(Box::new(kind))
    }
}

impl From<chart::Error> for Error {
    fn from(error: chart::Error) -> Self {
        Error::refused(error.full_text())
    }
}
