//! Pod specs as a whole (`core/validation`, `ValidatePodSpec`). Containers, volumes and scheduling have their own files.

use super::causes::Causes;
use super::container;
use super::meta;
use super::place::Place;
use super::scheduling;
use super::security;
use super::volume;
use crate::names;
use serde_json::Value;

/// What an object's Pod spec is for; a few rules hold for Pods alone, or name volumes from elsewhere.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Use<'a> {
    /// Whether this is the spec of a Pod and not of a template.
    pub(super) is_pod: bool,
    /// Claim templates: mounts may name them, and each hides a volume of the same name.
    pub(super) claims: &'a [&'a str],
}

/// A Pod template.
pub(super) fn template(template: &Place<'_, '_>, of: Use<'_>, causes: &mut Causes) {
    // Kubernetes leaves `metadata` out of these two paths.
    let (metadata, path) = (template.child("metadata"), template.path());
    let (labels, annotations) = (format!("{path}.labels"), format!("{path}.annotations"));
    meta::labels(&Place::named(metadata.child("labels").value(), &labels), causes);
    meta::annotations(&Place::named(metadata.child("annotations").value(), &annotations), causes);
    let spec = template.child("spec");
    self::spec(&spec, of, causes);
    if spec.has_some("ephemeralContainers") {
        causes.forbidden(
            &spec.child("ephemeralContainers"),
            "ephemeral containers not allowed in pod template",
        );
    }
}

/// A Pod spec.
pub(super) fn spec(spec: &Place<'_, '_>, of: Use<'_>, causes: &mut Causes) {
    let volumes = volume::volumes(spec, of.claims, causes);
    container::containers(spec, &volumes, of, causes);
    restart_and_dns_policy(spec, causes);
    meta::labels(&spec.child("nodeSelector"), causes);
    security::pod(spec, of, causes);
    scheduling::affinity(spec, causes);
    dns_config(spec, causes);
    for gate in spec.items("readinessGates") {
        causes.problems(&gate.child("conditionType"), &names::qualified_name(gate.text("conditionType")));
    }
    scheduling::gates(spec, causes);
    scheduling::spread(spec, causes);
    identity(spec, causes);
    scheduling::tolerations(spec, causes);
    host_aliases(spec, causes);
    for field in ["priorityClassName", "runtimeClassName"] {
        causes.optional_name(&spec.child(field), names::dns1123_subdomain);
    }
    causes.one_of(&spec.child("preemptionPolicy"), &["Never", "PreemptLowerPriority"]);
    if let Some(os) = spec.given("os") {
        match os.text("name") {
            "" => causes.required(&os.child("name"), "cannot be empty"),
            "linux" | "windows" => {}
            other => causes.push(
                "FieldValueNotSupported",
                os.path(),
                format!("Unsupported value: {other:?}: supported values: \"linux\", \"windows\""),
            ),
        }
    }
}

fn restart_and_dns_policy(spec: &Place<'_, '_>, causes: &mut Causes) {
    causes.required_one_of(&spec.child("restartPolicy"), &["Always", "OnFailure", "Never"]);
    let policies = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
    causes.required_one_of(&spec.child("dnsPolicy"), &policies);
}

fn identity(spec: &Place<'_, '_>, causes: &mut Causes) {
    causes.optional_name(&spec.child("serviceAccountName"), names::dns1123_subdomain);
    causes.optional_name(&spec.child("nodeName"), names::dns1123_subdomain);
    causes.in_range(&spec.child("activeDeadlineSeconds"), 1, i64::from(i32::MAX));
    for field in ["hostname", "subdomain"] {
        causes.optional_name(&spec.child(field), names::dns1123_label);
    }
}

fn host_aliases(spec: &Place<'_, '_>, causes: &mut Causes) {
    for alias in spec.items("hostAliases") {
        causes.problems(&alias.child("ip"), &names::ip(alias.text("ip")));
        for name in alias.items("hostnames") {
            causes.problems(&name, &names::dns1123_subdomain(name.as_text()));
        }
    }
}

const MAX_NAMESERVERS: usize = 3;
const MAX_SEARCHES: usize = 32;

fn dns_config(spec: &Place<'_, '_>, causes: &mut Causes) {
    let config = spec.child("dnsConfig");
    if spec.text("dnsPolicy") == "None" {
        if config.value().is_null() {
            causes.required(&config, "must provide `dnsConfig` when `dnsPolicy` is None");
            return;
        }
        if !config.has_some("nameservers") {
            let detail = "must provide at least one DNS nameserver when `dnsPolicy` is None";
            causes.required(&config.child("nameservers"), detail);
            return;
        }
    }
    if config.count("nameservers") > MAX_NAMESERVERS {
        let detail = format!("must not have more than {MAX_NAMESERVERS} nameservers");
        causes.invalid(&config.child("nameservers"), &detail);
    }
    for server in config.items("nameservers") {
        causes.problems(&server, &names::ip(server.as_text()));
    }
    if config.count("searches") > MAX_SEARCHES {
        let detail = format!("must not have more than {MAX_SEARCHES} search paths");
        causes.invalid(&config.child("searches"), &detail);
    }
    for search in config.items("searches") {
        let name = search.as_text().trim_end_matches('.').replace('_', "a");
        if !name.is_empty() {
            causes.problems(&search, &names::dns1123_subdomain(&name));
        }
    }
    for option in config.items("options") {
        if option.text("name").is_empty() {
            causes.required(&option, "must not be empty");
        }
    }
}

const UPDATABLE: &str = "pod updates may not change fields other than \
     `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only \
     additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was \
     previously negative)";

/// What of a running Pod may change (`ValidatePodUpdate`).
pub(super) fn changes(old: &Value, new: &Value, causes: &mut Causes) {
    let (was, is) = (Place::of(old, "spec"), Place::of(new, "spec"));
    for (list, what) in [("containers", "containers"), ("initContainers", "init containers")] {
        if was.count(list) != is.count(list) {
            causes.forbidden(&is.child(list), &format!("pod updates may not add or remove {what}"));
            return;
        }
    }
    deadline(&was, &is, causes);
    gates_only_go(&was, &is, causes);
    tolerations_only_come(&was, &is, causes);
    let frozen = with_allowed_changes_undone(was.value(), is.value());
    if frozen != *was.value() {
        let lines = |value: &Value| super::shape::lines(value, "core.v1", "PodSpec");
        let diff = super::diff::unified(&lines(was.value()), &lines(&frozen));
        causes.forbidden(&is, &format!("{UPDATABLE}\n{diff}"));
    }
}

fn deadline(was: &Place<'_, '_>, is: &Place<'_, '_>, causes: &mut Causes) {
    let place = is.child("activeDeadlineSeconds");
    match (was.number("activeDeadlineSeconds"), place.value().as_i64()) {
        (Some(old), Some(new)) if new > old => {
            causes.invalid(&place, "must be less than or equal to previous value");
        }
        (Some(_), None) => causes.invalid(&place, "must not update from a positive integer to nil value"),
        _ => {}
    }
}

fn gates_only_go(was: &Place<'_, '_>, is: &Place<'_, '_>, causes: &mut Causes) {
    let had: Vec<&Value> = was.items("schedulingGates").map(|gate| gate.value()).collect();
    for gate in is.items("schedulingGates").filter(|gate| !had.contains(&gate.value())) {
        let detail =
            format!("only deletion is allowed, but found new scheduling gate '{}'", gate.text("name"));
        causes.forbidden(&gate, &detail);
    }
}

fn tolerations_only_come(was: &Place<'_, '_>, is: &Place<'_, '_>, causes: &mut Causes) {
    let but_seconds = |toleration: &Value| {
        let mut toleration = toleration.clone();
        crate::strategy::remove(&mut toleration, "tolerationSeconds");
        toleration
    };
    let now: Vec<Value> = is.items("tolerations").map(|t| but_seconds(t.value())).collect();
    if was.items("tolerations").any(|toleration| !now.contains(&but_seconds(toleration.value()))) {
        let detail = "existing toleration can not be modified except its tolerationSeconds";
        causes.forbidden(&is.child("tolerations"), detail);
    }
}

// The new spec with everything put back that may change.
fn with_allowed_changes_undone(old: &Value, new: &Value) -> Value {
    let mut spec = new.clone();
    let mut fields =
        vec!["activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "schedulingGates"];
    // Only while it waits for its gates may a Pod get narrower node rules.
    if old.get("schedulingGates").is_some() {
        fields.extend(["nodeSelector", "affinity"]);
    }
    for field in fields {
        put_back(&mut spec, old, field);
    }
    for list in ["containers", "initContainers"] {
        let old_containers = old.get(list).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let containers = spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten();
        for (container, old) in containers.zip(old_containers) {
            put_back(container, old, "image");
        }
    }
    spec
}

fn put_back(object: &mut Value, old: &Value, field: &str) {
    match old.get(field) {
        Some(value) => object[field] = value.clone(),
        None => crate::strategy::remove(object, field),
    }
}
