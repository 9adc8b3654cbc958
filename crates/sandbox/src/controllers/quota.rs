//! ResourceQuotas: what a namespace uses.

use super::objects::{is_finished, text};
use crate::dig::Dig;
use crate::quantity::Quantity;
use crate::server::Server;
use crate::store;
use crate::write::meta;
use serde_json::{Map, Value};

impl Server {
    pub(super) fn count_quota(&mut self, key: &str) {
        let Some(quota) = self.store.get(key).cloned() else { return };
        let Some(hard) = quota.at("/spec/hard").and_then(Value::as_object).cloned() else { return };
        let namespace = meta(&quota, "namespace").to_owned();
        let used: Map<String, Value> =
            hard.keys().map(|name| (name.clone(), self.usage(&namespace, name).text().into())).collect();
        self.put_status(key, serde_json::json!({"hard": hard, "used": used}));
    }

    /// How much of a resource that quotas count a namespace uses.
    pub(crate) fn usage(&self, namespace: &str, name: &str) -> Quantity {
        let counted = |storage: &str| {
            let count = self.store.scan(&store::prefix(storage, namespace)).count();
            Quantity::count(i64::try_from(count).unwrap_or(i64::MAX))
        };
        if let Some(resource) = name.strip_prefix("count/") {
            let (plural, group) = resource.split_once('.').unwrap_or((resource, ""));
            return counted(&format!("{group}/{plural}"));
        }
        match name {
            "services"
            | "secrets"
            | "configmaps"
            | "persistentvolumeclaims"
            | "replicationcontrollers"
            | "resourcequotas" => counted(&format!("/{name}")),
            "services.nodeports" | "services.loadbalancers" => {
                let kind = if name.ends_with("nodeports") { "NodePort" } else { "LoadBalancer" };
                let prefix = store::prefix("/services", namespace);
                let services = self.store.scan(&prefix).filter(|(_, s)| text(s, "/spec/type") == kind);
                Quantity::count(i64::try_from(services.count()).unwrap_or(i64::MAX))
            }
            "requests.storage" => self.sum("/persistentvolumeclaims", namespace, |claim| {
                vec![text(claim, "/spec/resources/requests/storage").to_owned()]
            }),
            _ => self.pod_usage(namespace, name),
        }
    }

    fn pod_usage(&self, namespace: &str, name: &str) -> Quantity {
        let (list, resource) = match name.split_once('.') {
            Some(("limits", resource)) => ("limits", resource),
            Some(("requests", resource)) => ("requests", resource),
            _ => ("requests", name),
        };
        self.sum("/pods", namespace, |pod| {
            if is_finished(pod) {
                return Vec::new();
            }
            if name == "pods" {
                return vec!["1".to_owned()];
            }
            let containers = pod.at("/spec/containers").and_then(Value::as_array).into_iter().flatten();
            containers
                .filter_map(|c| {
                    c.at(&format!("/resources/{list}"))?.get(resource)?.as_str().map(str::to_owned)
                })
                .collect()
        })
    }

    fn sum(&self, storage: &str, namespace: &str, amounts: impl Fn(&Value) -> Vec<String>) -> Quantity {
        let prefix = store::prefix(storage, namespace);
        let all = self.store.scan(&prefix).flat_map(|(_, object)| amounts(object));
        all.filter_map(|text| Quantity::parse(&text).ok()).fold(Quantity::ZERO, Quantity::plus)
    }
}
