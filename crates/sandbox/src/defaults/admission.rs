//! Access control, admission, flow control, aggregation.

use super::{items, set, text};
use serde_json::{Value, json};

const RBAC: &str = "rbac.authorization.k8s.io";

pub(super) fn binding(object: &mut Value) {
    if text(&object["roleRef"], "apiGroup").is_empty() {
        object["roleRef"]["apiGroup"] = RBAC.into();
    }
    for subject in items(object, "subjects") {
        if matches!(text(subject, "kind"), "User" | "Group") {
            set(subject, "apiGroup", RBAC);
        }
    }
}

fn selectors(object: &mut Value) {
    set(object, "namespaceSelector", json!({}));
    set(object, "objectSelector", json!({}));
    set(object, "matchPolicy", "Equivalent");
}

pub(super) fn webhooks(object: &mut Value, mutating: bool) {
    for webhook in items(object, "webhooks") {
        selectors(webhook);
        set(webhook, "failurePolicy", "Fail");
        set(webhook, "timeoutSeconds", 10);
        if mutating {
            set(webhook, "reinvocationPolicy", "Never");
        }
        if let Some(service) = webhook.pointer_mut("/clientConfig/service") {
            set(service, "port", 443);
        }
        items(webhook, "rules").for_each(|rule| set(rule, "scope", "*"));
    }
}

fn match_resources(object: &mut Value) {
    selectors(object);
    for list in ["resourceRules", "excludeResourceRules"] {
        items(object, list).for_each(|rule| set(rule, "scope", "*"));
    }
}

pub(super) fn policy(object: &mut Value) {
    set(&mut object["spec"], "failurePolicy", "Fail");
    if let Some(constraints) = object.pointer_mut("/spec/matchConstraints") {
        match_resources(constraints);
    }
}

pub(super) fn policy_binding(object: &mut Value) {
    if let Some(resources) = object.pointer_mut("/spec/matchResources") {
        match_resources(resources);
    }
}

pub(super) fn flow_schema(object: &mut Value) {
    let spec = &mut object["spec"];
    if spec.get("matchingPrecedence").is_none_or(|p| *p == 0) {
        spec["matchingPrecedence"] = 1000.into();
    }
}

pub(super) fn priority_level(object: &mut Value) {
    let spec = &mut object["spec"];
    if let Some(limited) = spec.get_mut("limited") {
        set(limited, "nominalConcurrencyShares", 30);
        set(limited, "lendablePercent", 0);
        if let Some(queuing) = limited.pointer_mut("/limitResponse/queuing") {
            set(queuing, "handSize", 8);
            set(queuing, "queues", 64);
            set(queuing, "queueLengthLimit", 50);
        }
    }
    if let Some(exempt) = spec.get_mut("exempt") {
        set(exempt, "nominalConcurrencyShares", 0);
        set(exempt, "lendablePercent", 0);
    }
}

pub(super) fn api_service(object: &mut Value) {
    if let Some(service) = object.pointer_mut("/spec/service") {
        set(service, "port", 443);
    }
}
