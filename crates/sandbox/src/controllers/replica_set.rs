//! ReplicaSets and ReplicationControllers: as many Pods as wanted.

use super::objects::{controller_reference, controller_uid, is_deleting, is_finished, is_ready, number};
use crate::dig::Dig;
use crate::selector::Selector;
use crate::server::Server;
use crate::store;
use crate::write::{meta, metadata};
use serde_json::{Value, json};
use std::sync::Arc;

impl Server {
    pub(super) fn scale_pods(&mut self, key: &str) {
        let Some(set) = self.store.get(key).cloned() else { return };
        if is_deleting(&set) {
            return;
        }
        let selector = if store::parts(key).0 == "/replicationcontrollers" {
            Selector::of_map(set.at("/spec/selector"))
        } else {
            Selector::of_label_selector(set.at("/spec/selector"))
        };
        let Some(selector) = selector else { return };
        self.release_strangers(&set, &selector);
        self.adopt_orphans(&set, &selector);
        let live = |server: &Server| -> Vec<(String, Arc<Value>)> {
            let pods = server.controlled(&set, "/pods");
            pods.into_iter().filter(|(_, p)| !is_deleting(p) && !is_finished(p)).collect()
        };
        let mut pods = live(self);
        let wanted = usize::try_from(number(&set, "/spec/replicas")).unwrap_or(0);
        let name = meta(&set, "name").to_owned();
        for _ in pods.len()..wanted {
            self.create_pod(&set, &set["spec"]["template"], |pod| {
                metadata(pod).insert("generateName".into(), format!("{name}-").into());
            });
        }
        // Pods that are not ready go first.
        pods.sort_by_key(|(_, pod)| !is_ready(pod));
        let surplus = pods.len().saturating_sub(wanted);
        for (pod, _) in pods.into_iter().take(surplus) {
            self.delete_in_background(&pod);
        }
        let pods = live(self);
        let ready = pods.iter().filter(|(_, p)| is_ready(p)).count();
        let mut status = set.get("status").cloned().unwrap_or_default();
        status["replicas"] = pods.len().into();
        status["fullyLabeledReplicas"] = pods.len().into();
        status["readyReplicas"] = ready.into();
        status["availableReplicas"] = ready.into();
        status["observedGeneration"] = number(&set, "/metadata/generation").into();
        if store::parts(key).0 == "apps/replicasets" {
            status["terminatingReplicas"] = 0.into();
        }
        self.put_status(key, status);
        self.wake_owner(&set);
    }

    fn wake_owner(&mut self, object: &Value) {
        let namespace = meta(object, "namespace").to_owned();
        let owners = object.at("/metadata/ownerReferences").and_then(Value::as_array).cloned();
        for owner in owners.unwrap_or_default() {
            if let Some(owner) = self.owner_key(&owner, &namespace) {
                self.enqueue(owner);
            }
        }
    }

    fn release_strangers(&mut self, set: &Value, selector: &Selector) {
        for (key, pod) in self.controlled(set, "/pods") {
            if selector.matches(&pod) || is_deleting(&pod) {
                continue;
            }
            let mut new = (*pod).clone();
            let metadata = metadata(&mut new);
            if let Some(owners) = metadata.get_mut("ownerReferences").and_then(Value::as_array_mut) {
                owners.retain(|o| o["uid"] != set["metadata"]["uid"]);
                if owners.is_empty() {
                    metadata.remove("ownerReferences");
                }
            }
            self.put_own(&key, new, super::objects::MANAGER, "");
        }
    }

    fn adopt_orphans(&mut self, set: &Value, selector: &Selector) {
        let prefix = store::prefix("/pods", meta(set, "namespace"));
        let orphans: Vec<(String, Arc<Value>)> = self
            .store
            .scan(&prefix)
            .filter(|(_, pod)| controller_uid(pod).is_none() && !is_deleting(pod) && !is_finished(pod))
            .filter(|(_, pod)| selector.matches(pod))
            .map(|(key, pod)| (key.to_owned(), pod.clone()))
            .collect();
        for (key, pod) in orphans {
            let mut new = (*pod).clone();
            let owners = metadata(&mut new).entry("ownerReferences").or_insert_with(|| json!([]));
            if let Some(owners) = owners.as_array_mut() {
                owners.push(controller_reference(set));
            }
            self.put_own(&key, new, super::objects::MANAGER, "");
        }
    }
}
