//! Base64 in its standard alphabet, with Go's rules and error text (encoding/base64, StdEncoding).

use crate::error::Error;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Encodes with padding.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group =
            chunk.iter().chain([&0, &0]).take(3).fold(0, |group, &byte| group << 8 | usize::from(byte));
        for index in 0..4 {
            let letter = if index <= chunk.len() { ALPHABET[group >> (18 - 6 * index) & 63] } else { b'=' };
            text.push(char::from(letter));
        }
    }
    text
}

/// Decodes; line ends are skipped wherever they are, padding is required.
///
/// # Errors
/// Names the byte at which the text stops being base64, as Go's `CorruptInputError`.
pub(crate) fn decode(text: &[u8]) -> Result<Vec<u8>, Error> {
    let corrupt = |index: usize| Error::new(format!("illegal base64 data at input byte {index}"));
    let mut letters = text.iter().enumerate().filter(|(_, letter)| !matches!(letter, b'\r' | b'\n'));
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    loop {
        let (mut group, mut count) = (0_u32, 0_u32);
        while count < 4 {
            let Some((index, &letter)) = letters.next() else {
                return if count == 0 { Ok(bytes) } else { Err(corrupt(text.len() - count as usize)) };
            };
            if let Some(value) = value_of(letter) {
                group = group << 6 | value;
                count += 1;
                continue;
            }
            if letter != b'=' || count < 2 {
                return Err(corrupt(index));
            }
            if count == 2 {
                match letters.next() {
                    None => return Err(corrupt(text.len())),
                    Some((index, &letter)) if letter != b'=' => return Err(corrupt(index - 1)),
                    Some(_) => {}
                }
            }
            if let Some((index, _)) = letters.next() {
                return Err(corrupt(index));
            }
            let whole = (group << (6 * (4 - count))).to_be_bytes();
            bytes.extend(&whole[1..count as usize]);
            return Ok(bytes);
        }
        bytes.extend(&group.to_be_bytes()[1..]);
    }
}

fn value_of(letter: u8) -> Option<u32> {
    match letter {
        b'A'..=b'Z' => Some(u32::from(letter - b'A')),
        b'a'..=b'z' => Some(u32::from(letter - b'a') + 26),
        b'0'..=b'9' => Some(u32::from(letter - b'0') + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_comes_back() {
        for text in ["", "a", "ab", "abc", "abcd", "\u{ff}\u{fe}\u{fd}"] {
            assert_eq!(decode(encode(text.as_bytes()).as_bytes()).unwrap(), text.as_bytes());
        }
        assert_eq!(encode(b"abcd"), "YWJjZA==");
    }

    // Go: base64.StdEncoding.DecodeString of each.
    #[test]
    fn errors_name_gos_byte() {
        let text = |input: &str| decode(input.as_bytes()).unwrap_err().to_string();
        let at = |index: usize| format!("illegal base64 data at input byte {index}");
        assert_eq!(text("a"), at(0));
        assert_eq!(text("YWJj!"), at(4));
        assert_eq!(text("YW=j"), at(2));
        assert_eq!(text("YW="), at(3));
        assert_eq!(text("YWJjZA==x"), at(8));
        assert_eq!(text("YWJjZ"), at(4));
        assert_eq!(text("Y\nW"), at(1));
        assert_eq!(decode(b"YW\nJj\r\n").unwrap(), b"abc");
    }
}
