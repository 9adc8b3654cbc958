//! Metadata: names, labels, annotations, owners, finalizers, and what may not change
//! (apimachinery, `api/validation/objectmeta.go`).

use crate::dig::Dig;
use crate::failure::Cause;
use crate::kinds::Kind;
use crate::names;
use crate::write::meta;
use serde_json::{Value, json};

const MAX_ANNOTATIONS: usize = 256 * 1024;

type NameRule = fn(&str) -> Vec<String>;

fn name_rule(kind: &Kind) -> NameRule {
    match kind.storage.as_str() {
        "/namespaces" => names::dns1123_label,
        "/services" => names::dns1123_label,
        "rbac.authorization.k8s.io/roles"
        | "rbac.authorization.k8s.io/rolebindings"
        | "rbac.authorization.k8s.io/clusterroles"
        | "rbac.authorization.k8s.io/clusterrolebindings" => names::path_segment,
        _ => names::dns1123_subdomain,
    }
}

/// Problems of the name.
pub(super) fn name_causes(kind: &Kind, object: &Value) -> Vec<Cause> {
    let rule = name_rule(kind);
    let mut causes = Vec::new();
    let (name, base) = (meta(object, "name"), meta(object, "generateName"));
    if !base.is_empty() {
        // A trailing dash is fine: more follows.
        let checked = base.strip_suffix('-').map_or_else(|| base.to_owned(), |b| format!("{b}a"));
        causes
            .extend(rule(&checked).iter().map(|p| Cause::invalid("metadata.generateName", &base.into(), p)));
    }
    if name.is_empty() {
        causes.push(Cause::required("metadata.name", "name or generateName is required"));
    }
    // Room for the eleven characters that a CronJob's Jobs add.
    if kind.storage == "batch/cronjobs" && name.len() > 52 {
        causes.push(Cause::invalid("metadata.name", &name.into(), "must be no more than 52 characters"));
    }
    if !name.is_empty() {
        causes.extend(rule(name).iter().map(|p| Cause::invalid("metadata.name", &name.into(), p)));
    }
    causes
}

/// Problems that a new and a changed object can have.
pub(super) fn common_causes(object: &Value) -> Vec<Cause> {
    let mut causes = label_causes(object.at("/metadata/labels"), "metadata.labels");
    let annotations = object.at("/metadata/annotations").and_then(Value::as_object);
    let mut size = 0;
    for (key, value) in annotations.into_iter().flatten() {
        let problems = names::qualified_name(&key.to_lowercase());
        causes
            .extend(problems.iter().map(|p| Cause::invalid("metadata.annotations", &key.as_str().into(), p)));
        size += key.len() + value.as_str().map_or(0, str::len);
    }
    if size > MAX_ANNOTATIONS {
        causes.push(Cause::too_long("metadata.annotations", MAX_ANNOTATIONS));
    }
    for (index, owner) in
        object.at("/metadata/ownerReferences").and_then(Value::as_array).into_iter().flatten().enumerate()
    {
        let text = |field: &str| owner.get(field).and_then(Value::as_str).unwrap_or_default();
        for field in ["apiVersion", "kind", "name", "uid"] {
            if text(field).is_empty() {
                let what = if field == "apiVersion" {
                    "version must not be empty".to_owned()
                } else {
                    "must not be empty".to_owned()
                };
                let place = format!("metadata.ownerReferences[{index}].{field}");
                causes.push(Cause::invalid(place.replace(&format!("[{index}]"), ""), &"".into(), &what));
            }
        }
    }
    for finalizer in object.at("/metadata/finalizers").and_then(Value::as_array).into_iter().flatten() {
        let text = finalizer.as_str().unwrap_or_default();
        let problems = names::qualified_name(text);
        causes.extend(problems.iter().map(|p| Cause::invalid("metadata.finalizers", finalizer, p)));
        if problems.is_empty()
            && !text.contains('/')
            && !matches!(text, "orphan" | "foregroundDeletion" | "kubernetes")
        {
            let why = "name is neither a standard finalizer name nor is it fully qualified";
            causes.push(Cause::invalid("metadata.finalizers", finalizer, why));
        }
    }
    causes
}

/// Problems of a map of labels.
pub(crate) fn label_causes(labels: Option<&Value>, field: &str) -> Vec<Cause> {
    let mut causes = Vec::new();
    for (key, value) in labels.and_then(Value::as_object).into_iter().flatten() {
        causes.extend(names::label_key(key).iter().map(|p| Cause::invalid(field, &key.as_str().into(), p)));
        let text = value.as_str().unwrap_or_default();
        causes.extend(names::label_value(text).iter().map(|p| Cause::invalid(field, value, p)));
    }
    causes
}

/// Problems of what may not change.
pub(super) fn immutable_causes(old: &Value, new: &Value) -> Vec<Cause> {
    let mut causes = Vec::new();
    let field = |object: &Value, name: &str| object.get("metadata").and_then(|m| m.get(name)).cloned();
    for name in ["name", "namespace", "uid", "deletionTimestamp", "deletionGracePeriodSeconds"] {
        let (was, is) = (field(old, name), field(new, name));
        if was != is {
            let shown = is.unwrap_or(json!(null));
            let cause = Cause::invalid(format!("metadata.{name}"), &shown, "field is immutable");
            // The generic and the kind's own validation both find it.
            causes.push(cause.clone());
            causes.push(cause);
        }
    }
    if !meta(old, "deletionTimestamp").is_empty() {
        let list = |object: &Value| -> Vec<Value> {
            object.at("/metadata/finalizers").and_then(Value::as_array).cloned().unwrap_or_default()
        };
        let had = list(old);
        let added: Vec<String> = list(new)
            .iter()
            .filter(|f| !had.contains(f))
            .filter_map(|f| f.as_str().map(|f| format!("{f:?}")))
            .collect();
        if !added.is_empty() {
            let why = format!(
                "no new finalizers can be added if the object is being deleted, found new finalizers []string{{{}}}",
                added.join(", ")
            );
            causes.extend([
                Cause::forbidden("metadata.finalizers", &why),
                Cause::forbidden("metadata.finalizers", &why),
            ]);
        }
    }
    causes
}
