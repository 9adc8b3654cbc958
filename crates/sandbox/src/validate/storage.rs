//! Claims, volumes, storage classes (`core/validation`, `storage/validation`).

use super::causes::Causes;
use super::diff;
use super::place::Place;
use super::resources::is_above;
use super::selectors::label_selector;
use super::{shape, volume};
use crate::names;
use crate::quantity::Quantity;
use serde_json::Value;

const ACCESS_MODES: [&str; 4] = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
const VOLUME_MODES: [&str; 2] = ["Block", "Filesystem"];

fn above_zero(place: &Place<'_, '_>, causes: &mut Causes) {
    let quantity = Quantity::parse(place.as_text()).unwrap_or(Quantity::ZERO);
    if quantity.is_negative() || quantity.is_zero() {
        causes.invalid(place, "must be greater than zero");
    }
}

fn access_modes(spec: &Place<'_, '_>, causes: &mut Causes) {
    let list = spec.child("accessModes");
    let modes: Vec<&str> = spec.items("accessModes").map(|mode| mode.as_text()).collect();
    for mode in modes.iter().filter(|mode| !ACCESS_MODES.contains(mode)) {
        let allowed: Vec<String> = ACCESS_MODES.iter().map(|mode| format!("{mode:?}")).collect();
        let message = format!("Unsupported value: {mode:?}: supported values: {}", allowed.join(", "));
        causes.push("FieldValueNotSupported", list.path(), message);
    }
    let is_single = |mode: &&str| *mode == "ReadWriteOncePod";
    if modes.iter().any(is_single) && !modes.iter().all(is_single) {
        causes.forbidden(&list, "may not use ReadWriteOncePod with other access modes");
    }
}

pub(super) fn claim(object: &Value, causes: &mut Causes) {
    claim_spec(&Place::of(object, "spec"), causes);
}

/// The spec of a claim, or of a claim template.
pub(super) fn claim_spec(spec: &Place<'_, '_>, causes: &mut Causes) {
    if !spec.has_some("accessModes") {
        causes.required(&spec.child("accessModes"), "at least 1 access mode is required");
    }
    label_selector(&spec.child("selector"), causes);
    access_modes(spec, causes);
    let asked = spec.child("resources");
    let size = asked.entry("requests", "storage");
    // Kubernetes leaves `requests` out.
    let place = spec.with("resources[storage]", size.value());
    if size.value().is_null() {
        causes.required(&place, "");
    } else {
        above_zero(&place, causes);
    }
    causes.optional_name(&spec.child("storageClassName"), names::dns1123_subdomain);
    causes.one_of(&spec.child("volumeMode"), &VOLUME_MODES);
    if let Some(source) = spec.given("dataSource") {
        data_source(&source, causes);
    }
}

fn data_source(source: &Place<'_, '_>, causes: &mut Causes) {
    causes.required_text(&source.child("name"));
    causes.required_text(&source.child("kind"));
    if source.text("apiGroup").is_empty() && source.text("kind") != "PersistentVolumeClaim" {
        let detail = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
        causes.invalid_as(source, &source.text("kind").into(), detail);
    }
}

const FROZEN: &str = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";

pub(super) fn claim_changes(old: &Value, new: &Value, causes: &mut Causes) {
    let is = Place::of(new, "spec");
    let is_bound = new.pointer("/status/phase").and_then(Value::as_str) == Some("Bound");
    let before = with_later_fields(old, new);
    let frozen = with_size_of(&is, &before, is_bound);
    if frozen != before {
        let lines = |spec: &Value| shape::lines(spec, "core.v1", "PersistentVolumeClaimSpec");
        let diff = diff::unified(&lines(&before), &lines(&frozen));
        causes.forbidden(&is, &format!("{FROZEN}\n{diff}"));
    }
    same_mode(&Place::of(old, "spec"), &is, causes);
    let size = |claim: &Value| claim.pointer("/spec/resources/requests/storage").cloned().unwrap_or_default();
    let held = new.pointer("/status/capacity/storage").cloned().unwrap_or_default();
    if is_bound && is_above(&size(old), &size(new)) && is_above(&held, &size(new)) {
        let detail = "Forbidden: field can not be less than status.capacity";
        causes.push("FieldValueForbidden", "spec.resources.requests.storage".into(), detail.to_owned());
    }
}

// The controller sets the volume, once; and a class may be given to a claim that has none.
fn with_later_fields(old: &Value, new: &Value) -> Value {
    let mut spec = old.get("spec").cloned().unwrap_or_default();
    for field in ["volumeName", "volumeAttributesClassName"] {
        let is_open = field == "volumeAttributesClassName"
            || spec.get(field).and_then(Value::as_str).is_none_or(str::is_empty);
        if is_open {
            match new.pointer(&format!("/spec/{field}")) {
                Some(value) => spec[field] = value.clone(),
                None => crate::strategy::remove(&mut spec, field),
            }
        }
    }
    if spec.get("storageClassName").is_none()
        && let Some(class) = new.pointer("/spec/storageClassName")
    {
        spec["storageClassName"] = class.clone();
    }
    spec
}

// A bound claim may ask for another size.
fn with_size_of(is: &Place<'_, '_>, before: &Value, is_bound: bool) -> Value {
    let mut spec = is.value().clone();
    if is_bound
        && let Some(size) = before.pointer("/resources/requests/storage")
        && let Some(place) = spec.pointer_mut("/resources/requests/storage")
    {
        *place = size.clone();
    }
    spec
}

/// Sources of a PersistentVolume, in the order of the internal type.
const SOURCES: [&str; 22] = [
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "hostPath",
    "glusterfs",
    "nfs",
    "rbd",
    "quobyte",
    "iscsi",
    "flexVolume",
    "cinder",
    "cephfs",
    "fc",
    "flocker",
    "azureFile",
    "vsphereVolume",
    "azureDisk",
    "photonPersistentDisk",
    "portworxVolume",
    "scaleIO",
    "local",
    "storageos",
    "csi",
];

pub(super) fn persistent_volume(object: &Value, causes: &mut Causes) {
    let spec = Place::of(object, "spec");
    if !spec.has_some("accessModes") {
        causes.required(&spec.child("accessModes"), "");
    }
    access_modes(&spec, causes);
    capacity(&spec, causes);
    causes.one_of(&spec.child("persistentVolumeReclaimPolicy"), &["Delete", "Recycle", "Retain"]);
    let given: Vec<&str> = SOURCES.into_iter().filter(|source| spec.has(source)).collect();
    for source in given.iter().skip(1) {
        causes.forbidden(&spec.child(source), "may not specify more than 1 volume type");
    }
    match given.first() {
        None => causes.required(&spec, "must specify a volume type"),
        Some(source) => volume_source(source, &spec.child(source), causes),
    }
    if spec.text("persistentVolumeReclaimPolicy") == "Recycle" && spec.child("hostPath").text("path") == "/" {
        let detail = "may not be 'recycle' for a hostPath mount of '/'";
        causes.forbidden(&spec.child("persistentVolumeReclaimPolicy"), detail);
    }
    causes.optional_name(&spec.child("storageClassName"), names::dns1123_subdomain);
    causes.one_of(&spec.child("volumeMode"), &VOLUME_MODES);
    if let Some(required) = spec.child("nodeAffinity").given("required") {
        super::selectors::node_selector(&required, causes);
    }
}

fn capacity(spec: &Place<'_, '_>, causes: &mut Causes) {
    let capacity = spec.child("capacity");
    let count = spec.count("capacity");
    if count == 0 {
        causes.required(&capacity, "");
    }
    if spec.entry("capacity", "storage").value().is_null() || count > 1 {
        let shown = crate::failure::shown(capacity.value());
        let message = format!("Unsupported value: {shown}: supported values: \"storage\"");
        causes.push("FieldValueNotSupported", capacity.path(), message);
    }
    for (_, amount) in spec.entries("capacity") {
        above_zero(&amount, causes);
    }
}

fn volume_source(name: &str, source: &Place<'_, '_>, causes: &mut Causes) {
    match name {
        "hostPath" => {
            causes.required_text(&source.child("path"));
            volume::host_path(source, causes);
        }
        "nfs" => {
            causes.required_text(&source.child("server"));
            causes.required_text(&source.child("path"));
        }
        "local" => {
            causes.required_text(&source.child("path"));
            volume::no_backsteps(&source.child("path"), causes);
        }
        "csi" => {
            causes.required_text(&source.child("driver"));
            causes.required_text(&source.child("volumeHandle"));
        }
        _ => {}
    }
}

pub(super) fn persistent_volume_changes(old: &Value, new: &Value, causes: &mut Causes) {
    let (was, is) = (Place::of(old, "spec"), Place::of(new, "spec"));
    if SOURCES.iter().any(|source| was.child(source).value() != is.child(source).value()) {
        let lines =
            |spec: &Place<'_, '_>| shape::lines_of(spec.value(), "core.v1", "PersistentVolumeSpec", &SOURCES);
        let diff = diff::unified(&lines(&was), &lines(&is));
        let detail = format!("Forbidden: spec.persistentvolumesource is immutable after creation\n{diff}");
        causes.push("FieldValueForbidden", "spec.persistentvolumesource".into(), detail);
    }
    same_mode(&was, &is, causes);
}

// Kubernetes leaves `spec` out of the path.
fn same_mode(was: &Place<'_, '_>, is: &Place<'_, '_>, causes: &mut Causes) {
    let mode = is.child("volumeMode");
    if was.child("volumeMode").value() != mode.value() {
        causes.invalid(&Place::named(mode.value(), "volumeMode"), "field is immutable");
    }
}

pub(super) fn class(object: &Value, causes: &mut Causes) {
    let provisioner = Place::of(object, "provisioner");
    if provisioner.as_text().is_empty() {
        causes.required(&provisioner, "");
    } else {
        causes.problems(&provisioner, &names::qualified_name(&provisioner.as_text().to_lowercase()));
    }
    causes.one_of(&Place::of(object, "reclaimPolicy"), &["Delete", "Retain"]);
    let binding = Place::of(object, "volumeBindingMode");
    causes.required_one_of(&binding, &["Immediate", "WaitForFirstConsumer"]);
}

pub(super) fn class_changes(old: &Value, new: &Value, causes: &mut Causes) {
    for field in ["parameters", "provisioner", "reclaimPolicy"] {
        if old.get(field) != new.get(field) {
            causes.forbidden(&Place::of(new, field), &format!("updates to {field} are forbidden."));
        }
    }
    let field = "volumeBindingMode";
    causes.unchanged(&Place::of(old, field), &Place::of(new, field));
}
