//! Roles and bindings (`rbac/validation`).

use super::causes::Causes;
use super::place::Place;
use super::selectors::label_selector;
use super::shape;
use crate::names;
use serde_json::Value;

const GROUP: &str = "rbac.authorization.k8s.io";

/// A Role, or a ClusterRole.
pub(super) fn role(object: &Value, is_namespaced: bool, causes: &mut Causes) {
    for rule in Place::object(object).items("rules") {
        policy_rule(&rule, is_namespaced, causes);
    }
    let aggregation = Place::of(object, "aggregationRule");
    if aggregation.value().is_null() {
        return;
    }
    if !aggregation.has_some("clusterRoleSelectors") {
        let detail = "at least one clusterRoleSelector required if aggregationRule is non-nil";
        causes.required(&aggregation.child("clusterRoleSelectors"), detail);
    }
    for selector in aggregation.items("clusterRoleSelectors") {
        label_selector(&selector, causes);
    }
}

fn policy_rule(rule: &Place<'_, '_>, is_namespaced: bool, causes: &mut Causes) {
    if !rule.has_some("verbs") {
        causes.required(&rule.child("verbs"), "verbs must contain at least one value");
    }
    if rule.has_some("nonResourceURLs") {
        let urls = rule.child("nonResourceURLs");
        if is_namespaced {
            causes.invalid(&urls, "namespaced rules cannot apply to non-resource URLs");
        }
        if ["apiGroups", "resources", "resourceNames"].iter().any(|field| rule.has_some(field)) {
            causes.invalid(&urls, "rules cannot apply to both regular resources and non-resource URLs");
        }
        return;
    }
    if !rule.has_some("apiGroups") {
        causes.required(&rule.child("apiGroups"), "resource rules must supply at least one api group");
    }
    if !rule.has_some("resources") {
        causes.required(&rule.child("resources"), "resource rules must supply at least one resource");
    }
}

/// A RoleBinding, or a ClusterRoleBinding.
pub(super) fn binding(object: &Value, is_namespaced: bool, causes: &mut Causes) {
    let role = Place::of(object, "roleRef");
    if role.text("apiGroup") != GROUP {
        causes.unsupported(&role.child("apiGroup"), &[GROUP]);
    }
    let kinds: &[&str] = if is_namespaced { &["Role", "ClusterRole"] } else { &["ClusterRole"] };
    if !kinds.contains(&role.text("kind")) {
        causes.unsupported(&role.child("kind"), kinds);
    }
    causes.required_name(&role.child("name"), names::path_segment);
    for subject in Place::object(object).items("subjects") {
        self::subject(&subject, is_namespaced, causes);
    }
}

fn subject(subject: &Place<'_, '_>, is_namespaced: bool, causes: &mut Causes) {
    causes.required_text(&subject.child("name"));
    let group = subject.child("apiGroup");
    match subject.text("kind") {
        "ServiceAccount" => {
            causes.optional_name(&subject.child("name"), names::dns1123_subdomain);
            if !group.as_text().is_empty() {
                causes.unsupported(&group, &[""]);
            }
            if !is_namespaced {
                causes.required_text(&subject.child("namespace"));
            }
        }
        "User" | "Group" => {
            if group.as_text() != GROUP {
                causes.unsupported(&group, &[GROUP]);
            }
        }
        _ => causes.unsupported(&subject.child("kind"), &["ServiceAccount", "User", "Group"]),
    }
}

pub(super) fn binding_changes(old: &Value, new: &Value, causes: &mut Causes) {
    let role = Place::of(new, "roleRef");
    if Place::of(old, "roleRef").value() != role.value() {
        let shown = shape::text(role.value(), "rbac.v1", "RoleRef");
        let message = format!("Invalid value: {shown}: cannot change roleRef");
        causes.push("FieldValueInvalid", role.path(), message);
    }
}
