//! From bytes to characters: encodings, byte order marks, and what YAML does not allow in a text.

use std::borrow::Cow;

use super::chars;

/// go-yaml decodes its input in pieces of this size, and complains about a whole piece before it looks at it.
const PIECE: usize = 512;

/// A YAML text in UTF-8, checked.
pub(super) struct Input<'a> {
    /// The text without its byte order mark, up to the fault if there is one.
    pub(super) text: Cow<'a, [u8]>,
    /// What is wrong behind the end of the text.
    pub(super) fault: Option<&'static str>,
    /// How many bytes of the source stand before the text.
    pub(super) skipped: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Encoding {
    Utf8,
    Utf16 { low: usize, high: usize },
}

const ALLOWED: &str = "control characters are not allowed";

impl<'a> Input<'a> {
    /// Decodes a source.
    pub(super) fn new(source: &'a [u8]) -> Self {
        let (encoding, skipped) = match source {
            [] => return Input { text: Cow::Borrowed(b"\n"), fault: None, skipped: 0 },
            [0xFF, 0xFE, ..] => (Encoding::Utf16 { low: 0, high: 1 }, 2),
            [0xFE, 0xFF, ..] => (Encoding::Utf16 { low: 1, high: 0 }, 2),
            [0xEF, 0xBB, 0xBF, ..] => (Encoding::Utf8, 3),
            _ => (Encoding::Utf8, 0),
        };
        if encoding == Encoding::Utf8 {
            let text = source.get(skipped..).unwrap_or_default();
            if is_clean(text) {
                return Input { text: Cow::Borrowed(text), fault: None, skipped };
            }
        }
        decode(source, encoding, skipped)
    }
}

/// Returns whether the text is UTF-8 and has only characters that YAML allows.
fn is_clean(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok()
        && text
            .chunks(64)
            .enumerate()
            .all(|(n, chunk)| is_plain(chunk) || has_only_allowed(text, n * 64, chunk.len()))
}

/// Returns whether all bytes are printable ASCII, tabs or line breaks.
fn is_plain(chunk: &[u8]) -> bool {
    let odd = |byte: u8| (byte < 0x20 && byte != b'\n' && byte != b'\t' && byte != b'\r') | (byte >= 0x7F);
    !chunk.iter().fold(false, |found, byte| found | odd(*byte))
}

/// Returns whether the characters that begin in a part of the (valid) text are allowed.
fn has_only_allowed(text: &[u8], start: usize, len: usize) -> bool {
    (start..start + len).all(|offset| match chars::at(text, offset) {
        b'\t' | b'\n' | b'\r' => true,
        0x00..=0x1F | 0x7F => false,
        0xC2 => matches!(chars::at(text, offset + 1), 0x85 | 0xA0..),
        0xEF => !(chars::at(text, offset + 1) == 0xBF && chars::at(text, offset + 2) >= 0xBE),
        _ => true,
    })
}

/// Decodes piece by piece as go-yaml's reader does (readerc.go); the text ends before the piece with the fault.
fn decode<'a>(source: &'a [u8], encoding: Encoding, skipped: usize) -> Input<'a> {
    let mut out = Vec::with_capacity(source.len());
    let mut piece_start = skipped;
    let mut piece_end = PIECE.min(source.len());
    let mut good = 0;
    let mut offset = skipped;
    loop {
        if offset == piece_end {
            good = out.len();
            if offset == source.len() {
                return Input { text: Cow::Owned(out), fault: None, skipped };
            }
            piece_start = offset;
            piece_end = (offset + PIECE).min(source.len());
        }
        let available = source.get(offset..piece_end).unwrap_or_default();
        match next_character(available, encoding) {
            Ok((character, width)) if is_allowed(character) => {
                let mut buffer = [0; 4];
                out.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
                offset += width;
            }
            Err(Flaw::Incomplete(_)) if piece_end < source.len() => {
                // The rest of the character is in the next piece, which begins with this one.
                good = out.len();
                piece_start = offset;
                piece_end = (offset + PIECE).min(source.len());
            }
            Err(Flaw::Incomplete(text)) => {
                return Input { text: Cow::Owned(out), fault: Some(text), skipped };
            }
            other => {
                debug_assert!(piece_start <= offset);
                out.truncate(good);
                let text = match other {
                    Err(Flaw::Invalid(text)) => text,
                    _ => ALLOWED,
                };
                return Input { text: Cow::Owned(out), fault: Some(text), skipped };
            }
        }
    }
}

enum Flaw {
    Incomplete(&'static str),
    Invalid(&'static str),
}

fn next_character(bytes: &[u8], encoding: Encoding) -> Result<(char, usize), Flaw> {
    match encoding {
        Encoding::Utf8 => next_utf8(bytes),
        Encoding::Utf16 { low, high } => next_utf16(bytes, low, high),
    }
}

fn next_utf8(bytes: &[u8]) -> Result<(char, usize), Flaw> {
    let first = chars::at(bytes, 0);
    let width = chars::width(first);
    if width == 0 {
        return Err(Flaw::Invalid("invalid leading UTF-8 octet"));
    }
    let Some(rest) = bytes.get(1..width) else {
        return Err(Flaw::Incomplete("incomplete UTF-8 octet sequence"));
    };
    let mut value = u32::from(if width == 1 { first } else { first & (0x7F >> width) });
    for byte in rest {
        if byte & 0xC0 != 0x80 {
            return Err(Flaw::Invalid("invalid trailing UTF-8 octet"));
        }
        value = value << 6 | u32::from(byte & 0x3F);
    }
    let least = [0, 0, 0x80, 0x800, 0x10000].get(width).copied().unwrap_or(0);
    if value < least {
        return Err(Flaw::Invalid("invalid length of a UTF-8 sequence"));
    }
    char::from_u32(value)
        .map(|character| (character, width))
        .ok_or(Flaw::Invalid("invalid Unicode character"))
}

fn next_utf16(bytes: &[u8], low: usize, high: usize) -> Result<(char, usize), Flaw> {
    let unit = |offset: usize| -> Option<u32> {
        Some(u32::from(*bytes.get(offset + low)?) | u32::from(*bytes.get(offset + high)?) << 8)
    };
    let Some(first) = unit(0) else {
        return Err(Flaw::Incomplete("incomplete UTF-16 character"));
    };
    if first & 0xFC00 == 0xDC00 {
        return Err(Flaw::Invalid("unexpected low surrogate area"));
    }
    if first & 0xFC00 != 0xD800 {
        return char::from_u32(first).map(|c| (c, 2)).ok_or(Flaw::Invalid("invalid Unicode character"));
    }
    let Some(second) = unit(2) else {
        return Err(Flaw::Incomplete("incomplete UTF-16 surrogate pair"));
    };
    if second & 0xFC00 != 0xDC00 {
        return Err(Flaw::Invalid("expected low surrogate area"));
    }
    let value = 0x10000 + ((first & 0x3FF) << 10) + (second & 0x3FF);
    char::from_u32(value).map(|c| (c, 4)).ok_or(Flaw::Invalid("invalid Unicode character"))
}

fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{A0}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}
