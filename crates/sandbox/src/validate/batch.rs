//! Jobs and CronJobs (`batch/validation`).

use super::causes::Causes;
use super::cron;
use super::place::Place;
use super::pod::{self, Use};
use super::selectors::label_selector;
use super::workloads::{labels_match, same_selector};
use crate::names;
use crate::selector::Selector;
use crate::write::meta;
use serde_json::{Value, json};

pub(super) fn job(object: &Value, causes: &mut Causes) {
    generated_selector(object, causes);
    job_spec_with_selector(&Place::of(object, "spec"), causes);
    let spec = Place::of(object, "spec");
    if let ("Indexed", Some(count @ 1..)) = (spec.text("completionMode"), spec.number("completions")) {
        let metadata = Place::of(object, "metadata");
        let host = format!("{}-{}", metadata.text("name"), count - 1);
        if !names::dns1123_label(&host).is_empty() {
            let detail = format!("will not able to create pod with invalid DNS hostname: {host}");
            causes.invalid_text(&metadata.child("name"), &detail);
        }
    }
}

/// The part that an update looks at twice.
fn job_spec_with_selector(spec: &Place<'_, '_>, causes: &mut Causes) {
    job_spec(spec, causes);
    match spec.given("selector") {
        None => causes.required(&spec.child("selector"), ""),
        Some(selector) => label_selector(&selector, causes),
    }
    labels_match(spec, causes);
}

const COUNTS: [&str; 7] = [
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
];

fn job_spec(spec: &Place<'_, '_>, causes: &mut Causes) {
    for field in COUNTS {
        causes.not_negative(&spec.child(field));
    }
    let mode = spec.child("completionMode");
    causes.one_of(&mode, &["NonIndexed", "Indexed"]);
    if mode.as_text() == "Indexed" {
        if !spec.has("completions") {
            causes.required(&spec.child("completions"), "when completion mode is Indexed");
        }
    } else {
        for field in ["backoffLimitPerIndex", "maxFailedIndexes"] {
            if let Some(place) = spec.given(field) {
                causes.invalid(&place, "requires indexed job");
            }
        }
    }
    causes.one_of(&spec.child("podReplacementPolicy"), &["Failed", "TerminatingOrFailed"]);
    let template = spec.child("template");
    pod::template(&template, Use::default(), causes);
    restart_policy(spec, &template, causes);
}

fn restart_policy(spec: &Place<'_, '_>, template: &Place<'_, '_>, causes: &mut Causes) {
    let pod = template.child("spec");
    let policy = pod.child("restartPolicy");
    match policy.as_text() {
        "Always" => causes.required(&policy, "valid values: \"OnFailure\", \"Never\""),
        "OnFailure" | "Never" => {}
        _ => causes.unsupported(&policy, &["OnFailure", "Never"]),
    }
    if spec.has("podFailurePolicy") && policy.as_text() != "Never" {
        causes.invalid(&policy, "only \"Never\" is supported when podFailurePolicy is specified");
    }
}

// The server makes the selector and the labels from the uid, and nobody else may.
fn generated_selector(object: &Value, causes: &mut Causes) {
    let spec = Place::of(object, "spec");
    let Some(selector) = spec.given("selector").filter(|_| !spec.is_true("manualSelector")) else { return };
    let (name, uid) = (meta(object, "name"), meta(object, "uid"));
    let wanted = json!({
        "batch.kubernetes.io/controller-uid": uid, "batch.kubernetes.io/job-name": name,
        "controller-uid": uid, "job-name": name,
    });
    let template = spec.child("template");
    let metadata = template.child("metadata");
    for (key, value) in wanted.as_object().into_iter().flatten() {
        let place = metadata.entry("labels", key);
        let detail = format!("must be '{}'", value.as_str().unwrap_or_default());
        if place.value().is_null() {
            causes.required(&place, &detail);
        } else if place.value() != value {
            causes.invalid_as(&place, metadata.child("labels").value(), &detail);
        }
    }
    if Selector::of_label_selector(Some(selector.value())).is_some_and(|s| !s.matches_labels(Some(&wanted))) {
        causes.invalid_struct(&selector, "meta.v1", "LabelSelector", "`selector` not auto-generated");
    }
}

pub(super) fn job_changes(old: &Value, new: &Value, causes: &mut Causes) {
    let (was, is) = (Place::of(old, "spec"), Place::of(new, "spec"));
    job_spec_with_selector(&is, causes);
    completions(&was, &is, causes);
    same_selector(old, new, causes);
    let (old_template, new_template) = (was.child("template"), is.child("template"));
    if can_be_rescheduled(old) {
        let (old_pod, new_pod) = (old_template.child("spec"), new_template.child("spec"));
        if without_scheduling(old_pod.value()) != without_scheduling(new_pod.value()) {
            causes.invalid_struct(&new_pod, "core.v1", "PodSpec", "field is immutable");
        }
    } else if frozen_template(&old_template) != frozen_template(&new_template) {
        causes.invalid_struct(&new_template, "core.v1", "PodTemplateSpec", "field is immutable");
    }
    for field in ["completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"]
    {
        causes.unchanged(&was.child(field), &is.child(field));
    }
}

/// Where the Pods of a Job that has never started may be sent can still change, and so can their labels and annotations.
const SCHEDULING: [&str; 4] = ["nodeSelector", "tolerations", "affinity", "schedulingGates"];

/// Whether a Job is suspended and has never started.
fn can_be_rescheduled(job: &Value) -> bool {
    let started = job.get("status").and_then(|status| status.get("startTime")).is_some_and(|t| !t.is_null());
    Place::of(job, "spec").is_true("suspend") && !started
}

fn without_scheduling(pod: &Value) -> Value {
    let mut pod = pod.clone();
    SCHEDULING.iter().for_each(|field| crate::strategy::remove(&mut pod, field));
    pod
}

/// What of a template must stay: labels, annotations, and the specification of the Pods.
fn frozen_template(template: &Place<'_, '_>) -> [Value; 3] {
    let metadata = template.child("metadata");
    let own = |place: Place<'_, '_>| place.value().clone();
    [own(metadata.child("labels")), own(metadata.child("annotations")), own(template.child("spec"))]
}

fn completions(was: &Place<'_, '_>, is: &Place<'_, '_>, causes: &mut Causes) {
    let (old, new) = (was.child("completions"), is.child("completions"));
    if is.text("completionMode") != "Indexed" {
        causes.unchanged(&old, &new);
    } else if old.value() != new.value() && new.value() != is.child("parallelism").value() {
        causes.invalid(&new, "can only be modified in tandem with spec.parallelism");
    }
}

pub(super) fn cron_job(object: &Value, causes: &mut Causes) {
    let spec = Place::of(object, "spec");
    let schedule = spec.child("schedule");
    if schedule.as_text().is_empty() {
        causes.required(&schedule, "");
    } else {
        if let Err(problem) = cron::check(schedule.as_text()) {
            causes.invalid(&schedule, &problem);
        }
        if schedule.as_text().contains("TZ") {
            let detail = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
            causes.invalid(&schedule, detail);
        }
    }
    causes.not_negative(&spec.child("startingDeadlineSeconds"));
    time_zone(&spec, causes);
    causes.required_one_of(&spec.child("concurrencyPolicy"), &["Allow", "Forbid", "Replace"]);
    job_template(&spec.child("jobTemplate"), causes);
    causes.not_negative(&spec.child("successfulJobsHistoryLimit"));
    causes.not_negative(&spec.child("failedJobsHistoryLimit"));
}

fn time_zone(spec: &Place<'_, '_>, causes: &mut Causes) {
    let Some(zone) = spec.given("timeZone") else { return };
    let name = zone.as_text();
    if name.is_empty() {
        causes.invalid(&zone, "timeZone must be nil or non-empty string");
    } else if name.eq_ignore_ascii_case("local") {
        let detail = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones";
        causes.invalid(&zone, detail);
    } else if !cron::is_time_zone(name) {
        causes.invalid(&zone, &format!("unknown time zone {name}"));
    }
}

fn job_template(template: &Place<'_, '_>, causes: &mut Causes) {
    let spec = template.child("spec");
    job_spec(&spec, causes);
    if let Some(selector) = spec.given("selector") {
        causes.invalid_struct(&selector, "meta.v1", "LabelSelector", "`selector` will be auto-generated");
    }
    if spec.is_true("manualSelector") {
        let message = "Unsupported value: true: supported values: \"nil\", \"false\"".to_owned();
        causes.push("FieldValueNotSupported", spec.child("manualSelector").path(), message);
    }
}
