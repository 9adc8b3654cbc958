//! Volumes, claims, classes, devices.

use super::{items, set, text};
use serde_json::{Value, json};

pub(super) fn volume(object: &mut Value) {
    let spec = &mut object["spec"];
    set(spec, "persistentVolumeReclaimPolicy", "Retain");
    set(spec, "volumeMode", "Filesystem");
    if let Some(path) = spec.get_mut("hostPath") {
        set(path, "type", "");
    }
    set(&mut object["status"], "phase", "Pending");
}

pub(super) fn claim(object: &mut Value) {
    set(&mut object["spec"], "volumeMode", "Filesystem");
    set(&mut object["status"], "phase", "Pending");
}

pub(super) fn class(object: &mut Value) {
    set(object, "reclaimPolicy", "Delete");
    set(object, "volumeBindingMode", "Immediate");
}

pub(super) fn csi_driver(object: &mut Value) {
    let spec = &mut object["spec"];
    set(spec, "attachRequired", true);
    set(spec, "podInfoOnMount", false);
    set(spec, "storageCapacity", false);
    set(spec, "fsGroupPolicy", "ReadWriteOnceWithFSType");
    set(spec, "volumeLifecycleModes", json!(["Persistent"]));
    set(spec, "requiresRepublish", false);
    set(spec, "seLinuxMount", false);
}

pub(super) fn device_requests(spec: &mut Value) {
    let Some(devices) = spec.get_mut("devices") else { return };
    for request in items(devices, "requests") {
        if let Some(exactly) = request.get_mut("exactly") {
            allocation(exactly);
        }
        items(request, "firstAvailable").for_each(allocation);
    }
}

fn allocation(request: &mut Value) {
    set(request, "allocationMode", "ExactCount");
    if text(request, "allocationMode") == "ExactCount" {
        set(request, "count", 1);
    }
    items(request, "tolerations").for_each(|t| set(t, "operator", "Equal"));
}
