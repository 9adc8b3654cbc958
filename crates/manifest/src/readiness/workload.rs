//! The rules of kstatus for kinds that run pods.

use serde_json::Value;

use super::assessment::Assessment;
use super::condition::{conditions, number, text};

pub(super) fn stateful_set(object: &Value) -> Assessment {
    if text(object, "/spec/updateStrategy/type", "") == "OnDelete" {
        return Assessment::current("StatefulSet is using the ondelete update strategy");
    }
    let wanted = number(object, "/spec/replicas", 1);
    let ready = number(object, "/status/readyReplicas", 0);
    let current = number(object, "/status/currentReplicas", 0);
    let updated = number(object, "/status/updatedReplicas", 0);
    let replicas = number(object, "/status/replicas", 0);
    let partition = number(object, "/spec/updateStrategy/rollingUpdate/partition", -1);
    if wanted > replicas {
        return Assessment::in_progress(format!("Replicas: {replicas}/{wanted}"));
    }
    if wanted > ready {
        return Assessment::in_progress(format!("Ready: {ready}/{wanted}"));
    }
    if replicas > wanted {
        return Assessment::in_progress(format!("Pending termination: {}", replicas - wanted));
    }
    if partition != -1 {
        let expected = wanted.saturating_sub(partition);
        if updated < expected {
            return Assessment::in_progress(format!("updated: {updated}/{expected}"));
        }
        return Assessment::current(format!("Partition rollout complete. updated: {updated}"));
    }
    if wanted > current {
        return Assessment::in_progress(format!("current: {current}/{wanted}"));
    }
    if text(object, "/status/currentRevision", "") != text(object, "/status/updateRevision", "") {
        return Assessment::in_progress("Waiting for updated revision to match current");
    }
    Assessment::current(format!("All replicas scheduled as expected. Replicas: {replicas}"))
}

pub(super) fn deployment(object: &Value) -> Assessment {
    let unlimited = i64::from(i32::MAX);
    let mut progressing = number(object, "/spec/progressDeadlineSeconds", unlimited) == unlimited;
    let mut available = false;
    for condition in conditions(object) {
        match condition.kind {
            "Progressing" if condition.reason == "ProgressDeadlineExceeded" => {
                return Assessment::failed("Progress deadline exceeded");
            }
            "Progressing" if condition.is_true() && condition.reason == "NewReplicaSetAvailable" => {
                progressing = true;
            }
            "Available" if condition.is_true() => available = true,
            _ => {}
        }
    }
    let wanted = number(object, "/spec/replicas", 1);
    let replicas = number(object, "/status/replicas", 0);
    let updated = number(object, "/status/updatedReplicas", 0);
    let ready = number(object, "/status/readyReplicas", 0);
    let available_replicas = number(object, "/status/availableReplicas", 0);
    if wanted > replicas {
        return Assessment::in_progress(format!("Replicas: {replicas}/{wanted}"));
    }
    if wanted > updated {
        return Assessment::in_progress(format!("Updated: {updated}/{wanted}"));
    }
    if replicas > wanted {
        return Assessment::in_progress(format!("Pending termination: {}", replicas - wanted));
    }
    if updated > available_replicas {
        return Assessment::in_progress(format!("Available: {available_replicas}/{updated}"));
    }
    if wanted > ready {
        return Assessment::in_progress(format!("Ready: {ready}/{wanted}"));
    }
    if !progressing {
        return Assessment::in_progress("ReplicaSet not Available");
    }
    if !available {
        return Assessment::in_progress("Deployment not Available");
    }
    Assessment::current(format!("Deployment is available. Replicas: {replicas}"))
}

pub(super) fn replica_set(object: &Value) -> Assessment {
    if conditions(object).any(|condition| condition.kind == "ReplicaFailure" && condition.is_true()) {
        return Assessment::in_progress("Replica Failure condition. Check Pods");
    }
    let wanted = number(object, "/spec/replicas", 1);
    let replicas = number(object, "/status/replicas", 0);
    for (word, member) in [
        ("Labelled", "/status/fullyLabeledReplicas"),
        ("Available", "/status/availableReplicas"),
        ("Ready", "/status/readyReplicas"),
    ] {
        let reached = number(object, member, 0);
        if wanted > reached {
            return Assessment::in_progress(format!("{word}: {reached}/{wanted}"));
        }
    }
    if replicas > wanted {
        return Assessment::in_progress(format!("Pending termination: {}", replicas - wanted));
    }
    Assessment::current(format!("ReplicaSet is available. Replicas: {replicas}"))
}

pub(super) fn daemon_set(object: &Value) -> Assessment {
    for (pointer, name) in [
        ("/metadata/generation", "metadata.generation"),
        ("/status/observedGeneration", "status.observedGeneration"),
    ] {
        if object.pointer(pointer).is_none() {
            return Assessment::in_progress(format!("{} {name} not found", text(object, "/kind", "")));
        }
    }
    let desired = number(object, "/status/desiredNumberScheduled", -1);
    if desired == -1 {
        return Assessment::in_progress("Missing .status.desiredNumberScheduled");
    }
    for (word, member) in [
        ("Current", "/status/currentNumberScheduled"),
        ("Updated", "/status/updatedNumberScheduled"),
        ("Available", "/status/numberAvailable"),
        ("Ready", "/status/numberReady"),
    ] {
        let reached = number(object, member, 0);
        if desired > reached {
            return Assessment::in_progress(format!("{word}: {reached}/{desired}"));
        }
    }
    Assessment::current(format!("All replicas scheduled as expected. Replicas: {desired}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{daemon_set, deployment, stateful_set};

    #[test]
    fn a_deployment_is_checked_from_replicas_to_conditions() {
        let mut object = json!({"spec": {"replicas": 2, "progressDeadlineSeconds": 600}, "status": {}});
        let message = |object: &serde_json::Value| deployment(object).message;
        assert_eq!(message(&object), "Replicas: 0/2");
        object["status"] =
            json!({"replicas": 2, "updatedReplicas": 2, "availableReplicas": 1, "readyReplicas": 1});
        assert_eq!(message(&object), "Available: 1/2");
        object["status"] =
            json!({"replicas": 2, "updatedReplicas": 2, "availableReplicas": 2, "readyReplicas": 2});
        assert_eq!(message(&object), "ReplicaSet not Available");
        object["status"]["conditions"] = json!([
            {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"},
            {"type": "Available", "status": "True"}]);
        assert_eq!(message(&object), "Deployment is available. Replicas: 2");
    }

    #[test]
    fn sets_report_what_is_missing_first() {
        assert_eq!(stateful_set(&json!({"status": {"replicas": 1}})).message, "Ready: 0/1");
        assert_eq!(
            daemon_set(&json!({"kind": "DaemonSet"})).message,
            "DaemonSet metadata.generation not found"
        );
    }
}
