//! Short ways to the fields of an object, for cells.

use crate::dig::Dig;
use serde_json::Value;

/// Text at a path, empty if there is none.
pub(super) fn text<'v>(object: &'v Value, path: &str) -> &'v str {
    object.at(path).and_then(Value::as_str).unwrap_or_default()
}

/// Text at a path, or `other` where it is empty or missing.
pub(super) fn text_or<'v>(object: &'v Value, path: &str, other: &'v str) -> &'v str {
    match text(object, path) {
        "" => other,
        found => found,
    }
}

/// A number at a path, 0 if there is none.
pub(super) fn number(object: &Value, path: &str) -> i64 {
    object.at(path).and_then(Value::as_i64).unwrap_or(0)
}

/// A boolean at a path.
pub(super) fn boolean(object: &Value, path: &str, other: bool) -> bool {
    object.at(path).and_then(Value::as_bool).unwrap_or(other)
}

/// A list at a path, empty if there is none.
pub(super) fn list<'v>(object: &'v Value, path: &str) -> &'v [Value] {
    object.at(path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A value as text: strings as they are, the rest as JSON.
pub(super) fn shown(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// Whether a condition of that type is True.
pub(super) fn is_condition(object: &Value, name: &str) -> bool {
    list(object, "/status/conditions").iter().any(|c| c["type"] == name && c["status"] == "True")
}

/// The first `most` texts, joined by commas, and how many there are more of `count`.
pub(super) fn with_more(mut texts: Vec<String>, most: usize, count: usize, separator: &str) -> String {
    if texts.len() <= most && count <= most {
        return texts.join(separator);
    }
    texts.truncate(most);
    format!("{} + {} more...", texts.join(separator), count.saturating_sub(most))
}

/// A map of labels, `<none>` if it is empty (`labels.FormatLabels`).
pub(super) fn labels(map: Option<&Value>) -> String {
    let pairs: Vec<String> = map
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
        .collect();
    if pairs.is_empty() { "<none>".into() } else { pairs.join(",") }
}

/// A label selector in the form that kubectl takes (`metav1.FormatLabelSelector`).
pub(super) fn selector(selector: Option<&Value>) -> String {
    let Some(selector) = selector.filter(|s| !s.is_null()) else { return "<none>".into() };
    let mut parts: Vec<(String, String)> = Vec::new();
    for (key, value) in selector.get("matchLabels").and_then(Value::as_object).into_iter().flatten() {
        parts.push((key.clone(), format!("{key}={}", value.as_str().unwrap_or_default())));
    }
    for expression in list(selector, "/matchExpressions") {
        let key = text(expression, "/key");
        let mut values: Vec<&str> = list(expression, "/values").iter().filter_map(Value::as_str).collect();
        values.sort_unstable();
        let shown = match text(expression, "/operator") {
            "In" => format!("{key} in ({})", values.join(",")),
            "NotIn" => format!("{key} notin ({})", values.join(",")),
            "Exists" => key.to_owned(),
            _ => format!("!{key}"),
        };
        parts.push((key.to_owned(), shown));
    }
    parts.sort();
    let parts: Vec<String> = parts.into_iter().map(|(_, shown)| shown).collect();
    if parts.is_empty() { "<none>".into() } else { parts.join(",") }
}
