//! HorizontalPodAutoscalers.

use super::set;
use crate::kinds::Kind;
use serde_json::{Value, json};

pub(super) fn autoscaler(kind: &Kind, object: &mut Value) {
    let spec = &mut object["spec"];
    set(spec, "minReplicas", 1);
    if kind.version == "v1" {
        return;
    }
    let cpu = json!({
        "type": "Resource",
        "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}},
    });
    set(spec, "metrics", json!([cpu]));
    let Some(behavior) = spec.get_mut("behavior") else { return };
    // Both directions are filled in once one is given.
    set(behavior, "scaleUp", json!({}));
    set(behavior, "scaleDown", json!({}));
    let doubling = json!([
        {"type": "Pods", "value": 4, "periodSeconds": 15}, {"type": "Percent", "value": 100, "periodSeconds": 15}
    ]);
    let all = json!([{"type": "Percent", "value": 100, "periodSeconds": 15}]);
    for (direction, policies) in [("scaleUp", doubling), ("scaleDown", all)] {
        let rules = &mut behavior[direction];
        set(rules, "selectPolicy", "Max");
        set(rules, "policies", policies);
        if direction == "scaleUp" {
            set(rules, "stabilizationWindowSeconds", 0);
        }
    }
}
