//! The rules of kstatus (fluxcd/cli-utils `pkg/kstatus/status`), which `--wait=watcher` goes by.

use serde_json::Value;

use super::assessment::{Assessment, ObjectStatus};
use super::condition::{conditions, number, text};
use super::workload;
use crate::time::Time;

/// How long a pod may wait for a node before that counts as a failure.
const SCHEDULE_WINDOW_SECONDS: i64 = 15;

/// Assesses an object of any kind; `now` decides whether a pod has waited too long for a node
/// (`status.Compute`).
pub fn assess(object: &Value, now: Time) -> Assessment {
    if let Some(assessment) = generic(object) {
        return assessment;
    }
    let api_version = text(object, "/apiVersion", "");
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    match (group, text(object, "/kind", "")) {
        ("", "Service") => service(object),
        ("", "Pod") => pod(object, now),
        ("", "Secret" | "ConfigMap") | ("batch", "CronJob") => {
            Assessment::current("Resource is always ready")
        }
        ("", "PersistentVolumeClaim") => claim(object),
        ("apps", "StatefulSet") => workload::stateful_set(object),
        ("apps" | "extensions", "DaemonSet") => workload::daemon_set(object),
        ("apps" | "extensions", "Deployment") => workload::deployment(object),
        ("apps" | "extensions", "ReplicaSet") => workload::replica_set(object),
        ("policy", "PodDisruptionBudget") => Assessment::current("AllowedDisruptions has been computed."),
        ("batch", "Job") => job(object),
        ("apiextensions.k8s.io", "CustomResourceDefinition") => definition(object),
        _ => ready_condition(object).unwrap_or_else(|| Assessment::current("Resource is current")),
    }
}

/// What holds for every kind: deletion, generations, `Reconciling` and `Stalled`.
fn generic(object: &Value) -> Option<Assessment> {
    if !text(object, "/metadata/deletionTimestamp", "").is_empty() {
        let message = "Resource scheduled for deletion".to_owned();
        return Some(Assessment { status: ObjectStatus::Terminating, message });
    }
    let generation = object.pointer("/metadata/generation").and_then(Value::as_i64);
    let observed = object.pointer("/status/observedGeneration").and_then(Value::as_i64);
    if let (Some(generation), Some(observed)) = (generation, observed)
        && generation != observed
    {
        let kind = text(object, "/kind", "");
        return Some(Assessment::in_progress(format!(
            "{kind} generation is {generation}, but latest observed generation is {observed}"
        )));
    }
    conditions(object).filter(|condition| condition.is_true()).find_map(|condition| match condition.kind {
        "Reconciling" => Some(Assessment::in_progress(condition.message)),
        "Stalled" => Some(Assessment::failed(condition.message)),
        _ => None,
    })
}

fn ready_condition(object: &Value) -> Option<Assessment> {
    conditions(object).filter(|condition| condition.kind == "Ready").find_map(|ready| match ready.status {
        "True" => Some(Assessment::current("Resource is Ready")),
        "False" | "Unknown" => Some(Assessment::in_progress(ready.message)),
        _ => None,
    })
}

fn service(object: &Value) -> Assessment {
    let is_balancer = text(object, "/spec/type", "ClusterIP") == "LoadBalancer";
    if is_balancer && text(object, "/spec/clusterIP", "").is_empty() {
        return Assessment::in_progress("ClusterIP not set. Service type: LoadBalancer");
    }
    Assessment::current("Service is ready")
}

fn claim(object: &Value) -> Assessment {
    match text(object, "/status/phase", "unknown") {
        "Bound" => Assessment::current("PVC is Bound"),
        phase => Assessment::in_progress(format!("PVC is not Bound. phase: {phase}")),
    }
}

fn pod(object: &Value, now: Time) -> Assessment {
    match text(object, "/status/phase", "") {
        "Succeeded" => Assessment::current("Pod has completed successfully"),
        "Failed" => Assessment::current("Pod has completed, but not successfully"),
        "Running" => running_pod(object),
        "Pending" => pending_pod(object, now),
        "" => Assessment::in_progress("Pod phase not available"),
        phase => Assessment { status: ObjectStatus::Unknown, message: format!("unknown phase {phase}") },
    }
}

fn running_pod(object: &Value) -> Assessment {
    if conditions(object).any(|condition| condition.kind == "Ready" && condition.is_true()) {
        return Assessment::current("Pod is Ready");
    }
    let containers = object["status"]["containerStatuses"].as_array().map_or(&[][..], Vec::as_slice);
    let looping: Vec<&str> = containers
        .iter()
        .filter(|container| container["state"]["waiting"]["reason"] == "CrashLoopBackOff")
        .filter_map(|container| container["name"].as_str())
        .collect();
    if looping.is_empty() {
        return Assessment::in_progress("Pod is running but is not Ready");
    }
    Assessment::failed(format!("Containers in CrashLoop state: {}", looping.join(",")))
}

fn pending_pod(object: &Value, now: Time) -> Assessment {
    let unschedulable = conditions(object).find(|condition| {
        condition.kind == "PodScheduled" && condition.status == "False" && condition.reason == "Unschedulable"
    });
    if unschedulable.is_none() {
        return Assessment::in_progress("Pod is in the Pending phase");
    }
    let created = text(object, "/metadata/creationTimestamp", "").parse::<Time>().unwrap_or(Time::ZERO);
    if now.unix_seconds - SCHEDULE_WINDOW_SECONDS < created.unix_seconds {
        return Assessment::in_progress("Pod has not been scheduled");
    }
    Assessment::failed("Pod could not be scheduled")
}

/// A Job counts as arrived once it has started; `--wait-for-jobs` uses another rule.
fn job(object: &Value) -> Assessment {
    let completions = number(object, "/spec/completions", number(object, "/spec/parallelism", 1));
    let succeeded = number(object, "/status/succeeded", 0);
    let failed = number(object, "/status/failed", 0);
    for condition in conditions(object).filter(|condition| condition.is_true()) {
        match condition.kind {
            "Complete" => {
                return Assessment::current(format!("Job Completed. succeeded: {succeeded}/{completions}"));
            }
            "Failed" => return Assessment::failed(format!("Job Failed. failed: {failed}/{completions}")),
            _ => {}
        }
    }
    if text(object, "/status/startTime", "").is_empty() {
        return Assessment::in_progress("Job not started");
    }
    let active = number(object, "/status/active", 0);
    Assessment::current(format!("Job in progress. success:{succeeded}, active: {active}, failed: {failed}"))
}

fn definition(object: &Value) -> Assessment {
    for condition in conditions(object) {
        match (condition.kind, condition.status) {
            ("NamesAccepted", "False") => return Assessment::failed(condition.message),
            ("Established", "False") if condition.reason != "Installing" => {
                return Assessment::failed(condition.message);
            }
            ("Established", "True") => return Assessment::current("CRD is established"),
            _ => {}
        }
    }
    Assessment::in_progress("Install in progress")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::assess;
    use crate::readiness::ObjectStatus::{self, Current, Failed, InProgress, Terminating};
    use crate::time::Time;

    fn check(object: Value, status: ObjectStatus, message: &str) {
        let assessment = assess(&object, Time::utc(1_000_000, 0));
        assert_eq!((assessment.status, assessment.message.as_str()), (status, message));
    }

    #[test]
    fn deletion_and_generations_go_before_all_else() {
        check(
            json!({"kind": "Secret", "apiVersion": "v1", "metadata": {"deletionTimestamp": "2020-01-01T00:00:00Z"}}),
            Terminating,
            "Resource scheduled for deletion",
        );
        check(
            json!({"kind": "Foo", "metadata": {"generation": 2}, "status": {"observedGeneration": 1}}),
            InProgress,
            "Foo generation is 2, but latest observed generation is 1",
        );
    }

    #[test]
    fn custom_resources_follow_their_ready_condition() {
        let object = |status: &str| {
            let conditions = json!([{"type": "Ready", "status": status, "message": "m"}]);
            json!({"kind": "W", "apiVersion": "x/v1", "status": {"conditions": conditions}})
        };
        check(object("True"), Current, "Resource is Ready");
        check(object("False"), InProgress, "m");
        check(object("odd"), Current, "Resource is current");
    }

    #[test]
    fn a_pod_without_a_node_fails_after_a_while() {
        let pod = |created: &str| {
            json!({"kind": "Pod", "apiVersion": "v1", "metadata": {"creationTimestamp": created}, "status": {
                "phase": "Pending",
                "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}]}})
        };
        check(pod("1970-01-12T13:46:35Z"), InProgress, "Pod has not been scheduled");
        check(pod("1970-01-12T13:46:20Z"), Failed, "Pod could not be scheduled");
    }

    #[test]
    fn a_started_job_is_current() {
        check(json!({"kind": "Job", "apiVersion": "batch/v1"}), InProgress, "Job not started");
        check(
            json!({"kind": "Job", "apiVersion": "batch/v1", "status": {"startTime": "x", "active": 1}}),
            Current,
            "Job in progress. success:0, active: 1, failed: 0",
        );
    }
}
