//! Deployments: a ReplicaSet per template, the newest scaled up and the others down.

use super::objects::{MANAGER, controller_reference, is_deleting, number, text};
use super::template_hash::template_hash;
use crate::dig::Dig;
use crate::kinds;
use crate::server::Server;
use crate::store;
use crate::write::{meta, metadata};
use serde_json::{Value, json};
use std::sync::Arc;

const REVISION: &str = "deployment.kubernetes.io/revision";
const HISTORY: &str = "deployment.kubernetes.io/revision-history";
const DESIRED: &str = "deployment.kubernetes.io/desired-replicas";
const MAXIMUM: &str = "deployment.kubernetes.io/max-replicas";
const HASH: &str = "pod-template-hash";

type Sets = Vec<(String, Arc<Value>)>;

fn annotation<'v>(object: &'v Value, name: &str) -> &'v str {
    object.at("/metadata/annotations").and_then(|a| a.get(name)).and_then(Value::as_str).unwrap_or_default()
}

fn revision(set: &Value) -> i64 {
    annotation(set, REVISION).parse().unwrap_or(0)
}

fn annotate(object: &mut Value, name: &str, value: impl Into<Value>) {
    metadata(object).entry("annotations").or_insert_with(|| json!({}))[name] = value.into();
}

// A template without what the controller adds to it.
fn plain_template(set: &Value) -> Value {
    let mut template = set.at("/spec/template").cloned().unwrap_or_default();
    if let Some(labels) = template.pointer_mut("/metadata/labels").and_then(Value::as_object_mut) {
        labels.remove(HASH);
    }
    template
}

/// A whole number or a percentage of `total`.
pub(super) fn share(value: Option<&Value>, total: i64, round_up: bool) -> i64 {
    match value {
        Some(Value::String(text)) => {
            let percent: i64 = text.trim_end_matches('%').parse().unwrap_or(0);
            if round_up { (total * percent + 99) / 100 } else { total * percent / 100 }
        }
        Some(value) => value.as_i64().unwrap_or(0),
        None => 0,
    }
}

struct Surge {
    above: i64,
    below: i64,
}

// `ResolveFenceposts`: both zero would stand still, so one may be unavailable.
fn surge(deployment: &Value) -> Surge {
    let replicas = number(deployment, "/spec/replicas");
    if text(deployment, "/spec/strategy/type") == "Recreate" {
        return Surge { above: 0, below: replicas };
    }
    let above = share(deployment.at("/spec/strategy/rollingUpdate/maxSurge"), replicas, true);
    let below = share(deployment.at("/spec/strategy/rollingUpdate/maxUnavailable"), replicas, false);
    if above == 0 && below == 0 { Surge { above, below: 1 } } else { Surge { above, below } }
}

impl Server {
    pub(super) fn roll_out(&mut self, key: &str) {
        let Some(deployment) = self.store.get(key).cloned() else { return };
        if is_deleting(&deployment) {
            return;
        }
        let sets = self.controlled(&deployment, "apps/replicasets");
        let template = deployment.at("/spec/template").cloned().unwrap_or_default();
        let current = sets.iter().find(|(_, set)| plain_template(set) == template).cloned();
        let paused = deployment.at("/spec/paused") == Some(&Value::Bool(true));
        if current.is_none() && !paused {
            self.create_set(&deployment, &sets, &template);
            // The set will wake its owner once its Pods are there.
            return;
        }
        let mut old: Sets =
            sets.into_iter().filter(|(k, _)| current.as_ref().is_none_or(|(c, _)| c != k)).collect();
        let mut latest = old.iter().map(|(_, set)| revision(set)).max().unwrap_or(0);
        if let Some((set_key, set)) = &current {
            latest = self.renew(set_key, set, latest);
            self.scale_sets(&deployment, (set_key, set), &old);
        } else if let Some((set_key, set)) = old.iter().max_by_key(|(_, set)| revision(set)).cloned() {
            // Paused on an older template: only the size follows.
            self.resize(&set_key, &set, number(&deployment, "/spec/replicas"), &deployment);
        }
        self.drop_history(&deployment, &mut old);
        self.report(key, current.map(|(k, _)| k), latest, paused);
    }

    fn create_set(&mut self, deployment: &Value, sets: &Sets, template: &Value) {
        let hash = template_hash(template);
        let latest = sets.iter().map(|(_, set)| revision(set)).max().unwrap_or(0);
        let replicas = number(deployment, "/spec/replicas");
        let mut template = template.clone();
        metadata(&mut template).entry("labels").or_insert_with(|| json!({}))[HASH] = hash.clone().into();
        let mut selector = deployment.at("/spec/selector").cloned().unwrap_or_default();
        if !selector.get("matchLabels").is_some_and(Value::is_object) {
            selector["matchLabels"] = json!({});
        }
        selector["matchLabels"][HASH] = hash.clone().into();
        let mut set = json!({
            "metadata": {
                "name": format!("{}-{hash}", meta(deployment, "name")), "namespace": meta(deployment, "namespace"),
                "labels": template["metadata"]["labels"], "annotations": copied_annotations(deployment),
                "ownerReferences": [controller_reference(deployment)],
            },
            "spec": {"replicas": replicas, "selector": selector, "template": template},
        });
        if let Some(seconds) = deployment.at("/spec/minReadySeconds") {
            set["spec"]["minReadySeconds"] = seconds.clone();
        }
        annotate(&mut set, REVISION, (latest + 1).to_string());
        annotate(&mut set, DESIRED, replicas.to_string());
        annotate(&mut set, MAXIMUM, (replicas + surge(deployment).above).to_string());
        let name = meta(&set, "name").to_owned();
        let key = store::key("apps/replicasets", meta(deployment, "namespace"), &name);
        if self.store.contains(&key) {
            // Another owner has the name; a real controller would try another hash.
            return;
        }
        self.create_own(kinds::stored("apps/replicasets"), MANAGER, set);
        let text = format!("Scaled up replica set {name} from 0 to {replicas}");
        self.emit(deployment, "Normal", "ScalingReplicaSet", &text);
    }

    // Going back to an older template gives its set a new revision.
    fn renew(&mut self, key: &str, set: &Arc<Value>, latest_old: i64) -> i64 {
        let own = revision(set);
        if own > latest_old {
            return own;
        }
        let mut new = (**set).clone();
        let history = match annotation(set, HISTORY) {
            "" => own.to_string(),
            history => format!("{history},{own}"),
        };
        annotate(&mut new, HISTORY, history);
        annotate(&mut new, REVISION, (latest_old + 1).to_string());
        self.put_own(key, new, MANAGER, "");
        latest_old + 1
    }

    fn scale_sets(&mut self, deployment: &Value, current: (&String, &Arc<Value>), old: &Sets) {
        let replicas = number(deployment, "/spec/replicas");
        let Some(set) = self.store.get(current.0).cloned() else { return };
        self.resize(current.0, &set, replicas, deployment);
        let ready = self.store.get(current.0).map_or(0, |s| number(s, "/status/readyReplicas"));
        let scaled = self.store.get(current.0).is_some_and(|s| number(s, "/status/replicas") == replicas);
        // The old Pods stay as long as too few new ones are ready.
        let enough = ready >= replicas - surge(deployment).below && (scaled || replicas == 0);
        for (key, set) in old {
            let keep = if enough { 0 } else { number(set, "/spec/replicas") };
            self.resize(key, set, keep, deployment);
        }
    }

    fn resize(&mut self, key: &str, set: &Arc<Value>, replicas: i64, deployment: &Value) {
        let mut new = (**set).clone();
        let desired = number(deployment, "/spec/replicas");
        let resized = number(set, "/spec/replicas") != replicas;
        if resized {
            new["spec"]["replicas"] = replicas.into();
            let generation = number(set, "/metadata/generation") + 1;
            metadata(&mut new).insert("generation".into(), generation.into());
        }
        annotate(&mut new, DESIRED, desired.to_string());
        annotate(&mut new, MAXIMUM, (desired + surge(deployment).above).to_string());
        self.put_own(key, new, MANAGER, "");
    }

    fn drop_history(&mut self, deployment: &Value, old: &mut Sets) {
        let limit = usize::try_from(number(deployment, "/spec/revisionHistoryLimit")).unwrap_or(usize::MAX);
        old.retain(|(key, _)| {
            self.store
                .get(key)
                .is_some_and(|s| number(s, "/spec/replicas") == 0 && number(s, "/status/replicas") == 0)
        });
        old.sort_by_key(|(_, set)| revision(set));
        let surplus = old.len().saturating_sub(limit);
        for (key, _) in old.drain(..surplus) {
            self.delete_in_background(&key);
        }
    }

    fn report(&mut self, key: &str, current: Option<String>, latest: i64, paused: bool) {
        let Some(deployment) = self.store.get(key).cloned() else { return };
        let mut new = (*deployment).clone();
        if latest > 0 && annotation(&deployment, REVISION) != latest.to_string() {
            annotate(&mut new, REVISION, latest.to_string());
        }
        let sets = self.controlled(&deployment, "apps/replicasets");
        let sum = |field: &str| -> i64 { sets.iter().map(|(_, s)| number(s, field)).sum() };
        let wanted = number(&deployment, "/spec/replicas");
        let (total, ready) = (sum("/status/replicas"), sum("/status/readyReplicas"));
        let current = current.and_then(|k| self.store.get(&k).cloned());
        let updated = current.as_ref().map_or(0, |s| number(s, "/status/replicas"));
        let mut status = json!({
            "observedGeneration": number(&deployment, "/metadata/generation"), "replicas": total,
            "updatedReplicas": updated, "readyReplicas": ready, "availableReplicas": ready,
            "unavailableReplicas": (sum("/spec/replicas") - ready).max(0), "terminatingReplicas": 0,
        });
        if let Some(conditions) = deployment.at("/status/conditions") {
            status["conditions"] = conditions.clone();
        }
        let available = ready >= wanted - surge(&deployment).below;
        let complete = updated == wanted && total == wanted && ready >= wanted;
        let set_name = current.as_ref().map_or_else(String::new, |s| meta(s, "name").to_owned());
        for condition in conditions(&deployment, available, complete, paused, &set_name) {
            self.add_condition(&mut status, condition);
        }
        // The controller writes the annotation together with a status, and so its owner is that of the status.
        new["status"] = status;
        self.put_own(key, new, MANAGER, "status");
    }

    // A condition that changes in status or reason moves to the end (`SetDeploymentCondition`).
    fn add_condition(&self, status: &mut Value, mut condition: Value) {
        let mut list = status.get("conditions").and_then(Value::as_array).cloned().unwrap_or_default();
        let old = list.iter().position(|c| c["type"] == condition["type"]).map(|at| list.remove(at));
        let is_same = |field: &str| old.as_ref().is_some_and(|old: &Value| old[field] == condition[field]);
        if is_same("status") && is_same("reason") {
            return;
        }
        let since = old.as_ref().filter(|_| is_same("status")).map(|old| old["lastTransitionTime"].clone());
        condition["lastUpdateTime"] = self.now.clone().into();
        condition["lastTransitionTime"] = since.unwrap_or_else(|| self.now.clone().into());
        list.push(condition);
        status["conditions"] = list.into();
    }
}

fn copied_annotations(deployment: &Value) -> Value {
    let mut annotations = deployment.at("/metadata/annotations").cloned().unwrap_or_else(|| json!({}));
    if let Some(map) = annotations.as_object_mut() {
        map.retain(|k, _| {
            k != "kubectl.kubernetes.io/last-applied-configuration"
                && !k.starts_with("deployment.kubernetes.io/")
        });
    }
    annotations
}

fn conditions(deployment: &Value, available: bool, complete: bool, paused: bool, set: &str) -> Vec<Value> {
    let availability = if available {
        json!({"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable",
            "message": "Deployment has minimum availability."})
    } else {
        json!({"type": "Available", "status": "False", "reason": "MinimumReplicasUnavailable",
            "message": "Deployment does not have minimum availability."})
    };
    let old = deployment.at("/status/conditions").and_then(Value::as_array);
    let was_paused = old.into_iter().flatten().any(|c| c["reason"] == "DeploymentPaused");
    let progress = if paused {
        json!({"type": "Progressing", "status": "Unknown", "reason": "DeploymentPaused",
            "message": "Deployment is paused"})
    } else if complete && !set.is_empty() {
        json!({"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable",
            "message": format!("ReplicaSet {set:?} has successfully progressed.")})
    } else if was_paused && set.is_empty() {
        json!({"type": "Progressing", "status": "Unknown", "reason": "DeploymentResumed",
            "message": "Deployment is resumed"})
    } else {
        json!({"type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated",
            "message": format!("ReplicaSet {set:?} is progressing.")})
    };
    // A pause is noted before anything else is looked at.
    if paused { vec![progress, availability] } else { vec![availability, progress] }
}
