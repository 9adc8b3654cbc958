//! The loop that brings everything touched by a request to rest.

use crate::crds;
use crate::server::Server;
use crate::store;
use serde_json::{Value, json};
use std::sync::Arc;

/// Reconciliations after one request, so that a bad interplay of controllers ends.
const MAX_STEPS: usize = 100_000;

impl Server {
    /// Tells the controllers that an object was written.
    pub(crate) fn written(&mut self, key: &str) {
        self.pending.push(key.to_owned());
        self.settle();
    }

    /// Runs controllers until nothing is left to do.
    pub(crate) fn settle(&mut self) {
        for _ in 0..MAX_STEPS {
            if self.pending.is_empty() {
                return;
            }
            let key = self.pending.remove(0);
            if !self.collect(&key) {
                self.reconcile(&key);
            }
        }
        self.pending.clear();
    }

    fn reconcile(&mut self, key: &str) {
        let (storage, _, _) = store::parts(key);
        match storage {
            crds::STORAGE => self.establish(key),
            "/namespaces" => self.fill_namespace(key),
            _ => {}
        }
    }

    /// Told of every object that is gone.
    pub(crate) fn removed(&mut self, key: &str, gone: &Arc<Value>) {
        let (storage, namespace, name) = store::parts(key);
        if storage == crds::STORAGE {
            self.forget_kinds();
        }
        let _ = (namespace, name, gone);
    }

    fn fill_namespace(&mut self, key: &str) {
        let (_, _, name) = store::parts(key);
        let name = name.to_owned();
        let active =
            self.store.get(key).is_some_and(|n| n.pointer("/status/phase") == Some(&"Active".into()));
        if !active {
            return;
        }
        if !self.store.contains(&store::key("/serviceaccounts", &name, "default")) {
            let object = json!({"metadata": {"name": "default", "namespace": name}});
            self.create_own(crate::kinds::stored("/serviceaccounts"), "kube-controller-manager", object);
        }
        if !self.store.contains(&store::key("/configmaps", &name, "kube-root-ca.crt")) {
            let object = json!({
                "metadata": {"name": "kube-root-ca.crt", "namespace": name, "annotations": {
                    "kubernetes.io/description": "Contains a CA bundle that can be used to verify the kube-apiserver \
                     when using internal endpoints such as the internal service IP or kubernetes.default.svc. No \
                     other usage is guaranteed across distributions of Kubernetes clusters.",
                }},
                "data": {"ca.crt": ""},
            });
            self.create_own(crate::kinds::stored("/configmaps"), "kube-controller-manager", object);
        }
    }

    /// Makes what a new cluster has.
    pub(crate) fn bootstrap(&mut self) {
        for name in ["default", "kube-node-lease", "kube-public", "kube-system"] {
            let namespace = json!({"metadata": {"name": name}});
            self.create_own(crate::kinds::stored("/namespaces"), "kube-apiserver", namespace);
        }
        self.settle();
        self.pending.clear();
    }
}
