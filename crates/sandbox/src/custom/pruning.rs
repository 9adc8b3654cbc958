//! What a schema makes of a value: unknown fields dropped, nulls it does not know dropped, defaults filled in
//! (apiextensions, `schema/pruning` and `schema/defaulting`).

use super::instance::is_true;
use serde_json::{Map, Value};

/// Drops what the schema does not know. `unknown` collects the paths.
pub(super) fn prune(value: &mut Value, schema: &Value, path: &str, unknown: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            let embedded = is_true(schema, "x-kubernetes-embedded-resource");
            prune_object(object, schema, embedded, path, unknown);
        }
        Value::Array(items) => {
            let Some(schema) = schema.get("items") else { return };
            for (index, item) in items.iter_mut().enumerate() {
                prune(item, schema, &format!("{path}[{index}]"), unknown);
            }
        }
        _ => {}
    }
}

pub(crate) fn prune_object(
    object: &mut Map<String, Value>,
    schema: &Value,
    root: bool,
    path: &str,
    unknown: &mut Vec<String>,
) {
    let properties = schema.get("properties").and_then(Value::as_object);
    let additional = schema.get("additionalProperties");
    let open = is_true(schema, "x-kubernetes-preserve-unknown-fields");
    let names: Vec<String> = object.keys().cloned().collect();
    for name in names {
        let child_path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        let reserved = root && matches!(name.as_str(), "apiVersion" | "kind" | "metadata");
        if let Some(child) = properties.and_then(|p| p.get(&name)).filter(|_| !reserved) {
            if let Some(value) = object.get_mut(&name) {
                prune(value, child, &child_path, unknown);
            }
        } else if let Some(child @ Value::Object(_)) = additional {
            if let Some(value) = object.get_mut(&name) {
                prune(value, child, &child_path, unknown);
            }
        } else if !open && !reserved && additional != Some(&Value::Bool(true)) {
            object.remove(&name);
            unknown.push(child_path);
        }
    }
}

/// Drops nulls where the schema knows neither null nor a default, then fills in its defaults.
pub(crate) fn set_defaults(value: &mut Value, schema: &Value) {
    match value {
        Value::Object(object) => {
            let properties = schema.get("properties").and_then(Value::as_object);
            let additional = schema.get("additionalProperties").filter(|a| a.is_object());
            let child = |name: &str| properties.and_then(|p| p.get(name)).or(additional);
            object.retain(|name, value| !value.is_null() || child(name).is_none_or(may_be_null));
            for (name, child) in properties.into_iter().flatten() {
                let missing = object.get(name).is_none_or(|v| v.is_null() && !is_true(child, "nullable"));
                if missing && let Some(default) = child.get("default") {
                    object.insert(name.clone(), default.clone());
                }
            }
            for (name, value) in object.iter_mut() {
                if let Some(child) = child(name) {
                    default_null(value, child);
                    set_defaults(value, child);
                }
            }
        }
        Value::Array(items) => {
            let Some(child) = schema.get("items") else { return };
            for item in items {
                default_null(item, child);
                set_defaults(item, child);
            }
        }
        _ => {}
    }
}

fn may_be_null(schema: &Value) -> bool {
    is_true(schema, "nullable") || schema.get("default").is_some_and(|default| !default.is_null())
}

fn default_null(value: &mut Value, schema: &Value) {
    if value.is_null()
        && !is_true(schema, "nullable")
        && let Some(default) = schema.get("default")
    {
        *value = default.clone();
    }
}
