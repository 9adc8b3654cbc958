//! Autoscalers, disruption budgets, priorities (`autoscaling/validation`, `policy/validation`, `scheduling/validation`).

use super::causes::Causes;
use super::place::Place;
use super::selectors::label_selector;
use crate::names;
use crate::quantity::Quantity;
use serde_json::Value;

const MAX_WINDOW: i64 = 3600;
const MAX_PERIOD: i64 = 1800;

/// A HorizontalPodAutoscaler as version 2 has it.
pub(super) fn autoscaler(object: &Value, causes: &mut Causes) {
    let spec = Place::of(object, "spec");
    let (least, most) = (spec.child("minReplicas"), spec.child("maxReplicas"));
    let most_number = most.value().as_i64().unwrap_or(0);
    if least.value().as_i64().is_some_and(|number| number < 1) {
        causes.invalid(&least, "must be greater than or equal to 1");
    }
    if most_number < 1 {
        causes.required(&most, "must be set and greater than 0");
    }
    if least.value().as_i64().is_some_and(|number| most_number < number) {
        causes.invalid_as(&most, &most_number.into(), "must be greater than or equal to `minReplicas`");
    }
    target_reference(&spec.child("scaleTargetRef"), causes);
    spec.items("metrics").for_each(|metric| self::metric(&metric, causes));
    let behavior = spec.child("behavior");
    for direction in ["scaleUp", "scaleDown"] {
        if let Some(rules) = behavior.given(direction) {
            scaling_rules(&rules, causes);
        }
    }
}

fn target_reference(reference: &Place<'_, '_>, causes: &mut Causes) {
    causes.required_name(&reference.child("kind"), names::path_segment);
    causes.required_name(&reference.child("name"), names::path_segment);
    let version = reference.child("apiVersion");
    if !version.as_text().contains('/') && reference.text("kind") != "ReplicationController" {
        causes.invalid_text(&version, "apiVersion must specify API group");
    }
}

/// Types of metrics with the field that describes each.
const METRICS: [(&str, &str); 5] = [
    ("ContainerResource", "containerResource"),
    ("External", "external"),
    ("Object", "object"),
    ("Pods", "pods"),
    ("Resource", "resource"),
];

fn metric(metric: &Place<'_, '_>, causes: &mut Causes) {
    let kind = metric.child("type");
    let kinds = METRICS.map(|(name, _)| name);
    if kind.as_text().is_empty() {
        causes.required(&kind, "must specify a metric source type");
    }
    let expected = METRICS.iter().find(|(name, _)| *name == kind.as_text()).map(|(_, field)| *field);
    match expected {
        // Kubernetes says it twice.
        None => {
            causes.unsupported(&kind, &kinds);
            causes.unsupported(&kind, &kinds);
        }
        Some(field) if !metric.has(field) => {
            causes.required(&metric.child(field), "must populate information for the given metric source");
        }
        Some(_) => {}
    }
    for (_, field) in METRICS {
        let Some(source) = metric.given(field) else { continue };
        metric_source(field, &source, causes);
        if expected.is_some_and(|expected| expected != field) {
            causes.forbidden(&source, "must populate the given metric source only");
        }
    }
}

fn metric_source(field: &str, source: &Place<'_, '_>, causes: &mut Causes) {
    let target = source.child("target");
    match field {
        "resource" | "containerResource" => {
            if source.text("name").is_empty() {
                causes.required(&source.child("name"), "must specify a resource name");
            }
            if field == "containerResource" {
                causes.required_text(&source.child("container"));
            }
            resource_target(&target, causes);
        }
        _ => {
            if field == "object" {
                target_reference(&source.child("describedObject"), causes);
            }
            metric_name(&source.child("metric"), causes);
            metric_target(&target, causes);
            value_target(field, &target, causes);
        }
    }
}

fn resource_target(target: &Place<'_, '_>, causes: &mut Causes) {
    metric_target(target, causes);
    let (share, amount) = (target.child("averageUtilization"), target.child("averageValue"));
    match (share.value().is_null(), amount.value().is_null()) {
        (true, true) => {
            causes.required(&share, "must set either a target raw value or a target utilization");
        }
        (false, false) => {
            causes.forbidden(&amount, "may not set both a target raw value and a target utilization");
        }
        _ => {}
    }
}

fn value_target(field: &str, target: &Place<'_, '_>, causes: &mut Causes) {
    let amount = target.child("averageValue");
    let has_value = target.has("value");
    match field {
        "pods" if amount.value().is_null() => {
            causes.required(&amount, "must specify a positive target averageValue");
        }
        "object" if amount.value().is_null() && !has_value => {
            causes.required(&amount, "must set either a target value or averageValue");
        }
        "external" if amount.value().is_null() && !has_value => {
            let detail = "must set either a target value for metric or a per-pod target";
            causes.required(&amount, detail);
        }
        "external" if !amount.value().is_null() && has_value => {
            let detail = "may not set both a target value for metric and a per-pod target";
            causes.forbidden(&target.child("value"), detail);
        }
        _ => {}
    }
}

fn metric_name(metric: &Place<'_, '_>, causes: &mut Causes) {
    let name = metric.child("name");
    if name.as_text().is_empty() {
        causes.required(&name, "must specify a metric name");
    } else {
        causes.problems(&name, &names::path_segment(name.as_text()));
    }
    label_selector(&metric.child("selector"), causes);
}

fn metric_target(target: &Place<'_, '_>, causes: &mut Causes) {
    let kind = target.child("type");
    match kind.as_text() {
        "" => causes.required(&kind, "must specify a metric target type"),
        "Utilization" | "Value" | "AverageValue" => {}
        _ => causes.invalid(&kind, "must be either Utilization, Value, or AverageValue"),
    }
    for field in ["value", "averageValue"] {
        let amount = target.child(field);
        if Quantity::parse(amount.as_text()).is_ok_and(|q| q.is_negative() || q.is_zero()) {
            causes.invalid(&amount, "must be positive");
        }
    }
    let share = target.child("averageUtilization");
    if share.value().as_i64().is_some_and(|number| number < 1) {
        causes.invalid(&share, "must be greater than 0");
    }
}

fn scaling_rules(rules: &Place<'_, '_>, causes: &mut Causes) {
    let window = rules.child("stabilizationWindowSeconds");
    causes.not_negative(&window);
    if window.value().as_i64().is_some_and(|seconds| seconds > MAX_WINDOW) {
        causes.invalid(&window, &format!("must be less than or equal to {MAX_WINDOW}"));
    }
    causes.one_of(&rules.child("selectPolicy"), &["Disabled", "Max", "Min"]);
    if !rules.has_some("policies") {
        causes.required(&rules.child("policies"), "must specify at least one Policy");
    }
    for policy in rules.items("policies") {
        if !matches!(policy.text("type"), "Pods" | "Percent") {
            causes.unsupported(&policy.child("type"), &["Percent", "Pods"]);
        }
        causes.positive(&policy.child("value"));
        let period = policy.child("periodSeconds");
        causes.positive(&period);
        if period.value().as_i64().is_some_and(|seconds| seconds > MAX_PERIOD) {
            causes.invalid(&period, &format!("must be less than or equal to {MAX_PERIOD}"));
        }
    }
}

pub(super) fn disruption_budget(object: &Value, causes: &mut Causes) {
    let spec = Place::of(object, "spec");
    if spec.has("minAvailable") && spec.has("maxUnavailable") {
        let detail = "minAvailable and maxUnavailable cannot be both set";
        causes.invalid_struct(&spec, "policy.v1", "PodDisruptionBudgetSpec", detail);
    }
    for field in ["minAvailable", "maxUnavailable"] {
        let amount = spec.child(field);
        causes.amount(&amount);
        causes.at_most_all(&amount);
    }
    label_selector(&spec.child("selector"), causes);
    causes.one_of(&spec.child("unhealthyPodEvictionPolicy"), &["AlwaysAllow", "IfHealthyBudget"]);
}

const MAX_USER_PRIORITY: i64 = 1_000_000_000;

pub(super) fn priority_class(object: &Value, causes: &mut Causes) {
    let (name, value) = (Place::of(object, "metadata"), Place::of(object, "value"));
    if name.text("name").starts_with("system-") {
        let class = name.text("name");
        if !matches!(class, "system-node-critical" | "system-cluster-critical") {
            let detail = format!(
                "priority class names with 'system-' prefix are reserved for system use only. error: {class} is not a \
                 known system priority class"
            );
            causes.forbidden(&name.child("name"), &detail);
        }
    } else if value.value().as_i64().is_some_and(|number| number > MAX_USER_PRIORITY) {
        let detail = format!("maximum allowed value of a user defined priority is {MAX_USER_PRIORITY}");
        causes.forbidden(&value, &detail);
    }
    causes.one_of(&Place::of(object, "preemptionPolicy"), &["Never", "PreemptLowerPriority"]);
}

pub(super) fn priority_class_changes(old: &Value, new: &Value, causes: &mut Causes) {
    if old.get("value") != new.get("value") {
        causes.forbidden(&Place::of(new, "value"), "may not be changed in an update.");
    }
    let field = "preemptionPolicy";
    causes.unchanged(&Place::of(old, field), &Place::of(new, field));
}
