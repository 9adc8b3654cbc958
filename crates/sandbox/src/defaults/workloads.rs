//! apps and batch.

use super::pod::pod_spec;
use super::{items, set, text};
use crate::dig::Dig;
use serde_json::{Value, json};

fn rolling_update(strategy: &mut Value, values: &[(&str, Value)]) {
    set(strategy, "type", "RollingUpdate");
    if text(strategy, "type") != "RollingUpdate" {
        return;
    }
    set(strategy, "rollingUpdate", json!({}));
    for (field, value) in values {
        set(&mut strategy["rollingUpdate"], field, value.clone());
    }
}

pub(super) fn deployment(object: &mut Value) {
    let spec = &mut object["spec"];
    set(spec, "replicas", 1);
    set(spec, "revisionHistoryLimit", 10);
    set(spec, "progressDeadlineSeconds", 600);
    set(spec, "strategy", json!({}));
    let quarter = || Value::from("25%");
    rolling_update(&mut spec["strategy"], &[("maxUnavailable", quarter()), ("maxSurge", quarter())]);
    pod_spec(&mut spec["template"]["spec"]);
}

pub(super) fn stateful_set(object: &mut Value) {
    let spec = &mut object["spec"];
    set(spec, "podManagementPolicy", "OrderedReady");
    set(spec, "replicas", 1);
    set(spec, "revisionHistoryLimit", 10);
    set(spec, "updateStrategy", json!({}));
    rolling_update(&mut spec["updateStrategy"], &[("partition", 0.into())]);
    set(spec, "persistentVolumeClaimRetentionPolicy", json!({}));
    let policy = &mut spec["persistentVolumeClaimRetentionPolicy"];
    set(policy, "whenDeleted", "Retain");
    set(policy, "whenScaled", "Retain");
    for claim in items(spec, "volumeClaimTemplates") {
        set(claim, "apiVersion", "v1");
        set(claim, "kind", "PersistentVolumeClaim");
        super::storage::claim(claim);
        set(&mut claim["status"], "phase", "Pending");
    }
    pod_spec(&mut spec["template"]["spec"]);
}

pub(super) fn daemon_set(object: &mut Value) {
    let annotations = crate::write::metadata(object).entry("annotations").or_insert_with(|| json!({}));
    set(annotations, "deprecated.daemonset.template.generation", "1");
    let spec = &mut object["spec"];
    set(spec, "revisionHistoryLimit", 10);
    set(spec, "updateStrategy", json!({}));
    rolling_update(&mut spec["updateStrategy"], &[("maxUnavailable", 1.into()), ("maxSurge", 0.into())]);
    pod_spec(&mut spec["template"]["spec"]);
}

/// A Job or ReplicationController without labels has those of its template.
pub(crate) fn labels_from_template(object: &mut Value) {
    let labels = object.at("/spec/template/metadata/labels").filter(|l| l.is_object()).cloned();
    if let Some(labels) = labels {
        crate::write::metadata(object).entry("labels").or_insert(labels);
    }
}

pub(super) fn replica_set(object: &mut Value) {
    let spec = &mut object["spec"];
    set(spec, "replicas", 1);
    pod_spec(&mut spec["template"]["spec"]);
}

pub(super) fn replication_controller(object: &mut Value) {
    labels_from_template(object);
    let labels = object.at("/spec/template/metadata/labels").cloned();
    let spec = &mut object["spec"];
    if let Some(labels) = labels {
        set(spec, "selector", labels);
    }
    set(spec, "replicas", 1);
    if spec.get("template").is_some_and(|t| !t.is_null()) {
        pod_spec(&mut spec["template"]["spec"]);
    }
}

pub(super) fn job(object: &mut Value) {
    labels_from_template(object);
    job_spec(&mut object["spec"], true);
}

fn job_spec(spec: &mut Value, own: bool) {
    if own {
        if spec.get("completions").is_none() && spec.get("parallelism").is_none() {
            set(spec, "completions", 1);
        }
        set(spec, "parallelism", 1);
        let limit = if spec.get("backoffLimitPerIndex").is_some() { i32::MAX } else { 6 };
        set(spec, "backoffLimit", limit);
        set(spec, "completionMode", "NonIndexed");
        set(spec, "suspend", false);
        set(spec, "manualSelector", false);
        let policy = if spec.get("podFailurePolicy").is_some() { "Failed" } else { "TerminatingOrFailed" };
        set(spec, "podReplacementPolicy", policy);
    }
    for rule in spec.get_mut("podFailurePolicy").into_iter().flat_map(|p| items(p, "rules")) {
        items(rule, "onPodConditions").for_each(|condition| set(condition, "status", "True"));
    }
    pod_spec(&mut spec["template"]["spec"]);
}

pub(super) fn cron_job(object: &mut Value) {
    let spec = &mut object["spec"];
    set(spec, "concurrencyPolicy", "Allow");
    set(spec, "suspend", false);
    set(spec, "successfulJobsHistoryLimit", 3);
    set(spec, "failedJobsHistoryLimit", 1);
    job_spec(&mut spec["jobTemplate"]["spec"], false);
}
