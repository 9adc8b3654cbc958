//! Reading numbers, texts and conditions out of objects.

use serde_json::Value;

/// A member of `status.conditions`.
#[derive(Clone, Copy)]
pub(super) struct Condition<'a> {
    pub(super) kind: &'a str,
    pub(super) status: &'a str,
    pub(super) reason: &'a str,
    pub(super) message: &'a str,
}

impl Condition<'_> {
    pub(super) fn is_true(&self) -> bool {
        self.status == "True"
    }
}

pub(super) fn conditions(object: &Value) -> impl Iterator<Item = Condition<'_>> {
    let list = object["status"]["conditions"].as_array().map_or(&[][..], Vec::as_slice);
    list.iter().map(|condition| {
        let text = |name: &str| condition[name].as_str().unwrap_or_default();
        Condition {
            kind: text("type"),
            status: text("status"),
            reason: text("reason"),
            message: text("message"),
        }
    })
}

/// Reads an integer at a JSON pointer (`/spec/replicas`).
pub(super) fn number(object: &Value, pointer: &str, default: i64) -> i64 {
    object.pointer(pointer).and_then(Value::as_i64).unwrap_or(default)
}

/// Reads a text at a JSON pointer.
pub(super) fn text<'a>(object: &'a Value, pointer: &str, default: &'a str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or(default)
}
