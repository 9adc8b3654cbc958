//! Texts of errors that hold bytes which are no UTF-8. Go's errors carry such bytes as they are; Rust's are UTF-8.
//!
//! In a *spelled* text each of these bytes is one of the last 128 characters of Unicode's last private plane. The bytes of
//! such a character in the original are spelled one by one too, so that every text has one spelling and comes back as it
//! was. Whoever prints a text of an error prints what [`unspell`] returns.

use std::borrow::Cow;

/// Stands for byte 0x80; those for greater bytes follow.
const FIRST: u32 = 0x10_FF80;

/// What the UTF-8 of each of these characters begins with; no other text of errors has it.
const FIRST_BYTE: u8 = 0xF4;

/// Returns bytes as a text that can be an error's.
pub fn spell(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes)
        && !bytes.contains(&FIRST_BYTE)
    {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(bytes.len() + 8);
    for chunk in bytes.utf8_chunks() {
        for letter in chunk.valid().chars() {
            if byte_of(letter).is_some() {
                let mut buffer = [0; 4];
                out.extend(letter.encode_utf8(&mut buffer).bytes().map(letter_of));
            } else {
                out.push(letter);
            }
        }
        out.extend(chunk.invalid().iter().copied().map(letter_of));
    }
    Cow::Owned(out)
}

/// Returns the bytes that a spelled text stands for.
pub fn unspell(text: &str) -> Cow<'_, [u8]> {
    if !text.as_bytes().contains(&FIRST_BYTE) {
        return Cow::Borrowed(text.as_bytes());
    }
    let mut out = Vec::with_capacity(text.len());
    for letter in text.chars() {
        match byte_of(letter) {
            Some(byte) => out.push(byte),
            None => out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    Cow::Owned(out)
}

/// The letter for a byte from 0x80 on.
fn letter_of(byte: u8) -> char {
    char::from_u32(FIRST + u32::from(byte & 0x7F)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn byte_of(letter: char) -> Option<u8> {
    let number = u32::from(letter).checked_sub(FIRST)?;
    u8::try_from(number).ok().map(|number| number | 0x80)
}

#[cfg(test)]
mod tests {
    use super::{spell, unspell};

    #[test]
    fn every_text_comes_back_as_it_was() {
        for bytes in
            [&b"plain"[..], "é日😀".as_bytes(), b"\xFF", b"a\x80\xC3", "\u{10FFFF}\u{10FF80}".as_bytes()]
        {
            let spelled = spell(bytes);
            assert_eq!(unspell(&spelled), bytes, "{spelled:?}");
            assert_eq!(unspell(&spell(spelled.as_bytes())), spelled.as_bytes());
        }
    }

    #[test]
    fn what_is_utf8_is_its_own_spelling() {
        assert_eq!(spell("é日😀".as_bytes()), "é日😀");
        assert_eq!(spell(b"a\xFFb"), "a\u{10FFFF}b");
    }
}
