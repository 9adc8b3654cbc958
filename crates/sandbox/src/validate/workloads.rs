//! Workloads of the apps group and ReplicationControllers (`apps/validation`).

use super::causes::{Causes, percent_of};
use super::place::Place;
use super::pod::{self, Use};
use super::selectors::label_selector;
use super::shape;
use super::volume::claim_names;
use crate::names;
use crate::selector::Selector;
use serde_json::Value;

/// What is wrong with a template whose labels the selector does not match.
const NO_MATCH: &str = "`selector` does not match template `labels`";

pub(super) fn deployment(object: &Value, causes: &mut Causes) {
    let spec = Place::of(object, "spec");
    causes.not_negative(&spec.child("replicas"));
    if selector(&spec, "deployment", causes) {
        template(&spec, "ReplicaSet", causes);
    }
    strategy(&spec.child("strategy"), causes);
    causes.not_negative(&spec.child("minReadySeconds"));
    causes.not_negative(&spec.child("revisionHistoryLimit"));
    if let Some(deadline) = spec.given("progressDeadlineSeconds") {
        causes.not_negative(&deadline);
        if deadline.value().as_i64() <= Some(spec.number("minReadySeconds").unwrap_or(0)) {
            causes.invalid(&deadline, "must be greater than minReadySeconds");
        }
    }
}

pub(super) fn replica_set(object: &Value, causes: &mut Causes) {
    let spec = Place::of(object, "spec");
    causes.not_negative(&spec.child("replicas"));
    causes.not_negative(&spec.child("minReadySeconds"));
    // Kubernetes says deployment here, too.
    if selector(&spec, "deployment", causes) {
        template(&spec, "ReplicaSet", causes);
    }
}

pub(super) fn daemon_set(object: &Value, causes: &mut Causes) {
    let spec = Place::of(object, "spec");
    label_selector(&spec.child("selector"), causes);
    labels_match(&spec, causes);
    not_empty(&spec, "daemonset", causes);
    pod::template(&spec.child("template"), Use::default(), causes);
    runs_for_ever(&spec, "DaemonSet", causes);
    causes.not_negative(&spec.child("minReadySeconds"));
    daemon_set_strategy(&spec.child("updateStrategy"), causes);
    causes.not_negative(&spec.child("revisionHistoryLimit"));
}

pub(super) fn stateful_set(object: &Value, causes: &mut Causes) {
    let spec = Place::of(object, "spec");
    let management = spec.child("podManagementPolicy");
    match management.as_text() {
        "" => causes.required(&management, ""),
        "OrderedReady" | "Parallel" => {}
        _ => causes.invalid(&management, "must be 'OrderedReady' or 'Parallel'"),
    }
    stateful_set_strategy(&spec.child("updateStrategy"), causes);
    for field in ["whenDeleted", "whenScaled"] {
        let policy = spec.child("persistentVolumeClaimRetentionPolicy");
        causes.one_of(&policy.child(field), &["Retain", "Delete"]);
    }
    causes.not_negative(&spec.child("replicas"));
    causes.not_negative(&spec.child("minReadySeconds"));
    causes.not_negative(&spec.child("ordinals").child("start"));
    causes.optional_name(&spec.child("serviceName"), names::dns1123_label);
    if selector(&spec, "statefulset", causes) {
        template(&spec, "StatefulSet", causes);
    }
}

pub(super) fn replication_controller(object: &Value, causes: &mut Causes) {
    let spec = Place::of(object, "spec");
    causes.not_negative(&spec.child("minReadySeconds"));
    if !spec.has_some("selector") {
        causes.required(&spec.child("selector"), "");
    }
    causes.not_negative(&spec.child("replicas"));
    let Some(template) = spec.given("template") else {
        causes.required(&spec.child("template"), "");
        return;
    };
    let metadata = template.child("metadata");
    let labels = metadata.child("labels");
    if let Some(selector) = Selector::of_map(spec.value().get("selector")).filter(|s| !s.is_empty())
        && !selector.matches_labels(Some(labels.value()).filter(|labels| !labels.is_null()))
    {
        causes.invalid(&labels, NO_MATCH);
    }
    pod::template(&template, Use::default(), causes);
    runs_for_ever(&spec, "ReplicationController", causes);
}

/// The selector of a workload. Says whether it can be used.
fn selector(spec: &Place<'_, '_>, what: &str, causes: &mut Causes) -> bool {
    let Some(selector) = spec.given("selector") else {
        causes.required(&spec.child("selector"), "");
        return true;
    };
    label_selector(&selector, causes);
    not_empty(spec, what, causes);
    let is_usable = Selector::of_label_selector(Some(selector.value())).is_some();
    if !is_usable {
        causes.invalid_struct(&selector, "meta.v1", "LabelSelector", "invalid label selector");
    }
    is_usable
}

fn not_empty(spec: &Place<'_, '_>, what: &str, causes: &mut Causes) {
    let Some(selector) = spec.given("selector") else { return };
    if !selector.has_some("matchLabels") && !selector.has_some("matchExpressions") {
        let detail = format!("empty selector is invalid for {what}");
        causes.invalid(&selector, &detail);
    }
}

/// The template's labels must be those that are selected. No selector selects nothing, an empty one everything.
pub(super) fn labels_match(spec: &Place<'_, '_>, causes: &mut Causes) {
    let template = spec.child("template");
    let metadata = template.child("metadata");
    let labels = metadata.child("labels");
    let present = Some(labels.value()).filter(|labels| !labels.is_null());
    let selector = spec.given("selector").map(|selector| selector.value());
    let is_selected = match selector {
        None => false,
        // What cannot be read is a cause of its own.
        Some(selector) => {
            Selector::of_label_selector(Some(selector)).is_none_or(|s| s.matches_labels(present))
        }
    };
    if !is_selected {
        causes.invalid(&labels, NO_MATCH);
    }
}

fn template(spec: &Place<'_, '_>, what: &str, causes: &mut Causes) {
    labels_match(spec, causes);
    let claims = claim_names(spec.value().get("volumeClaimTemplates"));
    pod::template(&spec.child("template"), Use { is_pod: false, claims: &claims }, causes);
    runs_for_ever(spec, what, causes);
}

fn runs_for_ever(spec: &Place<'_, '_>, what: &str, causes: &mut Causes) {
    let template = spec.child("template");
    let pod = template.child("spec");
    if pod.text("restartPolicy") != "Always" {
        causes.unsupported(&pod.child("restartPolicy"), &["Always"]);
    }
    if pod.has("activeDeadlineSeconds") {
        let detail = format!("activeDeadlineSeconds in {what} is not Supported");
        causes.forbidden(&pod.child("activeDeadlineSeconds"), &detail);
    }
}

// A number, or the number of a percentage.
fn amount_of(value: &Value) -> i64 {
    value.as_i64().or_else(|| percent_of(value)).unwrap_or(0)
}

fn strategy(strategy: &Place<'_, '_>, causes: &mut Causes) {
    let rolling = strategy.child("rollingUpdate");
    match strategy.text("type") {
        "Recreate" => {
            if !rolling.value().is_null() {
                causes.forbidden(&rolling, "may not be specified when strategy `type` is 'Recreate'");
            }
        }
        "RollingUpdate" => {
            let (below, above) = (rolling.child("maxUnavailable"), rolling.child("maxSurge"));
            causes.amount(&below);
            causes.amount(&above);
            if amount_of(below.value()) == 0 && amount_of(above.value()) == 0 {
                causes.invalid(&below, "may not be 0 when `maxSurge` is 0");
            }
            causes.at_most_all(&below);
        }
        _ => unsupported_strategy(strategy, "DeploymentStrategy", &["Recreate", "RollingUpdate"], causes),
    }
}

fn unsupported_strategy(strategy: &Place<'_, '_>, type_name: &str, allowed: &[&str], causes: &mut Causes) {
    let shown = shape::text(strategy.value(), "apps.v1", type_name);
    let allowed: Vec<String> = allowed.iter().map(|value| format!("{value:?}")).collect();
    let message = format!("Unsupported value: {shown}: supported values: {}", allowed.join(", "));
    causes.push("FieldValueNotSupported", strategy.path(), message);
}

fn daemon_set_strategy(strategy: &Place<'_, '_>, causes: &mut Causes) {
    match strategy.text("type") {
        "OnDelete" => {}
        "RollingUpdate" => {
            let rolling = strategy.child("rollingUpdate");
            let (below, above) = (rolling.child("maxUnavailable"), rolling.child("maxSurge"));
            causes.amount(&below);
            causes.amount(&above);
            causes.at_most_all(&below);
            causes.at_most_all(&above);
            match (amount_of(below.value()) != 0, amount_of(above.value()) != 0) {
                (true, true) => causes.invalid(&above, "may not be set when maxUnavailable is non-zero"),
                (false, false) => causes.required(&below, "cannot be 0 when maxSurge is 0"),
                _ => {}
            }
        }
        _ => {
            unsupported_strategy(strategy, "DaemonSetUpdateStrategy", &["RollingUpdate", "OnDelete"], causes);
        }
    }
}

fn stateful_set_strategy(strategy: &Place<'_, '_>, causes: &mut Causes) {
    let rolling = strategy.child("rollingUpdate");
    match strategy.text("type") {
        "" => causes.required(strategy, ""),
        "OnDelete" => {
            if !rolling.value().is_null() {
                let detail = "only allowed for updateStrategy 'RollingUpdate'";
                causes.invalid_struct(&rolling, "apps.v1", "RollingUpdateStatefulSetStrategy", detail);
            }
        }
        "RollingUpdate" => {
            causes.not_negative(&rolling.child("partition"));
            if let Some(below) = rolling.given("maxUnavailable") {
                causes.amount(&below);
                if amount_of(below.value()) == 0 {
                    causes.invalid(&below, "cannot be 0");
                }
                causes.at_most_all(&below);
            }
        }
        _ => {
            let detail = "must be 'RollingUpdate' or 'OnDelete'";
            causes.invalid_struct(strategy, "apps.v1", "StatefulSetUpdateStrategy", detail);
        }
    }
}

/// Fields of a StatefulSet's spec that may change.
const STATEFUL_SET_FIELDS: [&str; 7] = [
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
];

pub(super) fn stateful_set_changes(old: &Value, new: &Value, causes: &mut Causes) {
    let frozen = |set: &Value| {
        let mut spec = set.get("spec").cloned().unwrap_or_default();
        STATEFUL_SET_FIELDS.iter().for_each(|field| crate::strategy::remove(&mut spec, field));
        spec
    };
    if frozen(old) != frozen(new) {
        let detail = "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', \
                      'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and \
                      'minReadySeconds' are forbidden";
        causes.forbidden(&Place::of(new, "spec"), detail);
    }
}

/// A selector may not change.
pub(super) fn same_selector(old: &Value, new: &Value, causes: &mut Causes) {
    let (was, is) = (Place::of(old, "spec"), Place::of(new, "spec"));
    let selector = is.child("selector");
    if was.child("selector").value() == selector.value() {
        return;
    }
    if selector.value().is_null() {
        causes.invalid(&selector, "field is immutable");
    } else {
        causes.invalid_struct(&selector, "meta.v1", "LabelSelector", "field is immutable");
    }
}
