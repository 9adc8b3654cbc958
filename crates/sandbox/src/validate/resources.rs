//! Names and amounts of resources: what containers ask for, quotas, limit ranges (`core/validation`, `core/helper`).

use super::causes::Causes;
use super::place::Place;
use crate::names;
use crate::quantity::Quantity;
use serde_json::Value;

/// Resources of containers that need no prefix.
const CONTAINER_RESOURCES: [&str; 3] = ["cpu", "ephemeral-storage", "memory"];

/// Resources without a prefix that a quota or a limit can name.
const STANDARD_RESOURCES: [&str; 18] = [
    "cpu",
    "memory",
    "ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "storage",
    "requests.storage",
];

/// Resources that only a quota counts.
const QUOTA_RESOURCES: [&str; 2] = ["services.nodeports", "services.loadbalancers"];

/// Resources that are counted in whole numbers.
const WHOLE_RESOURCES: [&str; 9] = [
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
];

pub(super) fn is_huge_pages(name: &str) -> bool {
    name.starts_with("hugepages-")
}

fn is_native(name: &str) -> bool {
    !name.contains('/') || name.contains("kubernetes.io/")
}

fn is_extended(name: &str) -> bool {
    !is_native(name)
        && !name.starts_with("requests.")
        && names::qualified_name(&format!("requests.{name}")).is_empty()
}

/// Whether requests may stay below limits.
fn allows_overcommit(name: &str) -> bool {
    is_native(name) && !is_huge_pages(name)
}

fn is_standard(name: &str) -> bool {
    STANDARD_RESOURCES.contains(&name)
        || QUOTA_RESOURCES.contains(&name)
        || is_huge_pages(name)
        || name.starts_with("requests.hugepages-")
}

/// The name of a resource. Says whether it can be a resource at all.
fn resource_name(place: &Place<'_, '_>, name: &str, causes: &mut Causes) -> bool {
    let problems = names::qualified_name(name);
    for problem in &problems {
        causes.invalid_as(place, &name.into(), problem);
    }
    if problems.is_empty() && !name.contains('/') && !is_standard(name) {
        causes.invalid_as(place, &name.into(), "must be a standard resource type or fully qualified");
    }
    problems.is_empty()
}

fn container_resource_name(place: &Place<'_, '_>, name: &str, causes: &mut Causes) {
    resource_name(place, name, causes);
    if !name.contains('/') {
        if !CONTAINER_RESOURCES.contains(&name) && !is_huge_pages(name) {
            causes.invalid_as(place, &name.into(), "must be a standard resource for containers");
        }
    } else if !is_native(name) && !is_extended(name) {
        causes.invalid_as(place, &name.into(), "doesn't follow extended resource name standard");
    }
}

/// The name of a resource that a quota limits.
pub(super) fn quota_resource_name(place: &Place<'_, '_>, name: &str, causes: &mut Causes) {
    resource_name(place, name, causes);
    let is_object_count = name.starts_with("count/");
    if !name.contains('/') && !is_standard(name) && !is_object_count {
        causes.invalid_as(place, &name.into(), "must be a standard resource for quota");
    }
}

/// The name of a resource in a limit range.
pub(super) fn limit_resource_name(place: &Place<'_, '_>, name: &str, kind: &str, causes: &mut Causes) {
    match kind {
        "Pod" | "Container" => container_resource_name(place, name, causes),
        _ => {
            resource_name(place, name, causes);
        }
    }
}

fn parse(value: &Value) -> Option<Quantity> {
    Quantity::parse(value.as_str()?).ok()
}

/// An amount: not below zero, and whole where halves make no sense.
pub(super) fn amount(place: &Place<'_, '_>, name: &str, causes: &mut Causes) {
    let Some(quantity) = parse(place.value()) else { return };
    if quantity.is_negative() {
        causes.invalid(place, "must be greater than or equal to 0");
    }
    let is_whole = WHOLE_RESOURCES.contains(&name) || name.starts_with("count/") || is_extended(name);
    if is_whole && !quantity.is_whole() {
        causes.invalid(place, "must be an integer");
    }
}

/// Requests and limits.
pub(super) fn requirements(resources: &Place<'_, '_>, causes: &mut Causes) {
    for (name, limit) in resources.entries("limits") {
        container_resource_name(&limit, name, causes);
        amount(&limit, name, causes);
    }
    for (name, request) in resources.entries("requests") {
        container_resource_name(&request, name, causes);
        amount(&request, name, causes);
        within_limit(resources, name, &request, causes);
    }
    let all: Vec<&str> = ["limits", "requests"]
        .iter()
        .flat_map(|list| resources.entries(list).map(|(name, _)| name))
        .collect();
    let has_basic = all.iter().any(|name| matches!(*name, "cpu" | "memory"));
    if !has_basic && all.iter().any(|name| is_huge_pages(name)) {
        causes.forbidden(resources, "HugePages require cpu or memory");
    }
}

fn within_limit(resources: &Place<'_, '_>, name: &str, request: &Place<'_, '_>, causes: &mut Causes) {
    let limit = resources.entry("limits", name);
    if limit.value().is_null() {
        if !allows_overcommit(name) {
            let detail = "Limit must be set for non overcommitable resources";
            causes.required(&resources.child("limits"), detail);
        }
        return;
    }
    let (Some(wanted), Some(most)) = (parse(request.value()), parse(limit.value())) else { return };
    let order = wanted.compare(most);
    let relation = if order.is_ne() && !allows_overcommit(name) {
        "equal to"
    } else if order.is_gt() {
        "less than or equal to"
    } else {
        return;
    };
    let detail = format!("must be {relation} {name} limit of {}", limit.as_text());
    causes.invalid_as(&resources.child("requests"), request.value(), &detail);
}

/// Whether an amount is above another.
pub(super) fn is_above(one: &Value, other: &Value) -> bool {
    matches!((parse(one), parse(other)), (Some(one), Some(other)) if one.compare(other).is_gt())
}
