//! Base64 as Go's `base64.StdEncoding` reads and writes it.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Encodes bytes with padding.
pub(crate) fn encode(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for index in 0..4 {
            let digit = (group >> (18 - 6 * index) & 63) as usize;
            out.push(if index > chunk.len() { b'=' } else { ALPHABET[digit] });
        }
    }
    out
}

/// Decodes padded base64; line breaks are skipped, anything else wrong gives nothing.
pub(crate) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let mut group = 0u32;
    let mut digits = 0;
    let mut rest = text.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n'));
    for byte in rest.by_ref() {
        if byte == b'=' {
            // The first of the padding.
            if digits < 2 || (digits == 2 && rest.next() != Some(b'=')) || rest.next().is_some() {
                return None;
            }
            let whole = group << (6 * (4 - digits));
            out.extend(whole.to_be_bytes().iter().skip(1).take(digits - 1));
            return Some(out);
        }
        let digit = ALPHABET.iter().position(|known| *known == byte)?;
        group = group << 6 | digit as u32;
        digits += 1;
        if digits == 4 {
            out.extend_from_slice(&group.to_be_bytes()[1..]);
            (group, digits) = (0, 0);
        }
    }
    (digits == 0).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_decodes_again_and_bad_padding_does_not() {
        for text in ["", "a", "ab", "abc", "abcd"] {
            assert_eq!(decode(&encode(text.as_bytes())).as_deref(), Some(text.as_bytes()));
        }
        assert_eq!(encode(b"ab"), b"YWI=");
        assert_eq!(decode(b"YW\nI="), Some(b"ab".to_vec()));
        for text in ["YQ", "YQ=", "YQ==x", "Y===", "!", "YWI=="] {
            assert_eq!(decode(text.as_bytes()), None, "{text}");
        }
    }
}
