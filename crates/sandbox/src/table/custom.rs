//! Rows of custom resources: the printer columns of their definition (apiextensions, `tableconvertor`).

use super::age;
use super::columns::{NAME_HELP, column};
use super::reading::{number, text};
use crate::kinds::Kind;
use serde_json::{Value, json};

/// The printer columns, or the one that stands for them.
fn printers(kind: &Kind) -> Vec<Value> {
    let own = kind.custom.as_ref().map_or(&[][..], |c| c.columns.as_slice());
    if !own.is_empty() {
        return own.to_vec();
    }
    let help = super::columns::CREATED_HELP;
    vec![
        json!({"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp", "description": help}),
    ]
}

pub(super) fn columns(kind: &Kind) -> Vec<Value> {
    let mut columns = vec![column("Name", "string", "name", 0, NAME_HELP)];
    for printer in printers(kind) {
        let help = match text(&printer, "/description") {
            "" => format!(
                "Custom resource definition column (in JSONPath format): {}",
                text(&printer, "/jsonPath")
            ),
            given => given.to_owned(),
        };
        let (name, kind, format) =
            (text(&printer, "/name"), text(&printer, "/type"), text(&printer, "/format"));
        columns.push(column(name, kind, format, number(&printer, "/priority"), &help));
    }
    columns
}

pub(super) fn cells(kind: &Kind, object: &Value, now: &str) -> Vec<Value> {
    let mut cells = vec![text(object, "/metadata/name").into()];
    for printer in printers(kind) {
        let found = first(object, text(&printer, "/jsonPath"));
        cells.push(found.map_or(Value::Null, |value| cell(value, text(&printer, "/type"), now)));
    }
    cells
}

fn cell(value: &Value, kind: &str, now: &str) -> Value {
    match (kind, value) {
        ("integer", Value::Number(number)) => {
            number.as_i64().map_or_else(|| number.as_f64().map_or(Value::Null, Value::from), Value::from)
        }
        ("number" | "boolean", _) => value.clone(),
        ("date", Value::String(time)) => age::since(time, now).into(),
        ("string", Value::String(text)) => text.clone().into(),
        ("string", other) => other.to_string().into(),
        _ => Value::Null,
    }
}

/// The first value at a JSONPath of plain steps, `[index]`, `['key']`, `[*]` and `[?(@.key=="text")]`.
fn first<'v>(object: &'v Value, path: &str) -> Option<&'v Value> {
    let mut found = vec![object];
    let mut rest = path;
    while !rest.is_empty() {
        let (step, left) = next_step(rest)?;
        rest = left;
        found = found.into_iter().flat_map(|value| step.of(value)).collect();
    }
    found.first().copied()
}

enum Step<'p> {
    Key(String),
    Index(usize),
    All,
    Where(Vec<&'p str>, &'p str),
}

impl Step<'_> {
    fn of<'v>(&self, value: &'v Value) -> Vec<&'v Value> {
        match self {
            Step::Key(key) => value.get(key.as_str()).into_iter().collect(),
            Step::Index(at) => value.get(at).into_iter().collect(),
            Step::All => match value {
                Value::Array(items) => items.iter().collect(),
                Value::Object(map) => map.values().collect(),
                _ => Vec::new(),
            },
            Step::Where(path, wanted) => {
                let at = |item: &&Value| path.iter().try_fold(*item, |v, key| v.get(key)).cloned();
                let items = value.as_array().into_iter().flatten();
                items.filter(|item| at(item).is_some_and(|v| v.as_str() == Some(wanted))).collect()
            }
        }
    }
}

fn next_step(path: &str) -> Option<(Step<'_>, &str)> {
    if let Some(rest) = path.strip_prefix('[') {
        if let Some(filter) = rest.strip_prefix("?(@.") {
            let (condition, left) = filter.split_once(")]")?;
            let (key, wanted) = condition.split_once("==")?;
            let wanted = wanted.trim().trim_matches(['"', '\'']);
            return Some((Step::Where(key.trim().split('.').collect(), wanted), left));
        }
        let (inside, left) = rest.split_once(']')?;
        let step = match inside {
            "*" => Step::All,
            quoted if quoted.starts_with(['\'', '"']) => {
                Step::Key(quoted.trim_matches(['"', '\'']).to_owned())
            }
            number => Step::Index(number.parse().ok()?),
        };
        return Some((step, left));
    }
    let rest = path.strip_prefix('.').unwrap_or(path);
    // A dot in a key is written `\.`.
    let mut key = String::new();
    let mut letters = rest.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => key.extend(letters.next().map(|(_, escaped)| escaped)),
            '.' | '[' if at > 0 => return Some((step_of(key), &rest[at..])),
            '[' => return next_step(rest),
            letter => key.push(letter),
        }
    }
    Some((step_of(key), ""))
}

fn step_of(key: String) -> Step<'static> {
    if key == "*" { Step::All } else { Step::Key(key) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_simple_paths() {
        let object = json!({
            "spec": {"a": [{"b": 1}]}, "status": {"conditions": [{"type": "Ready", "status": "True"}]},
            "metadata": {"labels": {"a.b/c": "x"}}
        });
        assert_eq!(first(&object, ".spec.a[0].b"), Some(&json!(1)));
        assert_eq!(first(&object, r".metadata.labels.a\.b/c"), Some(&json!("x")));
        assert_eq!(first(&object, ".metadata.labels['a.b/c']"), Some(&json!("x")));
        assert_eq!(first(&object, r#".status.conditions[?(@.type=="Ready")].status"#), Some(&json!("True")));
        assert_eq!(first(&object, ".spec.nope"), None);
        assert_eq!(first(&object, "[[["), None);
    }
}
