//! Percent escapes in the parts of a URL.

use crate::gofmt::quoted;

/// The part of a URL a text stands in, which decides what must be escaped.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Part {
    Path,
    Host,
    Zone,
    User,
    Fragment,
}

/// Returns Go's `shouldEscape`.
pub(super) fn must_escape(byte: u8, part: Part) -> bool {
    if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
        return false;
    }
    !match part {
        Part::Host | Part::Zone => b"!$&'()*+,;=:[]<>\"".as_slice(),
        Part::Path => b"$&+,/:;=@",
        Part::User => b"$&+,;=",
        Part::Fragment => b"$&+,/:;=?@!()*",
    }
    .contains(&byte)
}

/// Writes what must be escaped as `%XX`.
pub(super) fn escape(text: &[u8], part: Part) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for &byte in text {
        if must_escape(byte, part) {
            out.extend_from_slice(format!("%{byte:02X}").as_bytes());
        } else {
            out.push(byte);
        }
    }
    out
}

/// Escapes a text for a query: Go's `url.QueryEscape`.
pub fn query_escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            _ if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Decodes `%XX`.
///
/// # Errors
/// On broken escapes, and on those and other characters a host may not have.
pub(super) fn unescape(text: &[u8], part: Part) -> Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, tail)) = rest.split_first() {
        if byte == b'%' {
            let escape = rest.get(..3).unwrap_or(rest);
            let decoded = decode(escape).filter(|&decoded| is_allowed(escape, decoded, part));
            out.push(decoded.ok_or_else(|| format!("invalid URL escape {}", quoted(escape)))?);
            rest = rest.get(3..).unwrap_or_default();
            continue;
        }
        if matches!(part, Part::Host | Part::Zone) && byte < 0x80 && must_escape(byte, part) {
            return Err(format!("invalid character {} in host name", quoted(&[byte])));
        }
        out.push(byte);
        rest = tail;
    }
    Ok(out)
}

fn decode(escape: &[u8]) -> Option<u8> {
    let [_, high, low] = escape else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(*high)? << 4 | digit(*low)?).ok()
}

/// A host may escape only what is not ASCII, a zone only what a host may have.
fn is_allowed(escape: &[u8], decoded: u8, part: Part) -> bool {
    match part {
        Part::Host => decoded >= 0x80 || escape == b"%25",
        Part::Zone => escape == b"%25" || decoded == b' ' || !must_escape(decoded, Part::Host),
        _ => true,
    }
}
