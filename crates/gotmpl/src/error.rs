//! The errors of the engine: parsing, executing, and what functions return.
//!
//! They keep their parts, so that an embedder can word them anew without reading text; `Display` is Go's text.

use std::fmt;
use std::rc::Rc;

use value::Str;

/// What a function returns when it fails.
#[derive(Debug)]
pub enum CallError {
    /// An error or panic of the function, in Go's words.
    Message(String),
    /// A template that the function executed failed (`include`).
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

impl From<ExecError> for CallError {
    fn from(error: ExecError) -> Self {
        CallError::Execution(Box::new(error))
    }
}

/// A text that is not a template. Displays as Go does: `template: NAME:LINE: MESSAGE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError(Box<ParseProblem>);

/// The parts of a [`ParseError`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseProblem {
    /// The name under which the text was parsed.
    pub name: String,
    /// The line, from 1.
    pub line: u32,
    /// What is wrong, in Go's words.
    pub message: String,
}

impl ParseError {
    pub(crate) fn new(name: &[u8], line: u32, message: String) -> Self {
        ParseError(Box::new(ParseProblem { name: value::go_lossy(name).into_owned(), line, message }))
    }

    /// Returns the parts of the error.
    pub fn problem(&self) -> &ParseProblem {
        &self.0
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "template: {}:{}: {}", self.0.name, self.0.line, self.0.message)
    }
}

impl std::error::Error for ParseError {}

/// An error while a template was executed; displays as Go's `template.ExecError` does, on one line.
///
/// The errors of nested executions hang below it: see [`ExecError::links`].
#[derive(Debug)]
pub struct ExecError(Box<ExecErrorKind>);

/// The two forms of an [`ExecError`].
#[derive(Debug)]
pub enum ExecErrorKind {
    /// No template has the name that was to be executed.
    NoTemplate {
        /// The name asked for.
        name: Str,
        /// The name of the set.
        set: Rc<str>,
    },
    /// A node of a template could not be evaluated.
    At(Link),
}

/// One link of an error chain: where in which template what failed.
#[derive(Debug)]
pub struct Link {
    /// Where the failing node stands.
    pub location: Location,
    /// The name of the template that was executing.
    pub executing: Str,
    /// The failing node as Go writes it, e.g. `.Values.a.b`.
    pub context: String,
    /// What went wrong.
    pub problem: Problem,
}

/// A place in a template text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The name under which the text was parsed.
    pub name: String,
    /// The line, from 1.
    pub line: u32,
    /// The offset in bytes from the start of the line, from 0.
    pub column: u32,
}

/// What went wrong at a node.
#[derive(Debug)]
pub enum Problem {
    /// An error of the engine, in Go's words (`can't evaluate field …`).
    Message(String),
    /// A function, method or builtin returned an error: `error calling NAME: …`.
    Call {
        /// The function's name.
        function: String,
        /// What it returned.
        error: CallError,
    },
}

impl ExecError {
    pub(crate) fn no_template(name: &[u8], set: &Rc<str>) -> Self {
        ExecError(Box::new(ExecErrorKind::NoTemplate { name: Str::from(name), set: set.clone() }))
    }

    pub(crate) fn at(link: Link) -> Self {
        ExecError(Box::new(ExecErrorKind::At(link)))
    }

    /// Returns the error's parts.
    pub fn kind(&self) -> &ExecErrorKind {
        &self.0
    }

    /// Walks the chain from the outermost execution inwards, through functions that executed templates.
    pub fn links(&self) -> impl Iterator<Item = &ExecError> {
        std::iter::successors(Some(self), |error| match error.cause() {
            Some(CallError::Execution(inner)) => Some(inner),
            _ => None,
        })
    }

    /// Returns what the called function returned, if a function call failed.
    pub fn cause(&self) -> Option<&CallError> {
        match &*self.0 {
            ExecErrorKind::At(Link { problem: Problem::Call { error, .. }, .. }) => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for ExecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            ExecErrorKind::NoTemplate { name, set } => write!(
                f,
                "template: no template {} associated with template {}",
                value::gofmt::quoted(name),
                value::gofmt::quoted(set.as_bytes())
            ),
            ExecErrorKind::At(link) => link.fmt(f),
        }
    }
}

impl std::error::Error for ExecError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self.cause()? {
            CallError::Message(_) => None,
            CallError::Execution(error) => Some(&**error),
            CallError::Other(error) => Some(&**error),
        }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "template: {}: executing {} at <{}>: {}",
            self.location,
            value::gofmt::quoted(&self.executing),
            self.context,
            self.problem
        )
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.name, self.line, self.column)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Message(text) => f.write_str(text),
            Problem::Call { function, error } => write!(f, "error calling {function}: {error}"),
        }
    }
}

/// Why a text that was executed on the spot (`tpl`) failed.
#[derive(Debug, thiserror::Error)]
pub enum OverlayError {
    /// The text is not a template.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// It could not be executed.
    #[error(transparent)]
    Execute(#[from] ExecError),
}
