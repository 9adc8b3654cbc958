//! Base64 and base32 in both directions; text that does not decode gives Go's error text as the result.

use gotmpl::{Function, pure};
use value::{Str, Type, Value};

use super::arguments::bytes;
use crate::crypto::base64;

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

const TEXT: &[Type] = &[Type::String];

pub(super) const FUNCTIONS: &[Function] = &[
    pure("b64enc", TEXT, |arguments| Ok(Value::from(base64::encode(bytes(arguments, 0))))),
    pure("b64dec", TEXT, |arguments| {
        Ok(base64::decode(bytes(arguments, 0))
            .map_or_else(|error| Value::from(error.to_string()), from_bytes))
    }),
    pure("b32enc", TEXT, |arguments| Ok(from_bytes(encode_base32(bytes(arguments, 0))))),
    pure("b32dec", TEXT, |arguments| {
        let corrupt = |position| Value::from(format!("illegal base32 data at input byte {position}"));
        Ok(decode_base32(bytes(arguments, 0)).map_or_else(corrupt, from_bytes))
    }),
];

fn from_bytes(bytes: Vec<u8>) -> Value {
    Str::from(bytes).into()
}

fn encode_base32(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len().div_ceil(5) * 8);
    let (mut pending, mut count) = (0u32, 0u32);
    let digit = |number: u32| BASE32.get(number as usize & 31).copied().unwrap_or_default();
    for &byte in bytes {
        pending = pending << 8 | u32::from(byte);
        count += 8;
        while count >= 5 {
            count -= 5;
            out.push(digit(pending >> count));
        }
        pending &= (1 << count) - 1;
    }
    if count > 0 {
        out.push(digit(pending << (5 - count)));
    }
    while !out.len().is_multiple_of(8) {
        out.push(b'=');
    }
    out
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
    fn base32_is_padded_and_decodes_back() {
        for text in ["", "f", "fo", "foo", "foob", "fooba", "foobar"] {
            assert_eq!(decode_base32(&encode_base32(text.as_bytes())), Ok(text.as_bytes().to_vec()));
        }
        assert_eq!(encode_base32(b"foob"), b"MZXW6YQ=");
    }

    #[test]
    fn errors_name_the_byte() {
        for (text, position) in [("a", 0), ("AB", 0), ("MZ==", 4), ("MZXW6YQ", 0), ("MZXW6Y1=", 6)] {
            assert_eq!(decode_base32(text.as_bytes()), Err(position), "{text}");
        }
    }
}
