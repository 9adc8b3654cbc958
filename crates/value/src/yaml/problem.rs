//! What is wrong with a YAML text, and where.

use std::borrow::Cow;

use crate::{Error, ErrorKind};

/// A complaint of the reader before it gets its prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    /// go-yaml's words.
    pub(super) text: Cow<'static, str>,
    /// The line that go-yaml names, 0 when it names none.
    pub(super) line: u32,
    /// Where in the text it was noticed, in bytes.
    pub(super) offset: usize,
    /// The line, from 0, of what began before it went wrong, where the scanner names that.
    pub(super) begun: Option<u32>,
    /// Who met it.
    pub(super) who: Who,
}

/// Who met a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// The scanner.
    Scanner,
    /// The parser, in a collection.
    Parser,
    /// The parser, where a node should have been.
    Node,
    /// The reader of bytes, or whoever makes something of the events.
    Other,
}

/// The result of a step of reading.
pub(super) type Step<T> = Result<T, Box<Problem>>;

impl Problem {
    /// Returns a problem that the scanner met on a line counted from 0.
    ///
    /// go-yaml says the line's true number here, but nothing on the first line (decode.go, `parser.fail`).
    pub(super) fn of_scanner(text: &'static str, line: u32, offset: usize) -> Box<Self> {
        let line = if line == 0 { 0 } else { line + 1 };
        Box::new(Problem { text: Cow::Borrowed(text), line, offset, begun: None, who: Who::Scanner })
    }

    /// Returns a problem that the parser met at a token on a line counted from 0.
    ///
    /// go-yaml forgets to add one here, so the number is one less than the line's (decode.go, `parser.fail`).
    pub(super) fn of_parser(text: &'static str, line: u32, offset: usize) -> Box<Self> {
        Box::new(Problem { text: Cow::Borrowed(text), line, offset, begun: None, who: Who::Parser })
    }

    /// As [`Problem::of_parser`], where a node was looked for: what went wrong began with it.
    pub(super) fn of_node(text: &'static str, line: u32, offset: usize) -> Box<Self> {
        let mut problem = Self::of_parser(text, line, offset);
        problem.who = Who::Node;
        problem
    }

    /// Returns a problem without a line.
    pub(super) fn anywhere(text: impl Into<Cow<'static, str>>, offset: usize) -> Box<Self> {
        Box::new(Problem { text: text.into(), line: 0, offset, begun: None, who: Who::Other })
    }

    /// Adds where began what went wrong.
    pub(super) fn begun_at(mut self: Box<Self>, line: u32) -> Box<Self> {
        self.begun = Some(line);
        self
    }

    /// Returns the problem with the line that yaml.v3 names: that of what began, unless it is the first one. `collection`
    /// is the line, from 0, of the innermost collection that is open.
    pub(super) fn for_v3(mut self: Box<Self>, collection: u32) -> Box<Self> {
        match self.begun {
            Some(line) if line > 0 => self.line = line + 1,
            _ if self.who == Who::Parser && collection > 0 => self.line = collection,
            _ => {}
        }
        self
    }

    /// Returns the error with go-yaml's prefix and that of sigs.k8s.io/yaml.
    pub(super) fn into_error(self) -> Error {
        let Problem { text, line, offset, .. } = self;
        let text = if line == 0 { format!("yaml: {text}") } else { format!("yaml: line {line}: {text}") };
        ErrorKind::Yaml { text, offset }.into()
    }
}
