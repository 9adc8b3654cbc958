//! HorizontalPodAutoscalers, in a cluster without metrics: they find their target and scale nothing.

use super::objects::{is_deleting, number, set_condition, text};
use crate::dig::Dig;
use crate::server::Server;
use crate::store;
use crate::write::meta;
use serde_json::json;

impl Server {
    pub(super) fn watch_autoscaler(&mut self, key: &str) {
        let Some(scaler) = self.store.get(key).cloned() else { return };
        if is_deleting(&scaler) {
            return;
        }
        let target = scaler.at("/spec/scaleTargetRef").cloned().unwrap_or_default();
        let group = text(&target, "/apiVersion").rsplit_once('/').map_or("", |(group, _)| group).to_owned();
        let kinds = self.kinds();
        let kind = kinds.iter().find(|k| k.group == group && k.kind == text(&target, "/kind"));
        let name = text(&target, "/name");
        let found =
            kind.and_then(|k| self.store.get(&store::key(&k.storage, meta(&scaler, "namespace"), name)));
        let mut status = json!({"currentMetrics": null, "desiredReplicas": 0});
        if let Some(conditions) = scaler.at("/status/conditions") {
            status["conditions"] = conditions.clone();
        }
        let condition = |kind: &str, holds: bool, reason: &str, message: String| json!({"type": kind, "status": if holds { "True" } else { "False" }, "reason": reason, "message": message});
        let Some(found) = found else {
            let resource = kind.map_or_else(|| text(&target, "/kind").to_owned(), |k| k.resource());
            let text = format!(
                "the HPA controller was unable to get the target's current scale: {resource} {name:?} not found"
            );
            set_condition(&mut status, condition("AbleToScale", false, "FailedGetScale", text), &self.now);
            self.put_status(key, status);
            return;
        };
        let replicas = number(found, "/spec/replicas");
        if replicas > 0 {
            status["currentReplicas"] = replicas.into();
        }
        status["currentMetrics"] = json!([{"type": ""}]);
        let able = condition(
            "AbleToScale",
            true,
            "SucceededGetScale",
            "the HPA controller was able to get the target's current scale".into(),
        );
        set_condition(&mut status, able, &self.now);
        let why = "the HPA was unable to compute the replica count: failed to get cpu utilization: unable to get \
                   metrics for resource cpu: unable to fetch metrics from resource metrics API: the server could not \
                   find the requested resource (get pods.metrics.k8s.io)";
        let active = condition("ScalingActive", false, "FailedGetResourceMetric", why.into());
        set_condition(&mut status, active, &self.now);
        self.put_status(key, status);
    }
}
