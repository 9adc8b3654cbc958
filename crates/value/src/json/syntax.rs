//! Go's complaints about JSON texts.

use std::fmt::Write as _;

use crate::{Error, ErrorKind};

/// Returns the complaint about a text that ends too early.
pub(super) fn unexpected_end(offset: usize) -> Error {
    ErrorKind::Json { text: "unexpected end of JSON input".to_string(), offset }.into()
}

/// Returns the complaint about the character at an offset, `place` saying where it stands.
pub(super) fn invalid_character(text: &[u8], offset: usize, place: &str) -> Error {
    let rest = text.get(offset..).unwrap_or_default();
    let (character, width) = decode(rest);
    let shown = quote(character, rest);
    ErrorKind::Json { text: format!("invalid character {shown} {place}"), offset: offset + width }.into()
}

/// Returns the complaint about the bytes of an escape sequence.
pub(super) fn invalid_escape(text: &[u8], start: usize, end: usize) -> Error {
    let what = text.get(start..end.min(text.len())).unwrap_or_default();
    let shown = crate::go_lossy(what);
    let needs_quotes =
        shown.chars().any(|c| c == '`' || c == '\u{FFFD}' || c.is_whitespace() || !is_printable(c));
    let shown = if needs_quotes { quote_string(&shown) } else { format!("`{shown}`") };
    ErrorKind::Json { text: format!("invalid escape sequence {shown} in string"), offset: end }.into()
}

/// Returns the first character and its width; an invalid byte is none.
fn decode(rest: &[u8]) -> (Option<char>, usize) {
    let width = match rest.first() {
        None => return (None, 0),
        Some(0..=0x7F) => 1,
        Some(0xC0..=0xDF) => 2,
        Some(0xE0..=0xEF) => 3,
        Some(_) => 4,
    };
    let character = rest
        .get(..width)
        .and_then(|bytes| std::str::from_utf8(bytes).ok())
        .and_then(|text| text.chars().next());
    (character, if character.is_some() { width } else { 1 })
}

fn is_printable(character: char) -> bool {
    matches!(character, ' '..='~') || (!character.is_ascii() && character.escape_debug().len() == 1)
}

fn quote(character: Option<char>, rest: &[u8]) -> String {
    let Some(character) = character else {
        return format!("'\\x{:x}'", rest.first().copied().unwrap_or(0));
    };
    let mut out = String::from("'");
    push_escaped(character, '\'', &mut out);
    out.push('\'');
    out
}

fn quote_string(text: &str) -> String {
    let mut out = String::from("\"");
    text.chars().for_each(|character| push_escaped(character, '"', &mut out));
    out.push('"');
    out
}

/// Appends a character as `strconv.QuoteRune` and `strconv.Quote` do.
fn push_escaped(character: char, quote: char, out: &mut String) {
    match character {
        '\\' => out.push_str("\\\\"),
        '\u{7}' => out.push_str("\\a"),
        '\u{8}' => out.push_str("\\b"),
        '\u{C}' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{B}' => out.push_str("\\v"),
        _ if character == quote => {
            out.push('\\');
            out.push(character);
        }
        _ if is_printable(character) => out.push(character),
        '\0'..='\u{7F}' => _ = write!(out, "\\x{:02x}", character as u32),
        '\u{80}'..='\u{FFFF}' => _ = write!(out, "\\u{:04x}", character as u32),
        _ => _ = write!(out, "\\U{:08x}", character as u32),
    }
}
