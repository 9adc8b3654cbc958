//! Writing JSON.

use std::borrow::Cow;

use super::number;
use crate::{Error, List, Map, Number, Type, Value, base64, go_lossy};

/// How deep Go's `encoding/json` nests.
pub(crate) const MAX_DEPTH: usize = 10_000;

/// Writes a value as `json.Marshal` does: map keys sorted, `<`, `>`, `&`, U+2028 and U+2029 escaped, no line break.
///
/// # Errors
/// `json: unsupported value: NaN`, `json: unsupported type: complex128`, or a value that contains itself.
pub fn write(value: &Value) -> Result<Vec<u8>, Error> {
    write_with(value, true, None)
}

/// Writes a value as [`write`] does, but leaves `<`, `>` and `&` as they are (`toRawJson`).
///
/// # Errors
/// As [`write`].
pub fn write_raw(value: &Value) -> Result<Vec<u8>, Error> {
    write_with(value, false, None)
}

/// Writes a value as `json.MarshalIndent` does with an empty prefix (`toPrettyJson` has two blanks).
///
/// # Errors
/// As [`write`].
pub fn write_indented(value: &Value, indent: &str) -> Result<Vec<u8>, Error> {
    write_with(value, true, Some(indent))
}

fn write_with(value: &Value, escapes_html: bool, indent: Option<&str>) -> Result<Vec<u8>, Error> {
    let mut writer = Writer { out: Vec::with_capacity(128), escapes_html, indent, path: Path::default() };
    writer.value(value)?;
    Ok(writer.out)
}

/// The containers around the place that is being written, to notice when one contains itself.
#[derive(Default)]
pub(crate) struct Path {
    depth: usize,
    maps: Vec<usize>,
}

impl Path {
    /// Enters a list.
    ///
    /// # Errors
    /// When it is too deep.
    pub(crate) fn enter_list(&mut self) -> Result<(), Error> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(Error::message("exceeded max depth")) } else { Ok(()) }
    }

    /// Enters a map.
    ///
    /// # Errors
    /// When it is too deep or contains itself.
    pub(crate) fn enter_map(&mut self, map: &Map) -> Result<(), Error> {
        self.depth += 1;
        if self.maps.contains(&map.address()) {
            let name = map.map_type().name();
            return Err(Error::message(format!("json: unsupported value: encountered a cycle via {name}")));
        }
        if self.depth > MAX_DEPTH {
            return Err(Error::message("exceeded max depth"));
        }
        self.maps.push(map.address());
        Ok(())
    }

    pub(crate) fn leave_list(&mut self) {
        self.depth -= 1;
    }

    pub(crate) fn leave_map(&mut self) {
        self.depth -= 1;
        self.maps.pop();
    }
}

struct Writer<'a> {
    out: Vec<u8>,
    escapes_html: bool,
    indent: Option<&'a str>,
    path: Path,
}

impl Writer<'_> {
    fn value(&mut self, value: &Value) -> Result<(), Error> {
        match value {
            Value::Nil => self.out.extend_from_slice(b"null"),
            Value::Bool(true) => self.out.extend_from_slice(b"true"),
            Value::Bool(false) => self.out.extend_from_slice(b"false"),
            Value::Int(number) | Value::Int64(number) => self.display(number),
            Value::Float64(number) => self.float(*number, false)?,
            Value::Number(number) => self.number(number)?,
            Value::String(text) => self.string(text.as_bytes()),
            Value::List(list) => self.list(list)?,
            Value::Map(map) => self.map(map)?,
            Value::Object(object) => match (object.json_fields(), object.as_plain()) {
                (Some(fields), _) => self.fields(&fields)?,
                (None, Value::Object(_)) => {
                    return Err(Error::message(format!("json: unsupported type: {}", value.type_name())));
                }
                (None, plain) => self.value(&plain)?,
            },
        }
        Ok(())
    }

    fn display(&mut self, number: impl std::fmt::Display) {
        self.out.extend_from_slice(number.to_string().as_bytes());
    }

    fn float(&mut self, number: f64, is_single: bool) -> Result<(), Error> {
        if !number.is_finite() {
            return Err(Error::message(number::unsupported_number(number)));
        }
        number::write_float(number, is_single, &mut self.out);
        Ok(())
    }

    fn number(&mut self, number: &Number) -> Result<(), Error> {
        match number {
            Number::Int8(n) => self.display(n),
            Number::Int16(n) => self.display(n),
            Number::Int32(n) => self.display(n),
            Number::Uint(n) | Number::Uint64(n) => self.display(n),
            Number::Uint8(n) => self.display(n),
            Number::Uint16(n) => self.display(n),
            Number::Uint32(n) => self.display(n),
            Number::Float32(n) => self.float(f64::from(*n), true)?,
            Number::Complex128(_) => return Err(Error::message("json: unsupported type: complex128")),
        }
        Ok(())
    }

    fn list(&mut self, list: &List) -> Result<(), Error> {
        if list.is_nil() {
            self.out.extend_from_slice(b"null");
            return Ok(());
        }
        if list.list_type() == Type::Bytes {
            self.string(&base64::encode(&bytes_of(list)));
            return Ok(());
        }
        self.path.enter_list()?;
        self.out.push(b'[');
        for (index, item) in list.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.new_line();
            self.value(item)?;
        }
        self.path.leave_list();
        if !list.is_empty() {
            self.new_line();
        }
        self.out.push(b']');
        Ok(())
    }

    fn map(&mut self, map: &Map) -> Result<(), Error> {
        if map.is_nil() {
            self.out.extend_from_slice(b"null");
            return Ok(());
        }
        self.path.enter_map(map)?;
        self.out.push(b'{');
        let entries = map.borrow();
        for (index, (key, value)) in entries.iter().enumerate() {
            self.entry(index, key.as_bytes(), value)?;
        }
        self.path.leave_map();
        if !entries.is_empty() {
            self.new_line();
        }
        self.out.push(b'}');
        Ok(())
    }

    /// Writes a struct, whose fields keep their order.
    fn fields(&mut self, fields: &[(&'static str, Value)]) -> Result<(), Error> {
        self.path.depth += 1;
        self.out.push(b'{');
        for (index, (key, value)) in fields.iter().enumerate() {
            self.entry(index, key.as_bytes(), value)?;
        }
        self.path.depth -= 1;
        self.new_line();
        self.out.push(b'}');
        Ok(())
    }

    fn entry(&mut self, index: usize, key: &[u8], value: &Value) -> Result<(), Error> {
        if index > 0 {
            self.out.push(b',');
        }
        self.new_line();
        self.string(key);
        self.out.extend_from_slice(if self.indent.is_some() { b": " } else { b":" });
        self.value(value)
    }

    fn new_line(&mut self) {
        if let Some(indent) = self.indent {
            self.out.push(b'\n');
            for _ in 0..self.path.depth {
                self.out.extend_from_slice(indent.as_bytes());
            }
        }
    }

    fn string(&mut self, bytes: &[u8]) {
        write_string(bytes, self.escapes_html, &mut self.out);
    }
}

/// Returns the bytes of a `[]uint8`.
pub(crate) fn bytes_of(list: &List) -> Vec<u8> {
    if let Some(bytes) = list.bytes() {
        return bytes.to_vec();
    }
    list.iter()
        .map(|item| match item {
            Value::Number(Number::Uint8(byte)) => *byte,
            Value::Int(number) | Value::Int64(number) => *number as u8,
            _ => 0,
        })
        .collect()
}

/// Writes a string in quotes; what is not UTF-8 becomes U+FFFD.
fn write_string(bytes: &[u8], escapes_html: bool, out: &mut Vec<u8>) {
    let text: Cow<'_, str> = go_lossy(bytes);
    let bytes = text.as_bytes();
    out.push(b'"');
    let mut from = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let escape: Cow<'static, [u8]> = match byte {
            b'"' => Cow::Borrowed(b"\\\""),
            b'\\' => Cow::Borrowed(b"\\\\"),
            b'\n' => Cow::Borrowed(b"\\n"),
            b'\r' => Cow::Borrowed(b"\\r"),
            b'\t' => Cow::Borrowed(b"\\t"),
            8 => Cow::Borrowed(b"\\b"),
            12 => Cow::Borrowed(b"\\f"),
            0..=0x1F => Cow::Owned(format!("\\u{byte:04x}").into_bytes()),
            b'<' | b'>' | b'&' if escapes_html => Cow::Owned(format!("\\u{byte:04x}").into_bytes()),
            0xE2 if bytes.get(at + 1) == Some(&0x80) && matches!(bytes.get(at + 2), Some(0xA8 | 0xA9)) => {
                let last = if bytes.get(at + 2) == Some(&0xA8) { b"\\u2028" } else { b"\\u2029" };
                Cow::Borrowed(last)
            }
            _ => continue,
        };
        out.extend_from_slice(bytes.get(from..at).unwrap_or_default());
        out.extend_from_slice(&escape);
        from = at + if *byte == 0xE2 { 3 } else { 1 };
    }
    out.extend_from_slice(bytes.get(from..).unwrap_or_default());
    out.push(b'"');
}
