//! Tokens of a template text: Go's `text/template/parse/lex.go`, its error texts included.

use value::gofmt::quote::{self, decode_char};

/// The kind of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Error,
    Bool,
    Char,
    CharConstant,
    Complex,
    Assign,
    Declare,
    Eof,
    Field,
    Identifier,
    LeftDelim,
    LeftParen,
    Number,
    Pipe,
    RawString,
    RightDelim,
    RightParen,
    Space,
    String,
    Text,
    Variable,
    Block,
    Break,
    Continue,
    Dot,
    Define,
    Else,
    End,
    If,
    Nil,
    Range,
    Template,
    With,
}

/// A piece of the text with its place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token<'a> {
    pub(crate) kind: Kind,
    /// Offset of its first byte.
    pub(crate) position: u32,
    /// Line of its first byte, from 1.
    pub(crate) line: u32,
    pub(crate) text: &'a [u8],
}

/// Cuts a template text into tokens, one at a time.
pub(crate) struct Lexer<'a> {
    input: &'a [u8],
    position: usize,
    start: usize,
    line: u32,
    start_line: u32,
    paren_depth: u32,
    inside_action: bool,
    /// Whether `break` and `continue` are keywords: not when functions have these names.
    keywords: Keywords,
    /// The text of the last error; the error's token is empty.
    pub(crate) error: String,
}

/// Which of the younger keywords the functions leave free.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Keywords {
    pub(crate) is_break: bool,
    pub(crate) is_continue: bool,
}

const LEFT: &[u8] = b"{{";
const RIGHT: &[u8] = b"}}";
/// Length of a trim marker with its space.
const TRIM_LENGTH: usize = 2;

impl<'a> Lexer<'a> {
    pub(crate) fn new(input: &'a [u8], keywords: Keywords) -> Self {
        Lexer {
            input,
            position: 0,
            start: 0,
            line: 1,
            start_line: 1,
            paren_depth: 0,
            inside_action: false,
            keywords,
            error: String::new(),
        }
    }

    /// Returns the next token; after the end of the text always another end.
    pub(crate) fn next_token(&mut self) -> Token<'a> {
        if self.inside_action { self.lex_inside_action() } else { self.lex_text() }
    }

    fn rest(&self) -> &'a [u8] {
        self.input.get(self.position..).unwrap_or_default()
    }

    fn peek_byte(&self) -> Option<u8> {
        self.input.get(self.position).copied()
    }

    fn peek_char(&self) -> Option<(char, usize)> {
        match self.peek_byte()? {
            byte if byte < 0x80 => Some((char::from(byte), 1)),
            _ => Some(decode_char(self.rest())),
        }
    }

    fn next_char(&mut self) -> Option<char> {
        let (c, size) = self.peek_char()?;
        self.position += size;
        if c == '\n' {
            self.line += 1;
        }
        Some(c)
    }

    fn emit(&mut self, kind: Kind) -> Token<'a> {
        let text = self.input.get(self.start..self.position).unwrap_or_default();
        let token = Token { kind, position: self.start as u32, line: self.start_line, text };
        self.start = self.position;
        self.start_line = self.line;
        token
    }

    /// Passes over text that was skipped without `next_char`, counting its lines.
    fn ignore(&mut self) {
        self.count_lines();
        self.start = self.position;
        self.start_line = self.line;
    }

    fn count_lines(&mut self) {
        let skipped = self.input.get(self.start..self.position).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', skipped).count() as u32;
    }

    fn fail(&mut self, message: String) -> Token<'a> {
        self.error = message;
        let token =
            Token { kind: Kind::Error, position: self.start as u32, line: self.start_line, text: &[] };
        self.start = 0;
        self.position = 0;
        self.input = &[];
        token
    }

    fn lex_text(&mut self) -> Token<'a> {
        loop {
            let Some(offset) = find(self.rest(), LEFT) else {
                self.position = self.input.len();
                if self.position > self.start {
                    self.count_lines();
                    return self.emit(Kind::Text);
                }
                return self.emit(Kind::Eof);
            };
            if offset > 0
                && let Some(token) = self.text_before_delimiter(offset)
            {
                return token;
            }
            match self.lex_left_delim() {
                Some(token) => return token,
                None => continue,
            }
        }
    }

    fn text_before_delimiter(&mut self, offset: usize) -> Option<Token<'a>> {
        let end = self.position + offset;
        let after = self.input.get(end + LEFT.len()..).unwrap_or_default();
        let text = self.input.get(self.start..end).unwrap_or_default();
        let kept = if has_left_trim_marker(after) { trim_end(text).len() } else { text.len() };
        self.position = self.start + kept;
        self.count_lines();
        let token = self.emit(Kind::Text);
        self.position = end;
        self.ignore();
        (!token.text.is_empty()).then_some(token)
    }

    /// Scans the delimiter; nothing if it opened a comment, which is skipped.
    fn lex_left_delim(&mut self) -> Option<Token<'a>> {
        self.position += LEFT.len();
        let after_marker = if has_left_trim_marker(self.rest()) { TRIM_LENGTH } else { 0 };
        if self.rest().get(after_marker..).unwrap_or_default().starts_with(b"/*") {
            self.position += after_marker;
            self.ignore();
            return self.skip_comment();
        }
        let token = self.emit(Kind::LeftDelim);
        self.inside_action = true;
        self.position += after_marker;
        self.ignore();
        self.paren_depth = 0;
        Some(token)
    }

    /// Skips a comment; its error if it does not end well.
    fn skip_comment(&mut self) -> Option<Token<'a>> {
        self.position += 2;
        let Some(end) = find(self.rest(), b"*/") else {
            return Some(self.fail(String::from("unclosed comment")));
        };
        self.position += end + 2;
        let Some(trims) = self.at_right_delim() else {
            return Some(self.fail(String::from("comment ends before closing delimiter")));
        };
        self.position += RIGHT.len();
        if trims {
            self.position += TRIM_LENGTH;
            self.position += leading_space(self.rest());
        }
        self.ignore();
        None
    }

    /// Returns whether a right delimiter is next, and then whether it trims.
    fn at_right_delim(&self) -> Option<bool> {
        let rest = self.rest();
        if has_right_trim_marker(rest) && rest.get(TRIM_LENGTH..).unwrap_or_default().starts_with(RIGHT) {
            return Some(true);
        }
        rest.starts_with(RIGHT).then_some(false)
    }

    fn lex_right_delim(&mut self, trims: bool) -> Token<'a> {
        if trims {
            self.position += TRIM_LENGTH;
            self.ignore();
        }
        self.position += RIGHT.len();
        let token = self.emit(Kind::RightDelim);
        if trims {
            self.position += leading_space(self.rest());
            self.ignore();
        }
        self.inside_action = false;
        token
    }

    fn lex_inside_action(&mut self) -> Token<'a> {
        if let Some(trims) = self.at_right_delim() {
            if self.paren_depth == 0 {
                return self.lex_right_delim(trims);
            }
            return self.fail(String::from("unclosed left paren"));
        }
        let Some((c, size)) = self.peek_char() else {
            return self.fail(String::from("unclosed action"));
        };
        match c {
            ' ' | '\t' | '\r' | '\n' => return self.lex_space(),
            '+' | '-' | '0'..='9' => return self.lex_number(),
            '.' if self.rest().get(1).is_some_and(u8::is_ascii_digit) => return self.lex_number(),
            // Go looks no further than the end of the text here: a last `.` is scanned as a number.
            '.' if self.rest().len() == 1 => return self.lex_number(),
            _ => {}
        }
        self.position += size;
        match c {
            '=' => self.emit(Kind::Assign),
            ':' => {
                if self.next_char() != Some('=') {
                    return self.fail(String::from("expected :="));
                }
                self.emit(Kind::Declare)
            }
            '|' => self.emit(Kind::Pipe),
            '"' => self.lex_quoted('"', "unterminated quoted string", Kind::String),
            '\'' => self.lex_quoted('\'', "unterminated character constant", Kind::CharConstant),
            '`' => self.lex_raw_string(),
            '$' => self.lex_name(Kind::Variable, Kind::Variable),
            '.' => self.lex_name(Kind::Dot, Kind::Field),
            '(' => {
                self.paren_depth += 1;
                self.emit(Kind::LeftParen)
            }
            ')' => {
                let Some(depth) = self.paren_depth.checked_sub(1) else {
                    return self.fail(String::from("unexpected right paren"));
                };
                self.paren_depth = depth;
                self.emit(Kind::RightParen)
            }
            _ if is_alphanumeric(c) => self.lex_identifier(),
            '!'..='~' => self.emit(Kind::Char),
            _ => self.fail(format!("unrecognized character in action: {}", unicode_form(Some(c)))),
        }
    }

    fn lex_space(&mut self) -> Token<'a> {
        let mut last = self.position;
        while let Some(c @ (b' ' | b'\t' | b'\r' | b'\n')) = self.peek_byte() {
            last = self.position;
            self.position += 1;
            self.line += u32::from(c == b'\n');
        }
        let tail = self.input.get(last..).unwrap_or_default();
        if has_right_trim_marker(tail) && tail.get(TRIM_LENGTH..).unwrap_or_default().starts_with(RIGHT) {
            // The last space belongs to the delimiter.
            self.line -= u32::from(tail.first() == Some(&b'\n'));
            self.position = last;
            if self.position == self.start {
                return self.lex_right_delim(true);
            }
        }
        self.emit(Kind::Space)
    }

    fn lex_identifier(&mut self) -> Token<'a> {
        let next = self.skip_alphanumeric();
        if !self.at_terminator() {
            return self.fail(format!("bad character {}", unicode_form(next)));
        }
        let word = self.input.get(self.start..self.position).unwrap_or_default();
        let kind = match word {
            b"block" => Kind::Block,
            b"break" if self.keywords.is_break => Kind::Break,
            b"continue" if self.keywords.is_continue => Kind::Continue,
            b"define" => Kind::Define,
            b"else" => Kind::Else,
            b"end" => Kind::End,
            b"if" => Kind::If,
            b"range" => Kind::Range,
            b"nil" => Kind::Nil,
            b"template" => Kind::Template,
            b"with" => Kind::With,
            b"true" | b"false" => Kind::Bool,
            _ => Kind::Identifier,
        };
        self.emit(kind)
    }

    /// Scans the rest of `.name` or `$name`; the sign alone is of kind `bare`.
    fn lex_name(&mut self, bare: Kind, named: Kind) -> Token<'a> {
        if self.at_terminator() {
            return self.emit(bare);
        }
        let next = self.skip_alphanumeric();
        if !self.at_terminator() {
            return self.fail(format!("bad character {}", unicode_form(next)));
        }
        self.emit(named)
    }

    /// Passes over letters, digits and underscores; returns what follows.
    fn skip_alphanumeric(&mut self) -> Option<char> {
        loop {
            let next = self.peek_char();
            match next {
                Some((c, size)) if is_alphanumeric(c) => self.position += size,
                _ => return next.map(|(c, _)| c),
            }
        }
    }

    /// Returns whether a name may end here.
    fn at_terminator(&self) -> bool {
        match self.peek_byte() {
            None | Some(b' ' | b'\t' | b'\r' | b'\n' | b'.' | b',' | b'|' | b':' | b')' | b'(') => true,
            Some(_) => self.rest().starts_with(RIGHT),
        }
    }

    fn lex_quoted(&mut self, quote: char, unterminated: &str, kind: Kind) -> Token<'a> {
        loop {
            let is_odd = |byte: &u8| matches!(byte, b'\\' | b'\n' | 0x80..) || *byte == quote as u8;
            self.position += self.rest().iter().position(is_odd).unwrap_or(self.rest().len());
            match self.next_char() {
                Some('\\') => {
                    if matches!(self.next_char(), None | Some('\n')) {
                        return self.fail(unterminated.to_owned());
                    }
                }
                None | Some('\n') => return self.fail(unterminated.to_owned()),
                Some(c) if c == quote => return self.emit(kind),
                Some(_) => {}
            }
        }
    }

    fn lex_raw_string(&mut self) -> Token<'a> {
        let Some(end) = memchr::memchr(b'`', self.rest()) else {
            return self.fail(String::from("unterminated raw quoted string"));
        };
        self.position += end + 1;
        self.count_lines();
        self.emit(Kind::RawString)
    }

    fn lex_number(&mut self) -> Token<'a> {
        if !self.scan_number() {
            return self.bad_number();
        }
        if matches!(self.peek_byte(), Some(b'+' | b'-')) {
            // Complex: 1+2i. No spaces, must end in 'i'.
            if !self.scan_number() || self.input.get(self.position.wrapping_sub(1)) != Some(&b'i') {
                return self.bad_number();
            }
            return self.emit(Kind::Complex);
        }
        self.emit(Kind::Number)
    }

    fn bad_number(&mut self) -> Token<'a> {
        let text = self.input.get(self.start..self.position).unwrap_or_default();
        self.fail(format!("bad number syntax: {}", quote::quoted(text)))
    }

    fn scan_number(&mut self) -> bool {
        const DECIMAL: &[u8] = b"0123456789_";
        const HEX: &[u8] = b"0123456789abcdefABCDEF_";
        self.accept(b"+-");
        let mut digits = DECIMAL;
        if self.accept(b"0") {
            if self.accept(b"xX") {
                digits = HEX;
            } else if self.accept(b"oO") {
                digits = b"01234567_";
            } else if self.accept(b"bB") {
                digits = b"01_";
            }
        }
        self.accept_run(digits);
        if self.accept(b".") {
            self.accept_run(digits);
        }
        let exponent: &[u8] = match digits.len() {
            11 => b"eE",
            23 => b"pP",
            _ => b"",
        };
        if self.accept(exponent) {
            self.accept(b"+-");
            self.accept_run(DECIMAL);
        }
        self.accept(b"i");
        if let Some((c, size)) = self.peek_char()
            && is_alphanumeric(c)
        {
            self.position += size;
            return false;
        }
        true
    }

    fn accept(&mut self, valid: &[u8]) -> bool {
        let accepted = self.peek_byte().is_some_and(|byte| valid.contains(&byte));
        self.position += usize::from(accepted);
        accepted
    }

    fn accept_run(&mut self, valid: &[u8]) {
        while self.accept(valid) {}
    }
}

/// Go's `%#U`, of a character or the end of the text.
fn unicode_form(c: Option<char>) -> String {
    match c {
        // Go's lexer has -1 for the end.
        None => String::from("U+FFFFFFFFFFFFFFFF"),
        Some(c) if quote::is_printable(c) => format!("U+{:04X} '{c}'", c as u32),
        Some(c) => format!("U+{:04X}", c as u32),
    }
}

fn is_alphanumeric(c: char) -> bool {
    if c.is_ascii() { c == '_' || c.is_ascii_alphanumeric() } else { crate::letters::is_letter_or_digit(c) }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn has_left_trim_marker(text: &[u8]) -> bool {
    matches!(text, [b'-', space, ..] if is_space(*space))
}

fn has_right_trim_marker(text: &[u8]) -> bool {
    matches!(text, [space, b'-', ..] if is_space(*space))
}

/// Returns where a pattern first stands.
fn find(text: &[u8], pattern: &[u8]) -> Option<usize> {
    memchr::memmem::find(text, pattern)
}

/// Trims exactly the characters that Go's lexer takes for space (a form feed is none).
fn trim_end(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| !is_space(*byte)).map_or(0, |last| last + 1);
    text.get(..end).unwrap_or_default()
}

/// Returns how many bytes of space a text starts with.
fn leading_space(text: &[u8]) -> usize {
    text.iter().position(|byte| !is_space(*byte)).unwrap_or(text.len())
}
