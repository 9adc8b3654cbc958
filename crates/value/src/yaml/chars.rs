//! The classes of characters that YAML 1.1 tells apart, over UTF-8 bytes.
//!
//! A byte of 0 stands for the end of the text: the reader lets no NUL through.

/// Space or tab.
pub(super) const BLANK: u8 = 1;
/// Carriage return or line feed.
pub(super) const BREAK: u8 = 2;
/// The end of the text.
pub(super) const END: u8 = 4;
/// The colon, which ends a plain scalar only before a blank.
pub(super) const COLON: u8 = 8;
/// What ends a plain scalar inside `[…]` and `{…}`.
pub(super) const FLOW: u8 = 16;
/// The first or a later byte of a character beyond ASCII.
pub(super) const HIGH: u8 = 32;
/// Either quote, or the backslash.
pub(super) const QUOTE: u8 = 64;

/// The classes of each byte.
pub(super) const CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b' ' | b'\t' => BLANK,
            b'\r' | b'\n' => BREAK,
            0 => END,
            b':' => COLON,
            b',' | b'?' | b'[' | b']' | b'{' | b'}' => FLOW,
            b'"' | b'\'' | b'\\' => QUOTE,
            0x80.. => HIGH,
            _ => 0,
        };
        byte += 1;
    }
    table
}

/// Returns the byte at an offset, 0 behind the end.
#[inline(always)]
pub(super) fn at(text: &[u8], offset: usize) -> u8 {
    text.get(offset).copied().unwrap_or(0)
}

/// Returns whether the byte is in one of the classes.
#[inline(always)]
pub(super) fn is(byte: u8, classes: u8) -> bool {
    CLASS[byte as usize] & classes != 0
}

/// Returns the length in bytes of the line break at an offset (CR, LF, CRLF, NEL, LS, PS), 0 if there is none.
#[inline]
pub(super) fn break_len(text: &[u8], offset: usize) -> usize {
    match at(text, offset) {
        b'\n' => 1,
        b'\r' => 1 + usize::from(at(text, offset + 1) == b'\n'),
        0xC2 if at(text, offset + 1) == 0x85 => 2,
        0xE2 if at(text, offset + 1) == 0x80 && matches!(at(text, offset + 2), 0xA8 | 0xA9) => 3,
        _ => 0,
    }
}

/// Returns whether a blank, a line break or the end stands at an offset.
#[inline]
pub(super) fn is_blank_or_end(text: &[u8], offset: usize) -> bool {
    let byte = at(text, offset);
    is(byte, BLANK | BREAK | END) || (byte >= 0x80 && break_len(text, offset) > 0)
}

/// Returns whether a line break or the end stands at an offset.
#[inline]
pub(super) fn is_line_end(text: &[u8], offset: usize) -> bool {
    let byte = at(text, offset);
    is(byte, BREAK | END) || (byte >= 0x80 && break_len(text, offset) > 0)
}

/// Returns whether the byte may be part of an anchor or a tag handle.
#[inline]
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// Returns the length in bytes of the character that begins with this byte, 0 if none does.
#[inline]
pub(super) fn width(byte: u8) -> usize {
    match byte {
        0x00..=0x7F => 1,
        0xC0..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF7 => 4,
        _ => 0,
    }
}
