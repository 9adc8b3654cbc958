//! The order in which kinds are installed and uninstalled.

use std::cmp::Ordering;

/// Kinds in the order of installation (`pkg/release/v1/util/kind_sorter.go`).
const INSTALL: &[&str] = &[
    "PriorityClass",
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
];

/// Kinds in the order of uninstallation: validation goes before mutation so that webhooks do not block removal.
const UNINSTALL: &[&str] = &[
    "ValidatingWebhookConfiguration",
    "MutatingWebhookConfiguration",
    "APIService",
    "Ingress",
    "IngressClass",
    "Service",
    "CronJob",
    "Job",
    "StatefulSet",
    "HorizontalPodAutoscaler",
    "Deployment",
    "ReplicaSet",
    "ReplicationController",
    "Pod",
    "DaemonSet",
    "RoleBindingList",
    "RoleBinding",
    "RoleList",
    "Role",
    "ClusterRoleBindingList",
    "ClusterRoleBinding",
    "ClusterRoleList",
    "ClusterRole",
    "CustomResourceDefinition",
    "PersistentVolumeClaim",
    "PersistentVolume",
    "StorageClass",
    "ConfigMap",
    "SecretList",
    "Secret",
    "ServiceAccount",
    "PodDisruptionBudget",
    "PodSecurityPolicy",
    "LimitRange",
    "ResourceQuota",
    "NetworkPolicy",
    "Namespace",
    "PriorityClass",
];

/// A direction of the kind order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KindOrder {
    /// What others need comes first.
    Install,
    /// What needs others comes first.
    Uninstall,
}

impl KindOrder {
    /// Compares two kinds; unknown ones come last, by name. A stable sort keeps equal kinds in place.
    pub fn compare(self, a: &str, b: &str) -> Ordering {
        let table = match self {
            KindOrder::Install => INSTALL,
            KindOrder::Uninstall => UNINSTALL,
        };
        let rank = |kind: &str| table.iter().position(|known| *known == kind);
        match (rank(a), rank(b)) {
            (Some(a), Some(b)) => a.cmp(&b),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => a.cmp(b),
        }
    }

    /// Sorts by kind and keeps the order inside a kind.
    pub fn sort<T>(self, items: &mut [T], kind: impl Fn(&T) -> &str) {
        items.sort_by(|a, b| self.compare(kind(a), kind(b)));
    }
}

#[cfg(test)]
mod tests {
    use super::KindOrder;

    #[test]
    fn unknown_kinds_come_last_by_name_and_equal_kinds_stay() {
        let mut kinds = ["Zebra:1", "Pod:1", "Apple:1", "Namespace:1", "Pod:2", "Zebra:2"];
        KindOrder::Install.sort(&mut kinds, |item| item.split(':').next().unwrap());
        assert_eq!(kinds, ["Namespace:1", "Pod:1", "Pod:2", "Apple:1", "Zebra:1", "Zebra:2"]);
    }

    #[test]
    fn uninstall_turns_the_order_round() {
        let mut kinds = ["Namespace", "Secret", "Service", "Deployment"];
        KindOrder::Uninstall.sort(&mut kinds, |kind| kind);
        assert_eq!(kinds, ["Service", "Deployment", "Secret", "Namespace"]);
    }
}
