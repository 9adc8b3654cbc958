//! Webhooks and aggregated APIs (`admissionregistration/validation`, `apiregistration/validation`).

use super::causes::Causes;
use super::place::Place;
use super::selectors::label_selector;
use crate::names;
use serde_json::Value;
use std::collections::HashSet;

pub(super) fn webhooks(object: &Value, is_mutating: bool, causes: &mut Causes) {
    let mut names = HashSet::new();
    for webhook in Place::object(object).items("webhooks") {
        self::webhook(&webhook, is_mutating, causes);
        if !webhook.text("name").is_empty() && !names.insert(webhook.text("name")) {
            causes.duplicate(&webhook.child("name"));
        }
    }
}

fn webhook(webhook: &Place<'_, '_>, is_mutating: bool, causes: &mut Causes) {
    let name = webhook.child("name");
    if name.as_text().is_empty() {
        causes.required(&name, "");
    } else {
        causes.problems(&name, &names::has_segments(name.as_text(), 3));
    }
    review_versions(webhook, causes);
    webhook.items("rules").for_each(|rule| self::rule(&rule, causes));
    causes.one_of(&webhook.child("failurePolicy"), &["Fail", "Ignore"]);
    causes.one_of(&webhook.child("matchPolicy"), &["Equivalent", "Exact"]);
    let effects = webhook.child("sideEffects");
    if effects.as_text().is_empty() {
        causes.required(&effects, "must specify one of None, NoneOnDryRun");
    } else {
        causes.one_of(&effects, &["None", "NoneOnDryRun"]);
    }
    if is_mutating {
        causes.one_of(&webhook.child("reinvocationPolicy"), &["IfNeeded", "Never"]);
    }
    let timeout = webhook.child("timeoutSeconds");
    if timeout.value().as_i64().is_some_and(|seconds| !(1..=30).contains(&seconds)) {
        causes.invalid(&timeout, "the timeout value must be between 1 and 30 seconds");
    }
    label_selector(&webhook.child("namespaceSelector"), causes);
    label_selector(&webhook.child("objectSelector"), causes);
    client(&webhook.child("clientConfig"), causes);
}

fn review_versions(webhook: &Place<'_, '_>, causes: &mut Causes) {
    let versions = webhook.child("admissionReviewVersions");
    if !webhook.has_some("admissionReviewVersions") {
        causes.required(&versions, "must specify one of v1, v1beta1");
    } else if !webhook
        .items("admissionReviewVersions")
        .any(|version| matches!(version.as_text(), "v1" | "v1beta1"))
    {
        causes.invalid(&versions, "must include at least one of v1, v1beta1");
    }
}

const OPERATIONS: [&str; 5] = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];

fn rule(rule: &Place<'_, '_>, causes: &mut Causes) {
    for (list, what) in [
        ("operations", "operations"),
        ("apiGroups", "API groups"),
        ("apiVersions", "API versions"),
        ("resources", "resources"),
    ] {
        let place = rule.child(list);
        if !rule.has_some(list) {
            causes.required(&place, "");
        }
        let has_all = list != "resources" && rule.items(list).any(|item| item.as_text() == "*");
        if has_all && rule.count(list) > 1 {
            let detail = format!("if '*' is present, must not specify other {what}");
            causes.invalid(&place, &detail);
        }
        if list == "operations" {
            rule.items(list).for_each(|item| causes.one_of(&item, &OPERATIONS));
        } else if list == "apiVersions" {
            rule.items(list).for_each(|item| causes.required_text(&item));
        }
    }
    causes.one_of(&rule.child("scope"), &["*", "Cluster", "Namespaced"]);
}

fn client(client: &Place<'_, '_>, causes: &mut Causes) {
    match (client.given("url"), client.given("service")) {
        (Some(url), None) => {
            if !url.as_text().starts_with("https://") {
                let scheme = url.as_text().split_once("://").map_or("", |(scheme, _)| scheme);
                let detail = "'https' is the only allowed URL scheme; desired format: https://host[/path]";
                causes.invalid_as(&url, &scheme.into(), detail);
            }
        }
        (None, Some(service)) => {
            for (field, detail) in
                [("name", "service name is required"), ("namespace", "service namespace is required")]
            {
                if service.text(field).is_empty() {
                    causes.required(&service.child(field), detail);
                }
            }
            if let Some(port) = service.given("port") {
                for_port(&port, causes);
            }
        }
        _ => causes.required(client, "exactly one of url or service is required"),
    }
}

fn for_port(port: &Place<'_, '_>, causes: &mut Causes) {
    if !port.value().as_i64().is_some_and(|number| (1..=65_535).contains(&number)) {
        causes.invalid(port, "port is not valid: must be between 1 and 65535, inclusive");
    }
}

pub(super) fn api_service(object: &Value, causes: &mut Causes) {
    let (spec, metadata) = (Place::of(object, "spec"), Place::of(object, "metadata"));
    let wanted = format!("{}.{}", spec.text("version"), spec.text("group"));
    if metadata.text("name") != wanted {
        let detail = format!("must be `spec.version+\".\"+spec.group`: {wanted:?}");
        causes.invalid_text(&metadata.child("name"), &detail);
    }
    for (field, most) in [("groupPriorityMinimum", 20_000), ("versionPriority", 1000)] {
        let number = spec.number(field).unwrap_or(0);
        if number <= 0 || number > most {
            let detail = format!("must be positive and less than {most}");
            causes.invalid_as(&spec.child(field), &number.into(), &detail);
        }
    }
    if let Some(service) = spec.given("service") {
        causes.required_text(&service.child("namespace"));
        causes.required_text(&service.child("name"));
        if let Some(port) = service.given("port") {
            for_port(&port, causes);
        }
        if spec.is_true("insecureSkipTLSVerify") && spec.has("caBundle") {
            let detail = "may not be true if caBundle is present";
            causes.invalid(&spec.child("insecureSkipTLSVerify"), detail);
        }
    }
}
