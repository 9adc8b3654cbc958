//! What all controllers share: owned objects, Pods from templates, status writes, events.

use crate::conform::conform;
use crate::dig::Dig;
use crate::fields::{self, Writer};
use crate::kinds::{self, Kind};
use crate::schema::definition;
use crate::server::Server;
use crate::store;
use crate::write::{meta, metadata};
use serde_json::{Value, json};
use std::sync::Arc;

/// The manager under which controllers write.
pub(crate) const MANAGER: &str = "kube-controller-manager";

/// A whole number at a pointer, or zero.
pub(super) fn number(object: &Value, pointer: &str) -> i64 {
    object.at(pointer).and_then(Value::as_i64).unwrap_or(0)
}

/// The text at a pointer, or nothing.
pub(super) fn text<'v>(object: &'v Value, pointer: &str) -> &'v str {
    object.at(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// Whether an object is on its way out.
pub(super) fn is_deleting(object: &Value) -> bool {
    !meta(object, "deletionTimestamp").is_empty()
}

/// The reference by which `owner` controls an object.
pub(super) fn controller_reference(owner: &Value) -> Value {
    json!({
        "apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"], "controller": true, "blockOwnerDeletion": true,
    })
}

/// The uid of the controller of an object.
pub(super) fn controller_uid(object: &Value) -> Option<&str> {
    let owners = object.at("/metadata/ownerReferences").and_then(Value::as_array)?;
    owners.iter().find(|o| o.get("controller") == Some(&Value::Bool(true)))?.get("uid")?.as_str()
}

/// Whether a Pod is ready.
pub(super) fn is_ready(pod: &Value) -> bool {
    let conditions = pod.at("/status/conditions").and_then(Value::as_array);
    conditions.into_iter().flatten().any(|c| c["type"] == "Ready" && c["status"] == "True")
}

/// Whether a Pod has ended.
pub(super) fn is_finished(pod: &Value) -> bool {
    matches!(text(pod, "/status/phase"), "Succeeded" | "Failed")
}

fn conformed_status(kind: &Kind, status: Value) -> Value {
    let whole = kind.type_index.map(definition).and_then(|d| d.field("status"));
    match whole.and_then(|field| field.ty.definition()) {
        Some(def) => conform(status, def, &mut Vec::new()).unwrap_or_default(),
        None => status,
    }
}

/// Sets a condition; its transition time moves only with its status.
pub(super) fn set_condition(status: &mut Value, mut condition: Value, now: &str) {
    if !status.get("conditions").is_some_and(Value::is_array) {
        status["conditions"] = json!([]);
    }
    let Some(list) = status["conditions"].as_array_mut() else { return };
    let old = list.iter_mut().find(|c| c["type"] == condition["type"]);
    let since = match &old {
        Some(old) if old["status"] == condition["status"] => old["lastTransitionTime"].clone(),
        _ => now.into(),
    };
    condition["lastTransitionTime"] = since;
    match old {
        Some(old) => *old = condition,
        None => list.push(condition),
    }
}

impl Server {
    /// The live objects of one kind that `owner` controls, by key.
    pub(super) fn controlled(&self, owner: &Value, storage: &str) -> Vec<(String, Arc<Value>)> {
        let uid = meta(owner, "uid");
        let keys = self.store.dependents(uid).into_iter().filter(|k| store::parts(k).0 == storage);
        let found = keys.filter_map(|key| self.store.get(&key).cloned().map(|object| (key, object)));
        found.filter(|(_, object)| controller_uid(object) == Some(uid)).collect()
    }

    /// Writes a changed object as a controller does, and looks at it again. Does nothing if it is the same.
    pub(crate) fn put_own(&mut self, key: &str, mut new: Value, manager: &str, subresource: &str) -> bool {
        let Some(old) = self.store.get(key).cloned() else { return false };
        if new == *old {
            return false;
        }
        let (storage, _, _) = store::parts(key);
        let kind = kinds::stored(storage);
        // Zeros are left out of a status, and structs spelled out, as for any request.
        if new.get("status") != old.get("status") {
            let status = new["status"].take();
            new["status"] = conformed_status(kind, status);
            if new == *old {
                return false;
            }
        }
        let writer = Writer {
            manager: manager.into(),
            applied: false,
            api_version: kind.api_version(),
            subresource: subresource.into(),
        };
        fields::update(kind, Some(&old), &mut new, &writer, &self.now);
        self.store.put(key, new);
        self.enqueue(key.to_owned());
        true
    }

    /// Writes the status of an object.
    pub(super) fn put_status(&mut self, key: &str, status: Value) -> bool {
        let Some(old) = self.store.get(key).cloned() else { return false };
        let mut new = (*old).clone();
        new["status"] = status;
        self.put_own(key, new, MANAGER, "status")
    }

    /// Makes a Pod of `owner` from a template. `change` gives it a name and more.
    pub(super) fn create_pod(&mut self, owner: &Value, template: &Value, change: impl FnOnce(&mut Value)) {
        let mut pod = json!({
            "metadata": {}, "spec": template.get("spec").cloned().unwrap_or_default(),
        });
        for field in ["labels", "annotations", "finalizers"] {
            if let Some(value) = template.at(&format!("/metadata/{field}")) {
                pod["metadata"][field] = value.clone();
            }
        }
        metadata(&mut pod).insert("namespace".into(), meta(owner, "namespace").into());
        metadata(&mut pod).insert("ownerReferences".into(), json!([controller_reference(owner)]));
        change(&mut pod);
        self.create_own(kinds::stored("/pods"), MANAGER, pod);
    }

    /// Records an event about an object.
    pub(super) fn emit(&mut self, object: &Value, kind: &str, reason: &str, message: &str) {
        let now = (self.options.random)();
        let namespace = meta(object, "namespace");
        let event = json!({
            "metadata": {
                "name": format!("{}.{now:016x}", meta(object, "name")),
                "namespace": if namespace.is_empty() { "default" } else { namespace },
            },
            "involvedObject": {
                "apiVersion": object["apiVersion"], "kind": object["kind"], "name": object["metadata"]["name"],
                "namespace": namespace, "uid": object["metadata"]["uid"],
                "resourceVersion": object["metadata"]["resourceVersion"],
            },
            "type": kind, "reason": reason, "message": message, "count": 1,
            "firstTimestamp": self.now, "lastTimestamp": self.now,
            "source": {"component": "sandbox"}, "reportingComponent": "sandbox", "reportingInstance": "",
        });
        self.create_own(kinds::stored("/events"), MANAGER, event);
    }

    /// Queues the objects of a kind in a namespace that `wanted` picks.
    pub(super) fn queue(&mut self, storage: &str, namespace: &str, wanted: impl Fn(&Value) -> bool) {
        let prefix = store::prefix(storage, namespace);
        let keys: Vec<String> =
            self.store.scan(&prefix).filter(|(_, o)| wanted(o)).map(|(key, _)| key.to_owned()).collect();
        for key in keys {
            self.enqueue(key);
        }
    }
}
