//! Metadata: names, labels, annotations, owners, finalizers, and what may not change
//! (apimachinery, `api/validation/objectmeta.go`; `ValidateObjectMeta` of `core/validation` adds the finalizers' names).

use super::causes::Causes;
use super::place::Place;
use super::shape;
use crate::failure::Cause;
use crate::kinds::Kind;
use crate::names;
use serde_json::Value;

const MAX_ANNOTATIONS: usize = 256 * 1024;

/// Names of finalizers that the API server itself knows (`core/helper`, `standardFinalizers`).
const STANDARD_FINALIZERS: [&str; 3] = ["kubernetes", "orphan", "foregroundDeletion"];

type NameRule = fn(&str) -> Vec<String>;

fn name_rule(kind: &Kind) -> NameRule {
    match kind.storage.as_str() {
        "/namespaces" | "/services" => names::dns1123_label,
        "rbac.authorization.k8s.io/roles"
        | "rbac.authorization.k8s.io/rolebindings"
        | "rbac.authorization.k8s.io/clusterroles"
        | "rbac.authorization.k8s.io/clusterrolebindings"
        | "certificates.k8s.io/certificatesigningrequests" => names::path_segment,
        "networking.k8s.io/ipaddresses" => names::ip,
        _ => names::dns1123_subdomain,
    }
}

/// Problems of a new object's metadata.
pub(super) fn created(kind: &Kind, object: &Value, causes: &mut Causes) {
    let metadata = Place::of(object, "metadata");
    name(kind, &metadata, causes);
    causes.not_negative(&metadata.child("generation"));
    embedded(object, causes);
    if kind.custom.is_none() {
        finalizer_names(&metadata, causes);
    }
}

/// Problems of metadata that do not depend on the kind.
pub(super) fn embedded(object: &Value, causes: &mut Causes) {
    let metadata = Place::of(object, "metadata");
    labels(&metadata.child("labels"), causes);
    annotations(&metadata.child("annotations"), causes);
    owners(&metadata, causes);
    finalizers(&metadata, causes);
}

fn name(kind: &Kind, metadata: &Place<'_, '_>, causes: &mut Causes) {
    let rule = name_rule(kind);
    let (name, base) = (metadata.child("name"), metadata.text("generateName"));
    if !base.is_empty() {
        causes.problems(&metadata.child("generateName"), &rule(&without_dash(base)));
    }
    if name.as_text().is_empty() {
        causes.required(&name, "name or generateName is required");
        return;
    }
    // Room for the eleven characters that a CronJob's Jobs add.
    if kind.storage == "batch/cronjobs" && name.as_text().len() > 52 {
        causes.invalid(&name, "must be no more than 52 characters");
    }
    causes.problems(&name, &rule(name.as_text()));
}

// `maskTrailingDash`: more follows the dash, so that it is fine; the letter before it goes, too.
fn without_dash(base: &str) -> String {
    match base.strip_suffix('-') {
        Some(head) if !head.is_empty() => {
            let end = head.char_indices().next_back().map_or(0, |(at, _)| at);
            format!("{}a", &head[..end])
        }
        _ => base.to_owned(),
    }
}

/// A map of labels.
pub(super) fn labels(place: &Place<'_, '_>, causes: &mut Causes) {
    for (key, value) in place.value().as_object().into_iter().flatten() {
        for problem in names::qualified_name(key) {
            causes.invalid_as(place, &key.as_str().into(), &problem);
        }
        for problem in names::label_value(value.as_str().unwrap_or_default()) {
            causes.invalid_as(place, value, &problem);
        }
    }
}

/// A map of annotations.
pub(super) fn annotations(place: &Place<'_, '_>, causes: &mut Causes) {
    let mut size = 0;
    for (key, value) in place.value().as_object().into_iter().flatten() {
        for problem in names::qualified_name(&key.to_lowercase()) {
            causes.invalid_as(place, &key.as_str().into(), &problem);
        }
        size += key.len() + value.as_str().map_or(0, str::len);
    }
    if size > MAX_ANNOTATIONS {
        causes.too_long(place, MAX_ANNOTATIONS);
    }
}

fn owners(metadata: &Place<'_, '_>, causes: &mut Causes) {
    let place = metadata.child("ownerReferences");
    let mut controller: Option<String> = None;
    for owner in metadata.items("ownerReferences") {
        self::owner(&place, &owner, causes);
        if !owner.is_true("controller") {
            continue;
        }
        let name = format!("{}/{}", owner.text("kind"), owner.text("name"));
        match &controller {
            None => controller = Some(name),
            Some(first) => {
                let detail = format!(
                    "Only one reference can have Controller set to true. Found \"true\" in references for {first} and \
                     {name}"
                );
                let all: Vec<String> =
                    metadata.items("ownerReferences").map(|owner| owner_text(&owner)).collect();
                let message = format!("Invalid value: [{}]: {detail}", all.join(","));
                causes.push("FieldValueInvalid", place.path(), message);
            }
        }
    }
}

fn owner_text(owner: &Place<'_, '_>) -> String {
    shape::text(owner.value(), "meta.v1", "OwnerReference")
}

// Kubernetes names the list, not the item.
fn owner(list: &Place<'_, '_>, owner: &Place<'_, '_>, causes: &mut Causes) {
    for field in ["apiVersion", "kind", "name", "uid"] {
        if owner.text(field).is_empty() {
            let detail =
                if field == "apiVersion" { "version must not be empty" } else { "must not be empty" };
            causes.invalid_as(&list.child(field), &"".into(), detail);
        }
    }
    if owner.text("apiVersion") == "v1" && owner.text("kind") == "Event" {
        let shown = owner_text(owner);
        let detail = "/v1, Kind=Event is disallowed from being an owner";
        causes.push("FieldValueInvalid", list.path(), format!("Invalid value: {shown}: {detail}"));
    }
}

fn finalizers(metadata: &Place<'_, '_>, causes: &mut Causes) {
    let place = metadata.child("finalizers");
    let mut known = Vec::new();
    for finalizer in metadata.items("finalizers") {
        let text = finalizer.as_text();
        for problem in names::qualified_name(text) {
            causes.invalid_as(&place, finalizer.value(), &problem);
        }
        known.push(text);
    }
    if known.contains(&"orphan") && known.contains(&"foregroundDeletion") {
        causes.invalid(&place, "finalizer orphan and foregroundDeletion cannot be both set");
    }
}

fn finalizer_names(metadata: &Place<'_, '_>, causes: &mut Causes) {
    for finalizer in metadata.items("finalizers") {
        let text = finalizer.as_text();
        if !text.contains('/') && !STANDARD_FINALIZERS.contains(&text) {
            causes.invalid_text(
                &finalizer,
                "name is neither a standard finalizer name nor is it fully qualified",
            );
        }
    }
}

/// Problems of a changed object's metadata. Kubernetes looks twice, once for all kinds and once for the kind itself.
pub(super) fn updated(kind: &Kind, old: &Value, new: &Value, causes: &mut Causes) {
    changes(old, new, causes);
    changes(old, new, causes);
    if kind.custom.is_none() {
        finalizer_names(&Place::of(new, "metadata"), causes);
    }
}

fn changes(old: &Value, new: &Value, causes: &mut Causes) {
    let (was, is) = (Place::of(old, "metadata"), Place::of(new, "metadata"));
    new_finalizers(&was, &is, causes);
    for field in ["name", "namespace", "uid", "deletionTimestamp", "deletionGracePeriodSeconds"] {
        causes.unchanged(&was.child(field), &is.child(field));
    }
    labels(&is.child("labels"), causes);
    annotations(&is.child("annotations"), causes);
    owners(&is, causes);
}

fn new_finalizers(old: &Place<'_, '_>, new: &Place<'_, '_>, causes: &mut Causes) {
    if old.text("deletionTimestamp").is_empty() {
        return;
    }
    let had: Vec<&str> = old.items("finalizers").map(|f| f.as_text()).collect();
    let added: Vec<String> = new
        .items("finalizers")
        .map(|f| f.as_text())
        .filter(|f| !had.contains(f))
        .map(|f| format!("{f:?}"))
        .collect();
    if !added.is_empty() {
        let detail = format!(
            "no new finalizers can be added if the object is being deleted, found new finalizers []string{{{}}}",
            added.join(", ")
        );
        causes.0.push(Cause::forbidden(new.child("finalizers").path(), &detail));
    }
}
