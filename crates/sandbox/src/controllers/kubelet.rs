//! The scheduler and the kubelet: Pods are bound to the one node, run at once, and end if they are to end.
//!
//! Annotations of a Pod say how: `sim/exit-code` other than `0` makes it fail, `sim/ready: "false"` keeps it from
//! becoming ready, `sim/delay: 30s` lets it become ready only after that time, `sim/crash-loop: "true"` makes it crash
//! again and again, `sim/log` is what it logs.

use super::bootstrap::NODE;
use super::objects::{is_deleting, is_finished, is_ready, text};
use crate::dig::Dig;
use crate::server::Server;
use crate::store;
use crate::time;
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
            let status = self.running_status(&pod);
            self.put_pod_status(key, status);
        } else if let Some(due) = ready_time(&pod).filter(|_| !is_ready(&pod)) {
            self.become_ready(key, &pod, due);
        } else if matches!(text(&pod, "/spec/restartPolicy"), "Never" | "OnFailure") {
            let status = self.ended_status(&pod);
            self.put_pod_status(key, status);
        }
    }

    // Ready if it is time; else it is looked at again then. A Pod that is to end does so instead.
    fn become_ready(&mut self, key: &str, pod: &Value, due: i64) {
        if time::parse(&self.now).is_some_and(|now| now < due) {
            self.due.insert((due, key.to_owned()));
            return;
        }
        let status = match text(pod, "/spec/restartPolicy") {
            "Never" | "OnFailure" => self.ended_status(pod),
            _ => self.started_status(pod, true),
        };
        self.put_pod_status(key, status);
    }

    /// Looks at the Pods whose time has come.
    pub(crate) fn wake_due(&mut self) {
        let Some(now) = time::parse(&self.now) else { return };
        while self.due.first().is_some_and(|(due, _)| *due <= now) {
            if let Some((_, key)) = self.due.pop_first() {
                self.enqueue(key);
            }
        }
        self.settle();
    }

    /// Queues the Pods of a server that was closed while they were starting.
    pub(crate) fn find_due(&mut self) {
        let pods = self.store.scan("/pods\0").filter(|(_, pod)| !is_ready(pod) && !is_finished(pod));
        let due = pods.filter_map(|(key, pod)| Some((ready_time(pod)?, key.to_owned())));
        self.due = due.collect();
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

    fn running_status(&self, pod: &Value) -> Value {
        let delayed = annotation(pod, "sim/delay").and_then(seconds).is_some_and(|delay| delay > 0);
        self.started_status(pod, !delayed)
    }

    fn started_status(&self, pod: &Value, on_time: bool) -> Value {
        let says = |name: &str, word: &str| annotation(pod, name) == Some(word);
        let crashes = says("sim/crash-loop", "true");
        let ready = on_time && !crashes && !says("sim/ready", "false");
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
        if status.get("startTime").is_none_or(Value::is_null) {
            status["startTime"] = self.now.clone().into();
        }
        let started = text(&status, "/startTime").to_owned();
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
        let code: i64 = annotation(pod, "sim/exit-code").and_then(|c| c.parse().ok()).unwrap_or(0);
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

fn annotation<'v>(pod: &'v Value, name: &str) -> Option<&'v str> {
    pod.at("/metadata/annotations")?.get(name)?.as_str()
}

// When a Pod that has started becomes ready, in seconds since 1970. `None` for one that never will, or need not wait.
fn ready_time(pod: &Value) -> Option<i64> {
    let delay = annotation(pod, "sim/delay").and_then(seconds)?;
    let never =
        annotation(pod, "sim/ready") == Some("false") || annotation(pod, "sim/crash-loop") == Some("true");
    let start = time::parse(text(pod, "/status/startTime"))?;
    (!never).then_some(start + delay)
}

/// Whole seconds of a delay like `90`, `90s` or `1m30s`.
fn seconds(delay: &str) -> Option<i64> {
    let (mut total, mut number) = (0i64, None);
    for letter in delay.chars() {
        if let Some(digit) = letter.to_digit(10) {
            number = Some(number.unwrap_or(0i64).checked_mul(10)?.checked_add(i64::from(digit))?);
            continue;
        }
        let unit = match letter {
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        total = total.checked_add(number.take()?.checked_mul(unit)?)?;
    }
    total.checked_add(number.unwrap_or(0))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_are_written_as_in_go_or_as_seconds() {
        for (text, delay) in [("90", Some(90)), ("90s", Some(90)), ("1m30s", Some(90)), ("1h", Some(3600))] {
            assert_eq!(seconds(text), delay);
        }
        assert_eq!(seconds("soon"), None);
        assert_eq!(seconds("99999999999999999999"), None);
    }
}
