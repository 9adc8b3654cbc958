//! ConfigMaps, Secrets, quotas, limit ranges, events, leases (`core/validation`, `coordination/validation`).

use super::causes::Causes;
use super::place::Place;
use super::resources::{self, is_above};
use crate::names;
use crate::write::meta;
use serde_json::Value;
use std::collections::HashSet;

/// What a ConfigMap or Secret may hold.
const MAX_SIZE: usize = 1024 * 1024;

fn entries<'v>(object: &'v Value, field: &str) -> impl Iterator<Item = (&'v str, &'v Value)> {
    let map = object.get(field).and_then(Value::as_object);
    map.into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}

fn key_problem(field: &str, key: &str, detail: &str, causes: &mut Causes) {
    let message = format!("Invalid value: {}: {detail}", crate::failure::go_quote(key));
    causes.push("FieldValueInvalid", format!("{field}[{key}]"), message);
}

fn keys(object: &Value, field: &str, causes: &mut Causes) {
    for (key, _) in entries(object, field) {
        for problem in names::config_key(key) {
            key_problem(field, key, &problem, causes);
        }
    }
}

// Bytes of the values; what is kept in base64 counts decoded.
fn size(object: &Value, field: &str, is_encoded: bool) -> usize {
    let length = |value: &Value| {
        let text = value.as_str().unwrap_or_default();
        let padding = text.bytes().rev().take_while(|byte| *byte == b'=').count();
        if is_encoded { (text.len() / 4 * 3).saturating_sub(padding) } else { text.len() }
    };
    entries(object, field).map(|(_, value)| length(value)).sum()
}

pub(super) fn config_map(object: &Value, causes: &mut Causes) {
    keys(object, "data", causes);
    for (key, _) in entries(object, "data") {
        if object.get("binaryData").is_some_and(|binary| binary.get(key).is_some()) {
            key_problem("data", key, "duplicate of key present in binaryData", causes);
        }
    }
    keys(object, "binaryData", causes);
    if size(object, "data", false) + size(object, "binaryData", true) > MAX_SIZE {
        causes.push(
            "FieldValueTooLong",
            "[]".into(),
            format!("Too long: may not be more than {MAX_SIZE} bytes"),
        );
    }
}

/// Types of Secrets with the keys that each must have.
const SECRET_KEYS: [(&str, &[&str]); 4] = [
    ("kubernetes.io/tls", &["tls.crt", "tls.key"]),
    ("kubernetes.io/dockerconfigjson", &[".dockerconfigjson"]),
    ("kubernetes.io/dockercfg", &[".dockercfg"]),
    ("kubernetes.io/ssh-auth", &["ssh-privatekey"]),
];

pub(super) fn secret(object: &Value, causes: &mut Causes) {
    keys(object, "data", causes);
    if size(object, "data", true) > MAX_SIZE {
        causes.too_long(&Place::of(object, "data"), MAX_SIZE);
    }
    let kind = object.get("type").and_then(Value::as_str).unwrap_or_default();
    let has = |key: &str| object.get("data").is_some_and(|data| data.get(key).is_some());
    let mut require = |key: &str| {
        causes.push("FieldValueRequired", format!("data[{key}]"), "Required value".into());
    };
    match SECRET_KEYS.iter().find(|(name, _)| *name == kind) {
        Some((_, keys)) => keys.iter().filter(|key| !has(key)).for_each(|key| require(key)),
        None if kind == "kubernetes.io/basic-auth" && !has("username") && !has("password") => {
            require("username");
            require("password");
        }
        None => {}
    }
    match kind {
        "kubernetes.io/dockerconfigjson" => registry_logins(object, ".dockerconfigjson", causes),
        "kubernetes.io/dockercfg" => registry_logins(object, ".dockercfg", causes),
        "kubernetes.io/service-account-token" => account_name(object, causes),
        _ => {}
    }
}

fn account_name(object: &Value, causes: &mut Causes) {
    let metadata = Place::of(object, "metadata");
    let name = metadata.entry("annotations", "kubernetes.io/service-account.name");
    if name.as_text().is_empty() {
        causes.required(&name, "");
    }
}

// What is wrong is not shown: it is secret.
fn registry_logins(object: &Value, key: &str, causes: &mut Causes) {
    let Some(text) = object.get("data").and_then(|data| data.get(key)).and_then(Value::as_str) else {
        return;
    };
    let bytes = crate::base64::decode(text).unwrap_or_default();
    let problem = match serde_json::from_slice::<Value>(&bytes) {
        Ok(Value::Object(_) | Value::Null) => return,
        Ok(other) => {
            let what = match other {
                Value::Array(_) => "array",
                Value::String(_) => "string",
                Value::Bool(_) => "bool",
                _ => "number",
            };
            format!("json: cannot unmarshal {what} into Go value of type map[string]interface {{}}")
        }
        Err(error) => crate::go_json::error_text(&bytes).unwrap_or_else(|| error.to_string()),
    };
    let message = format!("Invalid value: \"<secret contents redacted>\": {problem}");
    causes.push("FieldValueInvalid", format!("data[{key}]"), message);
}

/// What `immutable: true` protects.
pub(super) fn unchanged_if_immutable(old: &Value, new: &Value, fields: &[&str], causes: &mut Causes) {
    let is_immutable = |object: &Value| object.get("immutable") == Some(&Value::Bool(true));
    if !is_immutable(old) {
        return;
    }
    let why = "field is immutable when `immutable` is set";
    if !is_immutable(new) {
        causes.forbidden(&Place::of(new, "immutable"), why);
    }
    for field in fields {
        if old.get(*field) != new.get(*field) {
            causes.forbidden(&Place::of(new, field), why);
        }
    }
}

const SCOPES: [&str; 7] = [
    "BestEffort",
    "CrossNamespacePodAffinity",
    "NotBestEffort",
    "NotTerminating",
    "PriorityClass",
    "Terminating",
    "VolumeAttributesClass",
];

pub(super) fn quota(object: &Value, causes: &mut Causes) {
    let spec = Place::of(object, "spec");
    for (name, limit) in spec.entries("hard") {
        resources::quota_resource_name(&limit, name, causes);
        resources::amount(&limit, name, causes);
    }
    let list = spec.child("scopes");
    for scope in spec.items("scopes").filter(|scope| !SCOPES.contains(&scope.as_text())) {
        causes.invalid_as(&list, scope.value(), "unsupported scope");
    }
}

pub(super) fn quota_changes(old: &Value, new: &Value, causes: &mut Causes) {
    let (was, is) = (Place::of(old, "spec"), Place::of(new, "spec"));
    causes.unchanged(&was.child("scopes"), &is.child("scopes"));
}

pub(super) fn limit_range(object: &Value, causes: &mut Causes) {
    let spec = Place::of(object, "spec");
    let mut kinds = HashSet::new();
    for limit in spec.items("limits") {
        let kind = limit.child("type");
        if kind.as_text().is_empty() {
            causes.required(&kind, "");
        }
        if !kinds.insert(kind.as_text()) {
            causes.duplicate_text(&kind);
        }
        limit_item(&limit, kind.as_text(), causes);
    }
}

const LIMIT_MAPS: [&str; 5] = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"];

fn limit_item(limit: &Place<'_, '_>, kind: &str, causes: &mut Causes) {
    let mut names: Vec<&str> = Vec::new();
    for map in LIMIT_MAPS {
        for (name, place) in limit.entries(map) {
            resources::limit_resource_name(&place, name, kind, causes);
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    if kind == "Pod" {
        for map in ["default", "defaultRequest"] {
            if limit.has_some(map) {
                causes.forbidden(&limit.child(map), "may not be specified when `type` is 'Pod'");
            }
        }
    }
    if kind == "PersistentVolumeClaim" {
        let has = |map: &str| !limit.entry(map, "storage").value().is_null();
        if !has("min") && !has("max") {
            let detail = "either minimum or maximum storage value is required, but neither was provided";
            causes.required(&limit.child("limits"), detail);
        }
    }
    names.iter().for_each(|name| limit_order(limit, name, causes));
}

/// Pairs of which the first may not be above the second: map and word of each, and which of the two is at fault.
const LIMIT_ORDER: [(&str, &str, &str, &str, &str); 6] = [
    ("min", "min value", "max", "max value", "min"),
    ("min", "min value", "defaultRequest", "default request value", "defaultRequest"),
    ("defaultRequest", "default request value", "max", "max value", "defaultRequest"),
    ("defaultRequest", "default request value", "default", "default limit value", "defaultRequest"),
    ("min", "min value", "default", "default value", "default"),
    ("default", "default value", "max", "max value", "default"),
];

fn limit_order(limit: &Place<'_, '_>, name: &str, causes: &mut Causes) {
    for (low, low_word, high, high_word, fault) in LIMIT_ORDER {
        let (one, other) = (limit.entry(low, name), limit.entry(high, name));
        if is_above(one.value(), other.value()) {
            let detail =
                format!("{low_word} {} is greater than {high_word} {}", one.as_text(), other.as_text());
            // The value shown is the first of the two.
            causes.invalid_as(&limit.entry(fault, name), one.value(), &detail);
        }
    }
}

/// An Event is about an object in its own namespace.
pub(super) fn event(object: &Value, causes: &mut Causes) {
    let about = Place::of(object, "involvedObject");
    let namespace = about.child("namespace");
    // Objects without a namespace have theirs in default.
    let is_own = match namespace.as_text() {
        "" => meta(object, "namespace") == "default",
        own => own == meta(object, "namespace"),
    };
    if !is_own {
        causes.invalid_text(&namespace, "does not match event.namespace");
    }
}

pub(super) fn lease(object: &Value, causes: &mut Causes) {
    let spec = Place::of(object, "spec");
    let duration = spec.child("leaseDurationSeconds");
    if duration.value().as_i64().is_some_and(|seconds| seconds <= 0) {
        causes.invalid(&duration, "must be greater than 0");
    }
    causes.not_negative(&spec.child("leaseTransitions"));
}
