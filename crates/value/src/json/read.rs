//! Reading JSON.

use std::borrow::Cow;

use super::syntax::{invalid_character, invalid_escape, unexpected_end};
use super::write::MAX_DEPTH;
use crate::{Entries, Error, ErrorKind, List, Map, Str, Type, Value, go_lossy};

/// Reads a JSON text as `json.Unmarshal` does into an `interface{}`: numbers are `float64`, of equal keys the last wins.
///
/// # Errors
/// Go's syntax errors (`invalid character 'b' looking for beginning of object key string`), and numbers beyond `float64`.
pub fn read(bytes: &[u8]) -> Result<Value, Error> {
    let mut reader = Reader { text: bytes, offset: 0, too_large: None };
    let value = reader.document()?;
    reader.too_large.map_or(Ok(value), Err)
}

/// Reads a JSON object as `json.Unmarshal` does into a `map[string]interface{}`; null gives Go's nil map.
///
/// # Errors
/// As [`read`], and `json: cannot unmarshal array into Go value of type map[string]interface {}`.
pub fn read_map(bytes: &[u8]) -> Result<Map, Error> {
    let mut reader = Reader { text: bytes, offset: 0, too_large: None };
    match reader.document()? {
        Value::Map(map) => reader.too_large.map_or(Ok(map), Err),
        Value::Nil => Ok(Map::nil(Type::AnyMap)),
        other => Err(type_error(type_of(&other), "map[string]interface {}")),
    }
}

/// Reads a JSON object as [`read_map`] does; beside an error, returns what Go had decoded: everything where only a number
/// was too large, and nothing where the syntax is wrong.
pub fn read_map_partly(bytes: &[u8]) -> (Map, Option<Error>) {
    let mut reader = Reader { text: bytes, offset: 0, too_large: None };
    match reader.document() {
        Ok(Value::Map(map)) => (map, reader.too_large),
        Ok(Value::Nil) => (Map::nil(Type::AnyMap), None),
        Ok(other) => (Map::new(), Some(type_error(type_of(&other), "map[string]interface {}"))),
        Err(error) => (Map::new(), Some(error)),
    }
}

/// Reads a JSON array as `json.Unmarshal` does into a `[]interface{}`; null gives Go's nil slice.
///
/// # Errors
/// As [`read`], and `json: cannot unmarshal object into Go value of type []interface {}`.
pub fn read_list(bytes: &[u8]) -> Result<List, Error> {
    let mut reader = Reader { text: bytes, offset: 0, too_large: None };
    match reader.document()? {
        Value::List(list) => reader.too_large.map_or(Ok(list), Err),
        Value::Nil => Ok(List::nil(Type::AnyList)),
        other => Err(type_error(type_of(&other), "[]interface {}")),
    }
}

/// Returns `encoding/json`'s complaint about a value of another type; `found` is `object`, `array`, `string`, `number` or
/// `bool`, `wanted` a Go type.
pub fn type_error(found: &str, wanted: &str) -> Error {
    let text = format!("json: cannot unmarshal {found} into Go value of type {wanted}");
    ErrorKind::Json { text, offset: 0 }.into()
}

/// Returns `encoding/json`'s complaint about a field of another type; `field` is `Struct.path.to.field` with the name of
/// the outermost struct.
pub fn field_type_error(found: &str, field: &str, wanted: &str) -> Error {
    // Where the last step is an index, Go does not speak of a field (v2_decode.go, UnmarshalTypeError.Error).
    let last = field.rsplit('.').next().unwrap_or_default();
    let is_index = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
    let what = if is_index { "" } else { "Go struct field " };
    let text = format!("json: cannot unmarshal {found} into {what}{field} of type {wanted}");
    ErrorKind::Json { text, offset: 0 }.into()
}

/// Returns what Go calls the type of a JSON value.
pub fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Nil => "null",
        Value::Bool(_) => "bool",
        Value::String(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) | Value::Object(_) => "object",
        _ => "number",
    }
}

struct Reader<'a> {
    text: &'a [u8],
    offset: usize,
    /// The complaint about the first number that no `float64` can hold; it waits until the syntax is checked.
    too_large: Option<Error>,
}

enum Open {
    Array(usize),
    /// With the key whose value is being read.
    Object(usize, Str),
}

/// The containers that are being read, with what they hold so far.
#[derive(Default)]
struct Stack {
    open: Vec<Open>,
    items: Vec<Value>,
    pairs: Vec<(Str, Value)>,
}

impl Reader<'_> {
    fn document(&mut self) -> Result<Value, Error> {
        let value = self.value()?;
        self.skip_blanks();
        if self.offset < self.text.len() {
            return Err(invalid_character(self.text, self.offset, "after top-level value"));
        }
        Ok(value)
    }

    fn skip_blanks(&mut self) {
        let rest = self.text.get(self.offset..).unwrap_or_default();
        self.offset += rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count();
    }

    /// Returns the next byte behind blanks.
    fn next(&mut self) -> Result<u8, Error> {
        self.skip_blanks();
        self.text.get(self.offset).copied().ok_or_else(|| unexpected_end(self.offset))
    }

    /// Reads a value without recursion.
    fn value(&mut self) -> Result<Value, Error> {
        let mut stack = Stack::default();
        loop {
            let value = match self.next()? {
                b'[' => {
                    self.enter(stack.open.len())?;
                    if self.next()? != b']' {
                        stack.open.push(Open::Array(stack.items.len()));
                        continue;
                    }
                    self.offset += 1;
                    Value::list(Vec::new())
                }
                b'{' => {
                    self.enter(stack.open.len())?;
                    if self.next()? != b'}' {
                        stack.open.push(Open::Object(stack.pairs.len(), self.key()?));
                        continue;
                    }
                    self.offset += 1;
                    Value::Map(Map::new())
                }
                _ => self.scalar(&stack)?,
            };
            if let Some(value) = self.put(value, &mut stack)? {
                return Ok(value);
            }
        }
    }

    /// Puts a value into the innermost container and closes those that end; returns the value if no container is left.
    fn put(&mut self, mut value: Value, stack: &mut Stack) -> Result<Option<Value>, Error> {
        while let Some(innermost) = stack.open.last_mut() {
            let (end, place) = match innermost {
                Open::Array(_) => {
                    stack.items.push(value);
                    (b']', "after array element")
                }
                Open::Object(_, key) => {
                    stack.pairs.push((std::mem::take(key), value));
                    (b'}', "after object key:value pair")
                }
            };
            let next = self.next()?;
            if next != b',' && next != end {
                return Err(invalid_character(self.text, self.offset, place));
            }
            self.offset += 1;
            if next == b',' {
                if let Open::Object(_, key) = innermost {
                    *key = self.key()?;
                }
                return Ok(None);
            }
            value = match innermost {
                Open::Array(start) => Value::List(List::grown(stack.items.drain(*start..).collect())),
                Open::Object(start, _) => {
                    Value::Map(Map::from(Entries::from_pairs(stack.pairs.drain(*start..).collect())))
                }
            };
            stack.open.pop();
        }
        Ok(Some(value))
    }

    fn enter(&mut self, depth: usize) -> Result<(), Error> {
        if depth >= MAX_DEPTH {
            return Err(
                ErrorKind::Json { text: "exceeded max depth".to_string(), offset: self.offset }.into()
            );
        }
        self.offset += 1;
        Ok(())
    }

    /// Reads a key and its colon.
    fn key(&mut self) -> Result<Str, Error> {
        if self.next()? != b'"' {
            return Err(invalid_character(
                self.text,
                self.offset,
                "looking for beginning of object key string",
            ));
        }
        let key = self.string()?;
        if self.next()? != b':' {
            return Err(invalid_character(self.text, self.offset, "after object key"));
        }
        self.offset += 1;
        Ok(key)
    }

    fn scalar(&mut self, stack: &Stack) -> Result<Value, Error> {
        match self.text.get(self.offset) {
            Some(b'"') => Ok(Value::String(self.string()?)),
            Some(b't') => self.literal("true", Value::Bool(true)),
            Some(b'f') => self.literal("false", Value::Bool(false)),
            Some(b'n') => self.literal("null", Value::Nil),
            Some(b'-' | b'0'..=b'9') => self.number(stack),
            _ => Err(invalid_character(self.text, self.offset, "looking for beginning of value")),
        }
    }

    fn literal(&mut self, literal: &str, value: Value) -> Result<Value, Error> {
        for expected in literal.chars() {
            match self.text.get(self.offset) {
                None => return Err(unexpected_end(self.offset)),
                Some(byte) if char::from(*byte) == expected => self.offset += 1,
                Some(_) => {
                    let place = format!("in literal {literal} (expecting '{expected}')");
                    return Err(invalid_character(self.text, self.offset, &place));
                }
            }
        }
        Ok(value)
    }

    /// Skips digits, of which there must be one.
    fn digits(&mut self) -> Result<(), Error> {
        let rest = self.text.get(self.offset..).unwrap_or_default();
        match rest.iter().take_while(|byte| byte.is_ascii_digit()).count() {
            0 if rest.is_empty() => Err(unexpected_end(self.offset)),
            0 => Err(invalid_character(self.text, self.offset, "in numeric literal")),
            count => {
                self.offset += count;
                Ok(())
            }
        }
    }

    fn number(&mut self, stack: &Stack) -> Result<Value, Error> {
        let start = self.offset;
        if self.text.get(self.offset) == Some(&b'-') {
            self.offset += 1;
        }
        if self.text.get(self.offset) == Some(&b'0') {
            self.offset += 1;
        } else {
            self.digits()?;
        }
        if self.text.get(self.offset) == Some(&b'.') {
            self.offset += 1;
            self.digits()?;
        }
        if matches!(self.text.get(self.offset), Some(b'e' | b'E')) {
            self.offset += 1;
            if matches!(self.text.get(self.offset), Some(b'+' | b'-')) {
                self.offset += 1;
            }
            self.digits()?;
        }
        let text = String::from_utf8_lossy(self.text.get(start..self.offset).unwrap_or_default());
        let number = text.parse::<f64>().unwrap_or(f64::INFINITY);
        if number.is_finite() {
            return Ok(Value::Float64(number));
        }
        if self.too_large.is_none() {
            self.too_large = Some(number_error(&text, &stack.open, stack.items.len()));
        }
        // Go leaves the zero value where it could not decode.
        Ok(Value::Float64(0.0))
    }

    /// Reads a string that begins here.
    fn string(&mut self) -> Result<Str, Error> {
        self.offset += 1;
        let start = self.offset;
        self.skip_plain();
        if self.text.get(self.offset) == Some(&b'"') {
            let bytes = self.text.get(start..self.offset).unwrap_or_default();
            self.offset += 1;
            return Ok(match go_lossy(bytes) {
                Cow::Borrowed(_) => Str::from(bytes),
                Cow::Owned(text) => Str::from(text),
            });
        }
        let mut out = Vec::new();
        let mut from = start;
        loop {
            self.skip_plain();
            out.extend_from_slice(self.text.get(from..self.offset).unwrap_or_default());
            match self.text.get(self.offset) {
                None => return Err(unexpected_end(self.offset)),
                Some(b'"') => break,
                Some(b'\\') => self.escape(&mut out)?,
                Some(_) => return Err(invalid_character(self.text, self.offset, "in string")),
            }
            from = self.offset;
        }
        self.offset += 1;
        Ok(match go_lossy(&out) {
            Cow::Borrowed(_) => Str::from(out),
            Cow::Owned(text) => Str::from(text),
        })
    }

    /// Skips what stands for itself in a string.
    fn skip_plain(&mut self) {
        let rest = self.text.get(self.offset..).unwrap_or_default();
        self.offset +=
            rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1F)).unwrap_or(rest.len());
    }

    fn escape(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        let start = self.offset;
        let byte = match self.text.get(start + 1) {
            None => return Err(unexpected_end(self.offset)),
            Some(byte @ (b'"' | b'\\' | b'/')) => *byte,
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => return self.unicode_escape(out),
            Some(_) => return Err(invalid_escape(self.text, start, start + 2)),
        };
        out.push(byte);
        self.offset += 2;
        Ok(())
    }

    fn unicode_escape(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        let start = self.offset;
        let Some(first) = self.code_unit(start) else {
            let digits = self.text.get(start + 2..).unwrap_or_default();
            let is_cut = digits.len() < 4 && digits.iter().all(u8::is_ascii_hexdigit);
            return Err(if is_cut {
                unexpected_end(start)
            } else {
                invalid_escape(self.text, start, start + 6)
            });
        };
        self.offset += 6;
        let second = if first & 0xFC00 == 0xD800 { self.code_unit(self.offset) } else { None };
        let character = match second {
            Some(second) if second & 0xFC00 == 0xDC00 => {
                self.offset += 6;
                char::from_u32(0x10000 + ((first & 0x3FF) << 10) + (second & 0x3FF))
            }
            _ => char::from_u32(first),
        };
        let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        Ok(())
    }

    /// Returns the value of `\uXXXX` at an offset.
    fn code_unit(&self, offset: usize) -> Option<u32> {
        let digits = self.text.get(offset..offset + 6)?.strip_prefix(b"\\u")?;
        digits.iter().try_fold(0, |value, digit| Some(value << 4 | char::from(*digit).to_digit(16)?))
    }
}

/// Returns the complaint about a number too large for `float64`, with the path to it.
fn number_error(text: &str, open: &[Open], items: usize) -> Error {
    let found = format!("number {text}");
    if open.is_empty() {
        return type_error(&found, "float64");
    }
    let mut path = String::new();
    for (index, container) in open.iter().enumerate() {
        path.push('.');
        match container {
            Open::Object(_, key) => path.push_str(&key.to_str_lossy().replace('~', "~0").replace('/', "~1")),
            Open::Array(start) => {
                // The items of the arrays further in stand behind those of this one.
                let next = open.iter().skip(index + 1).find_map(|inner| match inner {
                    Open::Array(start) => Some(*start),
                    Open::Object(..) => None,
                });
                path.push_str(&(next.unwrap_or(items) - start).to_string());
            }
        }
    }
    field_type_error(&found, &path, "float64")
}
