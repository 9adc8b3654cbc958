//! PodDisruptionBudgets: how many Pods may go.

use super::deployment::share;
use super::objects::{controller_uid, is_deleting, is_ready, number, set_condition};
use crate::dig::Dig;
use crate::selector::Selector;
use crate::server::Server;
use crate::store;
use crate::write::meta;
use serde_json::json;

impl Server {
    pub(super) fn watch_budget(&mut self, key: &str) {
        let Some(budget) = self.store.get(key).cloned() else { return };
        if is_deleting(&budget) {
            return;
        }
        let selector = Selector::of_label_selector(budget.at("/spec/selector"));
        let prefix = store::prefix("/pods", meta(&budget, "namespace"));
        let pods = self.store.scan(&prefix).map(|(_, pod)| pod);
        let pods: Vec<_> = pods
            .filter(|p| selector.as_ref().is_some_and(|s| s.matches(p)) && controller_uid(p).is_some())
            .filter(|p| !is_deleting(p))
            .collect();
        let expected = i64::try_from(pods.len()).unwrap_or(0);
        let healthy = i64::try_from(pods.iter().filter(|p| is_ready(p)).count()).unwrap_or(0);
        let desired = match budget.at("/spec/maxUnavailable") {
            Some(most) => (expected - share(Some(most), expected, true)).max(0),
            None => share(budget.at("/spec/minAvailable"), expected, true),
        };
        let allowed = if expected == 0 { 0 } else { (healthy - desired).max(0) };
        let mut status = json!({
            "observedGeneration": number(&budget, "/metadata/generation"), "disruptionsAllowed": allowed,
            "currentHealthy": healthy, "desiredHealthy": desired, "expectedPods": expected,
        });
        if let Some(conditions) = budget.at("/status/conditions") {
            status["conditions"] = conditions.clone();
        }
        let reason = if allowed > 0 { "SufficientPods" } else { "InsufficientPods" };
        let condition = json!({
            "type": "DisruptionAllowed", "status": if allowed > 0 { "True" } else { "False" }, "reason": reason,
            "message": "", "observedGeneration": number(&budget, "/metadata/generation"),
        });
        set_condition(&mut status, condition, &self.now);
        self.put_status(key, status);
    }
}
