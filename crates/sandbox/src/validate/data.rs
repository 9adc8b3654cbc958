//! ConfigMaps, Secrets, bindings, and fields that may not change.

use crate::dig::Dig;
use crate::failure::Cause;
use crate::names;
use serde_json::{Value, json};

/// What a ConfigMap or Secret may hold.
const MAX_SIZE: usize = 1024 * 1024;

fn keys(object: &Value, field: &str, causes: &mut Vec<Cause>) {
    for key in object.get(field).and_then(Value::as_object).into_iter().flat_map(|m| m.keys()) {
        let problems = names::config_key(key);
        causes.extend(
            problems.iter().map(|p| Cause::invalid(format!("{field}[{key}]"), &key.as_str().into(), p)),
        );
    }
}

fn size(object: &Value, field: &str, decoded: bool) -> usize {
    let map = object.get(field).and_then(Value::as_object).into_iter().flatten();
    map.map(|(_, v)| v.as_str().map_or(0, |s| if decoded { s.len() / 4 * 3 } else { s.len() })).sum()
}

pub(super) fn config_map(object: &Value, causes: &mut Vec<Cause>) {
    keys(object, "data", causes);
    keys(object, "binaryData", causes);
    let text = object.get("data").and_then(Value::as_object);
    for key in object.get("binaryData").and_then(Value::as_object).into_iter().flat_map(|m| m.keys()) {
        if text.is_some_and(|t| t.contains_key(key)) {
            let why = format!("duplicate of key present in data: {key:?}");
            causes.push(Cause::invalid(format!("binaryData[{key}]"), &key.as_str().into(), &why));
        }
    }
    if size(object, "data", false) + size(object, "binaryData", true) > MAX_SIZE {
        causes.push(Cause::too_long("[]", MAX_SIZE));
    }
}

pub(super) fn secret(object: &Value, causes: &mut Vec<Cause>) {
    keys(object, "data", causes);
    if size(object, "data", true) > MAX_SIZE {
        causes.push(Cause::too_long("data", MAX_SIZE));
    }
    let has = |key: &str| object.get("data").is_some_and(|d| d.get(key).is_some());
    let mut require = |key: &str| {
        if !has(key) {
            causes.push(Cause::required(format!("data[{key}]"), ""));
        }
    };
    match object.get("type").and_then(Value::as_str).unwrap_or_default() {
        "kubernetes.io/tls" => {
            require("tls.crt");
            require("tls.key");
        }
        "kubernetes.io/dockerconfigjson" => require(".dockerconfigjson"),
        "kubernetes.io/dockercfg" => require(".dockercfg"),
        "kubernetes.io/ssh-auth" => require("ssh-privatekey"),
        "kubernetes.io/service-account-token" => {
            let name =
                object.at("/metadata/annotations").and_then(|a| a.get("kubernetes.io/service-account.name"));
            if name.is_none() {
                let field = "metadata.annotations[kubernetes.io/service-account.name]";
                causes.push(Cause::required(field, ""));
            }
        }
        _ => {}
    }
}

pub(super) fn binding(object: &Value, causes: &mut Vec<Cause>) {
    // A RoleBinding's own namespace stands in for a missing one.
    let cluster = object.get("kind").and_then(Value::as_str) == Some("ClusterRoleBinding");
    if object.at("/roleRef/name").and_then(Value::as_str).is_none_or(str::is_empty) {
        causes.push(Cause::required("roleRef.name", ""));
    }
    let subjects = object.get("subjects").and_then(Value::as_array).into_iter().flatten();
    for (index, subject) in subjects.enumerate() {
        let text = |field: &str| subject.get(field).and_then(Value::as_str).unwrap_or_default();
        if text("name").is_empty() {
            causes.push(Cause::required(format!("subjects[{index}].name"), ""));
        }
        if cluster && text("kind") == "ServiceAccount" && text("namespace").is_empty() {
            causes.push(Cause::required(format!("subjects[{index}].namespace"), ""));
        }
    }
}

pub(super) fn fixed_role(old: &Value, new: &Value, causes: &mut Vec<Cause>) {
    if old.get("roleRef") == new.get("roleRef") {
        return;
    }
    // Shown as the Go struct is encoded.
    let role = new.get("roleRef").cloned().unwrap_or_default();
    let text = |field: &str| role.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let shown = format!(
        "{{\"APIGroup\":{},\"Kind\":{},\"Name\":{}}}",
        json!(text("apiGroup")),
        json!(text("kind")),
        json!(text("name"))
    );
    causes.push(Cause {
        reason: "FieldValueInvalid",
        field: "roleRef".into(),
        message: format!("Invalid value: {shown}: cannot change roleRef"),
    });
}

/// A field that may not change.
pub(super) fn fixed(path: &str, old: &Value, new: &Value, causes: &mut Vec<Cause>) {
    let pointer = format!("/{}", path.replace('.', "/"));
    if old.at(&pointer) != new.at(&pointer) {
        let shown = new.at(&pointer).cloned().unwrap_or_default();
        causes.push(Cause::invalid(path, &shown, "field is immutable"));
    }
}

/// What `immutable: true` protects.
pub(super) fn unchanged_if_immutable(old: &Value, new: &Value, fields: &[&str], causes: &mut Vec<Cause>) {
    let is_immutable = |object: &Value| object.get("immutable") == Some(&Value::Bool(true));
    if !is_immutable(old) {
        return;
    }
    let why = "field is immutable when `immutable` is set";
    if !is_immutable(new) {
        causes.push(Cause::forbidden("immutable", why));
    }
    for field in fields {
        if old.get(*field) != new.get(*field) {
            causes.push(Cause::forbidden(*field, why));
        }
    }
}
