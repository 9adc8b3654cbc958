//! A custom object as a whole: schema, scale paths, embedded objects, lists, in the order in which the API server
//! checks them (apiextensions, `registry/customresource/strategy.go`).

use super::instance::{self, Subject};
use super::{embedded, lists};
use crate::failure::{Cause, go_quote};
use crate::kinds::{Custom, Kind};
use serde_json::Value;

/// Problems of a new object, in the version of `kind`.
pub(crate) fn causes_of_new(kind: &Kind, object: &Value) -> Vec<Cause> {
    let Some(custom) = &kind.custom else { return Vec::new() };
    let mut causes = Vec::new();
    if let Some(schema) = &custom.schema {
        let subject = Subject { value: object, before: None };
        causes = instance::check(schema, subject, "", &custom.patterns).into_causes("");
        causes.extend(scale_causes(custom, object, true));
        causes.extend(embedded::causes(schema, object, ""));
        causes.extend(lists::causes(schema, object, ""));
    }
    with_rules(causes, custom, object, None)
}

/// Problems of a changed object. Both are in the version of `kind`.
pub(crate) fn causes_of_changed(kind: &Kind, subresource: &str, old: &Value, new: &Value) -> Vec<Cause> {
    let Some(custom) = &kind.custom else { return Vec::new() };
    let Some(schema) = &custom.schema else { return Vec::new() };
    let mut causes = Vec::new();
    if subresource == "status" {
        let status_schema = schema.get("properties").and_then(|p| p.get("status"));
        if let (Some(status), Some(schema)) = (new.get("status"), status_schema) {
            let subject = Subject { value: status, before: old.get("status") };
            causes = instance::check(schema, subject, "", &custom.patterns).into_causes("status");
        }
        causes.extend(scale_causes(custom, new, false));
    } else {
        let subject = Subject { value: new, before: Some(old) };
        causes = instance::check(schema, subject, "", &custom.patterns).into_causes("");
        causes.extend(scale_causes(custom, new, true));
        causes.extend(embedded::causes(schema, new, ""));
    }
    if lists::causes(schema, old, "").is_empty() {
        causes.extend(lists::causes(schema, new, ""));
    }
    with_rules(causes, custom, new, Some(old))
}

// Rules are only asked about objects that have the shape they were written for.
fn with_rules(mut causes: Vec<Cause>, custom: &Custom, new: &Value, old: Option<&Value>) -> Vec<Cause> {
    let Some(rules) = custom.rules() else { return causes };
    let blocks = |cause: &Cause| {
        matches!(
            cause.reason,
            "FieldValueNotSupported"
                | "FieldValueRequired"
                | "FieldValueTooLong"
                | "FieldValueTooMany"
                | "FieldValueTypeInvalid"
        )
    };
    if causes.iter().any(blocks) {
        let why = "some validation rules were not checked because the object was invalid; correct the existing errors \
                   to complete validation";
        causes.push(Cause::invalid("<nil>", &"null".into(), why));
    } else {
        causes.extend(rules.causes(new, old));
    }
    causes
}

fn at<'v>(object: &'v Value, path: &str) -> Option<&'v Value> {
    path.trim_start_matches('.').split('.').try_fold(object, |value, name| value.get(name))
}

fn scale_causes(custom: &Custom, object: &Value, with_spec: bool) -> Vec<Cause> {
    let Some(scale) = &custom.scale else { return Vec::new() };
    let mut causes = Vec::new();
    for field in ["specReplicasPath", "statusReplicasPath"] {
        let path = scale.get(field).and_then(Value::as_str).unwrap_or_default();
        if field == "specReplicasPath" && !with_spec {
            continue;
        }
        let Some(replicas) = at(object, path) else { continue };
        match replicas.as_i64() {
            None => {
                let why = format!(
                    "{path} accessor error: {} is of the type {}, expected int64",
                    plain(replicas),
                    go_type(replicas)
                );
                causes.push(Cause::invalid(path, &0.into(), &why));
            }
            Some(n) if n < 0 => {
                causes.push(Cause::invalid(path, replicas, "should be a non-negative integer"))
            }
            Some(n) if n > i64::from(i32::MAX) => {
                let why = format!("should be less than or equal to {}", i32::MAX);
                causes.push(Cause::invalid(path, replicas, &why));
            }
            Some(_) => {}
        }
    }
    if let Some(path) = scale.get("labelSelectorPath").and_then(Value::as_str)
        && let Some(selector) = at(object, path).filter(|s| !s.is_string())
    {
        let why = format!(
            "{path} accessor error: {} is of the type {}, expected string",
            plain(selector),
            go_type(selector)
        );
        causes.push(Cause::invalid(path, &"".into(), &why));
    }
    causes
}

fn plain(value: &Value) -> String {
    crate::go_text::value(value)
}

fn go_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Number(n) if n.is_f64() => "float64",
        Value::Number(_) => "int64",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    }
}

/// Warnings about finalizers that `new` has and `old` has not.
pub(crate) fn finalizer_warnings(new: &Value, old: Option<&Value>) -> Vec<String> {
    let list = |object: &Value| -> Vec<String> {
        let list = object.get("metadata").and_then(|m| m.get("finalizers")).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(|f| f.as_str().map(str::to_owned)).collect()
    };
    let had = old.map(list).unwrap_or_default();
    let mut added: Vec<String> = list(new).into_iter().filter(|f| !had.contains(f)).collect();
    added.sort();
    added.dedup();
    let standard = |name: &str| matches!(name, "orphan" | "foregroundDeletion" | "kubernetes");
    let plain = added.iter().filter(|name| !name.contains('/') && !standard(name));
    plain
        .map(|name| {
            let with = if name.contains('.') { " including a path (/)" } else { "" };
            format!(
                "metadata.finalizers: {}: prefer a domain-qualified finalizer name{with} to avoid accidental conflicts \
                 with other finalizer writers",
                go_quote(name)
            )
        })
        .collect()
}
