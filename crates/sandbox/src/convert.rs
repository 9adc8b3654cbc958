//! Between the versions of one stored object: HorizontalPodAutoscaler v1 and v2, the two Event groups, and custom
//! resources (which only change their apiVersion).

use crate::dig::Dig;
use crate::kinds::Kind;
use crate::strategy::remove;
use crate::write::set_type;
use serde_json::{Value, json};
use std::sync::Arc;

/// A stored object as `kind`'s version shows it.
pub(crate) fn view(kind: &Kind, stored: &Arc<Value>) -> Arc<Value> {
    let api_version = stored.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
    if api_version == kind.api_version() {
        return match &kind.custom {
            Some(_) => crate::crds::view(kind, stored),
            None => stored.clone(),
        };
    }
    let mut object = (**stored).clone();
    match (kind.storage.as_str(), kind.version.as_str()) {
        ("autoscaling/horizontalpodautoscalers", "v1") => autoscaler_to_v1(&mut object),
        ("/events", _) => {
            rename(&mut object, EVENT_FIELDS.iter().copied());
            for field in ["reportingController", "reportingInstance"] {
                if object.get(field).and_then(Value::as_str) == Some("") {
                    remove(&mut object, field);
                }
            }
        }
        _ => {}
    }
    set_type(kind, &mut object);
    let object = Arc::new(object);
    if kind.custom.is_some() { crate::crds::view(kind, &object) } else { object }
}

/// An object of `kind`'s version as it is stored.
pub(crate) fn to_stored(kind: &Kind, mut object: Value) -> Value {
    match (kind.storage.as_str(), kind.group.as_str(), kind.version.as_str()) {
        ("autoscaling/horizontalpodautoscalers", _, "v1") => {
            autoscaler_to_v2(&mut object);
            autoscaler_annotations_to_v2(&mut object);
            object["apiVersion"] = "autoscaling/v2".into();
        }
        ("/events", "events.k8s.io", _) => {
            rename(&mut object, EVENT_FIELDS.iter().map(|(a, b)| (*b, *a)));
            object["apiVersion"] = "v1".into();
        }
        _ => object = crate::crds::to_stored(kind, object),
    }
    object
}

/// Field names of Events: core/v1 and events.k8s.io/v1.
const EVENT_FIELDS: [(&str, &str); 7] = [
    ("involvedObject", "regarding"),
    ("message", "note"),
    ("reportingComponent", "reportingController"),
    ("source", "deprecatedSource"),
    ("firstTimestamp", "deprecatedFirstTimestamp"),
    ("lastTimestamp", "deprecatedLastTimestamp"),
    ("count", "deprecatedCount"),
];

fn rename<'n>(object: &mut Value, names: impl Iterator<Item = (&'n str, &'n str)>) {
    let Some(object) = object.as_object_mut() else { return };
    for (from, to) in names {
        if let Some(value) = object.remove(from) {
            object.insert(to.into(), value);
        }
    }
}

fn autoscaler_to_v1(object: &mut Value) {
    let metrics = object.at("/spec/metrics").and_then(Value::as_array).cloned().unwrap_or_default();
    let target = metrics.iter().find_map(|m| {
        let cpu = m.at("/resource/name").and_then(Value::as_str) == Some("cpu");
        m.at("/resource/target/averageUtilization").filter(|_| cpu).cloned()
    });
    if let Some(target) = target {
        object["spec"]["targetCPUUtilizationPercentage"] = target;
    }
    let others: Vec<&Value> = metrics
        .iter()
        .filter(|m| {
            m.at("/resource/name").and_then(Value::as_str) != Some("cpu")
                || m.at("/resource/target/averageUtilization").is_none()
        })
        .collect();
    if !others.is_empty() {
        annotate(object, "autoscaling.alpha.kubernetes.io/metrics", json!(others).to_string());
    }
    if let Some(behavior) = object["spec"].get("behavior").cloned() {
        annotate(object, "autoscaling.alpha.kubernetes.io/behavior", behavior.to_string());
    }
    remove(&mut object["spec"], "metrics");
    remove(&mut object["spec"], "behavior");
    let status = &mut object["status"];
    if let Some(conditions) = status.get("conditions").cloned() {
        let text = conditions.to_string();
        annotate(object, "autoscaling.alpha.kubernetes.io/conditions", text);
        remove(&mut object["status"], "conditions");
    }
    remove(&mut object["status"], "currentMetrics");
    if object["status"].get("currentReplicas").is_none() {
        object["status"]["currentReplicas"] = 0.into();
    }
}

fn annotate(object: &mut Value, key: &str, text: String) {
    let annotations = crate::write::metadata(object).entry("annotations").or_insert_with(|| json!({}));
    annotations[key] = text.into();
}

// What v1 can only say in annotations comes back to its fields; what is only reported in them is dropped.
fn autoscaler_annotations_to_v2(object: &mut Value) {
    const PREFIX: &str = "autoscaling.alpha.kubernetes.io/";
    let Some(annotations) = object.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut) else {
        return;
    };
    let mut take = |name: &str| {
        let text = annotations.remove(&format!("{PREFIX}{name}"))?;
        serde_json::from_str::<Value>(text.as_str()?).ok()
    };
    let (metrics, behavior) = (take("metrics"), take("behavior"));
    take("conditions");
    take("current-metrics");
    if annotations.is_empty() {
        remove(&mut object["metadata"], "annotations");
    }
    if let Some(behavior) = behavior {
        object["spec"]["behavior"] = behavior;
    }
    if let Some(Value::Array(metrics)) = metrics {
        match object["spec"].get_mut("metrics").and_then(Value::as_array_mut) {
            Some(all) => all.extend(metrics),
            None => object["spec"]["metrics"] = metrics.into(),
        }
    }
}

fn autoscaler_to_v2(object: &mut Value) {
    let Some(spec) = object.get_mut("spec").and_then(Value::as_object_mut) else { return };
    if let Some(target) = spec.remove("targetCPUUtilizationPercentage") {
        let metric = json!({
            "type": "Resource",
            "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": target}},
        });
        spec.insert("metrics".into(), json!([metric]));
    }
    if let Some(status) = object.get_mut("status").and_then(Value::as_object_mut) {
        status.remove("currentCPUUtilizationPercentage");
    }
}
