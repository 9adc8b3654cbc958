//! ClusterRoles that are made of others.

use super::objects::MANAGER;
use crate::dig::Dig;
use crate::selector::Selector;
use crate::server::Server;
use crate::store;
use crate::write::meta;
use serde_json::Value;

const STORAGE: &str = "rbac.authorization.k8s.io/clusterroles";

impl Server {
    pub(super) fn aggregate_roles(&mut self, key: &str) {
        let Some(role) = self.store.get(key).cloned() else { return };
        if role.get("aggregationRule").is_none() {
            let parts: Vec<String> = self
                .store
                .scan(&store::prefix(STORAGE, ""))
                .filter(|(_, other)| selectors(other).iter().any(|s| s.matches(&role)))
                .map(|(k, _)| k.to_owned())
                .collect();
            for key in parts {
                self.enqueue(key);
            }
            return;
        }
        let selectors = selectors(&role);
        let mut rules: Vec<Value> = Vec::new();
        for (_, other) in self.store.scan(&store::prefix(STORAGE, "")) {
            if meta(other, "name") == meta(&role, "name") || !selectors.iter().any(|s| s.matches(other)) {
                continue;
            }
            for rule in other.get("rules").and_then(Value::as_array).into_iter().flatten() {
                if !rules.contains(rule) {
                    rules.push(rule.clone());
                }
            }
        }
        let mut new = (*role).clone();
        new["rules"] = if rules.is_empty() { Value::Null } else { rules.into() };
        self.put_own(key, new, MANAGER, "");
    }
}

fn selectors(role: &Value) -> Vec<Selector> {
    let list = role.at("/aggregationRule/clusterRoleSelectors").and_then(Value::as_array);
    list.into_iter().flatten().filter_map(|s| Selector::of_label_selector(Some(s))).collect()
}
