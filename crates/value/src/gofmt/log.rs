//! Texts in log lines.

use super::quote::{is_printable, quoted};

/// Returns a text as the text handler of Go's `log/slog` writes it: quoted only when it must be (needsQuoting).
pub fn log_text(text: &str) -> String {
    log_bytes(text.as_bytes())
}

/// As [`log_text`], for a text that may not be UTF-8.
pub fn log_bytes(bytes: &[u8]) -> String {
    let is_plain = |c: char| !matches!(c, ' ' | '=' | '"' | '\u{fffd}') && is_printable(c);
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.is_empty() && text.chars().all(is_plain) => text.to_owned(),
        _ => quoted(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::log_bytes;

    #[test]
    fn bytes_that_are_no_text_are_escaped() {
        assert_eq!(log_bytes(b"a-b"), "a-b");
        assert_eq!(log_bytes(b"a\xFF"), r#""a\xff""#);
        assert_eq!(log_bytes("\u{fffd}".as_bytes()), "\"\u{fffd}\"");
        assert_eq!(log_bytes(b""), "\"\"");
    }
}
