//! What is wrong with an expression, in the words of Go's regexp/syntax.

use std::fmt;

/// Why an expression cannot be compiled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("error parsing regexp: {fault}: `{excerpt}`")]
pub struct Error {
    /// What is wrong.
    pub fault: Fault,
    /// The part of the expression that is wrong.
    pub excerpt: Box<str>,
}

/// What is wrong with an expression (Go's `syntax.ErrorCode`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A class such as `[z-a]` or `\p{Nothing}`.
    InvalidCharRange,
    /// An escape Go does not know.
    InvalidEscape,
    /// The name of a group.
    InvalidNamedCapture,
    /// What follows `(?`.
    InvalidPerlOperator,
    /// Two repetitions in a row.
    InvalidRepeatOperator,
    /// A repetition of more than 1000.
    InvalidRepeatSize,
    /// Bytes that are no UTF-8.
    InvalidUtf8,
    /// A class that does not end.
    MissingBracket,
    /// A group that does not end.
    MissingParen,
    /// A repetition of nothing.
    MissingRepeatArgument,
    /// A backslash at the end.
    TrailingBackslash,
    /// An end of a group that did not begin.
    UnexpectedParen,
    /// Too many groups in each other.
    NestingDepth,
    /// More than can be compiled.
    Large,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InvalidCharRange => "invalid character class range",
            Self::InvalidEscape => "invalid escape sequence",
            Self::InvalidNamedCapture => "invalid named capture",
            Self::InvalidPerlOperator => "invalid or unsupported Perl syntax",
            Self::InvalidRepeatOperator => "invalid nested repetition operator",
            Self::InvalidRepeatSize => "invalid repeat count",
            Self::InvalidUtf8 => "invalid UTF-8",
            Self::MissingBracket => "missing closing ]",
            Self::MissingParen => "missing closing )",
            Self::MissingRepeatArgument => "missing argument to repetition operator",
            Self::TrailingBackslash => "trailing backslash at end of expression",
            Self::UnexpectedParen => "unexpected )",
            Self::NestingDepth => "expression nests too deeply",
            Self::Large => "expression too large",
        })
    }
}

impl Error {
    pub(super) fn new(fault: Fault, excerpt: &str) -> Self {
        Self { fault, excerpt: excerpt.into() }
    }

    /// Returns the text of the panic that Go's `MustCompile` ends in, which Sprig's functions without `must` show.
    pub fn panic_text(&self, expression: &[u8]) -> String {
        let prevents =
            |letter: char| matches!(letter, '`' | '\u{7f}' | '\u{feff}') || letter < ' ' && letter != '\t';
        let quoted = match std::str::from_utf8(expression) {
            Ok(expression) if !expression.contains(prevents) => format!("`{expression}`"),
            _ => value::gofmt::quoted(expression),
        };
        format!("regexp: Compile({quoted}): {self}")
    }
}
