//! Go's `html`, `js` and `urlquery` (`text/template/funcs.go`, `net/url`).

use value::gofmt::quote;
use value::{Kind, Str, Value, gofmt};

/// Returns the text of the arguments, printed one after the other as `print` does. Nil is `<no value>` here.
pub(crate) fn text_of(arguments: &mut [Value]) -> Str {
    if let [Value::String(text)] = arguments {
        return text.clone();
    }
    for argument in arguments.iter_mut() {
        match argument {
            Value::Nil => *argument = Value::string("<no value>"),
            Value::Object(object) if object.object_type().kind() == Kind::Ptr => {
                *argument = Value::string(object.print_indirect());
            }
            _ => {}
        }
    }
    gofmt::sprint(arguments).into()
}

pub(crate) fn html(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 16);
    for byte in text {
        match byte {
            0 => out.extend_from_slice("\u{fffd}".as_bytes()),
            b'"' => out.extend_from_slice(b"&#34;"),
            b'\'' => out.extend_from_slice(b"&#39;"),
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            _ => out.push(*byte),
        }
    }
    out
}

pub(crate) fn js(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(&byte) = rest.first() {
        let (c, size) = quote::decode_char(rest);
        match byte {
            b'\\' | b'\'' | b'"' => out.extend_from_slice(&[b'\\', byte]),
            b'<' | b'>' | b'&' | b'=' | 0..0x20 => {
                out.extend_from_slice(format!("\\u{byte:04X}").as_bytes());
            }
            0x80.. if !quote::is_printable(c) => {
                out.extend_from_slice(format!("\\u{:04X}", c as u32).as_bytes());
            }
            _ => out.extend_from_slice(rest.get(..size).unwrap_or_default()),
        }
        rest = rest.get(size..).unwrap_or_default();
    }
    out
}

pub(crate) fn url_query(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 16);
    for byte in text {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(*byte),
            b' ' => out.push(b'+'),
            _ => out.extend_from_slice(format!("%{byte:02X}").as_bytes()),
        }
    }
    out
}
