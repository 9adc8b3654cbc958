//! What a check of a value against a schema finds, in the words of kube-openapi (`pkg/validation/errors`).

use crate::failure::{Cause, go_quote, shown};
use serde_json::{Number, Value};

/// One thing that is wrong.
#[derive(Debug, Clone)]
struct Finding {
    /// Where, as the schema library names it; `None` for findings that only their text places.
    place: Option<String>,
    what: What,
    /// What the library says; the same text is reported once.
    text: String,
}

#[derive(Debug, Clone)]
enum What {
    Required,
    NotSupported { value: Value, allowed: Vec<String> },
    TooLong { limit: u64 },
    TooMany { actual: usize, limit: u64 },
    WrongType { value: String },
    Invalid { value: Value },
}

/// The findings of one schema, and how many of its parts were looked at: of several schemas of which one should have
/// matched, the one with the most is the one to tell about.
#[derive(Debug, Default)]
pub(super) struct Findings {
    list: Vec<Finding>,
    pub(super) matched: usize,
}

/// Shows a number as Go's `%v` does.
pub(super) fn number_text(number: &Number) -> String {
    match (number.as_i64(), number.as_f64()) {
        (Some(whole), _) => whole.to_string(),
        (None, Some(float)) => value::gofmt::float::format_general(float),
        _ => number.to_string(),
    }
}

// A missing value is the word "null" where values are shown.
fn shown_value(value: &Value) -> String {
    match value {
        Value::Null => go_quote("null"),
        Value::Number(number) => number_text(number),
        other => shown(other),
    }
}

impl Findings {
    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(super) fn merge(&mut self, other: Findings) {
        self.matched += other.matched;
        other.list.into_iter().for_each(|finding| self.add(finding));
    }

    fn add(&mut self, finding: Finding) {
        if self.list.iter().all(|known| known.text != finding.text) {
            self.list.push(finding);
        }
    }

    pub(super) fn required(&mut self, place: &str) {
        let text = format!("{place} in body is required");
        self.add(Finding { place: Some(place.into()), what: What::Required, text });
    }

    pub(super) fn wrong_type(&mut self, place: &str, wanted: &str, value: &str) {
        let text = format!("{place} in body must be of type {wanted}: {}", go_quote(value));
        self.add(Finding { place: Some(place.into()), what: What::WrongType { value: value.into() }, text });
    }

    pub(super) fn not_supported(&mut self, place: &str, value: &Value, allowed: &[Value]) {
        let plain = |value: &Value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let allowed: Vec<String> = allowed.iter().map(plain).collect();
        let text = format!("{place} in body should be one of [{}]", allowed.join(" "));
        let what = What::NotSupported { value: value.clone(), allowed };
        self.add(Finding { place: Some(place.into()), what, text });
    }

    pub(super) fn too_long(&mut self, place: &str, limit: u64) {
        let text = format!("{place} in body should be at most {limit} chars long");
        self.add(Finding { place: Some(place.into()), what: What::TooLong { limit }, text });
    }

    /// `noun` is `items` or `properties`.
    pub(super) fn too_many(&mut self, place: &str, actual: usize, limit: u64, noun: &str) {
        let text = format!("{place} in body should have at most {limit} {noun}");
        self.add(Finding { place: Some(place.into()), what: What::TooMany { actual, limit }, text });
    }

    /// `PLACE in body RULE`, about a value.
    pub(super) fn broken(&mut self, place: &str, value: Value, rule: &str) {
        let text = format!("{place} in body {rule}");
        self.add(Finding { place: Some(place.into()), what: What::Invalid { value }, text });
    }

    /// A finding that is about no field.
    pub(super) fn general(&mut self, text: String) {
        self.add(Finding { place: None, what: What::Invalid { value: "".into() }, text });
    }

    /// The causes below `base`, which is empty for a whole object.
    pub(super) fn into_causes(self, base: &str) -> Vec<Cause> {
        self.list.into_iter().map(|finding| finding.into_cause(base)).collect()
    }
}

impl Finding {
    fn into_cause(self, base: &str) -> Cause {
        let name = self.place.as_deref().unwrap_or_default().trim_start_matches('.');
        let field = match (base.is_empty(), name.is_empty()) {
            (true, true) => "<nil>".to_owned(),
            (true, false) => name.to_owned(),
            (false, true) => base.to_owned(),
            (false, false) => format!("{base}.{name}"),
        };
        match self.what {
            What::Required => Cause::required(field, ""),
            What::NotSupported { value, allowed } => {
                let allowed: Vec<&str> = allowed.iter().map(String::as_str).collect();
                let mut cause = Cause::unsupported(field, &value, &allowed);
                if value.is_null() {
                    cause.message = cause.message.replacen("null", "\"null\"", 1);
                }
                cause
            }
            What::TooLong { limit } => Cause {
                reason: "FieldValueTooLong",
                field,
                message: format!("Too long: may not be more than {limit} bytes"),
            },
            What::TooMany { actual, limit } => {
                let noun = if limit == 1 { "item" } else { "items" };
                let message = format!("Too many: {actual}: must have at most {limit} {noun}");
                Cause { reason: "FieldValueTooMany", field, message }
            }
            What::WrongType { value } => {
                let message = format!("Invalid value: {}: {}", go_quote(&value), self.text);
                Cause { reason: "FieldValueTypeInvalid", field, message }
            }
            What::Invalid { value } => {
                let message = format!("Invalid value: {}: {}", shown_value(&value), self.text);
                Cause { reason: "FieldValueInvalid", field, message }
            }
        }
    }
}
