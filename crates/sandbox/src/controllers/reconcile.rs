//! The loop that brings everything touched by a request to rest: which controller looks at which object.

use crate::crds;
use crate::dig::Dig;
use crate::selector::Selector;
use crate::server::Server;
use crate::store;
use crate::write::meta;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Reconciliations after one request, so that a bad interplay of controllers ends.
const MAX_STEPS: usize = 100_000;

/// Keys of objects that controllers have yet to look at, in the order in which they will.
#[derive(Debug, Default)]
pub(crate) struct Pending(BTreeSet<(u8, String)>);

// Whoever sums up others comes after them, so that each status is written once.
fn rank(storage: &str) -> u8 {
    match storage {
        "/pods" => 1,
        "apps/replicasets"
        | "/replicationcontrollers"
        | "apps/statefulsets"
        | "apps/daemonsets"
        | "batch/jobs" => 2,
        "apps/deployments" => 3,
        "/services" | "policy/poddisruptionbudgets" | "autoscaling/horizontalpodautoscalers" => 4,
        "/resourcequotas" => 5,
        _ => 0,
    }
}

impl Server {
    /// Tells the controllers that an object was written.
    pub(crate) fn written(&mut self, key: &str) {
        self.enqueue(key.to_owned());
        self.settle();
    }

    /// Queues an object for its controller.
    pub(crate) fn enqueue(&mut self, key: String) {
        self.pending.0.insert((rank(store::parts(&key).0), key));
    }

    /// Runs controllers until nothing is left to do.
    pub(crate) fn settle(&mut self) {
        for _ in 0..MAX_STEPS {
            let Some((_, key)) = self.pending.0.pop_first() else { return };
            if !self.collect(&key) {
                self.reconcile(&key);
            }
        }
        self.pending.0.clear();
    }

    fn reconcile(&mut self, key: &str) {
        let (storage, namespace, _) = store::parts(key);
        let namespace = namespace.to_owned();
        match storage {
            "/events" => return,
            crds::STORAGE => self.establish(key),
            "/namespaces" => self.fill_namespace(key),
            "/pods" => self.run_pod(key),
            "apps/deployments" => self.roll_out(key),
            "apps/replicasets" | "/replicationcontrollers" => self.scale_pods(key),
            "apps/statefulsets" => self.run_stateful_set(key),
            "apps/daemonsets" => self.run_daemon_set(key),
            "batch/jobs" => self.run_job(key),
            "/services" => self.publish_service(key),
            "/persistentvolumeclaims" => self.bind_claim(key),
            "/persistentvolumes" => self.offer_volume(key),
            "policy/poddisruptionbudgets" => self.watch_budget(key),
            "autoscaling/horizontalpodautoscalers" => self.watch_autoscaler(key),
            "/resourcequotas" => self.count_quota(key),
            "apiregistration.k8s.io/apiservices" => self.check_api_service(key),
            "flowcontrol.apiserver.k8s.io/flowschemas" => self.check_flow_schema(key),
            "rbac.authorization.k8s.io/clusterroles" => self.aggregate_roles(key),
            _ => {}
        }
        if !namespace.is_empty() && !storage.starts_with("/resourcequotas") {
            self.count_quotas(&namespace);
        }
    }

    /// Told of every object that is gone.
    pub(crate) fn removed(&mut self, key: &str, gone: &Arc<Value>) {
        let (storage, namespace, name) = store::parts(key);
        let namespace = namespace.to_owned();
        match storage {
            crds::STORAGE => {
                self.forget_kinds();
                self.offer_names(gone);
            }
            "/serviceaccounts" if name == "default" => {
                self.enqueue(store::key("/namespaces", "", &namespace))
            }
            "/configmaps" if name == "kube-root-ca.crt" => {
                self.enqueue(store::key("/namespaces", "", &namespace));
            }
            "/services" => {
                let endpoints = store::key("/endpoints", &namespace, name);
                if self.store.contains(&endpoints) {
                    self.remove_now(&endpoints);
                }
            }
            "/persistentvolumeclaims" => self.release_volume(gone),
            "/pods" => {
                self.wake_watchers_of(gone);
                self.queue("/persistentvolumeclaims", &namespace, |claim| {
                    !meta(claim, "deletionTimestamp").is_empty()
                });
            }
            storage => self.resume_definition(storage),
        }
        self.count_quotas(&namespace);
    }

    /// Queues the Services and budgets that select a Pod.
    pub(super) fn wake_watchers_of(&mut self, pod: &Value) {
        let namespace = meta(pod, "namespace").to_owned();
        self.queue("/services", &namespace, |service| {
            Selector::of_map(service.at("/spec/selector")).is_some_and(|s| s.matches(pod))
        });
        self.queue("policy/poddisruptionbudgets", &namespace, |budget| {
            Selector::of_label_selector(budget.at("/spec/selector")).is_some_and(|s| s.matches(pod))
        });
    }

    fn count_quotas(&mut self, namespace: &str) {
        let prefix = store::prefix("/resourcequotas", namespace);
        let keys: Vec<String> = self.store.scan(&prefix).map(|(key, _)| key.to_owned()).collect();
        for key in keys.into_iter().filter(|_| !namespace.is_empty()) {
            self.enqueue(key);
        }
    }
}
