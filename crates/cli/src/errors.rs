//! The wording of errors: one border from the crates' errors to what a user reads.

pub(crate) use cluster::chain;

/// Why a command ends with an error.
#[derive(Debug)]
pub(crate) enum CommandError {
    /// An error whose whole text follows `Error: `.
    Message(String),
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
        }
    }

    /// Returns the text to show after `Error: `.
    pub(crate) fn text(&self) -> &str {
        match self {
            CommandError::Message(text) => text,
        }
    }
}

impl From<actions::Error> for CommandError {
    fn from(error: actions::Error) -> Self {
        CommandError::Message(chain(&error))
    }
}

impl From<cluster::Error> for CommandError {
    fn from(error: cluster::Error) -> Self {
        CommandError::Message(chain(&error))
    }
}
