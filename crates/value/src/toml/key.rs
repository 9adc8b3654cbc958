//! Keys, and text in double quotes.

use crate::Str;

/// Returns a dotted key as BurntSushi's `Key.String` has it: parts in quotes where needed.
pub(super) fn joined(key: &[Str]) -> Vec<u8> {
    let mut out = Vec::new();
    for (index, part) in key.iter().enumerate() {
        if index > 0 {
            out.push(b'.');
        }
        append(&mut out, part);
    }
    out
}

/// Appends one part of a key, in quotes unless it is bare.
pub(super) fn append(out: &mut Vec<u8>, part: &[u8]) {
    if !part.is_empty() && part.iter().all(|&byte| is_bare(char::from(byte))) {
        out.extend_from_slice(part);
    } else {
        append_quoted(out, part);
    }
}

/// Returns whether the character may stand in a key without quotes.
pub(super) fn is_bare(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

/// Appends a basic string.
pub(super) fn append_quoted(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    for &byte in text {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            0x08 => out.extend_from_slice(b"\\b"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            0x0c => out.extend_from_slice(b"\\f"),
            b'\r' => out.extend_from_slice(b"\\r"),
            0..=0x1f | 0x7f => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}
