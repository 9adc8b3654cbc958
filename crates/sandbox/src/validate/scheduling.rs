//! Where a Pod may run: affinity, tolerations, spreading, gates (`core/validation`).

use super::causes::Causes;
use super::place::Place;
use super::selectors::{label_selector, node_selector, node_selector_term};
use crate::names;
use std::collections::HashSet;

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

/// The affinity of a Pod spec, if there is one.
pub(super) fn affinity(spec: &Place<'_, '_>, causes: &mut Causes) {
    let affinity = spec.child("affinity");
    let node = affinity.child("nodeAffinity");
    if let Some(required) = node.given(REQUIRED) {
        node_selector(&required, causes);
    }
    for term in node.items(PREFERRED) {
        weight(&term, causes);
        node_selector_term(&term.child("preference"), causes);
    }
    for kind in ["podAffinity", "podAntiAffinity"] {
        let pods = affinity.child(kind);
        for term in pods.items(REQUIRED) {
            pod_term(&term, causes);
        }
        for term in pods.items(PREFERRED) {
            weight(&term, causes);
            pod_term(&term.child("podAffinityTerm"), causes);
        }
    }
}

fn weight(term: &Place<'_, '_>, causes: &mut Causes) {
    let weight = term.number("weight").unwrap_or(0);
    if !(1..=100).contains(&weight) {
        causes.invalid_as(&term.child("weight"), &weight.into(), "must be in the range 1-100");
    }
}

fn pod_term(term: &Place<'_, '_>, causes: &mut Causes) {
    label_selector(&term.child("labelSelector"), causes);
    label_selector(&term.child("namespaceSelector"), causes);
    let place = term.child("namespace");
    for namespace in term.items("namespaces") {
        for problem in names::dns1123_label(namespace.as_text()) {
            causes.invalid_as(&place, namespace.value(), &problem);
        }
    }
    let key = term.child("topologyKey");
    if key.as_text().is_empty() {
        causes.required(&key, "can not be empty");
    }
    causes.problems(&key, &names::qualified_name(key.as_text()));
}

/// Gates that keep a Pod from being scheduled.
pub(super) fn gates(spec: &Place<'_, '_>, causes: &mut Causes) {
    let mut names = HashSet::new();
    for gate in spec.items("schedulingGates") {
        let name = gate.text("name");
        for problem in names::qualified_name(name) {
            causes.invalid_as(&gate, &name.into(), &problem);
        }
        if !names.insert(name) {
            let message = format!("Duplicate value: {name:?}");
            causes.push("FieldValueDuplicate", gate.path(), message);
        }
    }
}

/// How Pods spread.
pub(super) fn spread(spec: &Place<'_, '_>, causes: &mut Causes) {
    let mut pairs = HashSet::new();
    for constraint in spec.items("topologySpreadConstraints") {
        causes.positive(&constraint.child("maxSkew"));
        let (key, when) = (constraint.child("topologyKey"), constraint.child("whenUnsatisfiable"));
        if key.as_text().is_empty() {
            causes.required(&key, "can not be empty");
        } else {
            causes.problems(&key, &names::qualified_name(key.as_text()));
        }
        if !matches!(when.as_text(), "DoNotSchedule" | "ScheduleAnyway") {
            causes.unsupported(&when, &["DoNotSchedule", "ScheduleAnyway"]);
        }
        let pair = format!("{{{}, {}}}", key.as_text(), when.as_text());
        if !pairs.insert(pair.clone()) {
            let place = constraint.child("{topologyKey, whenUnsatisfiable}");
            causes.push("FieldValueDuplicate", place.path(), format!("Duplicate value: {pair:?}"));
        }
        domains(&constraint, causes);
        for field in ["nodeAffinityPolicy", "nodeTaintsPolicy"] {
            causes.one_of(&constraint.child(field), &["Honor", "Ignore"]);
        }
        label_selector(&constraint.child("labelSelector"), causes);
    }
}

fn domains(constraint: &Place<'_, '_>, causes: &mut Causes) {
    let Some(least) = constraint.given("minDomains") else { return };
    causes.positive(&least);
    let when = constraint.text("whenUnsatisfiable");
    if when != "DoNotSchedule" {
        let detail = format!("can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {when}");
        causes.invalid(&least, &detail);
    }
}

const EFFECTS: [&str; 3] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/// What taints a Pod tolerates.
pub(super) fn tolerations(spec: &Place<'_, '_>, causes: &mut Causes) {
    for toleration in spec.items("tolerations") {
        let (key, operator) = (toleration.child("key"), toleration.child("operator"));
        causes.optional_name(&key, names::qualified_name);
        if key.as_text().is_empty() && operator.as_text() != "Exists" {
            let detail =
                "operator must be Exists when `key` is empty, which means \"match all values and all keys\"";
            causes.invalid_text(&operator, detail);
        }
        let effect = toleration.child("effect");
        if toleration.has("tolerationSeconds") && effect.as_text() != "NoExecute" {
            causes.invalid_text(&effect, "effect must be 'NoExecute' when `tolerationSeconds` is set");
        }
        value(&toleration, causes);
        causes.one_of(&effect, &EFFECTS);
    }
}

fn value(toleration: &Place<'_, '_>, causes: &mut Causes) {
    let (operator, value) = (toleration.child("operator"), toleration.text("value"));
    match operator.as_text() {
        "" | "Equal" => {
            let problems = names::label_value(value);
            if !problems.is_empty() {
                causes.invalid_as(&operator, &value.into(), &problems.join(";"));
            }
        }
        "Exists" => {
            if !value.is_empty() {
                let shown = super::shape::text(toleration.value(), "core.v1", "Toleration");
                let detail = "value must be empty when `operator` is 'Exists'";
                causes.push(
                    "FieldValueInvalid",
                    operator.path(),
                    format!("Invalid value: {shown}: {detail}"),
                );
            }
        }
        _ => causes.unsupported(&operator, &["Equal", "Exists"]),
    }
}
