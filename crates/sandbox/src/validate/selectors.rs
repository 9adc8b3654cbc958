//! Label selectors and node selectors (apimachinery, `meta/v1/validation`; `core/validation`).

use super::causes::Causes;
use super::meta;
use super::place::Place;
use crate::names;

const VALUES_NEEDED: &str = "must be specified when `operator` is 'In' or 'NotIn'";
const VALUES_UNWANTED: &str = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
const ONE_VALUE_NEEDED: &str = "must be specified single value when `operator` is 'Lt' or 'Gt'";
const BAD_OPERATOR: &str = "not a valid selector operator";

/// A label selector, if there is one.
pub(super) fn label_selector(selector: &Place<'_, '_>, causes: &mut Causes) {
    meta::labels(&selector.child("matchLabels"), causes);
    for requirement in selector.items("matchExpressions") {
        let is_known = match requirement.text("operator") {
            "In" | "NotIn" => values_needed(&requirement, causes),
            "Exists" | "DoesNotExist" => values_unwanted(&requirement, causes),
            _ => false,
        };
        finish(&requirement, is_known, causes);
    }
}

/// Terms that a node must match.
pub(super) fn node_selector(selector: &Place<'_, '_>, causes: &mut Causes) {
    if !selector.has_some("nodeSelectorTerms") {
        causes.required(&selector.child("nodeSelectorTerms"), "must have at least one node selector term");
    }
    for term in selector.items("nodeSelectorTerms") {
        node_selector_term(&term, causes);
    }
}

pub(super) fn node_selector_term(term: &Place<'_, '_>, causes: &mut Causes) {
    for requirement in term.items("matchExpressions") {
        let is_known = match requirement.text("operator") {
            "In" | "NotIn" => values_needed(&requirement, causes),
            "Exists" | "DoesNotExist" => values_unwanted(&requirement, causes),
            "Gt" | "Lt" => one_value_needed(&requirement, causes),
            _ => false,
        };
        finish(&requirement, is_known, causes);
    }
    for requirement in term.items("matchFields") {
        node_field(&requirement, causes);
    }
}

fn values_needed(requirement: &Place<'_, '_>, causes: &mut Causes) -> bool {
    if !requirement.has_some("values") {
        causes.required(&requirement.child("values"), VALUES_NEEDED);
    }
    true
}

fn values_unwanted(requirement: &Place<'_, '_>, causes: &mut Causes) -> bool {
    if requirement.has_some("values") {
        causes.forbidden(&requirement.child("values"), VALUES_UNWANTED);
    }
    true
}

fn one_value_needed(requirement: &Place<'_, '_>, causes: &mut Causes) -> bool {
    if requirement.count("values") != 1 {
        causes.required(&requirement.child("values"), ONE_VALUE_NEEDED);
    }
    true
}

fn finish(requirement: &Place<'_, '_>, is_known: bool, causes: &mut Causes) {
    if !is_known {
        causes.invalid_text(&requirement.child("operator"), BAD_OPERATOR);
    }
    causes.problems(&requirement.child("key"), &names::qualified_name(requirement.text("key")));
    for value in requirement.items("values") {
        causes.problems(&value, &names::label_value(value.as_text()));
    }
}

fn node_field(requirement: &Place<'_, '_>, causes: &mut Causes) {
    match requirement.text("operator") {
        "In" | "NotIn" => {
            if requirement.count("values") != 1 {
                let detail =
                    "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
                causes.required(&requirement.child("values"), detail);
            }
        }
        _ => causes.invalid_text(&requirement.child("operator"), BAD_OPERATOR),
    }
    if requirement.text("key") == "metadata.name" {
        for value in requirement.items("values") {
            causes.problems(&value, &names::dns1123_subdomain(value.as_text()));
        }
    } else {
        causes.invalid_text(&requirement.child("key"), "not a valid field selector key");
    }
}
