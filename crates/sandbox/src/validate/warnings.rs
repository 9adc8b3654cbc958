//! What is accepted but not well done: the `Warning` headers of creates and updates (`pkg/api/pod/warnings.go`,
//! `pkg/api/service/warnings.go` and the registries' `WarningsOnCreate`).

use super::place::Place;
use crate::kinds::Kind;
use crate::names;
use crate::quantity::Quantity;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// The warnings about a new object, or about a changed one if there is an `old`.
pub(crate) fn warnings(kind: &Kind, old: Option<&Value>, object: &Value) -> Vec<String> {
    let mut out = Vec::new();
    if old.is_none() {
        name_warnings(kind, object, &mut out);
    }
    if let Some(path) = template_path(kind) {
        let pointer = format!("/{}", path.replace('.', "/"));
        let template = object.pointer(&pointer);
        let is_new = old.is_none_or(|old| old.pointer(&pointer) != template);
        if let Some(template) = template.filter(|_| is_new) {
            pod(&Place::named(template, path), &mut out);
        }
    }
    match kind.storage.as_str() {
        "/services" => service(object, &mut out),
        "/secrets" => secret(object, &mut out),
        "/persistentvolumes" => persistent_volume(object, &mut out),
        "/persistentvolumeclaims" => claim(object, &mut out),
        "discovery.k8s.io/endpointslices" if object["addressType"] == "FQDN" => {
            out.push("spec.addressType: FQDN endpoints are deprecated".into());
        }
        "networking.k8s.io/ingresses" if old.is_none() => ingress(object, &mut out),
        _ => {}
    }
    out
}

/// Where the spec of the Pods that a kind makes is.
fn template_path(kind: &Kind) -> Option<&'static str> {
    Some(match kind.storage.as_str() {
        "/pods" => "spec",
        "/podtemplates" => "template.spec",
        "batch/cronjobs" => "spec.jobTemplate.spec.template.spec",
        "/replicationcontrollers"
        | "apps/deployments"
        | "apps/replicasets"
        | "apps/daemonsets"
        | "apps/statefulsets"
        | "batch/jobs" => "spec.template.spec",
        _ => return None,
    })
}

fn name_warnings(kind: &Kind, object: &Value, out: &mut Vec<String>) {
    let place = match kind.storage.as_str() {
        "/pods" => "this is used in the Pod's hostname",
        "/replicationcontrollers"
        | "apps/deployments"
        | "apps/replicasets"
        | "batch/jobs"
        | "batch/cronjobs" => "this is used in Pod names and hostnames",
        _ => return,
    };
    let problems = names::dns1123_label(crate::write::meta(object, "name"));
    if !problems.is_empty() {
        out.push(format!(
            "metadata.name: {place}, which can result in surprising behavior; a DNS label is recommended: [{}]",
            problems.join(" ")
        ));
    }
}

/// Labels of nodes that have newer names.
fn old_label(key: &str) -> Option<String> {
    let (version, new) = match key {
        "beta.kubernetes.io/arch" => ("1.14", "kubernetes.io/arch"),
        "beta.kubernetes.io/os" => ("1.14", "kubernetes.io/os"),
        "failure-domain.beta.kubernetes.io/region" => ("1.17", "topology.kubernetes.io/region"),
        "failure-domain.beta.kubernetes.io/zone" => ("1.17", "topology.kubernetes.io/zone"),
        "beta.kubernetes.io/instance-type" => ("1.17", "node.kubernetes.io/instance-type"),
        _ => return None,
    };
    Some(format!("deprecated since v{version}; use {new:?} instead"))
}

fn pod(spec: &Place<'_, '_>, out: &mut Vec<String>) {
    for (key, place) in spec.entries("nodeSelector") {
        out.extend(old_label(key).map(|text| format!("{}: {text}", place.path())));
    }
    node_affinity(spec, out);
    for constraint in spec.items("topologySpreadConstraints") {
        let key = constraint.child("topologyKey");
        if let Some(text) = old_label(key.as_text()) {
            out.push(format!("{}: {} is {text}", key.path(), key.as_text()));
        }
        if !constraint.has("labelSelector") {
            let place = constraint.child("labelSelector");
            out.push(format!("{}: a null labelSelector results in matching no pod", place.path()));
        }
    }
    spec.items("volumes").for_each(|volume| old_volume(&volume, out));
    twice(spec, "hostAliases", "ip", out);
    twice(spec, "imagePullSecrets", "name", out);
    for secret in spec.items("imagePullSecrets").filter(|secret| secret.text("name").is_empty()) {
        out.push(format!("{}: invalid empty name \"\"", secret.child("name").path()));
    }
    fractions(spec, "overhead", out);
    for list in ["initContainers", "containers"] {
        for container in spec.items(list) {
            let resources = container.child("resources");
            ["limits", "requests"].iter().for_each(|map| fractions(&resources, map, out));
            hidden_variables(&container, out);
        }
    }
    ports(spec, out);
    if spec.number("terminationGracePeriodSeconds").is_some_and(|seconds| seconds < 0) {
        let place = spec.child("terminationGracePeriodSeconds");
        out.push(format!(
            "{}: must be >= 0; negative values are invalid and will be treated as 1",
            place.path()
        ));
    }
}

fn node_affinity(spec: &Place<'_, '_>, out: &mut Vec<String>) {
    let affinity = spec.child("affinity");
    let node = affinity.child("nodeAffinity");
    let mut of_term = |term: &Place<'_, '_>| {
        for expression in term.items("matchExpressions") {
            if let Some(text) = old_label(expression.text("key")) {
                let place = expression.child("key");
                out.push(format!("{}: {} is {text}", place.path(), place.as_text()));
            }
        }
    };
    let required = node.child("requiredDuringSchedulingIgnoredDuringExecution");
    required.items("nodeSelectorTerms").for_each(|term| of_term(&term));
    for term in node.items("preferredDuringSchedulingIgnoredDuringExecution") {
        of_term(&term.child("preference"));
    }
}

/// Sources of volumes that are gone or going.
const OLD_VOLUMES: [(&str, &str); 9] = [
    ("photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
    ("gitRepo", "deprecated in v1.11, and disabled by default in v1.33+"),
    ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
    ("flocker", "deprecated in v1.22, non-functional in v1.25+"),
    ("storageos", "deprecated in v1.22, non-functional in v1.25+"),
    ("quobyte", "deprecated in v1.22, non-functional in v1.25+"),
    ("glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
    ("cephfs", "deprecated in v1.28, non-functional in v1.31+"),
    ("rbd", "deprecated in v1.28, non-functional in v1.31+"),
];

fn old_volume(volume: &Place<'_, '_>, out: &mut Vec<String>) {
    for (source, text) in OLD_VOLUMES.iter().filter(|(source, _)| volume.has(source)) {
        // The path has the Go name of this one.
        let shown = if *source == "storageos" { "storageOS" } else { source };
        out.push(format!("{}: {text}", volume.child(shown).path()));
    }
}

fn twice(spec: &Place<'_, '_>, list: &str, field: &str, out: &mut Vec<String>) {
    let mut seen = HashSet::new();
    for item in spec.items(list) {
        if !seen.insert(item.text(field)) {
            out.push(format!("{}: duplicate {field} {:?}", item.child(field).path(), item.text(field)));
        }
    }
}

fn fractions(object: &Place<'_, '_>, map: &str, out: &mut Vec<String>) {
    for name in ["memory", "ephemeral-storage"] {
        let amount = object.entry(map, name);
        fraction(&amount, out);
    }
}

fn fraction(amount: &Place<'_, '_>, out: &mut Vec<String>) {
    if Quantity::parse(amount.as_text()).is_ok_and(|quantity| !quantity.is_whole()) {
        out.push(format!(
            "{}: fractional byte value {:?} is invalid, must be an integer",
            amount.path(),
            amount.as_text()
        ));
    }
}

// A later variable of the same name that does not build on the earlier one.
fn hidden_variables(container: &Place<'_, '_>, out: &mut Vec<String>) {
    let mut seen = HashSet::new();
    for variable in container.items("env") {
        let (name, value) = (variable.text("name"), variable.text("value"));
        let reference = format!("$({name})");
        let builds_on_it = value.contains(&reference) && value != reference && !variable.has("valueFrom");
        if !seen.insert(name) && !builds_on_it {
            out.push(format!(
                "{}: hides previous definition of {name:?}, which may be dropped when using apply",
                variable.path()
            ));
        }
    }
}

/// A port of a container: its path, and where it is open on the node.
struct OpenPort<'v> {
    path: String,
    host_port: i64,
    host_ip: &'v str,
}

impl OpenPort<'_> {
    // How this port gets in the way of an earlier one of the same number and protocol.
    fn clash(&self, other: &OpenPort<'_>) -> Option<&'static str> {
        if self.host_ip == other.host_ip && self.host_port == other.host_port {
            Some("duplicate")
        } else if self.host_port == 0 || other.host_port == 0 {
            Some("overlapping")
        } else if self.host_port == other.host_port && self.host_ip.is_empty() != other.host_ip.is_empty() {
            Some("dangerously ambiguous")
        } else {
            None
        }
    }
}

fn ports(spec: &Place<'_, '_>, out: &mut Vec<String>) {
    let mut known: HashMap<(i64, &str), Vec<OpenPort<'_>>> = HashMap::new();
    for list in ["initContainers", "containers"] {
        for container in spec.items(list) {
            for port in container.items("ports") {
                let number = |field: &str| port.number(field).unwrap_or(0);
                let open = OpenPort {
                    path: port.path(),
                    host_port: number("hostPort"),
                    host_ip: port.text("hostIP"),
                };
                let others = known.entry((number("containerPort"), port.text("protocol"))).or_default();
                for other in others.iter() {
                    if let Some(word) = open.clash(other) {
                        out.push(format!("{}: {word} port definition with {}", open.path, other.path));
                    }
                }
                others.push(open);
            }
        }
    }
}

fn service(object: &Value, out: &mut Vec<String>) {
    let spec = Place::of(object, "spec");
    let metadata = Place::of(object, "metadata");
    let mut say = |text: &str| out.push(text.to_owned());
    if !metadata.entry("annotations", "service.kubernetes.io/topology-aware-hints").value().is_null() {
        say("annotation service.kubernetes.io/topology-aware-hints is deprecated, please use \
             service.kubernetes.io/topology-mode instead");
    }
    let kind = spec.text("type");
    if kind == "ClusterIP" && spec.text("clusterIP") == "None" {
        if !spec.text("loadBalancerIP").is_empty() {
            say("spec.loadBalancerIP is ignored for headless services");
        }
        if spec.has_some("externalIPs") {
            say("spec.externalIPs is ignored for headless services");
        }
        if spec.text("sessionAffinity") != "None" {
            say("spec.SessionAffinity is ignored for headless services");
        }
    }
    if kind == "ExternalName" && spec.has_some("externalIPs") {
        say("spec.externalIPs is ignored when spec.type is \"ExternalName\"");
    }
    if kind != "ExternalName" && !spec.text("externalName").is_empty() {
        say("spec.externalName is ignored when spec.type is not \"ExternalName\"");
    }
    if spec.text("trafficDistribution") == "PreferClose" {
        say("spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\"");
    }
}

// `tls.X509KeyPair` looks for PEM first.
fn secret(object: &Value, out: &mut Vec<String>) {
    if object["type"] != "kubernetes.io/tls" {
        return;
    }
    let data = |key: &str| {
        let text = object["data"].get(key).and_then(Value::as_str).unwrap_or_default();
        crate::base64::decode(text).unwrap_or_default()
    };
    let has_block = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains("-----BEGIN ");
    if !has_block(&data("tls.crt")) {
        out.push("tls: failed to find any PEM data in certificate input".into());
    } else if !has_block(&data("tls.key")) {
        out.push("tls: failed to find any PEM data in key input".into());
    }
}

fn persistent_volume(object: &Value, out: &mut Vec<String>) {
    let spec = Place::of(object, "spec");
    if spec.text("persistentVolumeReclaimPolicy") == "Recycle" {
        out.push(
            "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended \
             approach is to use dynamic provisioning."
                .into(),
        );
    }
    old_volume(&spec, out);
}

fn claim(object: &Value, out: &mut Vec<String>) {
    let spec = Place::of(object, "spec");
    let resources = spec.child("resources");
    fraction(&resources.entry("requests", "storage"), out);
}

fn ingress(object: &Value, out: &mut Vec<String>) {
    let metadata = Place::of(object, "metadata");
    if !metadata.entry("annotations", "kubernetes.io/ingress.class").value().is_null() {
        let text = "annotation \"kubernetes.io/ingress.class\" is deprecated, please use 'spec.ingressClassName' instead";
        out.push(text.into());
    }
}
