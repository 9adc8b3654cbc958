//! Rows of volumes, claims and storage drivers.

use super::reading::{boolean, list, shown, text, text_or};
use crate::dig::Dig;
use serde_json::Value;

/// Names of access modes, shortened.
fn modes(object: &Value, path: &str) -> String {
    let has = |mode: &str| list(object, path).iter().any(|m| m == mode);
    let names = [
        ("ReadWriteOnce", "RWO"),
        ("ReadOnlyMany", "ROX"),
        ("ReadWriteMany", "RWX"),
        ("ReadWriteOncePod", "RWOP"),
    ];
    let shown: Vec<&str> = names.iter().filter(|(mode, _)| has(mode)).map(|(_, short)| *short).collect();
    shown.join(",")
}

pub(super) fn volume(object: &Value) -> (Vec<Value>, Vec<Value>) {
    let claim = object
        .at("/spec/claimRef")
        .map_or(String::new(), |claim| format!("{}/{}", text(claim, "/namespace"), text(claim, "/name")));
    let phase = match text(object, "/metadata/deletionTimestamp") {
        "" => text(object, "/status/phase"),
        _ => "Terminating",
    };
    let middle = vec![
        text(object, "/spec/capacity/storage").into(),
        modes(object, "/spec/accessModes").into(),
        text(object, "/spec/persistentVolumeReclaimPolicy").into(),
        phase.into(),
        claim.into(),
        class_of(object).into(),
        text_or(object, "/spec/volumeAttributesClassName", "<unset>").into(),
        text(object, "/status/reason").into(),
    ];
    (middle, vec![text_or(object, "/spec/volumeMode", "<unset>").into()])
}

fn class_of(object: &Value) -> &str {
    let annotations = object.at("/metadata/annotations");
    let old = annotations.and_then(|a| a.get("volume.beta.kubernetes.io/storage-class"));
    old.and_then(Value::as_str).unwrap_or_else(|| text(object, "/spec/storageClassName"))
}

pub(super) fn claim(object: &Value) -> (Vec<Value>, Vec<Value>) {
    let volume = text(object, "/spec/volumeName");
    let (mut capacity, mut access) = (String::new(), String::new());
    if !volume.is_empty() {
        capacity = match shown(object.at("/status/capacity/storage")) {
            text if text.is_empty() => "0".into(),
            text => text,
        };
        access = modes(object, "/status/accessModes");
    }
    let phase = match text(object, "/metadata/deletionTimestamp") {
        "" => text(object, "/status/phase"),
        _ => "Terminating",
    };
    let middle = vec![
        phase.into(),
        volume.into(),
        capacity.into(),
        access.into(),
        class_of(object).into(),
        text_or(object, "/spec/volumeAttributesClassName", "<unset>").into(),
    ];
    (middle, vec![text_or(object, "/spec/volumeMode", "<unset>").into()])
}

pub(super) fn class(object: &Value, age: Value) -> Vec<Value> {
    let annotations = object.at("/metadata/annotations");
    let is_default = |key: &str| annotations.and_then(|a| a.get(key)).and_then(Value::as_str) == Some("true");
    let is_default = is_default("storageclass.kubernetes.io/is-default-class")
        || is_default("storageclass.beta.kubernetes.io/is-default-class");
    let mark = if is_default { " (default)" } else { "" };
    vec![
        format!("{}{mark}", text(object, "/metadata/name")).into(),
        text(object, "/provisioner").into(),
        text_or(object, "/reclaimPolicy", "Delete").into(),
        text_or(object, "/volumeBindingMode", "Immediate").into(),
        boolean(object, "/allowVolumeExpansion", false).into(),
        age,
    ]
}

pub(super) fn driver(object: &Value) -> Vec<Value> {
    let texts = |path: &str, field: &str| -> Vec<String> {
        list(object, path)
            .iter()
            .map(|v| shown(if field.is_empty() { Some(v) } else { v.at(field) }))
            .collect()
    };
    let modes = texts("/spec/volumeLifecycleModes", "").join(",");
    let tokens = match object.at("/spec/tokenRequests") {
        Some(_) => texts("/spec/tokenRequests", "/audience").join(","),
        None => "<unset>".into(),
    };
    vec![
        boolean(object, "/spec/attachRequired", true).into(),
        boolean(object, "/spec/podInfoOnMount", false).into(),
        boolean(object, "/spec/storageCapacity", false).into(),
        tokens.into(),
        boolean(object, "/spec/requiresRepublish", false).into(),
        if modes.is_empty() { "<none>".to_owned() } else { modes }.into(),
    ]
}

pub(super) fn node(object: &Value) -> Vec<Value> {
    vec![list(object, "/spec/drivers").len().into()]
}

pub(super) fn attachment(object: &Value) -> Vec<Value> {
    vec![
        text(object, "/spec/attacher").into(),
        text(object, "/spec/source/persistentVolumeName").into(),
        text(object, "/spec/nodeName").into(),
        boolean(object, "/status/attached", false).into(),
    ]
}

pub(super) fn capacity(object: &Value) -> Vec<Value> {
    let size = text_or(object, "/capacity", "<unset>");
    vec![text(object, "/storageClassName").into(), size.into()]
}
