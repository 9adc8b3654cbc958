//! Pods and Pod templates.

use super::{items, set, text};
use crate::dig::Dig;
use serde_json::{Map, Value, json};

/// Defaults of a Pod itself; templates leave some of them to the Pods made from them.
pub(super) fn pod(object: &mut Value) {
    let spec = &mut object["spec"];
    let host_network = spec.get("hostNetwork") == Some(&Value::Bool(true));
    for list in ["initContainers", "containers"] {
        for container in items(spec, list) {
            requests_from_limits(container);
            for port in items(container, "ports") {
                if host_network && let Some(number) = port.get("containerPort").cloned() {
                    set(port, "hostPort", number);
                }
            }
        }
    }
    set(spec, "enableServiceLinks", true);
    pod_spec(spec);
}

fn requests_from_limits(container: &mut Value) {
    let Some(Value::Object(limits)) = container.at("/resources/limits").cloned() else { return };
    if !container["resources"].get("requests").is_some_and(Value::is_object) {
        container["resources"]["requests"] = json!({});
    }
    for (name, quantity) in limits {
        set(&mut container["resources"]["requests"], &name, quantity);
    }
}

/// Defaults that Pods and templates share.
pub(crate) fn pod_spec(spec: &mut Value) {
    if !spec.is_object() {
        *spec = json!({});
    }
    for list in ["initContainers", "containers", "ephemeralContainers"] {
        items(spec, list).for_each(container);
    }
    items(spec, "volumes").for_each(volume);
    set(spec, "dnsPolicy", "ClusterFirst");
    set(spec, "restartPolicy", "Always");
    set(spec, "securityContext", json!({}));
    set(spec, "terminationGracePeriodSeconds", 30);
    set(spec, "schedulerName", "default-scheduler");
    // The old field follows the new one (conversion of PodSpec).
    match (text(spec, "serviceAccountName"), text(spec, "serviceAccount")) {
        ("", "") => {}
        ("", old) => spec["serviceAccountName"] = old.to_owned().into(),
        (new, _) => spec["serviceAccount"] = new.to_owned().into(),
    }
}

fn container(container: &mut Value) {
    set(container, "terminationMessagePath", "/dev/termination-log");
    set(container, "terminationMessagePolicy", "File");
    let policy = if is_latest(text(container, "image")) { "Always" } else { "IfNotPresent" };
    set(container, "imagePullPolicy", policy);
    items(container, "ports").for_each(|port| set(port, "protocol", "TCP"));
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if let Some(probe) = container.get_mut(probe) {
            self::probe(probe);
        }
    }
    for event in ["postStart", "preStop"] {
        if let Some(http) = container.pointer_mut(&format!("/lifecycle/{event}/httpGet")) {
            http_get(http);
        }
    }
    for variable in items(container, "env") {
        if let Some(field) = variable.pointer_mut("/valueFrom/fieldRef") {
            set(field, "apiVersion", "v1");
        }
        if let Some(file) = variable.pointer_mut("/valueFrom/fileKeyRef") {
            set(file, "optional", false);
        }
    }
}

// Docker's reference grammar: no tag and no digest means latest.
fn is_latest(image: &str) -> bool {
    let (name, digest) = image.split_once('@').map_or((image, None), |(n, d)| (n, Some(d)));
    let last = name.rsplit('/').next().unwrap_or_default();
    match last.split_once(':') {
        Some((_, tag)) => tag == "latest",
        None => digest.is_none(),
    }
}

fn probe(probe: &mut Value) {
    set(probe, "timeoutSeconds", 1);
    set(probe, "periodSeconds", 10);
    set(probe, "successThreshold", 1);
    set(probe, "failureThreshold", 3);
    if let Some(http) = probe.get_mut("httpGet") {
        http_get(http);
    }
    if let Some(grpc) = probe.get_mut("grpc") {
        set(grpc, "service", "");
    }
}

fn http_get(http: &mut Value) {
    set(http, "path", "/");
    set(http, "scheme", "HTTP");
}

fn volume(volume: &mut Value) {
    if volume.as_object().is_some_and(|v| v.keys().all(|k| k == "name")) {
        volume["emptyDir"] = json!({});
    }
    for source in ["secret", "configMap", "downwardAPI", "projected"] {
        if let Some(source) = volume.get_mut(source) {
            set(source, "defaultMode", 420);
        }
    }
    if let Some(path) = volume.get_mut("hostPath") {
        set(path, "type", "");
    }
    if let Some(api) = volume.get_mut("downwardAPI") {
        items(api, "items").for_each(field_version);
    }
    for source in volume.get_mut("projected").into_iter().flat_map(|p| items(p, "sources")) {
        if let Some(token) = source.get_mut("serviceAccountToken") {
            set(token, "expirationSeconds", 3600);
        }
        if let Some(api) = source.get_mut("downwardAPI") {
            items(api, "items").for_each(field_version);
        }
    }
    if let Some(spec) = volume.pointer_mut("/ephemeral/volumeClaimTemplate/spec") {
        set(spec, "volumeMode", "Filesystem");
    }
    network_volume(volume);
}

fn field_version(item: &mut Value) {
    if let Some(field) = item.get_mut("fieldRef") {
        set(field, "apiVersion", "v1");
    }
}

fn network_volume(volume: &mut Value) {
    if let Some(iscsi) = volume.get_mut("iscsi") {
        set(iscsi, "iscsiInterface", "default");
    }
    if let Some(rbd) = volume.get_mut("rbd") {
        set(rbd, "pool", "rbd");
        set(rbd, "user", "admin");
        set(rbd, "keyring", "/etc/ceph/keyring");
    }
    if let Some(disk) = volume.get_mut("azureDisk") {
        set(disk, "cachingMode", "ReadWrite");
        set(disk, "kind", "Shared");
        set(disk, "fsType", "ext4");
        set(disk, "readOnly", false);
    }
    if let Some(scale) = volume.get_mut("scaleIO") {
        set(scale, "storageMode", "ThinProvisioned");
        set(scale, "fsType", "xfs");
    }
}

/// The quality of service class of a Pod (`qos.ComputePodQOS`).
pub(crate) fn pod_qos(spec: &Value) -> &'static str {
    let containers: Vec<&Value> = ["containers", "initContainers"]
        .iter()
        .filter_map(|list| spec.get(*list).and_then(Value::as_array))
        .flatten()
        .collect();
    let list = |container: &Value, field: &str| -> Map<String, Value> {
        let found = container.at(&format!("/resources/{field}")).and_then(Value::as_object);
        let counted = |(k, v): (&String, &Value)| {
            let zero =
                v.as_str().is_some_and(|t| crate::quantity::Quantity::parse(t).is_ok_and(|q| q.is_zero()));
            (matches!(k.as_str(), "cpu" | "memory") && !zero).then(|| (k.clone(), v.clone()))
        };
        found.into_iter().flatten().filter_map(counted).collect()
    };
    if containers.iter().all(|c| list(c, "requests").is_empty() && list(c, "limits").is_empty()) {
        return "BestEffort";
    }
    let guaranteed = containers.iter().all(|c| {
        let (requests, limits) = (list(c, "requests"), list(c, "limits"));
        limits.len() == 2 && requests.iter().all(|(name, quantity)| limits.get(name) == Some(quantity))
    });
    if guaranteed { "Guaranteed" } else { "Burstable" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_image_without_tag_and_digest_is_latest() {
        assert!(is_latest("nginx"));
        assert!(is_latest("localhost:5000/nginx"));
        assert!(is_latest("nginx:latest"));
        assert!(!is_latest("nginx:1.27"));
        assert!(!is_latest("nginx@sha256:0123"));
    }
}
