//! A TOML text read character by character, and where in it something went wrong.

use crate::gofmt::quote::{Plain, append_quoted_char, decode_char};

/// The end of the text; a NUL in the text itself is an error before it is seen.
pub(super) const END: char = '\0';

/// What is wrong, and on which line.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) line: i64,
    pub(super) message: String,
}

/// A place to go back to.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    pub(super) position: usize,
    line: i64,
}

/// The text and the next character.
pub(super) struct Cursor<'a> {
    text: &'a [u8],
    position: usize,
    line: i64,
    /// Whether the end was read and not stepped back from; it decides the line of errors.
    is_at_end: bool,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Cursor { text, position: 0, line: 1, is_at_end: false }
    }

    pub(super) fn mark(&self) -> Mark {
        Mark { position: self.position, line: self.line }
    }

    pub(super) fn go_back(&mut self, mark: Mark) {
        self.position = mark.position;
        self.line = mark.line;
        self.is_at_end = false;
    }

    pub(super) fn line(&self) -> i64 {
        self.line
    }

    pub(super) fn position(&self) -> usize {
        self.position
    }

    /// Returns the text from a position to here.
    pub(super) fn since(&self, start: usize) -> &'a [u8] {
        self.text.get(start..self.position).unwrap_or_default()
    }

    /// Reads a character; [`END`] at the end.
    pub(super) fn next(&mut self) -> Result<char, Problem> {
        let rest = self.text.get(self.position..).unwrap_or_default();
        let Some(&first) = rest.first() else {
            self.is_at_end = true;
            return Ok(END);
        };
        if first == b'\n' {
            self.line += 1;
        }
        let (c, size) = decode_char(rest);
        if c == '\u{fffd}' && size == 1 {
            return Err(self.problem(format!("invalid UTF-8 byte: 0x{first:02x}")));
        }
        let is_lone_return = c == '\r' && rest.get(1) != Some(&b'\n');
        if is_lone_return || c.is_ascii_control() && !matches!(c, '\t' | '\r' | '\n') {
            return Err(
                self.problem(format!("TOML files cannot contain control characters: '0x{first:02x}'"))
            );
        }
        self.position += size;
        Ok(c)
    }

    pub(super) fn peek(&mut self) -> Result<char, Problem> {
        let mark = self.mark();
        let c = self.next()?;
        self.go_back(mark);
        Ok(c)
    }

    /// Reads the character if it is the wanted one.
    pub(super) fn accept(&mut self, wanted: char) -> Result<bool, Problem> {
        let mark = self.mark();
        let is_wanted = self.next()? == wanted;
        if !is_wanted {
            self.go_back(mark);
        }
        Ok(is_wanted)
    }

    /// Reads as long as the characters are wanted.
    pub(super) fn skip(&mut self, is_wanted: impl Fn(char) -> bool) -> Result<(), Problem> {
        loop {
            let mark = self.mark();
            if !is_wanted(self.next()?) {
                self.go_back(mark);
                return Ok(());
            }
        }
    }

    /// Returns an error here; at the end of a text that ends in a line break, on the line before.
    pub(super) fn problem(&self, message: impl Into<String>) -> Problem {
        let ends_line = self.position.checked_sub(1).and_then(|last| self.text.get(last)) == Some(&b'\n');
        let line = if self.is_at_end && ends_line { self.line - 1 } else { self.line };
        Problem { line, message: message.into() }
    }

    /// Returns an error on the line before, for a line break that has been read.
    pub(super) fn problem_on_line_before(&self, message: impl Into<String>) -> Problem {
        Problem { line: self.line - 1, message: message.into() }
    }

    /// Returns an error on the line before at the end of the text, else here.
    pub(super) fn problem_before_end(&self, message: impl Into<String>) -> Problem {
        Problem { line: self.line - i64::from(self.is_at_end), message: message.into() }
    }
}

pub(super) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

pub(super) fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r')
}

/// Returns a character as Go's `%q` prints it.
pub(super) fn quoted_char(c: char) -> String {
    let mut out = Vec::new();
    append_quoted_char(&mut out, c, Plain::Printable);
    String::from_utf8(out).unwrap_or_default()
}
