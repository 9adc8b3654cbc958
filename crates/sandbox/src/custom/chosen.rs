//! `anyOf`, `oneOf`, `allOf` and `not` (kube-openapi, `validate/schema_props.go`).

use super::findings::Findings;
use super::instance::{self, Patterns, Subject};
use crate::failure::go_quote;
use serde_json::Value;

/// Checks a value against the alternatives of a schema.
pub(super) fn check(
    schema: &Value,
    value: &Value,
    place: &str,
    patterns: &Patterns,
    findings: &mut Findings,
) {
    let checked = |schema: &Value| instance::check(schema, Subject { value, before: None }, place, patterns);
    let alternatives = |key: &str| schema.get(key).and_then(Value::as_array).filter(|list| !list.is_empty());
    if let Some(any) = alternatives("anyOf") {
        check_any(any.iter().map(checked), place, findings);
    }
    if let Some(one) = alternatives("oneOf") {
        check_one(one.iter().map(checked), place, findings);
    }
    if let Some(all) = alternatives("allOf") {
        check_all(all.iter().map(checked), all.len(), place, findings);
    }
    if let Some(not) = schema.get("not")
        && checked(not).is_empty()
    {
        findings.general(format!("{} must not validate the schema (not)", go_quote(place)));
    }
}

// Of what failed, the schema that got furthest says most.
fn further(best: Option<Findings>, next: Findings) -> Option<Findings> {
    match best {
        Some(best) if best.matched >= next.matched => Some(best),
        _ => Some(next),
    }
}

fn check_any(results: impl Iterator<Item = Findings>, place: &str, findings: &mut Findings) {
    let mut best = None;
    for result in results {
        if result.is_empty() {
            findings.matched += result.matched;
            return;
        }
        best = further(best, result);
    }
    findings.general(format!("{} must validate at least one schema (anyOf)", go_quote(place)));
    best.into_iter().for_each(|best| findings.merge(best));
}

fn check_one(results: impl Iterator<Item = Findings>, place: &str, findings: &mut Findings) {
    let (mut best, mut valid, mut matched) = (None, 0, 0);
    for result in results {
        if result.is_empty() {
            valid += 1;
            matched = if valid == 1 { result.matched } else { matched };
        } else if valid == 0 {
            best = further(best, result);
        }
    }
    let found = match valid {
        1 => {
            findings.matched += matched;
            return;
        }
        0 => "Found none valid".to_owned(),
        many => format!("Found {many} valid alternatives"),
    };
    findings.general(format!("{} must validate one and only one schema (oneOf). {found}", go_quote(place)));
    best.into_iter().filter(|_| valid == 0).for_each(|best| findings.merge(best));
}

fn check_all(results: impl Iterator<Item = Findings>, count: usize, place: &str, findings: &mut Findings) {
    let mut valid = 0;
    for result in results {
        valid += usize::from(result.is_empty());
        findings.merge(result);
    }
    if valid < count {
        let tail = if valid == 0 { ". None validated" } else { "" };
        findings.general(format!("{} must validate all the schemas (allOf){tail}", go_quote(place)));
    }
}
