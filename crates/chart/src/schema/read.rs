//! Reads a JSON document with the error texts of Go's `encoding/json` (Go 1.27, jsontext underneath), as
//! `jsonschema.UnmarshalJSON` passes them on.

use super::json::{Json, Object};
use super::text;

/// Deepest nesting that Go's decoder takes (`jsontext`, maxNestingDepth).
const MAX_DEPTH: usize = 10_000;

/// Reads exactly one value.
///
/// # Errors
/// The text Go's decoder gives for the first fault.
pub(crate) fn read(bytes: &[u8]) -> Result<Json, String> {
    let owned;
    let source = match std::str::from_utf8(bytes) {
        Ok(source) => source,
        // Go replaces what is not UTF-8 by U+FFFD inside strings and reports it elsewhere.
        Err(_) => {
            owned = String::from_utf8_lossy(bytes);
            owned.as_ref()
        }
    };
    let mut reader = Reader { source, at: 0, depth: 0 };
    reader.skip_space();
    if reader.peek().is_none() {
        return Err("EOF".to_owned());
    }
    let value = reader.value()?;
    reader.skip_space();
    match reader.peek() {
        None => Ok(value),
        Some(_) => Err("invalid character after top-level value".to_owned()),
    }
}

struct Reader<'a> {
    source: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.source.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'a str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Names the character at the reading position, or the end of the text.
    fn unexpected<T>(&self, place: &str) -> Result<T, String> {
        match self.rest().chars().next() {
            Some(found) => Err(format!("invalid character {} {place}", text::quote_char(found))),
            None => Err("unexpected EOF".to_owned()),
        }
    }

    fn value(&mut self) -> Result<Json, String> {
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => Ok(Json::String(self.string()?.into())),
            Some(b't') => self.literal("true", Json::Bool(true)),
            Some(b'f') => self.literal("false", Json::Bool(false)),
            Some(b'n') => self.literal("null", Json::Null),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => self.unexpected("looking for beginning of value"),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Json, String>) -> Result<Json, String> {
        if self.depth == MAX_DEPTH {
            return Err("exceeded max depth".to_owned());
        }
        self.depth += 1;
        self.at += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn object(&mut self) -> Result<Json, String> {
        let mut members = Vec::new();
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Json::Object(Object::default()));
        }
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return self.unexpected("looking for beginning of object key string");
            }
            let key = self.string()?;
            self.skip_space();
            if self.peek() != Some(b':') {
                return self.unexpected("after object key");
            }
            self.at += 1;
            self.skip_space();
            members.push((key.into(), self.value()?));
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Json::Object(Object::from_members(members)));
                }
                _ => return self.unexpected("after object key:value pair"),
            }
        }
    }

    fn array(&mut self) -> Result<Json, String> {
        let mut items = Vec::new();
        self.skip_space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Json::Array(items));
        }
        loop {
            self.skip_space();
            items.push(self.value()?);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Json::Array(items));
                }
                _ => return self.unexpected("after array element"),
            }
        }
    }

    fn literal(&mut self, word: &str, value: Json) -> Result<Json, String> {
        for expected in word.chars() {
            if self.rest().starts_with(expected) {
                self.at += 1;
            } else {
                return self
                    .unexpected(&format!("in literal {word} (expecting {})", text::quote_char(expected)));
            }
        }
        Ok(value)
    }

    fn number(&mut self) -> Result<Json, String> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(Json::Number(self.source.get(start..self.at).unwrap_or_default().into()))
    }

    fn digits(&mut self) -> Result<(), String> {
        if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return self.unexpected("in numeric literal");
        }
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }

    fn string(&mut self) -> Result<String, String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = self.rest();
            let plain = rest.find(|c: char| c == '"' || c == '\\' || c < ' ').unwrap_or(rest.len());
            out.push_str(rest.get(..plain).unwrap_or_default());
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => out.push(self.escape()?),
                _ => return self.unexpected("in string"),
            }
        }
    }

    fn escape(&mut self) -> Result<char, String> {
        let Some(&kind) = self.source.as_bytes().get(self.at + 1) else {
            return Err("unexpected EOF".to_owned());
        };
        let found = match kind {
            b'"' | b'\\' | b'/' => char::from(kind),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => return Err(self.bad_escape(2)),
        };
        self.at += 2;
        Ok(found)
    }

    fn unicode(&mut self) -> Result<char, String> {
        let first = self.code_unit()?;
        let Some(high) = (0xD800..0xDC00).contains(&first).then_some(first - 0xD800) else {
            return Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        };
        // A lone surrogate becomes U+FFFD and what follows it is read by itself.
        let before = self.at;
        if self.rest().starts_with("\\u") {
            let second = self.code_unit()?;
            if (0xDC00..0xE000).contains(&second) {
                let joined = 0x10000 + (high << 10) + (second - 0xDC00);
                return Ok(char::from_u32(joined).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = before;
        }
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn code_unit(&mut self) -> Result<u32, String> {
        let Some(digits) = self.source.as_bytes().get(self.at + 2..self.at + 6) else {
            let tail = self.source.as_bytes().get(self.at + 2..).unwrap_or_default();
            let unfinished = tail.iter().all(u8::is_ascii_hexdigit);
            return Err(if unfinished { "unexpected EOF".to_owned() } else { self.bad_escape(6) });
        };
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(self.bad_escape(6));
        }
        let unit =
            digits.iter().fold(0, |sum, &digit| sum * 16 + char::from(digit).to_digit(16).unwrap_or(0));
        self.at += 6;
        Ok(unit)
    }

    fn bad_escape(&self, length: usize) -> String {
        let bytes = self.source.as_bytes();
        let end = (self.at + length).min(bytes.len());
        let shown = String::from_utf8_lossy(bytes.get(self.at..end).unwrap_or_default());
        format!("invalid escape sequence {} in string", text::backquote(&shown))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(source: &str) -> String {
        read(source.as_bytes()).unwrap_err()
    }

    #[test]
    fn faults_have_gos_words() {
        for (source, expected) in [
            ("", "EOF"),
            (" ", "EOF"),
            ("{", "unexpected EOF"),
            ("{\"a\":1,}", "invalid character '}' looking for beginning of object key string"),
            ("[1 2]", "invalid character '2' after array element"),
            ("{\"a\":tru}", "invalid character '}' in literal true (expecting 'e')"),
            ("\"\\x\"", "invalid escape sequence `\\x` in string"),
            ("\"a\nb\"", "invalid character '\\n' in string"),
            ("{} x", "invalid character after top-level value"),
            ("[-x]", "invalid character 'x' in numeric literal"),
        ] {
            assert_eq!(fault(source), expected, "{source}");
        }
    }

    #[test]
    fn numbers_keep_their_text_and_the_last_of_equal_keys_wins() {
        let value = read(br#"{"b":1.50,"a":1E5,"b":2.0}"#).unwrap();
        assert_eq!(value.get("b"), Some(&Json::Number("2.0".into())));
        assert_eq!(value.get("a"), Some(&Json::Number("1E5".into())));
    }

    #[test]
    fn surrogates_join_and_lone_ones_are_replaced() {
        assert_eq!(read(br#""\ud83d\ude00""#).unwrap(), Json::String("\u{1F600}".into()));
        assert_eq!(read(br#""\ud800A""#).unwrap(), Json::String("\u{FFFD}A".into()));
    }
}
