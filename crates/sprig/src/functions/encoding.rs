//! Base64 and base32 in both directions; text that does not decode gives Go's error text as the result.

use gotmpl::{Function, pure};
use value::{Str, Type, Value};

use super::arguments::bytes;

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

const TEXT: &[Type] = &[Type::String];

pub(super) const FUNCTIONS: &[Function] = &[
    pure("b64enc", TEXT, |arguments| Ok(Str::from(encode(bytes(arguments, 0), BASE64, 6, 4)).into())),
    pure("b64dec", TEXT, |arguments| Ok(decoded("base64", decode_base64(bytes(arguments, 0))))),
    pure("b32enc", TEXT, |arguments| Ok(Str::from(encode(bytes(arguments, 0), BASE32, 5, 8)).into())),
    pure("b32dec", TEXT, |arguments| Ok(decoded("base32", decode_base32(bytes(arguments, 0))))),
];

fn decoded(name: &str, result: Result<Vec<u8>, usize>) -> Value {
    match result {
        Ok(bytes) => Str::from(bytes).into(),
        Err(position) => Value::from(format!("illegal {name} data at input byte {position}")),
    }
}

/// Writes `bits` bits per digit and pads the last group of `group` digits.
fn encode(bytes: &[u8], alphabet: &[u8], bits: u32, group: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() * 8 / bits as usize + group);
    let (mut pending, mut count) = (0u32, 0u32);
    let digit =
        |number: u32| alphabet.get(number as usize & (alphabet.len() - 1)).copied().unwrap_or_default();
    for &byte in bytes {
        pending = pending << 8 | u32::from(byte);
        count += 8;
        while count >= bits {
            count -= bits;
            out.push(digit(pending >> count));
        }
        pending &= (1 << count) - 1;
    }
    if count > 0 {
        out.push(digit(pending << (bits - count)));
    }
    while !out.len().is_multiple_of(group) {
        out.push(b'=');
    }
    out
}

/// Decodes standard base64, skipping line breaks; the error is the position Go's `CorruptInputError` names.
fn decode_base64(text: &[u8]) -> Result<Vec<u8>, usize> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let mut position = 0;
    loop {
        let (mut quantum, mut digits) = (0u32, 0usize);
        while digits < 4 {
            let Some(&byte) = text.get(position) else {
                return if digits == 0 { Ok(out) } else { Err(position - digits) };
            };
            position += 1;
            match base64_digit(byte) {
                Some(digit) => {
                    quantum = quantum << 6 | digit;
                    digits += 1;
                }
                None if matches!(byte, b'\n' | b'\r') => {}
                None if byte == b'=' && digits >= 2 => {
                    end_of_padding(text, position, digits)?;
                    let bytes = (quantum << (6 * (4 - digits))).to_be_bytes();
                    out.extend_from_slice(bytes.get(1..digits).unwrap_or_default());
                    return Ok(out);
                }
                None => return Err(position - 1),
            }
        }
        out.extend_from_slice(&quantum.to_be_bytes()[1..]);
    }
}

/// Checks what follows the first padding character of a quantum with two or three digits.
fn end_of_padding(text: &[u8], mut position: usize, digits: usize) -> Result<(), usize> {
    let skip_breaks = |mut position: usize| {
        while matches!(text.get(position), Some(b'\n' | b'\r')) {
            position += 1;
        }
        position
    };
    if digits == 2 {
        position = skip_breaks(position);
        match text.get(position) {
            None => return Err(text.len()),
            Some(b'=') => position += 1,
            Some(_) => return Err(position - 1),
        }
    }
    position = skip_breaks(position);
    if position < text.len() { Err(position) } else { Ok(()) }
}

fn base64_digit(byte: u8) -> Option<u32> {
    Some(u32::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

/// Decodes standard base32 without its line breaks; positions are counted without them, as in Go.
fn decode_base32(text: &[u8]) -> Result<Vec<u8>, usize> {
    let text: Vec<u8> = text.iter().copied().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
    let mut out = Vec::with_capacity(text.len() / 8 * 5);
    let mut position = 0;
    while position < text.len() {
        let (mut quantum, mut digits) = (0u64, 0usize);
        while digits < 8 {
            let Some(&byte) = text.get(position) else { return Err(text.len() - digits) };
            position += 1;
            let rest = text.get(position..).unwrap_or_default();
            if byte == b'=' && digits >= 2 && rest.len() < 8 {
                base32_padding(text.len(), rest, digits)?;
                quantum <<= 5 * (8 - digits);
                out.extend_from_slice(quantum.to_be_bytes().get(3..3 + digits * 5 / 8).unwrap_or_default());
                return Ok(out);
            }
            let digit = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'2'..=b'7' => byte - b'2' + 26,
                _ => return Err(position - 1),
            };
            quantum = quantum << 5 | u64::from(digit);
            digits += 1;
        }
        out.extend_from_slice(&quantum.to_be_bytes()[3..]);
    }
    Ok(out)
}

/// Checks the padding after its first character; `rest` is what follows that.
fn base32_padding(length: usize, rest: &[u8], digits: usize) -> Result<(), usize> {
    if rest.len() + digits < 7 {
        return Err(length);
    }
    if let Some(wrong) = rest.iter().take(7 - digits).position(|&byte| byte != b'=') {
        return Err((length - rest.len() + wrong).saturating_sub(1));
    }
    if matches!(digits, 3 | 6) { Err(length - rest.len() - 1) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_pad_and_decode_back() {
        for text in ["", "f", "fo", "foo", "foob", "fooba", "foobar"] {
            let base64 = encode(text.as_bytes(), BASE64, 6, 4);
            assert_eq!(decode_base64(&base64), Ok(text.as_bytes().to_vec()));
            let base32 = encode(text.as_bytes(), BASE32, 5, 8);
            assert_eq!(decode_base32(&base32), Ok(text.as_bytes().to_vec()));
        }
        assert_eq!(encode(b"foob", BASE64, 6, 4), b"Zm9vYg==");
        assert_eq!(encode(b"foob", BASE32, 5, 8), b"MZXW6YQ=");
    }

    #[test]
    fn errors_name_the_byte() {
        for (text, position) in
            [("a", 0), ("ab", 0), ("ab=", 3), ("ab=c", 2), ("abc=d", 4), ("a=bc", 1), ("ab!d", 2)]
        {
            assert_eq!(decode_base64(text.as_bytes()), Err(position), "{text}");
        }
    }
}
