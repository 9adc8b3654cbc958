//! DaemonSets: a Pod on every node that fits.

use super::objects::{is_deleting, is_finished, is_ready, number, text};
use crate::dig::Dig;
use crate::server::Server;
use crate::store;
use crate::write::{meta, metadata};
use serde_json::{Value, json};
use std::sync::Arc;

const REVISION: &str = "controller-revision-hash";

impl Server {
    pub(super) fn run_daemon_set(&mut self, key: &str) {
        let Some(set) = self.store.get(key).cloned() else { return };
        if is_deleting(&set) {
            return;
        }
        let revision = self.template_revision(&set);
        let nodes = self.fitting_nodes(&set);
        let rolling = text(&set, "/spec/updateStrategy/type") != "OnDelete";
        for (pod_key, pod) in self.controlled(&set, "/pods") {
            let outdated = rolling && pod["metadata"]["labels"][REVISION] != revision.as_str();
            let stranded = !nodes.iter().any(|n| n == text(&pod, "/spec/nodeName"));
            if !is_deleting(&pod) && (outdated || stranded || is_finished(&pod)) {
                self.delete_in_background(&pod_key);
                self.collect(&pod_key);
            }
        }
        for node in &nodes {
            let pods = self.controlled(&set, "/pods");
            if pods.iter().any(|(_, p)| text(p, "/spec/nodeName") == node && !is_deleting(p)) {
                continue;
            }
            let (base, generation) =
                (format!("{}-", meta(&set, "name")), number(&set, "/metadata/generation"));
            self.create_pod(&set, &set["spec"]["template"], |pod| {
                let metadata = metadata(pod);
                metadata.insert("generateName".into(), base.into());
                let labels = metadata.entry("labels").or_insert_with(|| json!({}));
                labels[REVISION] = revision.clone().into();
                labels["pod-template-generation"] = generation.to_string().into();
                pod["spec"]["nodeName"] = node.clone().into();
            });
        }
        self.report_daemon_set(key, &set, &revision, nodes.len());
    }

    fn fitting_nodes(&self, set: &Value) -> Vec<String> {
        let wanted = set.at("/spec/template/spec/nodeSelector").and_then(Value::as_object);
        let prefix = store::prefix("/nodes", "");
        let fits = |node: &Value| {
            let labels = node.at("/metadata/labels");
            wanted.into_iter().flatten().all(|(k, v)| labels.and_then(|l| l.get(k)) == Some(v))
        };
        self.store.scan(&prefix).filter(|(_, n)| fits(n)).map(|(_, n)| meta(n, "name").to_owned()).collect()
    }

    fn report_daemon_set(&mut self, key: &str, set: &Value, revision: &str, desired: usize) {
        let pods: Vec<Arc<Value>> =
            self.controlled(set, "/pods").into_iter().map(|(_, p)| p).filter(|p| !is_deleting(p)).collect();
        let ready = pods.iter().filter(|p| is_ready(p)).count();
        let updated = pods.iter().filter(|p| p["metadata"]["labels"][REVISION] == revision).count();
        let status = json!({
            "observedGeneration": number(set, "/metadata/generation"), "desiredNumberScheduled": desired,
            "currentNumberScheduled": pods.len(), "numberMisscheduled": 0, "numberReady": ready,
            "numberAvailable": ready, "numberUnavailable": desired.saturating_sub(ready),
            "updatedNumberScheduled": updated,
        });
        self.put_status(key, status);
    }
}
