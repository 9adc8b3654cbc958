//! What Helm logs while it renders, as data.

use std::cell::RefCell;
use std::rc::Rc;

use value::gofmt::{log_bytes, log_text};

/// Log lines collected during rendering; clones add to the same list.
#[derive(Clone, Default)]
pub(crate) struct Log(Rc<RefCell<Vec<String>>>);

impl Log {
    /// Adds a line of level INFO.
    pub(crate) fn info(&self, message: &str, attributes: &[(&str, &[u8])]) {
        self.push("INFO", message, attributes);
    }

    /// Adds a line of level WARN.
    pub(crate) fn warn(&self, message: &str, attributes: &[(&str, &[u8])]) {
        self.push("WARN", message, attributes);
    }

    fn push(&self, level: &str, message: &str, attributes: &[(&str, &[u8])]) {
        let mut line = format!("level={level} msg={}", log_text(message));
        for (key, text) in attributes {
            line.push_str(&format!(" {key}={}", log_bytes(text)));
        }
        self.0.borrow_mut().push(line);
    }

    /// Takes the lines.
    pub(crate) fn take(&self) -> Vec<String> {
        self.0.take()
    }
}
