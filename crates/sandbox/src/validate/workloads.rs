//! apps and batch.

use super::data::fixed;
use super::pod::{self, not_negative};
use crate::dig::Dig;
use crate::failure::Cause;
use crate::selector::Selector;
use serde_json::{Value, json};

fn number(object: &Value, path: &str) -> i64 {
    object.at(path).and_then(Value::as_i64).unwrap_or(0)
}

fn text<'v>(object: &'v Value, path: &str) -> &'v str {
    object.at(path).and_then(Value::as_str).unwrap_or_default()
}

fn selector_causes(object: &Value, what: &str, causes: &mut Vec<Cause>) {
    let selector = object.at("/spec/selector").filter(|s| !s.is_null());
    let Some(selector) = selector else {
        causes.push(Cause::required("spec.selector", ""));
        return;
    };
    let labels = selector.get("matchLabels");
    causes.extend(super::meta::label_causes(labels, "spec.selector.matchLabels"));
    let expressions = selector.get("matchExpressions").and_then(Value::as_array).into_iter().flatten();
    let mut bad = false;
    for (index, expression) in expressions.enumerate() {
        let here = format!("spec.selector.matchExpressions[{index}]");
        let empty = expression.get("values").and_then(Value::as_array).is_none_or(Vec::is_empty);
        let operator = text(expression, "/operator");
        match operator {
            "In" | "NotIn" if empty => {
                let why = "must be specified when `operator` is 'In' or 'NotIn'";
                causes.push(Cause::required(format!("{here}.values"), why));
                bad = true;
            }
            "Exists" | "DoesNotExist" if !empty => {
                let why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
                causes.push(Cause::forbidden(format!("{here}.values"), why));
                bad = true;
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            _ => {
                let shown = operator.into();
                causes.push(Cause::invalid(
                    format!("{here}.operator"),
                    &shown,
                    "not a valid selector operator",
                ));
                bad = true;
            }
        }
    }
    if bad {
        causes.push(Cause::invalid("spec.selector", selector, "invalid label selector"));
    }
    let is_empty = |field: &str| match selector.get(field) {
        Some(Value::Object(map)) => map.is_empty(),
        Some(Value::Array(list)) => list.is_empty(),
        _ => true,
    };
    if is_empty("matchLabels") && is_empty("matchExpressions") {
        causes.push(Cause::invalid(
            "spec.selector",
            selector,
            &format!("empty selector is invalid for {what}"),
        ));
    }
}

fn template_causes(object: &Value, causes: &mut Vec<Cause>) {
    let unreadable = causes.iter().any(|c| c.message.ends_with("invalid label selector"));
    let labels = object.at("/spec/template/metadata/labels");
    let selector = object.at("/spec/selector").filter(|s| !s.is_null());
    let matches = match selector {
        Some(selector) if selector.as_object().is_some_and(serde_json::Map::is_empty) => true,
        selector => Selector::of_label_selector(selector).is_some_and(|s| s.matches_labels(labels)),
    };
    if !matches && !unreadable {
        let shown = labels.cloned().unwrap_or_default();
        let why = "`selector` does not match template `labels`";
        causes.push(Cause::invalid("spec.template.metadata.labels", &shown, why));
    }
    causes.extend(super::meta::label_causes(labels, "spec.template.labels"));
    let template = &object["spec"]["template"]["spec"];
    match claim_volumes(object, template) {
        Some(with_claims) => pod::spec(&with_claims, "spec.template.spec", causes),
        None => pod::spec(template, "spec.template.spec", causes),
    }
}

/// The Pod spec with a volume for every claim template, as the controller makes it: mounts may name them, and a
/// claim template hides a volume of the same name (apps/validation, `ValidatePodTemplateSpecForStatefulSet`).
fn claim_volumes(object: &Value, template: &Value) -> Option<Value> {
    let claims = object.at("/spec/volumeClaimTemplates")?.as_array()?;
    let names: Vec<&str> = claims.iter().map(|claim| text(claim, "/metadata/name")).collect();
    let is_claim = |volume: &Value| names.contains(&text(volume, "/name"));
    let own = template.get("volumes").and_then(Value::as_array);
    let mut volumes: Vec<Value> = own.into_iter().flatten().filter(|v| !is_claim(v)).cloned().collect();
    volumes
        .extend(names.iter().map(|name| json!({"name": name, "persistentVolumeClaim": {"claimName": name}})));
    let mut spec = template.as_object()?.clone();
    spec.insert("volumes".into(), volumes.into());
    Some(spec.into())
}

fn always_restarts(object: &Value, causes: &mut Vec<Cause>) {
    let policy = text(object, "/spec/template/spec/restartPolicy");
    if matches!(policy, "Never" | "OnFailure") {
        let field = "spec.template.spec.restartPolicy";
        causes.push(Cause::unsupported(field, &policy.into(), &["Always"]));
    }
}

pub(super) fn deployment(object: &Value, causes: &mut Vec<Cause>) {
    let spec = &object["spec"];
    not_negative(spec.get("replicas"), "spec.replicas", causes);
    selector_causes(object, "deployment", causes);
    template_causes(object, causes);
    always_restarts(object, causes);
    strategy(object, causes);
    not_negative(spec.get("minReadySeconds"), "spec.minReadySeconds", causes);
    not_negative(spec.get("revisionHistoryLimit"), "spec.revisionHistoryLimit", causes);
    let (deadline, ready) =
        (number(object, "/spec/progressDeadlineSeconds"), number(object, "/spec/minReadySeconds"));
    if deadline <= ready {
        let why = "must be greater than minReadySeconds";
        causes.push(Cause::invalid("spec.progressDeadlineSeconds", &deadline.into(), why));
    }
}

fn strategy(object: &Value, causes: &mut Vec<Cause>) {
    let rolling = object.at("/spec/strategy/rollingUpdate");
    match text(object, "/spec/strategy/type") {
        "Recreate" => {
            if rolling.is_some() {
                let why = "may not be specified when strategy `type` is 'Recreate'";
                causes.push(Cause::forbidden("spec.strategy.rollingUpdate", why));
            }
        }
        "RollingUpdate" => {
            let base = "spec.strategy.rollingUpdate";
            let field = |name: &str| rolling.and_then(|r| r.get(name));
            let (below, above) = (field("maxUnavailable"), field("maxSurge"));
            amount(below, &format!("{base}.maxUnavailable"), causes);
            amount(above, &format!("{base}.maxSurge"), causes);
            let zero = |v: Option<&Value>| v.is_some_and(|v| *v == 0 || *v == "0%");
            if zero(below) && zero(above) {
                let shown = below.cloned().unwrap_or_default();
                causes.push(Cause::invalid(
                    format!("{base}.maxUnavailable"),
                    &shown,
                    "may not be 0 when `maxSurge` is 0",
                ));
            }
            let percent = |v: &Value| v.as_str().and_then(|t| t.strip_suffix('%')?.parse::<i64>().ok());
            if let Some(below) = below.filter(|b| percent(b).is_some_and(|p| p > 100)) {
                causes.push(Cause::invalid(
                    format!("{base}.maxUnavailable"),
                    below,
                    "must not be greater than 100%",
                ));
            }
        }
        other => {
            let message = format!(
                "Unsupported value: {}: supported values: \"Recreate\", \"RollingUpdate\"",
                format_args!(
                    "{{\"Type\":{},\"RollingUpdate\":{}}}",
                    json!(other),
                    rolling.cloned().unwrap_or_default()
                )
            );
            causes.push(Cause { reason: "FieldValueNotSupported", field: "spec.strategy".into(), message });
        }
    }
}

fn amount(value: Option<&Value>, field: &str, causes: &mut Vec<Cause>) {
    match value {
        Some(Value::String(text)) => {
            let digits = text.strip_suffix('%').unwrap_or_default();
            if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                let why = "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or \
                           '93%', regex used for validation is '[0-9]+%')";
                causes.push(Cause::invalid(field, &text.as_str().into(), why));
            }
        }
        value => not_negative(value, field, causes),
    }
}

/// ReplicaSets, DaemonSets, StatefulSets.
pub(super) fn with_selector(object: &Value, causes: &mut Vec<Cause>) {
    let what = match text(object, "/kind") {
        "ReplicaSet" => "replicaset",
        "DaemonSet" => "daemonset",
        _ => "statefulset",
    };
    let policy = text(object, "/spec/podManagementPolicy");
    if !matches!(policy, "" | "OrderedReady" | "Parallel") {
        let why = "must be 'OrderedReady' or 'Parallel'";
        causes.push(Cause::invalid("spec.podManagementPolicy", &policy.into(), why));
    }
    not_negative(object["spec"].get("replicas"), "spec.replicas", causes);
    selector_causes(object, what, causes);
    template_causes(object, causes);
    always_restarts(object, causes);
}

pub(super) fn job(object: &Value, causes: &mut Vec<Cause>) {
    if object.at("/spec/selector").is_none_or(Value::is_null) {
        causes.push(Cause::required("spec.selector", ""));
    }
    for field in
        ["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"]
    {
        not_negative(object["spec"].get(field), &format!("spec.{field}"), causes);
    }
    template_causes(object, causes);
    let policy = text(object, "/spec/template/spec/restartPolicy");
    if policy == "Always" {
        let why = "valid values: \"OnFailure\", \"Never\"";
        causes.push(Cause::required("spec.template.spec.restartPolicy", why));
    }
}

pub(super) fn job_changes(old: &Value, new: &Value, causes: &mut Vec<Cause>) {
    for field in ["spec.completionMode", "spec.podFailurePolicy", "spec.backoffLimitPerIndex"] {
        fixed(field, old, new, causes);
    }
    let suspended = old.at("/spec/suspend") == Some(&Value::Bool(true));
    if !suspended && old.at("/spec/template/spec") != new.at("/spec/template/spec") {
        let shown = new.at("/spec/template/spec").cloned().unwrap_or_default();
        causes.push(Cause::invalid("spec.template.spec", &shown, "field is immutable"));
    }
    if text(new, "/spec/completionMode") != "Indexed" {
        fixed("spec.completions", old, new, causes);
    }
}

pub(super) fn stateful_set_changes(old: &Value, new: &Value, causes: &mut Vec<Cause>) {
    let comparable = |set: &Value| {
        let mut spec = set.get("spec").cloned().unwrap_or_default();
        for field in [
            "replicas",
            "ordinals",
            "template",
            "updateStrategy",
            "revisionHistoryLimit",
            "persistentVolumeClaimRetentionPolicy",
            "minReadySeconds",
        ] {
            crate::strategy::remove(&mut spec, field);
        }
        spec
    };
    if comparable(old) != comparable(new) {
        let why = "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', \
                   'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and \
                   'minReadySeconds' are forbidden";
        causes.push(Cause::forbidden("spec", why));
    }
}
