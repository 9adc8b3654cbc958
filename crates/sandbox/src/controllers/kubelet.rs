//! The scheduler and the kubelet: Pods are bound to the one node, run at once, and end if they are to end.
//!
//! Annotations of a Pod say how: `sim/exit-code` other than `0` makes it fail, `sim/ready: "false"` keeps it from
//! becoming ready, `sim/crash-loop: "true"` makes it crash again and again, `sim/delay: "1.5"` are the seconds that it
//! takes to become ready or to end, `sim/log` is what it logs.

use super::bootstrap::NODE;
use super::objects::{is_deleting, is_finished, is_ready, text};
use crate::dig::Dig;
use crate::server::Server;
use crate::store;
use crate::write::meta;
use serde_json::{Value, json};

/// How often a crashing container was started again.
const CRASHES: i64 = 3;

impl Server {
    pub(super) fn run_pod(&mut self, key: &str) {
        let Some(pod) = self.store.get(key).cloned() else { return };
        self.wake_controller(&pod);
        self.wake_watchers_of(&pod);
        if is_deleting(&pod) || is_finished(&pod) {
            self.later.forget(key);
            return;
        }
        let gated = pod.at("/spec/schedulingGates").and_then(Value::as_array).is_some_and(|g| !g.is_empty());
        if gated {
            return;
        }
        if text(&pod, "/spec/nodeName").is_empty() {
            let mut bound = (*pod).clone();
            bound["spec"]["nodeName"] = NODE.into();
            bound["status"]["conditions"] = json!([self.condition("PodScheduled", true, "")]);
            self.put_own(key, bound, "kube-scheduler", "status");
        } else if text(&pod, "/status/phase") != "Running" {
            let delay = self.delay_of(&pod);
            if !delay.is_zero() {
                self.later.set(key, (self.options.clock)() + delay);
            }
            let status = self.running_status(&pod, delay.is_zero() || ends(&pod));
            self.put_pod_status(key, status);
            if is_crashing(&pod) {
                self.emit(&pod, "Warning", "BackOff", "Back-off restarting failed container");
            }
        } else if self.later.has(key) {
            // It is not over yet.
        } else if ends(&pod) {
            let status = self.ended_status(&pod);
            self.put_pod_status(key, status);
        } else if !is_ready(&pod) {
            let status = self.running_status(&pod, true);
            self.put_pod_status(key, status);
        }
    }

    fn put_pod_status(&mut self, key: &str, status: Value) {
        let Some(pod) = self.store.get(key) else { return };
        let mut new = (**pod).clone();
        new["status"] = status;
        self.put_own(key, new, "kubelet", "status");
    }

    // A Pod that was created, changed or ended matters to its controller, and to those that would adopt it.
    fn wake_controller(&mut self, pod: &Value) {
        let namespace = meta(pod, "namespace").to_owned();
        let owners =
            pod.at("/metadata/ownerReferences").and_then(Value::as_array).cloned().unwrap_or_default();
        for owner in &owners {
            if let Some(owner) = self.owner_key(owner, &namespace) {
                self.enqueue(owner);
            }
        }
    }

    fn condition(&self, kind: &str, holds: bool, reason: &str) -> Value {
        let mut condition = json!({
            "type": kind, "status": if holds { "True" } else { "False" }, "lastProbeTime": null,
            "lastTransitionTime": self.now,
        });
        if !reason.is_empty() {
            condition["reason"] = reason.into();
        }
        condition
    }

    fn running_status(&self, pod: &Value, settled: bool) -> Value {
        let says = |name: &str, word: &str| {
            let text = pod.at("/metadata/annotations").and_then(|a| a.get(name)).and_then(Value::as_str);
            text == Some(word)
        };
        let crashes = is_crashing(pod);
        let ready = settled && !crashes && !says("sim/ready", "false");
        let why = if ready { "" } else { "ContainersNotReady" };
        let mut status = pod.get("status").cloned().unwrap_or_default();
        let address = pod_address(pod);
        status["phase"] = "Running".into();
        status["conditions"] = json!([
            self.condition("PodScheduled", true, ""),
            self.condition("Initialized", true, ""),
            self.condition("ContainersReady", ready, why),
            self.condition("Ready", ready, why),
        ]);
        status["hostIP"] = "10.0.0.1".into();
        status["hostIPs"] = json!([{"ip": "10.0.0.1"}]);
        status["podIP"] = address.clone().into();
        status["podIPs"] = json!([{"ip": address}]);
        if status.get("startTime").is_none() {
            status["startTime"] = self.now.clone().into();
        }
        let started = status["startTime"].clone();
        status["containerStatuses"] = match crashes {
            true => self.crashed(pod),
            false => statuses(pod, ready, &json!({"running": {"startedAt": started}})),
        };
        let done = json!({"terminated": {
            "exitCode": 0, "reason": "Completed", "startedAt": started, "finishedAt": started
        }});
        let initial = initial_statuses(pod, &done);
        if initial.as_array().is_some_and(|i| !i.is_empty()) {
            status["initContainerStatuses"] = initial;
        }
        status
    }

    /// Containers that a kubelet has given up on for a while.
    fn crashed(&self, pod: &Value) -> Value {
        let message = "back-off 40s restarting failed container";
        let mut all =
            statuses(pod, false, &json!({"waiting": {"reason": "CrashLoopBackOff", "message": message}}));
        for status in all.as_array_mut().into_iter().flatten() {
            status["restartCount"] = CRASHES.into();
            status["lastState"] = json!({"terminated": {
                "exitCode": 1, "reason": "Error", "startedAt": self.now, "finishedAt": self.now,
            }});
        }
        all
    }

    fn ended_status(&self, pod: &Value) -> Value {
        let annotation = pod.at("/metadata/annotations").and_then(|a| a.get("sim/exit-code"));
        let code: i64 = annotation.and_then(Value::as_str).and_then(|c| c.parse().ok()).unwrap_or(0);
        let succeeded = code == 0;
        let reason = if succeeded { "PodCompleted" } else { "PodFailed" };
        let mut status = pod.get("status").cloned().unwrap_or_default();
        status["phase"] = if succeeded { "Succeeded" } else { "Failed" }.into();
        status["conditions"] = json!([
            self.condition("PodScheduled", true, ""),
            self.condition("Initialized", true, ""),
            self.condition("ContainersReady", false, reason),
            self.condition("Ready", false, reason),
        ]);
        let ended = json!({"terminated": {
            "exitCode": code, "reason": if succeeded { "Completed" } else { "Error" },
            "startedAt": self.now, "finishedAt": self.now,
        }});
        status["containerStatuses"] = statuses(pod, false, &ended);
        status
    }
}

/// Whether a Pod crashes again and again.
fn is_crashing(pod: &Value) -> bool {
    let annotation = pod.at("/metadata/annotations").and_then(|all| all.get("sim/crash-loop"));
    annotation.and_then(Value::as_str) == Some("true")
}

/// Whether a Pod is one that ends by itself.
pub(super) fn ends(pod: &Value) -> bool {
    matches!(text(pod, "/spec/restartPolicy"), "Never" | "OnFailure")
}

// An address of 10.244.0.0/16 that follows from the uid.
fn pod_address(pod: &Value) -> String {
    let number = meta(pod, "uid").bytes().fold(0u32, |n, b| n.wrapping_mul(31).wrapping_add(u32::from(b)));
    format!("10.244.{}.{}", number >> 8 & 0xff, 2 + number % 250)
}

fn statuses(pod: &Value, ready: bool, state: &Value) -> Value {
    let containers = pod.at("/spec/containers").and_then(Value::as_array);
    containers
        .into_iter()
        .flatten()
        .map(|c| {
            json!({
                "name": c["name"], "image": c["image"], "imageID": "", "ready": ready,
                "started": state.get("running").is_some(), "restartCount": 0, "state": state,
            })
        })
        .collect()
}

fn initial_statuses(pod: &Value, state: &Value) -> Value {
    let containers = pod.at("/spec/initContainers").and_then(Value::as_array);
    let entry = |c: &Value| {
        json!({
            "name": c["name"], "image": c["image"], "imageID": "", "ready": true, "started": false,
            "restartCount": 0, "state": state,
        })
    };
    containers.into_iter().flatten().map(entry).collect()
}

/// The key of a Pod.
pub(super) fn pod_key(namespace: &str, name: &str) -> String {
    store::key("/pods", namespace, name)
}
