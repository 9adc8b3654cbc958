//! Words malformed JSON as Go's `encoding/json` scanner does. Only run once reading has failed.

/// Returns Go's error for `body`; `None` if Go would find nothing wrong (then the caller's own error stands).
pub(crate) fn error_text(body: &[u8]) -> Option<String> {
    let mut scanner = Scanner { body, at: 0 };
    scanner.document().err()
}

struct Scanner<'b> {
    body: &'b [u8],
    at: usize,
}

const MAX_DEPTH: usize = 10_000;
const END: &str = "unexpected end of JSON input";

enum Open {
    Object,
    Array,
}

impl Scanner<'_> {
    fn document(&mut self) -> Result<(), String> {
        let mut open: Vec<Open> = Vec::new();
        loop {
            self.value(&mut open)?;
            loop {
                self.blank();
                let Some(top) = open.last() else {
                    return match self.peek() {
                        None => Ok(()),
                        Some(_) => Err(self.bad("after top-level value")),
                    };
                };
                match (top, self.peek()) {
                    (_, None) => return Err(END.into()),
                    (Open::Array, Some(b']')) | (Open::Object, Some(b'}')) => {
                        self.at += 1;
                        open.pop();
                    }
                    (Open::Array, Some(b',')) => {
                        self.at += 1;
                        break;
                    }
                    (Open::Object, Some(b',')) => {
                        self.at += 1;
                        self.blank();
                        self.key("looking for beginning of object key string")?;
                        break;
                    }
                    (Open::Array, _) => return Err(self.bad("after array element")),
                    (Open::Object, _) => return Err(self.bad("after object key:value pair")),
                }
            }
        }
    }

    // Reads one scalar, an empty container, or opens a container up to its first value.
    fn value(&mut self, open: &mut Vec<Open>) -> Result<(), String> {
        loop {
            self.blank();
            if open.len() > MAX_DEPTH {
                return Err("exceeded max depth".into());
            }
            match self.peek() {
                None => return Err(END.into()),
                Some(b'{') => {
                    self.at += 1;
                    self.blank();
                    if self.peek() == Some(b'}') {
                        self.at += 1;
                        return Ok(());
                    }
                    self.key("looking for beginning of object key string")?;
                    open.push(Open::Object);
                }
                Some(b'[') => {
                    self.at += 1;
                    self.blank();
                    if self.peek() == Some(b']') {
                        self.at += 1;
                        return Ok(());
                    }
                    open.push(Open::Array);
                }
                Some(b'"') => return self.string(),
                Some(b't') => return self.literal("true"),
                Some(b'f') => return self.literal("false"),
                Some(b'n') => return self.literal("null"),
                Some(b'-' | b'0'..=b'9') => return self.number(),
                Some(_) => return Err(self.bad("looking for beginning of value")),
            }
        }
    }

    fn key(&mut self, context: &str) -> Result<(), String> {
        match self.peek() {
            None => return Err(END.into()),
            Some(b'"') => self.string()?,
            Some(_) => return Err(self.bad(context)),
        }
        self.blank();
        match self.peek() {
            None => Err(END.into()),
            Some(b':') => {
                self.at += 1;
                Ok(())
            }
            Some(_) => Err(self.bad("after object key")),
        }
    }

    fn string(&mut self) -> Result<(), String> {
        self.at += 1;
        loop {
            match self.peek() {
                None => return Err(END.into()),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => {
                    self.at += 1;
                    match self.peek() {
                        None => return Err(END.into()),
                        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' | b'u') => self.at += 1,
                        Some(_) => return Err(self.bad("in string escape code")),
                    }
                }
                Some(byte) if byte < 0x20 => return Err(self.bad("in string literal")),
                Some(_) => self.at += 1,
            }
        }
    }

    fn literal(&mut self, word: &str) -> Result<(), String> {
        for expected in word.bytes() {
            match self.peek() {
                None => return Err(END.into()),
                Some(byte) if byte == expected => self.at += 1,
                Some(_) => {
                    let context = format!("in literal {word} (expecting {})", quoted(expected));
                    return Err(self.bad(&context));
                }
            }
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), String> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            None => return Err(END.into()),
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            Some(_) => return Err(self.bad("in numeric literal")),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.some_digits("after decimal point in numeric literal")?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.some_digits("in exponent of numeric literal")?;
        }
        Ok(())
    }

    fn some_digits(&mut self, context: &str) -> Result<(), String> {
        match self.peek() {
            None => Err(END.into()),
            Some(b'0'..=b'9') => {
                self.digits();
                Ok(())
            }
            Some(_) => Err(self.bad(context)),
        }
    }

    fn digits(&mut self) {
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
    }

    fn blank(&mut self) {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.peek() {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.body.get(self.at).copied()
    }

    fn bad(&self, context: &str) -> String {
        format!("invalid character {} {context}", quoted(self.peek().unwrap_or(0)))
    }
}

fn quoted(byte: u8) -> String {
    match byte {
        b'\'' => r"'\''".into(),
        b'"' => "'\"'".into(),
        b'\n' => r"'\n'".into(),
        b'\r' => r"'\r'".into(),
        b'\t' => r"'\t'".into(),
        byte if byte < 0x20 || byte == 0x7f => format!(r"'\x{byte:02x}'"),
        byte => format!("'{}'", char::from(byte)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_read_as_gos() {
        let cases = [
            (r#"{"a": 1"#, END),
            ("not json", "invalid character 'o' in literal null (expecting 'u')"),
            (r#"{"a":1} x"#, "invalid character 'x' after top-level value"),
            (r#"{"a" 1}"#, "invalid character '1' after object key"),
            (r#"{"a":1,}"#, "invalid character '}' looking for beginning of object key string"),
            ("[1 2]", "invalid character '2' after array element"),
        ];
        for (body, text) in cases {
            assert_eq!(error_text(body.as_bytes()).as_deref(), Some(text), "{body}");
        }
        assert_eq!(error_text(br#"{"a":[1,{"b":null}]}"#), None);
    }
}
