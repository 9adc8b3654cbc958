//! What a request gets when it fails: the fields of a Kubernetes `Status`, with the texts of apimachinery's
//! `api/errors`.

use crate::kinds::Kind;
use serde_json::{Value, json};

/// A failed request: HTTP code and the parts of its `Status`.
#[derive(Debug, Clone)]
pub(crate) struct Failure(Box<Parts>);

#[derive(Debug, Clone)]
pub(crate) struct Parts {
    pub(crate) code: u16,
    pub(crate) reason: Option<&'static str>,
    pub(crate) message: String,
    pub(crate) details: Option<Value>,
    /// `metadata.continue`, for expired lists.
    pub(crate) next: Option<String>,
    /// Plain text instead of a `Status` (paths outside every API group).
    pub(crate) plain: bool,
}

/// One reason why an object is invalid (`field.Error`).
#[derive(Debug, Clone)]
pub(crate) struct Cause {
    pub(crate) reason: &'static str,
    pub(crate) field: String,
    pub(crate) message: String,
}

impl Cause {
    pub(crate) fn required(field: impl Into<String>, detail: &str) -> Cause {
        let tail = if detail.is_empty() { String::new() } else { format!(": {detail}") };
        Cause { reason: "FieldValueRequired", field: field.into(), message: format!("Required value{tail}") }
    }

    pub(crate) fn invalid(field: impl Into<String>, value: &Value, detail: &str) -> Cause {
        let message = format!("Invalid value: {}: {detail}", shown(value));
        Cause { reason: "FieldValueInvalid", field: field.into(), message }
    }

    pub(crate) fn forbidden(field: impl Into<String>, detail: &str) -> Cause {
        Cause { reason: "FieldValueForbidden", field: field.into(), message: format!("Forbidden: {detail}") }
    }

    pub(crate) fn duplicate(field: impl Into<String>, value: &Value) -> Cause {
        let message = format!("Duplicate value: {}", shown(value));
        Cause { reason: "FieldValueDuplicate", field: field.into(), message }
    }

    pub(crate) fn not_found(field: impl Into<String>, value: &Value) -> Cause {
        let message = format!("Not found: {}", shown(value));
        Cause { reason: "FieldValueNotFound", field: field.into(), message }
    }

    pub(crate) fn unsupported(field: impl Into<String>, value: &Value, allowed: &[&str]) -> Cause {
        let allowed: Vec<String> = allowed.iter().map(|v| format!("{v:?}")).collect();
        let message =
            format!("Unsupported value: {}: supported values: {}", shown(value), allowed.join(", "));
        Cause { reason: "FieldValueNotSupported", field: field.into(), message }
    }

    pub(crate) fn too_long(field: impl Into<String>, limit: usize) -> Cause {
        let message = format!("Too long: may not be more than {limit} bytes");
        Cause { reason: "FieldValueTooLong", field: field.into(), message }
    }
}

/// Shows a value as `field.Error` does: strings quoted, numbers and booleans plain, objects as JSON text in quotes.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(s) => go_quote(s),
        Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

/// Quotes `text` as Go's `%q` does for printable text.
pub(crate) fn go_quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

impl Failure {
    pub(crate) fn new(code: u16, reason: Option<&'static str>, message: impl Into<String>) -> Failure {
        Failure(Box::new(Parts {
            code,
            reason,
            message: message.into(),
            details: None,
            next: None,
            plain: false,
        }))
    }

    pub(crate) fn with_details(mut self, details: Value) -> Failure {
        self.0.details = Some(details);
        self
    }

    pub(crate) fn with_continue(mut self, token: String) -> Failure {
        self.0.next = Some(token);
        self
    }

    pub(crate) fn code(&self) -> u16 {
        self.0.code
    }

    pub(crate) fn is_plain(&self) -> bool {
        self.0.plain
    }

    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }

    pub(crate) fn page_not_found() -> Failure {
        let mut failure = Failure::new(404, None, "404 page not found\n");
        failure.0.plain = true;
        failure
    }

    pub(crate) fn no_resource() -> Failure {
        Failure::new(404, Some("NotFound"), "the server could not find the requested resource")
            .with_details(json!({}))
    }

    pub(crate) fn method_not_allowed() -> Failure {
        let text = "the server does not allow this method on the requested resource";
        Failure::new(405, Some("MethodNotAllowed"), text).with_details(json!({}))
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Failure {
        Failure::new(400, Some("BadRequest"), message)
    }

    /// An error without a reason of its own (`errors.NewInternalError` is another thing).
    pub(crate) fn unexpected(message: impl Into<String>) -> Failure {
        Failure::new(500, None, message)
    }

    /// `errors.NewInternalError`.
    pub(crate) fn internal(why: &str) -> Failure {
        Failure::new(500, Some("InternalError"), format!("Internal error occurred: {why}"))
            .with_details(json!({"causes": [{"message": why}]}))
    }

    pub(crate) fn not_found(kind: &Kind, name: &str) -> Failure {
        Failure::new(404, Some("NotFound"), format!("{} {} not found", kind.resource(), go_quote(name)))
            .with_details(details(kind, name))
    }

    pub(crate) fn namespace_not_found(name: &str) -> Failure {
        Failure::new(404, Some("NotFound"), format!("namespaces {} not found", go_quote(name)))
            .with_details(json!({"kind": "namespaces", "name": name}))
    }

    pub(crate) fn already_exists(kind: &Kind, name: &str) -> Failure {
        let text = format!("{} {} already exists", kind.resource(), go_quote(name));
        Failure::new(409, Some("AlreadyExists"), text).with_details(details(kind, name))
    }

    pub(crate) fn being_deleted(kind: &Kind, name: &str) -> Failure {
        let text = format!("object is being deleted: {} {} already exists", kind.resource(), go_quote(name));
        Failure::new(409, Some("AlreadyExists"), text).with_details(details(kind, name))
    }

    pub(crate) fn conflict(kind: &Kind, name: &str, why: &str) -> Failure {
        let text = format!("Operation cannot be fulfilled on {} {}: {why}", kind.resource(), go_quote(name));
        Failure::new(409, Some("Conflict"), text).with_details(details(kind, name))
    }

    pub(crate) fn stale(kind: &Kind, name: &str) -> Failure {
        let why =
            "the object has been modified; please apply your changes to the latest version and try again";
        Failure::conflict(kind, name, why)
    }

    pub(crate) fn forbidden(kind: &Kind, name: &str, why: &str) -> Failure {
        let text = if name.is_empty() {
            format!("{} is forbidden: {why}", kind.resource())
        } else {
            format!("{} {} is forbidden: {why}", kind.resource(), go_quote(name))
        };
        Failure::new(403, Some("Forbidden"), text).with_details(details(kind, name))
    }

    /// `errors.NewInvalid`: several causes are listed in brackets, each text once.
    pub(crate) fn invalid(kind: &Kind, name: &str, causes: &[Cause]) -> Failure {
        Failure::invalid_as(&kind.kind, &kind.group, name, causes)
    }

    pub(crate) fn invalid_as(kind: &str, group: &str, name: &str, causes: &[Cause]) -> Failure {
        let mut texts: Vec<String> = Vec::new();
        for cause in causes {
            let text = format!("{}: {}", cause.field, cause.message);
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        let list = if texts.len() == 1 { texts.remove(0) } else { format!("[{}]", texts.join(", ")) };
        let qualified = if group.is_empty() { kind.to_owned() } else { format!("{kind}.{group}") };
        let causes: Vec<Value> = causes
            .iter()
            .map(|c| json!({"reason": c.reason, "message": c.message, "field": c.field}))
            .collect();
        let mut details = serde_json::Map::new();
        for (key, value) in [("name", name), ("group", group), ("kind", kind)] {
            if !value.is_empty() {
                details.insert(key.into(), value.into());
            }
        }
        if !causes.is_empty() {
            details.insert("causes".into(), causes.into());
        }
        Failure::new(422, Some("Invalid"), format!("{qualified} {} is invalid: {list}", go_quote(name)))
            .with_details(Value::Object(details))
    }

    /// The `Status` object.
    pub(crate) fn status(&self) -> Value {
        let mut status = json!({
            "apiVersion": "v1", "kind": "Status", "metadata": {}, "status": "Failure",
            "message": self.0.message, "code": self.0.code,
        });
        if let Some(next) = &self.0.next {
            status["metadata"]["continue"] = next.clone().into();
        }
        if let Some(reason) = self.0.reason {
            status["reason"] = reason.into();
        }
        if let Some(details) = &self.0.details {
            status["details"] = details.clone();
        }
        status
    }
}

/// `details` of a Status about one object: resource in the place of the kind, as the API server has it.
pub(crate) fn details(kind: &Kind, name: &str) -> Value {
    let mut details = json!({"kind": kind.plural});
    if !name.is_empty() {
        details["name"] = name.into();
    }
    if !kind.group.is_empty() {
        details["group"] = kind.group.clone().into();
    }
    details
}
