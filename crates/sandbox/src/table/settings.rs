//! Rows of everything that neither runs, connects nor stores: configuration, access, nodes, events.

use super::age;
use super::reading::{boolean, list, number, shown, text, text_or};
use crate::dig::Dig;
use serde_json::Value;

/// Cells between name and age, and the wide ones.
pub(super) fn cells(storage: &str, object: &Value) -> (Vec<Value>, Vec<Value>) {
    let count = |path: &str| Value::from(list(object, path).len());
    let middle = match storage {
        "/configmaps" => vec![entries(object, &["/data", "/binaryData"])],
        "/secrets" => vec![text(object, "/type").into(), entries(object, &["/data"])],
        "/namespaces" => vec![text(object, "/status/phase").into()],
        "coordination.k8s.io/leases" => vec![text(object, "/spec/holderIdentity").into()],
        "node.k8s.io/runtimeclasses" => vec![text(object, "/handler").into()],
        "/resourcequotas" => quota(object),
        "admissionregistration.k8s.io/mutatingwebhookconfigurations"
        | "admissionregistration.k8s.io/validatingwebhookconfigurations" => vec![count("/webhooks")],
        "admissionregistration.k8s.io/validatingadmissionpolicies" => {
            vec![count("/spec/validations"), parameter_kind(object)]
        }
        "admissionregistration.k8s.io/mutatingadmissionpolicies" => {
            vec![count("/spec/mutations"), parameter_kind(object)]
        }
        "admissionregistration.k8s.io/validatingadmissionpolicybindings"
        | "admissionregistration.k8s.io/mutatingadmissionpolicybindings" => {
            vec![text(object, "/spec/policyName").into(), parameter(object)]
        }
        "rbac.authorization.k8s.io/rolebindings" | "rbac.authorization.k8s.io/clusterrolebindings" => {
            return binding(object);
        }
        "flowcontrol.apiserver.k8s.io/flowschemas" => vec![
            text(object, "/spec/priorityLevelConfiguration/name").into(),
            number(object, "/spec/matchingPrecedence").into(),
            text_or(object, "/spec/distinguisherMethod/type", "<none>").into(),
        ],
        "flowcontrol.apiserver.k8s.io/prioritylevelconfigurations" => priority_level(object),
        "resource.k8s.io/resourceclaims" => vec![claim_state(object).into()],
        "resource.k8s.io/resourceslices" => vec![
            text(object, "/spec/nodeName").into(),
            text(object, "/spec/driver").into(),
            text(object, "/spec/pool/name").into(),
        ],
        _ => Vec::new(),
    };
    (middle, Vec::new())
}

fn entries(object: &Value, paths: &[&str]) -> Value {
    let count = |path: &&str| object.at(path).and_then(Value::as_object).map_or(0, serde_json::Map::len);
    paths.iter().map(count).sum::<usize>().into()
}

fn parameter_kind(object: &Value) -> Value {
    match object.at("/spec/paramKind") {
        Some(kind) => format!("{}/{}", text(kind, "/apiVersion"), text(kind, "/kind")).into(),
        None => "<unset>".into(),
    }
}

fn parameter(object: &Value) -> Value {
    let Some(reference) = object.at("/spec/paramRef") else { return "<unset>".into() };
    match (text(reference, "/namespace"), text(reference, "/name")) {
        (_, "") => "<unset>".into(),
        ("", name) => format!("*/{name}").into(),
        (namespace, name) => format!("{namespace}/{name}").into(),
    }
}

fn binding(object: &Value) -> (Vec<Value>, Vec<Value>) {
    let of = |kind: &str| -> Value {
        let subjects = list(object, "/subjects").iter().filter(|s| text(s, "/kind") == kind);
        let names = subjects.map(|s| match kind {
            "ServiceAccount" => format!("{}/{}", text(s, "/namespace"), text(s, "/name")),
            _ => text(s, "/name").to_owned(),
        });
        names.collect::<Vec<_>>().join(", ").into()
    };
    let role = format!("{}/{}", text(object, "/roleRef/kind"), text(object, "/roleRef/name"));
    (vec![role.into()], vec![of("User"), of("Group"), of("ServiceAccount")])
}

fn quota(object: &Value) -> Vec<Value> {
    let (mut requests, mut limits) = (Vec::new(), Vec::new());
    for (name, hard) in object.at("/status/hard").and_then(Value::as_object).into_iter().flatten() {
        let used = object.at("/status/used").and_then(|used| used.get(name));
        let used = if used.is_none() { "0".to_owned() } else { shown(used) };
        let cell = format!("{name}: {used}/{}", shown(Some(hard)));
        let into = if name.starts_with("limits.") { &mut limits } else { &mut requests };
        into.push(cell);
    }
    vec![requests.join(", ").into(), limits.join(", ").into()]
}

fn priority_level(object: &Value) -> Vec<Value> {
    let limited = |path: &str| match shown(object.at(path)) {
        text if text.is_empty() => Value::from("<none>"),
        text => text.into(),
    };
    let shares = ["/spec/limited/nominalConcurrencyShares", "/spec/exempt/nominalConcurrencyShares"];
    let shares = shares.map(limited).into_iter().find(|v| v != "<none>").unwrap_or_else(|| "<none>".into());
    let queuing = |field: &str| limited(&format!("/spec/limited/limitResponse/queuing/{field}"));
    vec![
        text(object, "/spec/type").into(),
        shares,
        queuing("queues"),
        queuing("handSize"),
        queuing("queueLengthLimit"),
    ]
}

fn claim_state(object: &Value) -> String {
    let mut states = Vec::new();
    if !text(object, "/metadata/deletionTimestamp").is_empty() {
        states.push("deleted");
    }
    match object.at("/status/allocation") {
        Some(_) => states.push("allocated"),
        None if states.is_empty() => states.push("pending"),
        None => {}
    }
    if !list(object, "/status/reservedFor").is_empty() {
        states.push("reserved");
    }
    states.join(",")
}

pub(super) fn priority_class(object: &Value, age: Value) -> Vec<Value> {
    vec![
        text(object, "/metadata/name").into(),
        number(object, "/value").into(),
        boolean(object, "/globalDefault", false).into(),
        age,
        text(object, "/preemptionPolicy").into(),
    ]
}

pub(super) fn signing_request(object: &Value, age: Value) -> Vec<Value> {
    let duration = match object.at("/spec/expirationSeconds").and_then(Value::as_i64) {
        Some(seconds) => age::human(seconds),
        None => "<none>".into(),
    };
    let states: Vec<&str> = list(object, "/status/conditions").iter().map(|c| text(c, "/type")).collect();
    let has = |state: &str| states.contains(&state);
    let mut state = match () {
        () if has("Denied") => "Denied",
        () if has("Approved") => "Approved",
        () => "Pending",
    }
    .to_owned();
    if has("Failed") {
        state.push_str(",Failed");
    }
    if !text(object, "/status/certificate").is_empty() {
        state.push_str(",Issued");
    }
    vec![
        text(object, "/metadata/name").into(),
        age,
        text_or(object, "/spec/signerName", "<none>").into(),
        text(object, "/spec/username").into(),
        duration.into(),
        state.into(),
    ]
}

/// All cells between name and the wide ones, the age among them.
pub(super) fn node(object: &Value, age: &Value) -> (Vec<Value>, Vec<Value>) {
    let ready = list(object, "/status/conditions").iter().find(|c| text(c, "/type") == "Ready");
    let mut state = match ready.map(|c| text(c, "/status")) {
        Some("True") => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    }
    .to_owned();
    if boolean(object, "/spec/unschedulable", false) {
        state.push_str(",SchedulingDisabled");
    }
    let labels = object.at("/metadata/labels").and_then(Value::as_object);
    let mut roles: Vec<&str> = labels
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| match key.strip_prefix("node-role.kubernetes.io/") {
            Some(role) if !role.is_empty() => Some(role),
            _ if key == "kubernetes.io/role" => value.as_str().filter(|v| !v.is_empty()),
            _ => None,
        })
        .collect();
    roles.sort_unstable();
    let roles = if roles.is_empty() { "<none>".to_owned() } else { roles.join(",") };
    let address = |kind: &str| {
        let found = list(object, "/status/addresses").iter().find(|a| text(a, "/type") == kind);
        Value::from(found.map_or("<none>", |a| text(a, "/address")))
    };
    let about = |field: &str| Value::from(text_or(object, &format!("/status/nodeInfo/{field}"), "<unknown>"));
    let version = text(object, "/status/nodeInfo/kubeletVersion").into();
    let wide = vec![
        address("InternalIP"),
        address("ExternalIP"),
        about("osImage"),
        about("kernelVersion"),
        about("containerRuntimeVersion"),
    ];
    (vec![state.into(), roles.into(), age.clone(), version], wide)
}

pub(super) fn event(object: &Value, now: &str) -> Vec<Value> {
    // The two groups of events name their fields differently.
    let either = |old: &str, new: &str| match text(object, old) {
        "" => text(object, new),
        found => found,
    };
    let first = match either("/firstTimestamp", "/deprecatedFirstTimestamp") {
        "" => text(object, "/eventTime"),
        time => time,
    };
    let mut last = match either("/lastTimestamp", "/deprecatedLastTimestamp") {
        "" => first,
        time => time,
    };
    let mut count = number(object, "/count").max(number(object, "/deprecatedCount")).max(1);
    if object.at("/series").is_some_and(|s| !s.is_null()) {
        last = text(object, "/series/lastObservedTime");
        count = number(object, "/series/count");
    }
    let about = if object.at("/involvedObject").is_some() { "/involvedObject" } else { "/regarding" };
    let kind = text(object, &format!("{about}/kind")).to_lowercase();
    let target = match text(object, &format!("{about}/name")) {
        "" => kind,
        name => format!("{kind}/{name}"),
    };
    let component = match either("/source/component", "/deprecatedSource/component") {
        "" => either("/reportingComponent", "/reportingController"),
        found => found,
    };
    let host = match either("/source/host", "/deprecatedSource/host") {
        "" => text(object, "/reportingInstance"),
        found => found,
    };
    let source = if host.is_empty() { component.to_owned() } else { format!("{component}, {host}") };
    vec![
        age::since(last, now).into(),
        text(object, "/type").into(),
        text(object, "/reason").into(),
        target.into(),
        text(object, &format!("{about}/fieldPath")).into(),
        source.into(),
        either("/message", "/note").trim().into(),
        age::since(first, now).into(),
        count.into(),
        text(object, "/metadata/name").into(),
    ]
}
