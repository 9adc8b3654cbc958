//! Errors of rendering a chart, in Helm's words.

use gotmpl::{CallError, ExecError, ParseError};

/// Marks the message of `fail` and `required` inside an engine error (Helm: engine.go, warnStartDelim).
pub(crate) const MESSAGE_START: &str = "HELM_ERR_START";

/// Ends what [`MESSAGE_START`] begins.
pub(crate) const MESSAGE_END: &str = "HELM_ERR_END";

/// Why a chart could not be rendered.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(Box<ErrorKind>);

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A template cannot be parsed.
    #[error("{0}")]
    Parse(String),
    /// A template cannot be executed; the text has one line or, for Helm 4's form, several.
    #[error("{0}")]
    Execute(String),
    /// The chart does not run on this Kubernetes.
    #[error("chart requires kubeVersion: {required} which is incompatible with Kubernetes {present}")]
    KubeVersion {
        /// The chart's range.
        required: String,
        /// The cluster's version.
        present: String,
    },
    /// A rendered document is not YAML, or its head has wrong types.
    #[error("YAML parse error on {path}: {problem}")]
    Manifest {
        /// The template's path.
        path: String,
        /// The reader's words.
        problem: String,
    },
    /// The post-renderer failed, or manifests cannot go to it or come from it.
    #[error("{0}")]
    PostRender(String),
}

impl Error {
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

/// Words a parse error as Helm does: the location, and of the message what follows its last `": "`
/// (Helm: engine.go, cleanupParseError).
pub(crate) fn parse_error(error: &ParseError) -> Error {
    let text = error.to_string();
    let mut tokens = text.split(": ");
    let location = tokens.nth(1).unwrap_or_default().to_owned();
    let message = text.rsplit(": ").next().unwrap_or_default();
    ErrorKind::Parse(format!("parse error at ({location}): {message}")).into()
}

/// Words an execution error as Helm 4 does: the message of `fail` with its location, else one block for each link of
/// the chain, else Go's text (Helm: engine.go, reformatExecErrorMsg).
pub(crate) fn execution_error(error: &ExecError) -> Error {
    ErrorKind::Execute(execution_text(error)).into()
}

fn execution_text(error: &ExecError) -> String {
    let text = error.to_string();
    let mut tokens = text.splitn(3, ": ");
    let (location, rest) = (tokens.nth(1).unwrap_or_default(), tokens.next().unwrap_or_default());
    if let Some(message) = user_message(rest) {
        return format!("execution error at ({location}): {message}");
    }
    let mut blocks: Vec<Block> = Vec::new();
    for link in error.links() {
        let Some(block) = Block::parse(&link.to_string()) else { return text };
        if blocks.last() != Some(&block) {
            blocks.push(block);
        }
        // What a function itself says is no engine error, so that Helm falls back to Go's text.
        if matches!(link.cause(), Some(CallError::Message(_) | CallError::Other(_))) {
            return text;
        }
    }
    let joined: String = blocks.iter().map(Block::text).collect();
    joined.trim().to_owned()
}

/// Returns what `fail` or `required` said, if the error stems from them.
fn user_message(text: &str) -> Option<&str> {
    let start = text.find(MESSAGE_START)? + MESSAGE_START.len();
    let rest = text.get(start..)?;
    rest.get(..rest.rfind(MESSAGE_END)?)
}

/// One link of an execution error (Helm: engine.go, TraceableError).
#[derive(PartialEq)]
struct Block {
    location: String,
    message: String,
    executing: String,
}

impl Block {
    /// Takes one error text apart; `None` if it is not an engine error.
    fn parse(text: &str) -> Option<Block> {
        let rest = text.strip_prefix("template: ")?;
        if rest.starts_with("no template ") {
            return Some(Block {
                location: String::new(),
                message: text.to_owned(),
                executing: String::new(),
            });
        }
        Block::executing(rest).or_else(|| Block::simple(rest))
    }

    fn executing(rest: &str) -> Option<Block> {
        let (location, after) = rest.split_once(": executing \"")?;
        let (name, after) = after.split_once('"')?;
        let (node, message) = after.strip_prefix(" at <")?.split_once(">: ")?;
        Some(Block {
            location: location.to_owned(),
            message: before_nested(message).to_owned(),
            executing: format!("executing \"{name}\" at <{node}>:"),
        })
    }

    fn simple(rest: &str) -> Option<Block> {
        let (location, message) = rest.rsplit_once(": ")?;
        let message = before_nested(message).to_owned();
        Some(Block { location: location.to_owned(), message, executing: String::new() })
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for (part, end) in [(&self.location, "\n  "), (&self.executing, "\n    "), (&self.message, "\n")] {
            if !part.is_empty() {
                text.push_str(part);
                text.push_str(end);
            }
        }
        text
    }
}

/// Cuts off the next link's text.
fn before_nested(message: &str) -> &str {
    message.find(" template:").and_then(|at| message.get(..at)).unwrap_or(message)
}
