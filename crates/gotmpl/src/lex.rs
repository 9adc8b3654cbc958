//! Tokens of a template text: Go's `text/template/parse/lex.go`, its error texts included.

use memchr::memmem;
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

/// A piece of the text with its place. Twelve bytes: several pass through the parser's hands for every node.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    /// Whether space stands before it in an action. Go has a token for that, which hardly ever matters.
    pub(crate) is_spaced: bool,
    /// Offset of its first byte.
    pub(crate) start: u32,
    /// Offset behind its last byte.
    pub(crate) end: u32,
}

/// Cuts a template text into tokens, one at a time.
pub(crate) struct Lexer<'a> {
    input: &'a [u8],
    position: usize,
    /// Finds the next action; made once, since most texts between actions are short.
    left_delim: memmem::Finder<'static>,
    /// Finds where an action may end.
    right_delim: memmem::Finder<'static>,
    paren_depth: u32,
    inside_action: bool,
    /// Whether `break` and `continue` are keywords: not when functions have these names.
    keywords: Keywords,
    /// The text of the last error; the error's token is empty.
    pub(crate) error: String,
}

/// The text of an action from behind its left delimiter to the end of the next right one.
pub(crate) struct Unread<'a> {
    pub(crate) text: &'a [u8],
    /// Offset of its first byte.
    pub(crate) start: u32,
}

/// Which of the younger keywords the functions leave free.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Keywords {
    pub(crate) is_break: bool,
    pub(crate) is_continue: bool,
}

const LEFT: &[u8] = b"{{";
const RIGHT: &[u8] = b"}}";
/// The end of an action that trims what follows; a space stands before it.
const TRIMMING_RIGHT: &[u8] = b"-}}";
/// Length of a trim marker with its space.
const TRIM_LENGTH: usize = 2;

/// Letters, digits and the underscore.
const NAME: u8 = 1;
const SPACE: u8 = 2;
/// What may follow a name. (So may the right delimiter, and the end of the text.)
const TERMINATOR: u8 = 4;

/// What a byte can be.
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' => NAME,
            b' ' | b'\t' | b'\r' | b'\n' => SPACE | TERMINATOR,
            b'.' | b',' | b'|' | b':' | b')' | b'(' => TERMINATOR,
            _ => 0,
        };
        byte += 1;
    }
    classes
};

fn is_of(byte: u8, class: u8) -> bool {
    CLASSES[usize::from(byte)] & class != 0
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(input: &'a [u8], keywords: Keywords) -> Self {
        Lexer {
            input,
            position: 0,
            left_delim: memmem::Finder::new(LEFT),
            right_delim: memmem::Finder::new(RIGHT),
            paren_depth: 0,
            inside_action: false,
            keywords,
            error: String::new(),
        }
    }

    /// Returns the next token; after the end of the text always another end.
    pub(crate) fn next_token(&mut self) -> Token {
        if self.inside_action { self.lex_inside_action() } else { self.lex_text() }
    }

    /// Returns the action that is not read yet up to the next right delimiter, if it may be one that stands for itself:
    /// `end` and `else` do not.
    pub(crate) fn unread_action(&self) -> Option<Unread<'a>> {
        let rest = self.rest();
        let begins = rest.get(leading_space(rest)..).unwrap_or_default();
        if !self.inside_action || begins.starts_with(b"end") || begins.starts_with(b"else") {
            return None;
        }
        let length = self.right_delim.find(rest)? + RIGHT.len();
        Some(Unread { text: rest.get(..length)?, start: self.position as u32 })
    }

    /// Passes over an action that was read before in the same words, and returns its right delimiter.
    pub(crate) fn pass_action(&mut self, action: &Unread<'_>) -> Token {
        self.position += action.text.len() - RIGHT.len();
        let inside = action.text.get(..action.text.len() - RIGHT.len()).unwrap_or_default();
        let trims = matches!(inside, [.., before, b'-'] if is_of(*before, SPACE));
        if trims {
            self.position -= TRIM_LENGTH;
        }
        self.lex_right_delim(trims)
    }

    /// Returns whether an action ended with the delimiter that was read last.
    pub(crate) fn is_behind(&self, action: &Unread<'_>, delimiter: Token) -> bool {
        !self.inside_action && delimiter.end as usize == action.start as usize + action.text.len()
    }

    /// Returns whether an action begins with a word, perhaps behind space.
    pub(crate) fn is_at(&self, word: &[u8]) -> bool {
        let rest = self.rest();
        rest.get(leading_space(rest)..).unwrap_or_default().starts_with(word)
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
        Some(c)
    }

    /// Returns the token that ends here.
    fn token(&self, kind: Kind, start: usize) -> Token {
        Token { kind, is_spaced: false, start: start as u32, end: self.position as u32 }
    }

    /// Ends the text with an error at a place.
    #[cold]
    fn fail(&mut self, start: usize, message: impl Into<String>) -> Token {
        self.error = message.into();
        self.position = self.input.len();
        Token { kind: Kind::Error, is_spaced: false, start: start as u32, end: start as u32 }
    }

    fn lex_text(&mut self) -> Token {
        loop {
            let start = self.position;
            let rest = self.rest();
            let length = match rest.starts_with(LEFT) {
                true => 0,
                false => self.left_delim.find(rest).unwrap_or(rest.len()),
            };
            self.position += length;
            if length == rest.len() {
                return self.token(if length > 0 { Kind::Text } else { Kind::Eof }, start);
            }
            let text = rest.get(..length).unwrap_or_default();
            let trims = has_left_trim_marker(rest.get(length + LEFT.len()..).unwrap_or_default());
            let kept = if trims { trim_end(text).len() } else { length };
            if kept > 0 {
                return Token { end: (start + kept) as u32, ..self.token(Kind::Text, start) };
            }
            if let Some(token) = self.lex_left_delim(trims) {
                return token;
            }
        }
    }

    /// Scans the delimiter; nothing if it opened a comment, which is skipped.
    fn lex_left_delim(&mut self, trims: bool) -> Option<Token> {
        let start = self.position;
        self.position += LEFT.len();
        let token = self.token(Kind::LeftDelim, start);
        if trims {
            self.position += TRIM_LENGTH;
        }
        if self.rest().starts_with(b"/*") {
            return self.skip_comment();
        }
        self.inside_action = true;
        self.paren_depth = 0;
        Some(token)
    }

    /// Skips a comment; its error if it does not end well.
    fn skip_comment(&mut self) -> Option<Token> {
        let start = self.position;
        let Some(length) = memmem::find(self.rest().get(2..).unwrap_or_default(), b"*/") else {
            return Some(self.fail(start, "unclosed comment"));
        };
        self.position += 2 + length + 2;
        let rest = self.rest();
        if rest.starts_with(RIGHT) {
            self.position += RIGHT.len();
        } else if has_right_trim_marker(rest) && rest.get(1..).unwrap_or_default().starts_with(TRIMMING_RIGHT)
        {
            self.position += TRIM_LENGTH + RIGHT.len();
            self.position += leading_space(self.rest());
        } else {
            return Some(self.fail(start, "comment ends before closing delimiter"));
        }
        None
    }

    fn lex_right_delim(&mut self, trims: bool) -> Token {
        if trims {
            self.position += TRIM_LENGTH;
        }
        let start = self.position;
        self.position += RIGHT.len();
        let token = self.token(Kind::RightDelim, start);
        if trims {
            self.position += leading_space(self.rest());
        }
        self.inside_action = false;
        token
    }

    fn lex_inside_action(&mut self) -> Token {
        let mut space = leading_space(self.rest());
        self.position += space;
        let trims = space > 0 && self.rest().starts_with(TRIMMING_RIGHT);
        if trims {
            // The last space belongs to the delimiter.
            self.position -= 1;
            space -= 1;
        }
        let token = if trims || self.rest().starts_with(RIGHT) {
            match self.paren_depth {
                0 => self.lex_right_delim(trims),
                _ => self.fail(self.position, "unclosed left paren"),
            }
        } else {
            self.lex_element()
        };
        Token { is_spaced: space > 0, ..token }
    }

    /// Scans what stands between spaces and delimiters.
    fn lex_element(&mut self) -> Token {
        let start = self.position;
        let Some(byte) = self.peek_byte() else {
            return self.fail(start, "unclosed action");
        };
        match byte {
            b'.' => return self.lex_dot(start),
            b'+' | b'-' | b'0'..=b'9' => return self.lex_number(start),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => return self.lex_identifier(start),
            0x80.. => return self.lex_beyond_ascii(start),
            _ => self.position += 1,
        }
        match byte {
            b'$' => self.lex_name(start, Kind::Variable, Kind::Variable),
            b'"' => self.lex_quoted(start, b'"', "unterminated quoted string", Kind::String),
            b'(' => {
                self.paren_depth += 1;
                self.token(Kind::LeftParen, start)
            }
            b')' => {
                let Some(depth) = self.paren_depth.checked_sub(1) else {
                    return self.fail(start, "unexpected right paren");
                };
                self.paren_depth = depth;
                self.token(Kind::RightParen, start)
            }
            b'|' => self.token(Kind::Pipe, start),
            b'=' => self.token(Kind::Assign, start),
            b':' => {
                if self.next_char() != Some('=') {
                    return self.fail(start, "expected :=");
                }
                self.token(Kind::Declare, start)
            }
            b'\'' => self.lex_quoted(start, b'\'', "unterminated character constant", Kind::CharConstant),
            b'`' => self.lex_raw_string(start),
            b'!'..=b'~' => self.token(Kind::Char, start),
            _ => self.unrecognized(start, char::from(byte)),
        }
    }

    fn lex_beyond_ascii(&mut self, start: usize) -> Token {
        match self.peek_char() {
            Some((c, _)) if !is_alphanumeric(c) => self.unrecognized(start, c),
            _ => self.lex_identifier(start),
        }
    }

    fn unrecognized(&mut self, start: usize, c: char) -> Token {
        self.fail(start, format!("unrecognized character in action: {}", unicode_form(Some(c))))
    }

    fn lex_identifier(&mut self, start: usize) -> Token {
        let next = self.skip_alphanumeric();
        if !self.at_terminator() {
            return self.fail(start, format!("bad character {}", unicode_form(next)));
        }
        let kind = match self.input.get(start..self.position).unwrap_or_default() {
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
        self.token(kind, start)
    }

    /// Scans a dot, a field or a number that begins with a dot.
    fn lex_dot(&mut self, start: usize) -> Token {
        match self.rest().get(1) {
            // Go looks no further than the end of the text here: a last `.` is scanned as a number.
            None | Some(b'0'..=b'9') => self.lex_number(start),
            Some(_) => {
                self.position += 1;
                self.lex_name(start, Kind::Dot, Kind::Field)
            }
        }
    }

    /// Scans the rest of `.name` or `$name`; the sign alone is of kind `bare`.
    fn lex_name(&mut self, start: usize, bare: Kind, named: Kind) -> Token {
        let signed = self.position;
        let next = self.skip_alphanumeric();
        if !self.at_terminator() {
            return self.fail(start, format!("bad character {}", unicode_form(next)));
        }
        self.token(if self.position == signed { bare } else { named }, start)
    }

    /// Passes over letters, digits and underscores; returns what follows.
    fn skip_alphanumeric(&mut self) -> Option<char> {
        loop {
            let rest = self.rest();
            self.position += rest.iter().position(|byte| !is_of(*byte, NAME)).unwrap_or(rest.len());
            match self.peek_char()? {
                (c, size) if !c.is_ascii() && is_alphanumeric(c) => self.position += size,
                (c, _) => return Some(c),
            }
        }
    }

    /// Returns whether a name may end here.
    fn at_terminator(&self) -> bool {
        match self.peek_byte() {
            Some(byte) => is_of(byte, TERMINATOR) || self.rest().starts_with(RIGHT),
            None => true,
        }
    }

    fn lex_quoted(&mut self, start: usize, quote: u8, unterminated: &str, kind: Kind) -> Token {
        loop {
            let rest = self.rest();
            let is_odd = |byte: &u8| *byte == quote || matches!(byte, b'\\' | b'\n');
            self.position += rest.iter().position(is_odd).unwrap_or(rest.len());
            match self.peek_byte() {
                Some(b'\\') => {
                    self.position += 1;
                    if matches!(self.next_char(), None | Some('\n')) {
                        return self.fail(start, unterminated);
                    }
                }
                None | Some(b'\n') => return self.fail(start, unterminated),
                Some(_) => {
                    self.position += 1;
                    return self.token(kind, start);
                }
            }
        }
    }

    fn lex_raw_string(&mut self, start: usize) -> Token {
        let Some(length) = memchr::memchr(b'`', self.rest()) else {
            return self.fail(start, "unterminated raw quoted string");
        };
        self.position += length + 1;
        self.token(Kind::RawString, start)
    }

    fn lex_number(&mut self, start: usize) -> Token {
        if !self.scan_number() {
            return self.bad_number(start);
        }
        if matches!(self.peek_byte(), Some(b'+' | b'-')) {
            // Complex: 1+2i. No spaces, must end in 'i'.
            if !self.scan_number() || self.input.get(self.position.wrapping_sub(1)) != Some(&b'i') {
                return self.bad_number(start);
            }
            return self.token(Kind::Complex, start);
        }
        self.token(Kind::Number, start)
    }

    fn bad_number(&mut self, start: usize) -> Token {
        let text = self.input.get(start..self.position).unwrap_or_default();
        self.fail(start, format!("bad number syntax: {}", quote::quoted(text)))
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
    if c.is_ascii() { is_of(c as u8, NAME) } else { crate::letters::is_letter_or_digit(c) }
}

fn is_space(byte: u8) -> bool {
    is_of(byte, SPACE)
}

fn has_left_trim_marker(text: &[u8]) -> bool {
    matches!(text, [b'-', space, ..] if is_space(*space))
}

fn has_right_trim_marker(text: &[u8]) -> bool {
    matches!(text, [space, b'-', ..] if is_space(*space))
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
