//! What a cluster has from its beginning, and what every namespace gets.

use super::objects::{MANAGER, text};
use crate::kinds;
use crate::server::Server;
use crate::store;
use serde_json::json;

/// The one node; every Pod runs on it.
pub(super) const NODE: &str = "node1";

const CA_HELP: &str = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints \
     such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of \
     Kubernetes clusters.";

impl Server {
    /// Makes what a new cluster has.
    pub(crate) fn bootstrap(&mut self) {
        for name in ["default", "kube-node-lease", "kube-public", "kube-system"] {
            self.create_own(
                kinds::stored("/namespaces"),
                "kube-apiserver",
                json!({"metadata": {"name": name}}),
            );
        }
        for (name, value) in
            [("system-cluster-critical", 2_000_000_000), ("system-node-critical", 2_000_001_000)]
        {
            let class = json!({"metadata": {"name": name}, "value": value});
            self.create_own(kinds::stored("scheduling.k8s.io/priorityclasses"), "kube-apiserver", class);
        }
        for (name, verbs) in [("cluster-admin", "*"), ("admin", "*"), ("edit", "*"), ("view", "get")] {
            let rule = json!({"apiGroups": ["*"], "resources": ["*"], "verbs": [verbs]});
            let role = json!({"metadata": {"name": name}, "rules": [rule]});
            self.create_own(kinds::stored("rbac.authorization.k8s.io/clusterroles"), "kube-apiserver", role);
        }
        let service = json!({
            "metadata": {"name": "kubernetes", "namespace": "default",
                "labels": {"component": "apiserver", "provider": "kubernetes"}},
            "spec": {"clusterIP": "10.96.0.1", "ports": [{"name": "https", "port": 443, "targetPort": 6443}]},
        });
        self.create_own(kinds::stored("/services"), "kube-apiserver", service);
        self.create_own(
            kinds::stored("networking.k8s.io/servicecidrs"),
            "kube-apiserver",
            self.service_range(),
        );
        self.create_own(kinds::stored("/nodes"), "kubelet", self.node());
        self.settle();
    }

    // Where cluster IPs come from.
    fn service_range(&self) -> serde_json::Value {
        json!({
            "metadata": {"name": "kubernetes", "finalizers": ["networking.k8s.io/service-cidr-finalizer"]},
            "spec": {"cidrs": ["10.96.0.0/12"]},
            "status": {"conditions": [{
                "type": "Ready", "status": "True", "reason": "", "lastTransitionTime": self.now,
                "message": "Kubernetes Service CIDR is ready",
            }]},
        })
    }

    fn node(&self) -> serde_json::Value {
        let condition = |kind: &str, status: &str, reason: &str, message: &str| {
            json!({
                "type": kind, "status": status, "reason": reason, "message": message,
                "lastHeartbeatTime": self.now, "lastTransitionTime": self.now,
            })
        };
        let resources = json!({"cpu": "64", "memory": "256Gi", "pods": "1000", "ephemeral-storage": "1Ti"});
        json!({
            "metadata": {"name": NODE, "labels": {
                "kubernetes.io/hostname": NODE, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
                "beta.kubernetes.io/os": "linux", "beta.kubernetes.io/arch": "amd64",
            }},
            "spec": {},
            "status": {
                "capacity": resources, "allocatable": resources,
                "conditions": [
                    condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
                ],
                "addresses": [
                    {"type": "InternalIP", "address": "10.0.0.1"}, {"type": "Hostname", "address": NODE}
                ],
                "nodeInfo": {
                    "kubeletVersion": self.options.kube_version, "operatingSystem": "linux", "architecture": "amd64",
                },
            },
        })
    }

    /// Gives a namespace its service account and certificate bundle.
    pub(super) fn fill_namespace(&mut self, key: &str) {
        let (_, _, name) = store::parts(key);
        let name = name.to_owned();
        if self.store.get(key).is_none_or(|n| text(n, "/status/phase") != "Active") {
            return;
        }
        if !self.store.contains(&store::key("/serviceaccounts", &name, "default")) {
            let object = json!({"metadata": {"name": "default", "namespace": name}});
            self.create_own(kinds::stored("/serviceaccounts"), MANAGER, object);
        }
        if !self.store.contains(&store::key("/configmaps", &name, "kube-root-ca.crt")) {
            let object = json!({
                "metadata": {"name": "kube-root-ca.crt", "namespace": name,
                    "annotations": {"kubernetes.io/description": CA_HELP}},
                "data": {"ca.crt": ""},
            });
            self.create_own(kinds::stored("/configmaps"), MANAGER, object);
        }
    }
}
