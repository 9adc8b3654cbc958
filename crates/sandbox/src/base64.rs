//! Standard base64 with padding, as Go's `encoding/base64.StdEncoding` reads it (line breaks are skipped).

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Encodes `bytes`.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0u32, |g, b| g << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for position in 0..4 {
            let six = group >> (18 - 6 * position) & 63;
            let code = if position <= chunk.len() { ALPHABET[six as usize] } else { b'=' };
            out.push(char::from(code));
        }
    }
    out
}

/// Decodes `text`.
///
/// # Errors
/// The position of the first bad byte.
pub(crate) fn decode(text: &str) -> Result<Vec<u8>, usize> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut group, mut count, mut padding) = (0u32, 0usize, 0usize);
    for (at, byte) in text.bytes().enumerate() {
        let six = match byte {
            b'\r' | b'\n' => continue,
            b'=' if count >= 2 && count + padding < 4 => {
                padding += 1;
                continue;
            }
            _ if padding > 0 => return Err(at),
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return Err(at),
        };
        group = group << 6 | u32::from(six);
        count += 1;
        if count == 4 {
            out.extend(&group.to_be_bytes()[1..]);
            (group, count) = (0, 0);
        }
    }
    match (count, padding) {
        (0, 0) => {}
        (2, 2) => out.push((group >> 4) as u8),
        (3, 1) => out.extend(&((group >> 2) as u16).to_be_bytes()),
        // Go names the start of the group of four that is cut short.
        (_, 0) => return Err(text.len() - count),
        _ => return Err(text.len()),
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_survive_both_ways() {
        for text in ["", "a", "ab", "abc", "abcd"] {
            assert_eq!(decode(&encode(text.as_bytes())).as_deref(), Ok(text.as_bytes()));
        }
        assert_eq!(encode(b"one"), "b25l");
        assert_eq!(decode("not base64!"), Err(3));
    }
}
