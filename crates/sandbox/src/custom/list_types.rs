//! The rules for `x-kubernetes-list-type`, `x-kubernetes-list-map-keys` and `x-kubernetes-map-type` in schemas.

use super::instance::{is_true, text};
use crate::failure::Cause;
use serde_json::{Value, json};

// A type that an extension needs: missing or another one.
fn needs_type(schema: &Value, wanted: &str, path: &str, why: &str, causes: &mut Vec<Cause>) -> bool {
    let kind = text(schema, "type");
    match kind {
        kind if kind == wanted => return true,
        "" => causes.push(Cause::required(format!("{path}.type"), why)),
        other => causes.push(Cause::invalid(format!("{path}.type"), &other.into(), why)),
    }
    false
}

pub(super) fn list_and_map_types(schema: &Value, path: &str, causes: &mut Vec<Cause>) {
    if schema.get("x-kubernetes-preserve-unknown-fields") == Some(&Value::Bool(false)) {
        let at = format!("{path}.x-kubernetes-preserve-unknown-fields");
        causes.push(Cause::invalid(at, &false.into(), "must be true or undefined"));
    }
    let (map_type, list_type) =
        (text(schema, "x-kubernetes-map-type"), text(schema, "x-kubernetes-list-type"));
    if !map_type.is_empty() {
        needs_type(schema, "object", path, "must be object if x-kubernetes-map-type is specified", causes);
        if !matches!(map_type, "atomic" | "granular") {
            let at = format!("{path}.x-kubernetes-map-type");
            causes.push(Cause::unsupported(at, &map_type.into(), &["atomic", "granular"]));
        }
    }
    if list_type.is_empty() {
        return keys_without_map(schema, "", path, causes);
    }
    let why = "must be array if x-kubernetes-list-type is specified";
    if needs_type(schema, "array", path, why, causes) && list_type == "set" {
        set_items(schema, path, causes);
    }
    if !matches!(list_type, "atomic" | "set" | "map") {
        let at = format!("{path}.x-kubernetes-list-type");
        causes.push(Cause::unsupported(at, &list_type.into(), &["atomic", "set", "map"]));
    }
    keys_without_map(schema, list_type, path, causes);
}

fn map_keys(schema: &Value) -> Vec<&str> {
    let keys = schema.get("x-kubernetes-list-map-keys").and_then(Value::as_array);
    keys.into_iter().flatten().filter_map(Value::as_str).collect()
}

fn keys_without_map(schema: &Value, list_type: &str, path: &str, causes: &mut Vec<Cause>) {
    if map_keys(schema).is_empty() || list_type == "map" {
        return;
    }
    let (at, why) =
        (format!("{path}.x-kubernetes-list-type"), "must be map if x-kubernetes-list-map-keys is non-empty");
    causes.push(match list_type {
        "" => Cause::required(at, why),
        other => Cause::invalid(at, &other.into(), why),
    });
}

// The items of a set are compared as a whole.
fn set_items(schema: &Value, path: &str, causes: &mut Vec<Cause>) {
    let Some(items) = schema.get("items") else { return };
    let why = "must be atomic as item of a list with x-kubernetes-list-type=set";
    let own = items.get("x-kubernetes-list-type").cloned().unwrap_or_default();
    let (key, wrong) = match text(items, "type") {
        "array" => {
            ("x-kubernetes-list-type", !matches!(text(items, "x-kubernetes-list-type"), "" | "atomic"))
        }
        "object" => ("x-kubernetes-map-type", text(items, "x-kubernetes-map-type") != "atomic"),
        _ => return,
    };
    if wrong {
        let shown = if own.is_null() { "null".into() } else { own };
        causes.push(Cause::invalid(format!("{path}.items.{key}"), &shown, why));
    }
}

pub(super) fn map_items(schema: &Value, path: &str, causes: &mut Vec<Cause>) {
    let list_type = text(schema, "x-kubernetes-list-type");
    let keys = map_keys(schema);
    let items = schema.get("items");
    if list_type == "map" {
        if keys.is_empty() {
            let why = "must not be empty if x-kubernetes-list-type is map";
            causes.push(Cause::required(format!("{path}.x-kubernetes-list-map-keys"), why));
        }
        match items {
            None => {
                let why = "must have a schema if x-kubernetes-list-type is map";
                causes.push(Cause::required(format!("{path}.items"), why));
            }
            Some(items) if text(items, "type") != "object" => {
                let why = "must be object if parent array's x-kubernetes-list-type is map";
                causes.push(Cause::invalid(format!("{path}.items.type"), &text(items, "type").into(), why));
            }
            Some(items) => keys_of_items(items, &keys, path, causes),
        }
    }
    let Some(items) = items.filter(|_| matches!(list_type, "set" | "map")) else { return };
    if is_true(items, "nullable") {
        let why = format!("cannot be nullable when x-kubernetes-list-type is {list_type}");
        causes.push(Cause::forbidden(format!("{path}.items.nullable"), &why));
    }
    if list_type == "map" {
        keys_are_there(items, &keys, path, causes);
    }
}

fn keys_of_items(items: &Value, keys: &[&str], path: &str, causes: &mut Vec<Cause>) {
    let at = format!("{path}.x-kubernetes-list-map-keys");
    for (index, key) in keys.iter().enumerate() {
        match items.get("properties").and_then(|p| p.get(key)) {
            Some(property) if matches!(text(property, "type"), "array" | "object") => {
                let why = "must be a scalar type if parent array's x-kubernetes-list-type is map";
                let at = format!("{path}.items.properties[{key}].type");
                causes.push(Cause::invalid(at, &text(items, "type").into(), why));
            }
            Some(_) => {}
            None => {
                causes.push(Cause::invalid(
                    at.as_str(),
                    &json!(keys),
                    "entries must all be names of item properties",
                ));
            }
        }
        if keys[..index].contains(key) {
            causes.push(Cause::invalid(at.as_str(), &json!(keys), "must not contain duplicate entries"));
        }
    }
}

// Every item must have its keys.
fn keys_are_there(items: &Value, keys: &[&str], path: &str, causes: &mut Vec<Cause>) {
    let required = items.get("required").and_then(Value::as_array);
    let is_required = |key: &str| required.into_iter().flatten().any(|r| r.as_str() == Some(key));
    for key in keys {
        let Some(property) = items.get("properties").and_then(|p| p.get(key)) else { continue };
        let at = format!("{path}.items.properties[{key}]");
        if !is_required(key) && property.get("default").is_none() {
            let why = "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property";
            causes.push(Cause::required(format!("{at}.default"), why));
        }
        if is_true(property, "nullable") {
            let why = "this property is in x-kubernetes-list-map-keys, so it cannot be nullable";
            causes.push(Cause::forbidden(format!("{at}.nullable"), why));
        }
    }
}
