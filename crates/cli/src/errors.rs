//! The wording of errors: one border from the crates' errors to what a user reads.

pub(crate) use cluster::chain;

use crate::advice;

/// Why a command ends with an error.
#[derive(Debug)]
pub(crate) enum CommandError {
    /// An error whose whole text follows `Error: `.
    Message(String),
    /// An error that Helm tells in a log line and nowhere else (Go's `log.Fatal`); the line's message.
    Fatal(String),
}

impl CommandError {
    /// Returns an error with that text.
    pub(crate) fn message(text: impl Into<String>) -> Self {
        CommandError::Message(text.into())
    }

    /// Puts words before the text, as Go's `fmt.Errorf("…: %w")` does.
    pub(crate) fn context(self, words: &str) -> Self {
        match self {
            CommandError::Message(text) => CommandError::Message(format!("{words}: {text}")),
            fatal @ CommandError::Fatal(_) => fatal,
        }
    }

    /// Returns the text of the error alone.
    pub(crate) fn text(&self) -> &str {
        match self {
            CommandError::Message(text) | CommandError::Fatal(text) => text,
        }
    }
}

impl From<actions::Error> for CommandError {
    fn from(error: actions::Error) -> Self {
        CommandError::Message(advice::with_damage(&error))
    }
}

impl From<cluster::Error> for CommandError {
    fn from(error: cluster::Error) -> Self {
        CommandError::Message(chain(&error))
    }
}
