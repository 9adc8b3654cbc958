//! Pod specs: containers, volumes, mounts, probes (`core/validation`).

use crate::dig::Dig;
use crate::failure::Cause;
use crate::names;
use serde_json::Value;
use std::collections::HashSet;

fn text<'v>(object: &'v Value, field: &str) -> &'v str {
    object.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn items<'v>(object: &'v Value, field: &str) -> impl Iterator<Item = (usize, &'v Value)> {
    object.get(field).and_then(Value::as_array).into_iter().flatten().enumerate()
}

/// A port number.
pub(super) fn port_number(value: Option<&Value>, field: &str, causes: &mut Vec<Cause>) {
    let value = value.cloned().unwrap_or_else(|| 0.into());
    if !value.as_i64().is_some_and(|n| (1..=65_535).contains(&n)) {
        causes.push(Cause::invalid(field, &value, "must be between 1 and 65535, inclusive"));
    }
}

/// The name of a port (an IANA service name).
pub(super) fn port_name(name: &str, field: &str, causes: &mut Vec<Cause>) {
    let mut add = |why: &str| causes.push(Cause::invalid(field, &name.into(), why));
    if name.len() > 15 {
        add("must be no more than 15 bytes");
    }
    if !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        add("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
    }
    if !name.bytes().any(|b| b.is_ascii_lowercase()) {
        add("must contain at least one letter (a-z)");
    }
    if name.contains("--") {
        add("must not contain consecutive hyphens");
    }
    if name.starts_with('-') || name.ends_with('-') {
        add("must not begin or end with a hyphen");
    }
}

/// A port given by number or name.
pub(super) fn port_or_name(value: Option<&Value>, field: &str, causes: &mut Vec<Cause>) {
    match value {
        Some(Value::String(name)) => port_name(name, field, causes),
        value => port_number(value, field, causes),
    }
}

fn label(name: &str, field: &str, causes: &mut Vec<Cause>) {
    if name.is_empty() {
        causes.push(Cause::required(field, ""));
    } else {
        causes.extend(names::dns1123_label(name).iter().map(|p| Cause::invalid(field, &name.into(), p)));
    }
}

/// Validates a Pod spec at `path`.
pub(super) fn spec(spec: &Value, path: &str, causes: &mut Vec<Cause>) {
    let volumes = volumes(spec, path, causes);
    let mut seen = HashSet::new();
    if spec.get("containers").and_then(Value::as_array).is_none_or(Vec::is_empty) {
        causes.push(Cause::required(format!("{path}.containers"), ""));
    }
    for list in ["containers", "initContainers"] {
        for (index, container) in items(spec, list) {
            let place = format!("{path}.{list}[{index}]");
            let name = text(container, "name");
            label(name, &format!("{place}.name"), causes);
            if !name.is_empty() && !seen.insert(name) {
                causes.push(Cause::duplicate(format!("{place}.name"), &name.into()));
            }
            self::container(container, &place, &volumes, causes);
        }
    }
    one_of(spec, path, "restartPolicy", &["Always", "OnFailure", "Never"], causes);
    let policies = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
    one_of(spec, path, "dnsPolicy", &policies, causes);
}

fn one_of(object: &Value, path: &str, field: &str, allowed: &[&str], causes: &mut Vec<Cause>) {
    let value = text(object, field);
    if !value.is_empty() && !allowed.contains(&value) {
        causes.push(Cause::unsupported(format!("{path}.{field}"), &value.into(), allowed));
    }
}

// Names of the volumes that are as they should be.
fn volumes<'v>(spec: &'v Value, path: &str, causes: &mut Vec<Cause>) -> HashSet<&'v str> {
    let mut names = HashSet::new();
    for (index, volume) in items(spec, "volumes") {
        let place = format!("{path}.volumes[{index}]");
        let before = causes.len();
        let sources: Vec<&String> =
            volume.as_object().into_iter().flat_map(|m| m.keys()).filter(|k| *k != "name").collect();
        self::sources(volume, &sources, &place, causes);
        let name = text(volume, "name");
        label(name, &format!("{place}.name"), causes);
        if names.contains(name) {
            causes.push(Cause::duplicate(format!("{place}.name"), &name.into()));
        }
        if causes.len() == before {
            names.insert(name);
        }
    }
    names
}

/// Volume sources in the order in which Kubernetes looks at them.
const SOURCES: [&str; 29] = [
    "emptyDir",
    "hostPath",
    "gitRepo",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "secret",
    "nfs",
    "iscsi",
    "glusterfs",
    "flocker",
    "persistentVolumeClaim",
    "rbd",
    "cinder",
    "cephfs",
    "quobyte",
    "downwardAPI",
    "fc",
    "flexVolume",
    "configMap",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "storageos",
    "projected",
    "scaleIO",
    "csi",
    "ephemeral",
];

fn sources(volume: &Value, given: &[&String], place: &str, causes: &mut Vec<Cause>) {
    let ordered = SOURCES.iter().filter(|s| given.iter().any(|g| g == *s));
    for (count, source) in ordered.enumerate() {
        if count > 0 {
            let why = "may not specify more than 1 volume type";
            causes.push(Cause::forbidden(format!("{place}.{source}"), why));
            continue;
        }
        let inner = &volume[*source];
        let here = format!("{place}.{source}");
        let required = match *source {
            "secret" => "secretName",
            "configMap" => "name",
            "persistentVolumeClaim" => "claimName",
            "hostPath" => "path",
            _ => "",
        };
        if !required.is_empty() && text(inner, required).is_empty() {
            causes.push(Cause::required(format!("{here}.{required}"), ""));
        }
        if *source == "hostPath" {
            no_backsteps(text(inner, "path"), &format!("{here}.path"), causes);
        }
        if let Some(mode) =
            inner.get("defaultMode").filter(|m| !m.as_i64().is_some_and(|m| (0..=0o777).contains(&m)))
        {
            let why = "must be a number between 0 and 0777 (octal), both inclusive";
            causes.push(Cause::invalid(format!("{here}.defaultMode"), mode, why));
        }
        for (index, item) in items(inner, "items") {
            for field in ["key", "path"] {
                let downward = matches!(*source, "downwardAPI" | "projected") && field == "key";
                if !downward && text(item, field).is_empty() {
                    causes.push(Cause::required(format!("{here}.items[{index}].{field}"), ""));
                }
            }
        }
    }
}

fn no_backsteps(path: &str, field: &str, causes: &mut Vec<Cause>) {
    if path.split('/').any(|part| part == "..") {
        causes.push(Cause::invalid(field, &path.into(), "must not contain '..'"));
    }
}

fn container(container: &Value, place: &str, volumes: &HashSet<&str>, causes: &mut Vec<Cause>) {
    let image = text(container, "image");
    if image.is_empty() {
        causes.push(Cause::required(format!("{place}.image"), ""));
    } else if image.trim() != image && place.starts_with("spec.containers") {
        let why = "must not have leading or trailing whitespace";
        causes.push(Cause::invalid(format!("{place}.image"), &image.into(), why));
    }
    for event in ["postStart", "preStop"] {
        if let Some(handler) = container.at(&format!("/lifecycle/{event}")) {
            self::handler(handler, &format!("{place}.lifecycle.{event}"), causes);
        }
    }
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if let Some(value) = container.get(probe) {
            self::probe(value, probe, &format!("{place}.{probe}"), causes);
        }
    }
    ports(container, place, causes);
    environment(container, place, causes);
    mounts(container, place, volumes, causes);
    one_of(container, place, "imagePullPolicy", &["Always", "IfNotPresent", "Never"], causes);
    resources(container, place, causes);
    let policies = ["File", "FallbackToLogsOnError"];
    one_of(container, place, "terminationMessagePolicy", &policies, causes);
}

fn handler(handler: &Value, place: &str, causes: &mut Vec<Cause>) {
    let kinds = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"];
    let given: Vec<&str> = kinds.into_iter().filter(|k| handler.get(*k).is_some()).collect();
    for (count, kind) in given.iter().enumerate() {
        let here = format!("{place}.{kind}");
        if count > 0 {
            causes.push(Cause::forbidden(here, "may not specify more than 1 handler type"));
            continue;
        }
        match *kind {
            "exec" if handler.at("/exec/command").and_then(Value::as_array).is_none_or(Vec::is_empty) => {
                causes.push(Cause::required(format!("{here}.command"), ""));
            }
            "httpGet" | "tcpSocket" | "grpc" => {
                port_or_name(handler[*kind].get("port"), &format!("{here}.port"), causes);
            }
            _ => {}
        }
    }
    if given.is_empty() {
        causes.push(Cause::required(place, "must specify a handler type"));
    }
}

fn probe(probe: &Value, kind: &str, place: &str, causes: &mut Vec<Cause>) {
    handler(probe, place, causes);
    for field in
        ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"]
    {
        not_negative(probe.get(field), &format!("{place}.{field}"), causes);
    }
    let successes = probe.get("successThreshold").filter(|s| s.as_i64() != Some(1));
    if let Some(value) = successes.filter(|_| kind != "readinessProbe") {
        causes.push(Cause::invalid(format!("{place}.successThreshold"), value, "must be 1"));
    }
}

/// A number that may not be below zero.
pub(super) fn not_negative(value: Option<&Value>, field: &str, causes: &mut Vec<Cause>) {
    if let Some(value) = value.filter(|v| v.as_i64().is_some_and(|n| n < 0)) {
        causes.push(Cause::invalid(field, value, "must be greater than or equal to 0"));
    }
}

fn ports(container: &Value, place: &str, causes: &mut Vec<Cause>) {
    let mut names = HashSet::new();
    for (index, port) in items(container, "ports") {
        let here = format!("{place}.ports[{index}]");
        let name = text(port, "name");
        if !name.is_empty() {
            port_name(name, &format!("{here}.name"), causes);
            if !names.insert(name) {
                causes.push(Cause::duplicate(format!("{here}.name"), &name.into()));
            }
        }
        match port.get("containerPort").and_then(Value::as_i64) {
            None | Some(0) => causes.push(Cause::required(format!("{here}.containerPort"), "")),
            Some(_) => port_number(port.get("containerPort"), &format!("{here}.containerPort"), causes),
        }
        one_of(port, &here, "protocol", &["SCTP", "TCP", "UDP"], causes);
    }
}

fn environment(container: &Value, place: &str, causes: &mut Vec<Cause>) {
    for (index, variable) in items(container, "env") {
        let here = format!("{place}.env[{index}]");
        if text(variable, "name").is_empty() {
            causes.push(Cause::required(format!("{here}.name"), ""));
        }
        if variable.get("valueFrom").is_some() && !text(variable, "value").is_empty() {
            let why = "may not be specified when `value` is not empty";
            causes.push(Cause::invalid(format!("{here}.valueFrom"), &"".into(), why));
        }
    }
}

fn mounts(container: &Value, place: &str, volumes: &HashSet<&str>, causes: &mut Vec<Cause>) {
    let mut paths = HashSet::new();
    for (index, mount) in items(container, "volumeMounts") {
        let here = format!("{place}.volumeMounts[{index}]");
        let name = text(mount, "name");
        if name.is_empty() {
            causes.push(Cause::required(format!("{here}.name"), ""));
        } else if !volumes.contains(name) {
            causes.push(Cause::not_found(format!("{here}.name"), &name.into()));
        }
        let path = text(mount, "mountPath");
        if path.is_empty() {
            causes.push(Cause::required(format!("{here}.mountPath"), ""));
        } else if !paths.insert(path) {
            causes.push(Cause::invalid(format!("{here}.mountPath"), &path.into(), "must be unique"));
        }
        // Kubernetes leaves the index out here.
        no_backsteps(text(mount, "subPath"), &format!("{place}.volumeMounts.subPath"), causes);
    }
}

fn resources(container: &Value, place: &str, causes: &mut Vec<Cause>) {
    let parse = |value: &Value| value.as_str().and_then(|t| crate::quantity::Quantity::parse(t).ok());
    for list in ["limits", "requests"] {
        let amounts = container.at(&format!("/resources/{list}")).and_then(Value::as_object);
        for (name, value) in amounts.into_iter().flatten() {
            let here = format!("{place}.resources.{list}[{name}]");
            if parse(value).is_some_and(|q| q.is_negative()) {
                causes.push(Cause::invalid(here, value, "must be greater than or equal to 0"));
            }
        }
    }
    let requests = container.at("/resources/requests").and_then(Value::as_object);
    for (name, request) in requests.into_iter().flatten() {
        let Some(limit) = container.at("/resources/limits").and_then(|l| l.get(name)) else { continue };
        if let (Some(wanted), Some(most)) = (parse(request), parse(limit))
            && wanted.compare(most).is_gt()
        {
            let why = format!(
                "must be less than or equal to {name} limit of {}",
                limit.as_str().unwrap_or_default()
            );
            causes.push(Cause::invalid(format!("{place}.resources.requests"), request, &why));
        }
    }
}

/// What may change about a Pod: images, deadlines, more tolerations, gates that go.
pub(super) fn changes(old: &Value, new: &Value, causes: &mut Vec<Cause>) {
    let comparable = |pod: &Value| {
        let mut spec = pod.get("spec").cloned().unwrap_or_default();
        if let Some(map) = spec.as_object_mut() {
            for field in
                ["activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "schedulingGates"]
            {
                map.remove(field);
            }
            // Only while it waits for its gates may a Pod get narrower node rules.
            if old.at("/spec/schedulingGates").is_some() {
                map.remove("nodeSelector");
                map.remove("affinity");
            }
        }
        for list in ["containers", "initContainers"] {
            for container in spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
                crate::strategy::remove(container, "image");
            }
        }
        spec
    };
    let (was, is) = (comparable(old), comparable(new));
    if was != is {
        let why = "pod updates may not change fields other than \
                   `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,\
                   `spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` \
                   (allow it to be set to 1 if it was previously negative)";
        causes.push(Cause::forbidden("spec", why));
    }
}
