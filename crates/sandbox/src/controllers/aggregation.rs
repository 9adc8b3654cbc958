//! What the API server itself says about parts of its own configuration: APIServices and FlowSchemas.

use super::objects::{is_deleting, set_condition, text};
use crate::dig::Dig;
use crate::fields::{self, Writer};
use crate::kinds;
use crate::server::Server;
use crate::store;
use crate::write::meta;
use serde_json::{Value, json};

/// The manager under which priority and fairness reports on FlowSchemas.
const FLOW_MANAGER: &str = "api-priority-and-fairness-config-consumer-v1";

impl Server {
    /// Whether an aggregated API can be reached. None can: nothing runs behind a Service of the sandbox.
    pub(super) fn check_api_service(&mut self, key: &str) {
        let Some(service) = self.store.get(key).cloned() else { return };
        let Some(backend) = service.at("/spec/service").filter(|backend| !backend.is_null()) else { return };
        if is_deleting(&service) {
            return;
        }
        let (namespace, name) = (text(backend, "/namespace"), text(backend, "/name"));
        let is_there = self.store.contains(&store::key("/services", namespace, name));
        let (reason, message) = if is_there {
            ("MissingEndpoints", format!("endpoints for service/{name} in {namespace:?} have no addresses"))
        } else {
            ("ServiceNotFound", format!("service/{name} in {namespace:?} is not present"))
        };
        let condition = json!({"type": "Available", "status": "False", "reason": reason, "message": message});
        let mut new = (*service).clone();
        let mut status = service.get("status").cloned().unwrap_or_else(|| json!({}));
        set_condition(&mut status, condition, &self.now);
        new["status"] = status;
        self.put_own(key, new, "kube-apiserver", "status");
    }

    /// Whether a FlowSchema leads to a priority level that exists.
    pub(super) fn check_flow_schema(&mut self, key: &str) {
        let Some(schema) = self.store.get(key).cloned() else { return };
        if is_deleting(&schema) {
            return;
        }
        let level = text(&schema, "/spec/priorityLevelConfiguration/name");
        let storage = "flowcontrol.apiserver.k8s.io/prioritylevelconfigurations";
        let is_there =
            matches!(level, "exempt" | "catch-all") || self.store.contains(&store::key(storage, "", level));
        let condition = dangling(level, is_there, &self.now, &schema);
        if schema.at("/status/conditions") == Some(&json!([condition])) {
            return;
        }
        let kind = kinds::stored("flowcontrol.apiserver.k8s.io/flowschemas");
        let applied = json!({
            "apiVersion": kind.api_version(), "kind": kind.kind, "metadata": {"name": meta(&schema, "name")},
            "status": {"conditions": [condition]},
        });
        let writer = Writer {
            manager: FLOW_MANAGER.into(),
            applied: true,
            api_version: kind.api_version(),
            subresource: "status".into(),
        };
        if let Ok(applied) = fields::apply(kind, &schema, &applied, &writer, true, &self.now) {
            let mut new = applied.object;
            applied.managed.write(&mut new);
            self.store.put(key, new);
        }
    }
}

fn dangling(level: &str, is_there: bool, now: &str, schema: &Value) -> Value {
    let (status, reason, word) = if is_there {
        ("False", "Found", "references the PriorityLevelConfiguration object named")
    } else {
        ("True", "NotFound", "references the PriorityLevelConfiguration object named")
    };
    let tail = if is_there { "and it exists" } else { "but there is no such object" };
    let old = schema.at("/status/conditions").and_then(Value::as_array).and_then(|list| list.first());
    let since = old.filter(|old| old["status"] == status).map_or(now, |old| text(old, "/lastTransitionTime"));
    json!({
        "type": "Dangling", "status": status, "reason": reason, "lastTransitionTime": since,
        "message": format!("This FlowSchema {word} {level:?} {tail}"),
    })
}
