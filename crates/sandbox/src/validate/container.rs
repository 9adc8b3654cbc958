//! Containers: names, probes, hooks, ports, environment, mounts (`core/validation`, `validateContainers`).

use super::causes::Causes;
use super::place::Place;
use super::pod::Use;
use super::resources;
use super::security;
use super::volume::{self, Volumes};
use crate::names;
use std::collections::HashSet;

/// Protocols in the order in which container and Service ports list them.
pub(super) const PROTOCOLS: [&str; 3] = ["SCTP", "TCP", "UDP"];

/// All containers of a Pod spec.
pub(super) fn containers(spec: &Place<'_, '_>, volumes: &Volumes<'_>, of: Use<'_>, causes: &mut Causes) {
    let mut names = HashSet::new();
    if !spec.has_some("containers") {
        causes.required(&spec.child("containers"), "");
    }
    for container in spec.items("containers") {
        common(&container, volumes, of, causes);
        unique_name(&container, &mut names, causes);
        lively(&container, causes);
    }
    let mut host_ports = HashSet::new();
    for container in spec.items("containers") {
        unique_host_ports(&container, &mut host_ports, causes);
    }
    for container in spec.items("initContainers") {
        common(&container, volumes, of, causes);
        unique_name(&container, &mut names, causes);
        match container.text("restartPolicy") {
            "Always" => lively(&container, causes),
            _ => not_lively(&container, causes),
        }
        unique_host_ports(&container, &mut HashSet::new(), causes);
    }
}

fn unique_name<'v>(container: &Place<'_, 'v>, names: &mut HashSet<&'v str>, causes: &mut Causes) {
    let name = container.text("name");
    if !name.is_empty() && !names.insert(name) {
        causes.duplicate(&container.child("name"));
    }
}

// What containers and init containers share (`validateContainerCommon`).
fn common(container: &Place<'_, '_>, volumes: &Volumes<'_>, of: Use<'_>, causes: &mut Causes) {
    causes.required_name(&container.child("name"), names::dns1123_label);
    let image = container.child("image");
    if image.as_text().is_empty() {
        causes.required(&image, "");
    } else if of.is_pod && image.as_text().trim() != image.as_text() {
        causes.invalid(&image, "must not have leading or trailing whitespace");
    }
    let policies = ["File", "FallbackToLogsOnError"];
    causes.required_one_of(&container.child("terminationMessagePolicy"), &policies);
    ports(container, causes);
    environment(container, causes);
    volume::mounts(container, volumes, causes);
    let policies = ["Always", "IfNotPresent", "Never"];
    causes.required_one_of(&container.child("imagePullPolicy"), &policies);
    resources::requirements(&container.child("resources"), causes);
    security::container(&container.child("securityContext"), causes);
}

// Hooks and probes.
fn lively(container: &Place<'_, '_>, causes: &mut Causes) {
    let lifecycle = container.child("lifecycle");
    for event in ["postStart", "preStop"] {
        if let Some(handler) = lifecycle.given(event) {
            self::handler(&handler, causes);
        }
    }
    for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if let Some(probe) = container.given(name) {
            self::probe(&probe, name, causes);
        }
    }
}

fn not_lively(container: &Place<'_, '_>, causes: &mut Causes) {
    for field in ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] {
        if let Some(place) = container.given(field) {
            causes.forbidden(&place, "may not be set for init containers without restartPolicy=Always");
        }
    }
    if let Some(policy) = container.given("restartPolicy") {
        causes.unsupported(&policy, &["Always"]);
    }
}

const HANDLERS: [&str; 5] = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"];

fn handler(handler: &Place<'_, '_>, causes: &mut Causes) {
    let mut count = 0;
    for kind in HANDLERS {
        let Some(action) = handler.given(kind) else { continue };
        count += 1;
        match kind {
            _ if count > 1 => causes.forbidden(&action, "may not specify more than 1 handler type"),
            "exec" if !action.has_some("command") => causes.required(&action.child("command"), ""),
            "httpGet" => http_get(&action, causes),
            "tcpSocket" | "grpc" => causes.port(&action.child("port")),
            "sleep" if action.number("seconds").is_some_and(|seconds| seconds < 0) => {
                let detail = "must be non-negative and less than terminationGracePeriodSeconds";
                causes.invalid_as(&action, action.child("seconds").value(), detail);
            }
            _ => {}
        }
    }
    if count == 0 {
        causes.required(handler, "must specify a handler type");
    }
}

fn http_get(action: &Place<'_, '_>, causes: &mut Causes) {
    causes.required_text(&action.child("path"));
    causes.port(&action.child("port"));
    causes.one_of(&action.child("scheme"), &["HTTP", "HTTPS"]);
    let headers = action.child("httpHeaders");
    for header in action.items("httpHeaders") {
        for problem in names::header_name(header.text("name")) {
            causes.invalid_as(&headers, &header.text("name").into(), &problem);
        }
    }
}

const PROBE_NUMBERS: [&str; 5] =
    ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"];

fn probe(probe: &Place<'_, '_>, name: &str, causes: &mut Causes) {
    handler(probe, causes);
    for field in PROBE_NUMBERS {
        causes.not_negative(&probe.child(field));
    }
    let grace = probe.child("terminationGracePeriodSeconds");
    if grace.value().as_i64().is_some_and(|seconds| seconds <= 0) {
        causes.invalid(&grace, "must be greater than 0");
    }
    let successes = probe.child("successThreshold");
    if name != "readinessProbe" {
        if successes.value().as_i64() != Some(1) {
            causes.invalid(&successes, "must be 1");
        }
    } else if !grace.value().is_null() {
        causes.invalid(&grace, "must not be set for readinessProbes");
    }
}

fn ports(container: &Place<'_, '_>, causes: &mut Causes) {
    let mut names = HashSet::new();
    for port in container.items("ports") {
        let name = port.child("name");
        if !name.as_text().is_empty() {
            let problems = names::port_name(name.as_text());
            causes.problems(&name, &problems);
            if problems.is_empty() && !names.insert(name.as_text()) {
                causes.duplicate(&name);
            }
        }
        match port.number("containerPort") {
            None | Some(0) => causes.required(&port.child("containerPort"), ""),
            Some(_) => causes.port_number(&port.child("containerPort")),
        }
        if port.number("hostPort").is_some_and(|number| number != 0) {
            causes.port_number(&port.child("hostPort"));
        }
        causes.required_one_of(&port.child("protocol"), &PROTOCOLS);
    }
}

fn unique_host_ports(container: &Place<'_, '_>, taken: &mut HashSet<String>, causes: &mut Causes) {
    for port in container.items("ports") {
        let Some(number) = port.number("hostPort").filter(|number| *number != 0) else { continue };
        let claim = format!("{}/{}/{number}", port.text("protocol"), port.text("hostIP"));
        if taken.contains(&claim) {
            let message = format!("Duplicate value: {claim:?}");
            causes.push("FieldValueDuplicate", port.child("hostPort").path(), message);
        }
        taken.insert(claim);
    }
}

const SOURCE_MISSING: &str =
    "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`";

fn environment(container: &Place<'_, '_>, causes: &mut Causes) {
    for variable in container.items("env") {
        causes.required_name(&variable.child("name"), names::environment_variable);
        if let Some(source) = variable.given("valueFrom") {
            value_from(&source, variable.text("value"), causes);
        }
    }
    for source in container.items("envFrom") {
        env_from(&container.child("envFrom"), &source, causes);
    }
}

fn value_from(source: &Place<'_, '_>, value: &str, causes: &mut Causes) {
    let mut count = 0;
    for kind in ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"] {
        let Some(reference) = source.given(kind) else { continue };
        count += 1;
        match kind {
            "fieldRef" => field_reference(&reference, &ENV_FIELDS, causes),
            "resourceFieldRef" => resource_reference(&reference, false, causes),
            "configMapKeyRef" | "secretKeyRef" => {
                causes.required_text(&reference.child("name"));
                causes.required_name(&reference.child("key"), names::config_key);
            }
            _ => {}
        }
    }
    let detail = match (count, value.is_empty()) {
        (0, _) => SOURCE_MISSING,
        (_, false) => "may not be specified when `value` is not empty",
        (1, _) => return,
        _ => "may not have more than one field specified at a time",
    };
    causes.invalid_as(source, &"".into(), detail);
}

fn env_from(list: &Place<'_, '_>, source: &Place<'_, '_>, causes: &mut Causes) {
    causes.optional_name(&source.child("prefix"), names::environment_variable);
    let mut count = 0;
    for kind in ["configMapRef", "secretRef"] {
        if let Some(reference) = source.given(kind) {
            count += 1;
            causes.required_text(&reference.child("name"));
        }
    }
    // Kubernetes names the list, not the item.
    match count {
        0 => causes.invalid_as(list, &"".into(), "must specify one of: `configMapRef` or `secretRef`"),
        1 => {}
        _ => causes.invalid_as(list, &"".into(), "may not have more than one field specified at a time"),
    }
}

const ENV_FIELDS: [&str; 9] = [
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];

/// Fields that a file of a downward API volume can hold.
pub(super) const FILE_FIELDS: [&str; 5] =
    ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];

/// Fields that are known but that no environment variable or file can hold.
const OTHER_FIELDS: [&str; 3] = ["spec.restartPolicy", "spec.schedulerName", "status.phase"];

/// A reference to a field of the Pod itself.
pub(super) fn field_reference(reference: &Place<'_, '_>, allowed: &[&str], causes: &mut Causes) {
    let field = reference.child("fieldPath");
    if reference.text("apiVersion").is_empty() {
        causes.required(&reference.child("apiVersion"), "");
        return;
    }
    if field.as_text().is_empty() {
        causes.required(&field, "");
        return;
    }
    if let Some((map, key)) = subscript(field.as_text()) {
        if key.is_empty() || !matches!(map, "metadata.annotations" | "metadata.labels") {
            let detail = format!("error converting fieldPath: field label not supported: {map}");
            causes.invalid(&field, &detail);
            return;
        }
        causes.problems(&field, &names::qualified_name(&key.to_lowercase()));
        return;
    }
    let path = field.as_text();
    let known = [&ENV_FIELDS[..], &FILE_FIELDS, &OTHER_FIELDS].concat().contains(&path);
    if !known {
        causes.invalid(&field, &format!("error converting fieldPath: field label not supported: {path}"));
    } else if !allowed.contains(&path) {
        causes.unsupported(&field, allowed);
    }
}

// `metadata.labels['key']`
fn subscript(path: &str) -> Option<(&str, &str)> {
    path.strip_suffix("']")?.split_once("['")
}

const RESOURCE_FIELDS: [&str; 6] = [
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
];

/// A reference to what a container asks for or is allowed.
pub(super) fn resource_reference(reference: &Place<'_, '_>, names_container: bool, causes: &mut Causes) {
    let resource = reference.child("resource");
    if names_container && reference.text("containerName").is_empty() {
        causes.required(&reference.child("containerName"), "");
    } else if resource.as_text().is_empty() {
        causes.required(&resource, "");
    } else if !resource.as_text().contains(".hugepages-") && !RESOURCE_FIELDS.contains(&resource.as_text()) {
        causes.unsupported(&resource, &RESOURCE_FIELDS);
    }
}
