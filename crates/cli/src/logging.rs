//! Log lines on standard error in the form of Go's `slog`, as Helm prints them.

use crate::terminal;

/// Prints a line of level WARN.
pub(crate) fn warn(message: &str) {
    terminal::error_line(&format!("level=WARN msg={}", quoted(message)));
}

/// Prints a line of level ERROR with the error as attribute.
pub(crate) fn error(message: &str, error: &str) {
    terminal::error_line(&format!("level=ERROR msg={} error={}", quoted(message), quoted(error)));
}

/// Quotes a text where Go's `slog.TextHandler` does (log/slog/text_handler.go, needsQuoting).
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c > ' ' && c != '"' && c != '=' && c != '\u{fffd}' && !c.is_control();
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    value::gofmt::quoted(text.as_bytes())
}
