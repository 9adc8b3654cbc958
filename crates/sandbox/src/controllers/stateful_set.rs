//! StatefulSets: Pods with names that count up, each with its claims.

use super::kubelet::pod_key;
use super::objects::{MANAGER, is_deleting, is_ready, number, text};
use crate::dig::Dig;
use crate::kinds;
use crate::server::Server;
use crate::store;
use crate::write::{meta, metadata};
use serde_json::{Value, json};
use std::sync::Arc;

const REVISION: &str = "controller-revision-hash";

fn revision_of(pod: &Value) -> &str {
    pod.at("/metadata/labels").and_then(|l| l.get(REVISION)).and_then(Value::as_str).unwrap_or_default()
}

fn ordinal(pod: &Value) -> i64 {
    meta(pod, "name").rsplit('-').next().and_then(|n| n.parse().ok()).unwrap_or(-1)
}

impl Server {
    pub(super) fn run_stateful_set(&mut self, key: &str) {
        let Some(set) = self.store.get(key).cloned() else { return };
        if is_deleting(&set) {
            return;
        }
        let update = self.template_revision(&set);
        let current = match text(&set, "/status/currentRevision") {
            "" => update.clone(),
            current => current.to_owned(),
        };
        let replicas = number(&set, "/spec/replicas");
        let first = number(&set, "/spec/ordinals/start");
        let partition = number(&set, "/spec/updateStrategy/rollingUpdate/partition");
        let rolling = text(&set, "/spec/updateStrategy/type") != "OnDelete";
        for (pod_key, pod) in self.controlled(&set, "/pods") {
            let number = ordinal(&pod);
            let outdated = rolling && revision_of(&pod) != update && number >= partition;
            let surplus = number < first || number >= first + replicas;
            if !is_deleting(&pod) && (surplus || outdated) {
                self.delete_in_background(&pod_key);
            }
        }
        let namespace = meta(&set, "namespace").to_owned();
        let parallel = text(&set, "/spec/podManagementPolicy") == "Parallel";
        for number in first..first + replicas {
            let name = format!("{}-{number}", meta(&set, "name"));
            let found = self.store.get(&pod_key(&namespace, &name)).cloned();
            match found {
                None => {
                    let revision = if rolling && number >= partition { &update } else { &current };
                    self.create_ordinal(&set, number, &name, revision);
                    if !parallel {
                        break;
                    }
                }
                // One after the other.
                Some(pod) if !parallel && !is_ready(&pod) => break,
                Some(_) => {}
            }
        }
        self.report_stateful_set(key, &set, &current, &update);
    }

    fn create_ordinal(&mut self, set: &Arc<Value>, number: i64, name: &str, revision: &str) {
        let mut volumes = Vec::new();
        let templates = set.at("/spec/volumeClaimTemplates").and_then(Value::as_array).cloned();
        for template in templates.unwrap_or_default() {
            let volume = meta(&template, "name").to_owned();
            let claim = format!("{volume}-{name}");
            self.create_claim(set, &template, &claim);
            volumes.push(json!({"name": volume, "persistentVolumeClaim": {"claimName": claim}}));
        }
        let template = self.template_of(set, revision);
        let base = format!("{}-", meta(set, "name"));
        let service = text(set, "/spec/serviceName").to_owned();
        self.create_pod(set, &template, |pod| {
            let metadata = metadata(pod);
            metadata.insert("name".into(), name.into());
            metadata.insert("generateName".into(), base.into());
            let labels = metadata.entry("labels").or_insert_with(|| json!({}));
            labels["statefulset.kubernetes.io/pod-name"] = name.into();
            labels["apps.kubernetes.io/pod-index"] = number.to_string().into();
            labels[REVISION] = revision.into();
            pod["spec"]["hostname"] = name.into();
            if !service.is_empty() {
                pod["spec"]["subdomain"] = service.into();
            }
            add_volumes(pod, volumes);
        });
    }

    fn template_of(&self, set: &Value, revision: &str) -> Value {
        let key = store::key("apps/controllerrevisions", meta(set, "namespace"), revision);
        let stored = self.store.get(&key).and_then(|r| r.at("/data/spec/template").cloned());
        let mut template = stored.or_else(|| set.at("/spec/template").cloned()).unwrap_or_default();
        crate::strategy::remove(&mut template, "$patch");
        template
    }

    fn create_claim(&mut self, set: &Value, template: &Value, name: &str) {
        let namespace = meta(set, "namespace");
        if self.store.contains(&store::key("/persistentvolumeclaims", namespace, name)) {
            return;
        }
        let mut labels = template.at("/metadata/labels").cloned().unwrap_or_else(|| json!({}));
        for (key, value) in
            set.at("/spec/selector/matchLabels").and_then(Value::as_object).into_iter().flatten()
        {
            labels[key] = value.clone();
        }
        let mut claim = json!({
            "metadata": {"name": name, "namespace": namespace, "labels": labels}, "spec": template["spec"],
        });
        if let Some(annotations) = template.at("/metadata/annotations") {
            claim["metadata"]["annotations"] = annotations.clone();
        }
        self.create_own(kinds::stored("/persistentvolumeclaims"), MANAGER, claim);
    }

    fn report_stateful_set(&mut self, key: &str, set: &Value, current: &str, update: &str) {
        let pods: Vec<Arc<Value>> =
            self.controlled(set, "/pods").into_iter().map(|(_, p)| p).filter(|p| !is_deleting(p)).collect();
        let count = |test: &dyn Fn(&Value) -> bool| pods.iter().filter(|p| test(p)).count();
        let updated = count(&|p| revision_of(p) == update);
        let ready = count(&|p| is_ready(p));
        let done = updated == pods.len()
            && ready == pods.len()
            && i64::try_from(pods.len()).unwrap_or(0) == number(set, "/spec/replicas");
        let current = if done { update } else { current };
        let mut status = set.get("status").cloned().unwrap_or_default();
        status["observedGeneration"] = number(set, "/metadata/generation").into();
        status["replicas"] = pods.len().into();
        status["readyReplicas"] = ready.into();
        status["availableReplicas"] = ready.into();
        status["currentReplicas"] = count(&|p| revision_of(p) == current).into();
        status["updatedReplicas"] = updated.into();
        status["currentRevision"] = current.into();
        status["updateRevision"] = update.into();
        status["collisionCount"] = 0.into();
        self.put_status(key, status);
    }
}

// Volumes of claims take the place of volumes of the same name.
fn add_volumes(pod: &mut Value, volumes: Vec<Value>) {
    if volumes.is_empty() {
        return;
    }
    let mut all = volumes;
    for volume in pod.at("/spec/volumes").and_then(Value::as_array).into_iter().flatten() {
        if !all.iter().any(|v| v["name"] == volume["name"]) {
            all.push(volume.clone());
        }
    }
    pod["spec"]["volumes"] = all.into();
}
