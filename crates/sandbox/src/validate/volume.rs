//! Volumes of a Pod and where containers mount them (`core/validation`, `ValidateVolumes`, `ValidateVolumeMounts`).

use super::causes::Causes;
use super::container::{FILE_FIELDS, field_reference, resource_reference};
use super::place::Place;
use super::storage;
use crate::names;
use crate::quantity::Quantity;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// The volumes that are as they should be; those of claims can be block devices.
pub(super) type Volumes<'v> = HashMap<&'v str, IsClaim>;

/// Whether a volume is of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct IsClaim(bool);

/// All volumes of a Pod spec.
pub(super) fn volumes<'v>(spec: &Place<'_, 'v>, claims: &[&'v str], causes: &mut Causes) -> Volumes<'v> {
    let mut known = Volumes::new();
    for volume in spec.items("volumes").filter(|volume| !claims.contains(&volume.text("name"))) {
        let before = causes.len();
        sources(&volume, causes);
        let name = volume.text("name");
        causes.required_name(&volume.child("name"), names::dns1123_label);
        if known.contains_key(name) {
            causes.duplicate_text(&volume.child("name"));
        }
        if causes.len() == before {
            let is_claim = volume.has("persistentVolumeClaim") || volume.has("ephemeral");
            known.insert(name, IsClaim(is_claim));
        }
    }
    known.extend(claims.iter().map(|name| (*name, IsClaim(true))));
    known
}

/// Volume sources in the order in which Kubernetes looks at them, each with its texts that must be there.
const SOURCES: [(&str, &[&str]); 30] = [
    ("emptyDir", &[]),
    ("hostPath", &["path"]),
    ("gitRepo", &["repository"]),
    ("gcePersistentDisk", &["pdName"]),
    ("awsElasticBlockStore", &["volumeID"]),
    ("secret", &["secretName"]),
    ("nfs", &["server", "path"]),
    ("iscsi", &["targetPortal", "iqn"]),
    ("glusterfs", &["endpoints", "path"]),
    ("flocker", &[]),
    ("persistentVolumeClaim", &["claimName"]),
    ("rbd", &["image"]),
    ("cinder", &["volumeID"]),
    ("cephfs", &[]),
    ("quobyte", &["registry", "volume"]),
    ("downwardAPI", &[]),
    ("fc", &[]),
    ("flexVolume", &["driver"]),
    ("configMap", &["name"]),
    ("azureFile", &["secretName", "shareName"]),
    ("vsphereVolume", &["volumePath"]),
    ("photonPersistentDisk", &["pdID"]),
    ("portworxVolume", &["volumeID"]),
    ("azureDisk", &["diskName", "diskURI"]),
    ("storageos", &["volumeName"]),
    ("projected", &[]),
    ("scaleIO", &["gateway", "system", "volumeName"]),
    ("csi", &["driver"]),
    ("ephemeral", &[]),
    ("image", &[]),
];

fn sources(volume: &Place<'_, '_>, causes: &mut Causes) {
    let mut count = 0;
    for (name, required) in SOURCES {
        let Some(source) = volume.given(name) else { continue };
        count += 1;
        if count > 1 {
            causes.forbidden(&source, "may not specify more than 1 volume type");
            continue;
        }
        for field in required {
            causes.required_text(&source.child(field));
        }
        self::source(name, &source, causes);
    }
    if count == 0 {
        causes.required(volume, "must specify a volume type");
    }
}

fn source(name: &str, source: &Place<'_, '_>, causes: &mut Causes) {
    match name {
        "emptyDir" => {
            let limit = source.text("sizeLimit");
            if Quantity::parse(limit).is_ok_and(Quantity::is_negative) {
                let detail = "SizeLimit field must be a valid resource quantity";
                causes.forbidden(&source.child("sizeLimit"), detail);
            }
        }
        "hostPath" => host_path(source, causes),
        "nfs" => absolute(&source.child("path"), causes),
        "secret" | "configMap" => {
            mode(&source.child("defaultMode"), causes);
            keys_to_paths(source, causes);
        }
        "downwardAPI" => {
            mode(&source.child("defaultMode"), causes);
            source.items("items").for_each(|file| downward_file(source, &file, causes));
        }
        "projected" => projected(source, causes),
        "ephemeral" => match source.given("volumeClaimTemplate") {
            None => causes.required(&source.child("volumeClaimTemplate"), ""),
            Some(template) => storage::claim_spec(&template.child("spec"), causes),
        },
        _ => {}
    }
}

const HOST_PATH_TYPES: [&str; 8] =
    ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];

/// A path on the node.
pub(super) fn host_path(source: &Place<'_, '_>, causes: &mut Causes) {
    no_backsteps(&source.child("path"), causes);
    causes.one_of(&source.child("type"), &HOST_PATH_TYPES);
}

fn absolute(path: &Place<'_, '_>, causes: &mut Causes) {
    if !path.as_text().is_empty() && !path.as_text().starts_with('/') {
        causes.invalid(path, "must be an absolute path");
    }
}

fn mode(place: &Place<'_, '_>, causes: &mut Causes) {
    if place.value().as_i64().is_some_and(|mode| !(0..=0o777).contains(&mode)) {
        causes.invalid(place, "must be a number between 0 and 0777 (octal), both inclusive");
    }
}

fn keys_to_paths(source: &Place<'_, '_>, causes: &mut Causes) {
    for item in source.items("items") {
        causes.required_text(&item.child("key"));
        causes.required_text(&item.child("path"));
        local_path(&item.child("path"), causes);
        mode(&item.child("mode"), causes);
    }
}

// Kubernetes leaves the item out of these paths.
fn downward_file(source: &Place<'_, '_>, file: &Place<'_, '_>, causes: &mut Causes) {
    let at = |field| source.with(field, file.child(field).value());
    causes.required_text(&at("path"));
    local_path(&at("path"), causes);
    match (file.has("fieldRef"), file.has("resourceFieldRef")) {
        (true, true) => {
            let detail = "fieldRef and resourceFieldRef can not be specified simultaneously";
            causes.invalid_as(source, &"resource".into(), detail);
        }
        (true, false) => field_reference(&at("fieldRef"), &FILE_FIELDS, causes),
        (false, true) => resource_reference(&at("resourceFieldRef"), true, causes),
        (false, false) => causes.required(source, "one of fieldRef and resourceFieldRef is required"),
    }
    mode(&at("mode"), causes);
}

fn projected(projected: &Place<'_, '_>, causes: &mut Causes) {
    mode(&projected.child("defaultMode"), causes);
    for source in projected.items("sources") {
        let mut count = 0;
        for kind in ["secret", "configMap", "downwardAPI", "serviceAccountToken", "clusterTrustBundle"] {
            let Some(part) = source.given(kind) else { continue };
            count += 1;
            if count > 1 {
                causes.forbidden(&part, "may not specify more than 1 volume type");
                continue;
            }
            match kind {
                "secret" | "configMap" => {
                    causes.required_text(&part.child("name"));
                    keys_to_paths(&part, causes);
                }
                "downwardAPI" => part.items("items").for_each(|file| downward_file(&part, &file, causes)),
                "serviceAccountToken" => token(&part, causes),
                _ => {}
            }
        }
    }
}

fn token(token: &Place<'_, '_>, causes: &mut Causes) {
    let lifetime = token.child("expirationSeconds");
    match lifetime.value().as_i64() {
        Some(seconds) if seconds < 600 => {
            causes.invalid(&lifetime, "may not specify a duration less than 10 minutes");
        }
        Some(seconds) if seconds > 1 << 32 => {
            causes.invalid(&lifetime, "may not specify a duration larger than 2^32 seconds");
        }
        _ => {}
    }
    causes.required_text(&token.child("path"));
    if !token.text("path").is_empty() {
        local_path(&token.child("path"), causes);
    }
}

fn local_path(place: &Place<'_, '_>, causes: &mut Causes) {
    for problem in local_path_problems(place.as_text()) {
        causes.invalid(place, problem);
    }
}

fn local_path_problems(path: &str) -> Vec<&'static str> {
    let mut problems = descending_problems(path);
    if path.starts_with("..") && !path.starts_with("../") {
        problems.push("must not start with '..'");
    }
    problems
}

/// Problems of a path that must stay below where it starts.
pub(super) fn descending_problems(path: &str) -> Vec<&'static str> {
    let mut problems = Vec::new();
    if path.starts_with('/') {
        problems.push("must be a relative path");
    }
    if path.split('/').any(|part| part == "..") {
        problems.push("must not contain '..'");
    }
    problems
}

/// A path without `..`.
pub(super) fn no_backsteps(place: &Place<'_, '_>, causes: &mut Causes) {
    if place.as_text().split('/').any(|part| part == "..") {
        causes.invalid(place, "must not contain '..'");
    }
}

/// Mounts and block devices of a container.
pub(super) fn mounts(container: &Place<'_, '_>, volumes: &Volumes<'_>, causes: &mut Causes) {
    let mut paths = HashSet::new();
    let list = container.child("volumeMounts");
    for mount in container.items("volumeMounts") {
        let (name, path) = (mount.child("name"), mount.child("mountPath"));
        causes.required_text(&name);
        if !volumes.contains_key(name.as_text()) {
            causes.not_found(&name);
        }
        causes.required_text(&path);
        if !paths.insert(path.as_text()) {
            causes.invalid_text(&path, "must be unique");
        }
        // Kubernetes leaves the index out of these two.
        for field in ["subPath", "subPathExpr"] {
            for problem in descending_problems(mount.text(field)) {
                causes.invalid_as(&list.child(field), &mount.text(field).into(), problem);
            }
        }
        if !mount.text("subPath").is_empty() && !mount.text("subPathExpr").is_empty() {
            causes.invalid(&mount.child("subPathExpr"), "subPathExpr and subPath are mutually exclusive");
        }
        propagation(&list, &mount, container, causes);
    }
    devices(container, volumes, causes);
}

fn propagation(list: &Place<'_, '_>, mount: &Place<'_, '_>, container: &Place<'_, '_>, causes: &mut Causes) {
    let mode = mount.text("mountPropagation");
    let place = list.child("mountPropagation");
    let allowed = ["Bidirectional", "HostToContainer", "None"];
    if !mode.is_empty() && !allowed.contains(&mode) {
        let message = format!(
            "Unsupported value: {mode:?}: supported values: \"Bidirectional\", \"HostToContainer\", \"None\""
        );
        causes.push("FieldValueNotSupported", place.path(), message);
    }
    if mode == "Bidirectional" && !container.child("securityContext").is_true("privileged") {
        causes
            .forbidden(&place, "Bidirectional mount propagation is available only to privileged containers");
    }
}

fn devices(container: &Place<'_, '_>, volumes: &Volumes<'_>, causes: &mut Causes) {
    let (mut names, mut paths) = (HashSet::new(), HashSet::new());
    for device in container.items("volumeDevices") {
        let (name, path) = (device.child("name"), device.child("devicePath"));
        causes.required_text(&name);
        if !names.insert(name.as_text()) {
            causes.invalid_text(&name, "must be unique");
        }
        match volumes.get(name.as_text()) {
            None => causes.not_found(&name),
            Some(IsClaim(true)) => {}
            Some(IsClaim(false)) => {
                let detail =
                    "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode";
                causes.invalid(&name, detail);
            }
        }
        causes.required_text(&path);
        if !path.as_text().is_empty() && !paths.insert(path.as_text()) {
            causes.invalid(&path, "must be unique");
        }
    }
}

/// The claim templates' names of a StatefulSet.
pub(super) fn claim_names(templates: Option<&Value>) -> Vec<&str> {
    let templates = templates.and_then(Value::as_array).into_iter().flatten();
    templates.map(|template| crate::write::meta(template, "name")).collect()
}
