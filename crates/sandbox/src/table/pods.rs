//! The row of a Pod: how many of its containers are ready, and the most telling word about its state.

use super::age;
use super::reading::{boolean, is_condition, list, number, text, text_or};
use crate::dig::Dig;
use serde_json::Value;

/// What is gathered over the containers of a Pod.
struct Summary {
    reason: String,
    ready: usize,
    restarts: i64,
    last_restart: String,
}

pub(super) fn cells(pod: &Value, now: &str) -> Vec<Value> {
    let inits = list(pod, "/spec/initContainers");
    let total = list(pod, "/spec/containers").len() + inits.iter().filter(|c| is_sidecar(c)).count();
    let summary = summary(pod);
    let restarts = match (summary.restarts, summary.last_restart.as_str()) {
        (0, _) | (_, "") => summary.restarts.to_string(),
        (count, last) => format!("{count} ({} ago)", age::since(last, now)),
    };
    let gates = list(pod, "/spec/readinessGates");
    let passed = gates.iter().filter(|gate| is_condition(pod, text(gate, "/conditionType"))).count();
    let gates = if gates.is_empty() { "<none>".to_owned() } else { format!("{passed}/{}", gates.len()) };
    let address = list(pod, "/status/podIPs").first().map_or("", |ip| text(ip, "/ip"));
    vec![
        text(pod, "/metadata/name").into(),
        format!("{}/{total}", summary.ready).into(),
        summary.reason.into(),
        restarts.into(),
        age::since(text(pod, "/metadata/creationTimestamp"), now).into(),
        if address.is_empty() { "<none>" } else { address }.into(),
        text_or(pod, "/spec/nodeName", "<none>").into(),
        text_or(pod, "/status/nominatedNodeName", "<none>").into(),
        gates.into(),
    ]
}

fn is_sidecar(container: &Value) -> bool {
    text(container, "/restartPolicy") == "Always"
}

fn summary(pod: &Value) -> Summary {
    let phase = text(pod, "/status/phase");
    let mut reason = text_or(pod, "/status/reason", phase).to_owned();
    let gated = |c: &&Value| c["type"] == "PodScheduled" && c["reason"] == "SchedulingGated";
    if list(pod, "/status/conditions").iter().any(|c| gated(&c)) {
        reason = "SchedulingGated".into();
    }
    let mut all = Summary { reason, ready: 0, restarts: 0, last_restart: String::new() };
    let mut sidecars = Summary { reason: String::new(), ready: 0, restarts: 0, last_restart: String::new() };
    let initializing = initializing(pod, &mut all, &mut sidecars);
    if !initializing || is_condition(pod, "Initialized") {
        all.restarts = sidecars.restarts;
        all.last_restart = sidecars.last_restart;
        running(pod, &mut all);
    }
    if !text(pod, "/metadata/deletionTimestamp").is_empty() {
        if text(pod, "/status/reason") == "NodeLost" {
            all.reason = "Unknown".into();
        } else if !matches!(phase, "Succeeded" | "Failed") {
            all.reason = "Terminating".into();
        }
    }
    all
}

fn count_restarts(status: &Value, into: &mut Summary) {
    into.restarts += number(status, "/restartCount");
    let ended = text(status, "/lastState/terminated/finishedAt");
    if ended > into.last_restart.as_str() {
        into.last_restart = ended.to_owned();
    }
}

// Says whether the Pod is still at its init containers.
fn initializing(pod: &Value, all: &mut Summary, sidecars: &mut Summary) -> bool {
    let specs = list(pod, "/spec/initContainers");
    for (at, status) in list(pod, "/status/initContainerStatuses").iter().enumerate() {
        let spec = specs.iter().find(|c| c["name"] == status["name"]);
        let sidecar = spec.is_some_and(is_sidecar);
        count_restarts(status, all);
        if sidecar {
            count_restarts(status, sidecars);
        }
        let ended = status.at("/state/terminated");
        if ended.is_some_and(|e| number(e, "/exitCode") == 0) {
            continue;
        }
        if sidecar && boolean(status, "/started", false) {
            all.ready += usize::from(boolean(status, "/ready", false));
            continue;
        }
        let waiting = text(status, "/state/waiting/reason");
        all.reason = match ended {
            Some(ended) => format!("Init:{}", end_reason(ended)),
            None if !waiting.is_empty() && waiting != "PodInitializing" => format!("Init:{waiting}"),
            None => format!("Init:{at}/{}", specs.len()),
        };
        return true;
    }
    false
}

fn end_reason(ended: &Value) -> String {
    match (text(ended, "/reason"), number(ended, "/signal")) {
        ("", 0) => format!("ExitCode:{}", number(ended, "/exitCode")),
        ("", signal) => format!("Signal:{signal}"),
        (reason, _) => reason.to_owned(),
    }
}

fn running(pod: &Value, all: &mut Summary) {
    let mut runs = false;
    for status in list(pod, "/status/containerStatuses").iter().rev() {
        count_restarts(status, all);
        let waiting = text(status, "/state/waiting/reason");
        if !waiting.is_empty() {
            all.reason = waiting.to_owned();
        } else if let Some(ended) = status.at("/state/terminated") {
            all.reason = end_reason(ended);
        } else if boolean(status, "/ready", false) && status.at("/state/running").is_some() {
            runs = true;
            all.ready += 1;
        }
    }
    if all.reason == "Completed" && runs {
        all.reason = if is_condition(pod, "Ready") { "Running" } else { "NotReady" }.into();
    }
}
