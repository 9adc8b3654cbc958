//! Texts in log lines.

use super::quote::{is_printable, quoted};

/// Returns a text as the text handler of Go's `log/slog` writes it: quoted only when it must be (needsQuoting).
pub fn log_text(text: &str) -> String {
    let is_plain = |c: char| !matches!(c, ' ' | '=' | '"' | '\u{fffd}') && is_printable(c);
    if !text.is_empty() && text.chars().all(is_plain) { text.to_owned() } else { quoted(text.as_bytes()) }
}
