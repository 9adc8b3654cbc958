//! What Helm logs while it renders, as data.

use std::cell::RefCell;
use std::rc::Rc;

/// Log lines collected during rendering; clones add to the same list.
#[derive(Clone, Default)]
pub(crate) struct Log(Rc<RefCell<Vec<String>>>);

impl Log {
    /// Adds a line of level INFO.
    pub(crate) fn info(&self, message: &str, attributes: &[(&str, &str)]) {
        self.push("INFO", message, attributes);
    }

    /// Adds a line of level WARN.
    pub(crate) fn warn(&self, message: &str, attributes: &[(&str, &str)]) {
        self.push("WARN", message, attributes);
    }

    fn push(&self, level: &str, message: &str, attributes: &[(&str, &str)]) {
        let mut line = format!("level={level} msg={}", quoted_if_needed(message));
        for (key, text) in attributes {
            line.push_str(&format!(" {key}={}", quoted_if_needed(text)));
        }
        self.0.borrow_mut().push(line);
    }

    /// Takes the lines.
    pub(crate) fn take(&self) -> Vec<String> {
        self.0.take()
    }
}

/// Quotes a text where Go's `slog.TextHandler` does (log/slog/text_handler.go, needsQuoting).
fn quoted_if_needed(text: &str) -> String {
    let is_plain = |c: char| {
        !(c <= ' ' || c == '"' || c == '=' || c == '\u{fffd}' || (c as u32) >= 0x7f && c.is_control())
    };
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    value::gofmt::quoted(text.as_bytes())
}
