//! When API versions of Kubernetes' own kinds were deprecated and removed, and what takes their place: what `lint` of
//! Helm 4.3.1 says for all kinds of its client library (recorded; k8s.io/api, zz_generated.prerelease-lifecycle.go).

use super::{Lifecycle, Replacement};

/// The deprecated kinds of each API version.
pub(super) const LIFECYCLES: &[(&str, &[Lifecycle])] = &[
    (
        "admissionregistration.k8s.io/v1alpha1",
        &[
            of("MutatingAdmissionPolicy", 35, 38, Replacement::None),
            of("MutatingAdmissionPolicyBinding", 35, 38, Replacement::None),
            of("MutatingAdmissionPolicyBindingList", 35, 38, Replacement::None),
            of("MutatingAdmissionPolicyList", 35, 38, Replacement::None),
            of("ValidatingAdmissionPolicy", 29, 32, Replacement::None),
            of("ValidatingAdmissionPolicyBinding", 29, 32, Replacement::None),
            of("ValidatingAdmissionPolicyBindingList", 29, 32, Replacement::None),
            of("ValidatingAdmissionPolicyList", 29, 32, Replacement::None),
        ],
    ),
    (
        "admissionregistration.k8s.io/v1beta1",
        &[
            of("MutatingAdmissionPolicy", 37, 40, Replacement::Version("admissionregistration.k8s.io/v1")),
            of(
                "MutatingAdmissionPolicyBinding",
                37,
                40,
                Replacement::Version("admissionregistration.k8s.io/v1"),
            ),
            of(
                "MutatingAdmissionPolicyBindingList",
                37,
                40,
                Replacement::Version("admissionregistration.k8s.io/v1"),
            ),
            of(
                "MutatingAdmissionPolicyList",
                37,
                40,
                Replacement::Version("admissionregistration.k8s.io/v1"),
            ),
            of(
                "MutatingWebhookConfiguration",
                16,
                22,
                Replacement::Version("admissionregistration.k8s.io/v1"),
            ),
            of(
                "MutatingWebhookConfigurationList",
                16,
                22,
                Replacement::Version("admissionregistration.k8s.io/v1"),
            ),
            of("ValidatingAdmissionPolicy", 31, 34, Replacement::None),
            of("ValidatingAdmissionPolicyBinding", 31, 34, Replacement::None),
            of("ValidatingAdmissionPolicyBindingList", 31, 34, Replacement::None),
            of("ValidatingAdmissionPolicyList", 31, 34, Replacement::None),
            of(
                "ValidatingWebhookConfiguration",
                16,
                22,
                Replacement::Version("admissionregistration.k8s.io/v1"),
            ),
            of(
                "ValidatingWebhookConfigurationList",
                16,
                22,
                Replacement::Version("admissionregistration.k8s.io/v1"),
            ),
        ],
    ),
    (
        "apps/v1beta1",
        &[
            of("ControllerRevision", 8, 16, Replacement::Version("apps/v1")),
            of("ControllerRevisionList", 8, 16, Replacement::Version("apps/v1")),
            of("Deployment", 8, 16, Replacement::Version("apps/v1")),
            of("DeploymentList", 8, 16, Replacement::Version("apps/v1")),
            of("DeploymentRollback", 8, 16, Replacement::Version("apps/v1")),
            of("Scale", 8, 16, Replacement::Version("autoscaling/v1")),
            of("StatefulSet", 8, 16, Replacement::Version("apps/v1")),
            of("StatefulSetList", 8, 16, Replacement::Version("apps/v1")),
        ],
    ),
    (
        "apps/v1beta2",
        &[
            of("ControllerRevision", 9, 16, Replacement::Version("apps/v1")),
            of("ControllerRevisionList", 9, 16, Replacement::Version("apps/v1")),
            of("DaemonSet", 9, 16, Replacement::Version("apps/v1")),
            of("DaemonSetList", 9, 16, Replacement::Version("apps/v1")),
            of("Deployment", 9, 16, Replacement::Version("apps/v1")),
            of("DeploymentList", 9, 16, Replacement::Version("apps/v1")),
            of("ReplicaSet", 9, 16, Replacement::Version("apps/v1")),
            of("ReplicaSetList", 9, 16, Replacement::Version("apps/v1")),
            of("Scale", 9, 16, Replacement::Version("autoscaling/v1")),
            of("StatefulSet", 9, 16, Replacement::Version("apps/v1")),
            of("StatefulSetList", 9, 16, Replacement::Version("apps/v1")),
        ],
    ),
    ("authentication.k8s.io/v1alpha1", &[of("SelfSubjectReview", 29, 32, Replacement::None)]),
    (
        "authentication.k8s.io/v1beta1",
        &[
            of("SelfSubjectReview", 30, 33, Replacement::None),
            of("TokenReview", 19, 22, Replacement::Version("authentication.k8s.io/v1")),
        ],
    ),
    (
        "authorization.k8s.io/v1beta1",
        &[
            of("LocalSubjectAccessReview", 19, 22, Replacement::Version("authorization.k8s.io/v1")),
            of("SelfSubjectAccessReview", 19, 22, Replacement::Version("authorization.k8s.io/v1")),
            of("SelfSubjectRulesReview", 19, 22, Replacement::Version("authorization.k8s.io/v1")),
            of("SubjectAccessReview", 19, 22, Replacement::Version("authorization.k8s.io/v1")),
        ],
    ),
    (
        "batch/v1beta1",
        &[
            of("CronJob", 21, 25, Replacement::Version("batch/v1")),
            of("CronJobList", 21, 25, Replacement::Version("batch/v1")),
        ],
    ),
    (
        "certificates.k8s.io/v1alpha1",
        &[
            of("ClusterTrustBundle", 34, 37, Replacement::None),
            of("ClusterTrustBundleList", 34, 37, Replacement::None),
        ],
    ),
    (
        "certificates.k8s.io/v1beta1",
        &[
            of("CertificateSigningRequest", 19, 22, Replacement::Version("certificates.k8s.io/v1")),
            of("CertificateSigningRequestList", 19, 22, Replacement::Version("certificates.k8s.io/v1")),
            of("ClusterTrustBundle", 37, 40, Replacement::Version("certificates.k8s.io/v1")),
            of("ClusterTrustBundleList", 37, 40, Replacement::Version("certificates.k8s.io/v1")),
            of("PodCertificateRequest", 37, 40, Replacement::Version("certificates.k8s.io/v1")),
            of("PodCertificateRequestList", 37, 40, Replacement::Version("certificates.k8s.io/v1")),
        ],
    ),
    (
        "coordination.k8s.io/v1alpha2",
        &[
            of("LeaseCandidate", 35, 38, Replacement::None),
            of("LeaseCandidateList", 35, 38, Replacement::None),
        ],
    ),
    (
        "coordination.k8s.io/v1beta1",
        &[
            of("Lease", 19, 22, Replacement::Version("coordination.k8s.io/v1")),
            of("LeaseCandidate", 36, 39, Replacement::None),
            of("LeaseCandidateList", 36, 39, Replacement::None),
            of("LeaseList", 19, 22, Replacement::Version("coordination.k8s.io/v1")),
        ],
    ),
    (
        "discovery.k8s.io/v1beta1",
        &[
            of("EndpointSlice", 21, 25, Replacement::Version("discovery.k8s.io/v1")),
            of("EndpointSliceList", 21, 25, Replacement::Kind("discovery.k8s.io/v1", "EndpointSlice")),
        ],
    ),
    (
        "events.k8s.io/v1beta1",
        &[of("Event", 22, 25, Replacement::None), of("EventList", 22, 25, Replacement::None)],
    ),
    (
        "extensions/v1beta1",
        &[
            of("DaemonSet", 8, 16, Replacement::Version("apps/v1")),
            of("DaemonSetList", 8, 16, Replacement::Version("apps/v1")),
            of("Deployment", 8, 16, Replacement::Version("apps/v1")),
            of("DeploymentList", 8, 16, Replacement::Version("apps/v1")),
            of("DeploymentRollback", 8, 16, Replacement::None),
            of("Ingress", 14, 22, Replacement::Version("networking.k8s.io/v1")),
            of("IngressList", 14, 22, Replacement::Version("networking.k8s.io/v1")),
            of("NetworkPolicy", 9, 16, Replacement::Version("networking.k8s.io/v1")),
            of("NetworkPolicyList", 9, 16, Replacement::Version("networking.k8s.io/v1")),
            of("ReplicaSet", 8, 16, Replacement::Version("apps/v1")),
            of("ReplicaSetList", 8, 16, Replacement::Version("apps/v1")),
            of("Scale", 2, 16, Replacement::None),
        ],
    ),
    (
        "flowcontrol.apiserver.k8s.io/v1beta1",
        &[
            of("FlowSchema", 23, 26, Replacement::Version("flowcontrol.apiserver.k8s.io/v1beta3")),
            of("FlowSchemaList", 23, 26, Replacement::Version("flowcontrol.apiserver.k8s.io/v1beta3")),
            of(
                "PriorityLevelConfiguration",
                23,
                26,
                Replacement::Version("flowcontrol.apiserver.k8s.io/v1beta3"),
            ),
            of(
                "PriorityLevelConfigurationList",
                23,
                26,
                Replacement::Version("flowcontrol.apiserver.k8s.io/v1beta3"),
            ),
        ],
    ),
    (
        "flowcontrol.apiserver.k8s.io/v1beta2",
        &[
            of("FlowSchema", 26, 29, Replacement::Version("flowcontrol.apiserver.k8s.io/v1beta3")),
            of("FlowSchemaList", 26, 29, Replacement::Version("flowcontrol.apiserver.k8s.io/v1beta3")),
            of(
                "PriorityLevelConfiguration",
                26,
                29,
                Replacement::Version("flowcontrol.apiserver.k8s.io/v1beta3"),
            ),
            of(
                "PriorityLevelConfigurationList",
                26,
                29,
                Replacement::Version("flowcontrol.apiserver.k8s.io/v1beta3"),
            ),
        ],
    ),
    (
        "flowcontrol.apiserver.k8s.io/v1beta3",
        &[
            of("FlowSchema", 29, 32, Replacement::Version("flowcontrol.apiserver.k8s.io/v1")),
            of("FlowSchemaList", 29, 32, Replacement::Version("flowcontrol.apiserver.k8s.io/v1")),
            of("PriorityLevelConfiguration", 29, 32, Replacement::Version("flowcontrol.apiserver.k8s.io/v1")),
            of(
                "PriorityLevelConfigurationList",
                29,
                32,
                Replacement::Version("flowcontrol.apiserver.k8s.io/v1"),
            ),
        ],
    ),
    (
        "lifecycle.k8s.io/v1alpha1",
        &[
            of("Eviction", 40, 43, Replacement::None),
            of("EvictionList", 40, 43, Replacement::None),
            of("EvictionRequest", 40, 43, Replacement::None),
            of("EvictionRequestList", 40, 43, Replacement::None),
        ],
    ),
    (
        "networking.k8s.io/v1beta1",
        &[
            of("IPAddress", 34, 37, Replacement::None),
            of("IPAddressList", 34, 37, Replacement::None),
            of("Ingress", 19, 22, Replacement::Version("networking.k8s.io/v1")),
            of("IngressClass", 19, 22, Replacement::Kind("networking.k8s.io/v1", "IngressClassList")),
            of("IngressClassList", 19, 22, Replacement::Version("networking.k8s.io/v1")),
            of("IngressList", 19, 22, Replacement::Version("networking.k8s.io/v1")),
            of("ServiceCIDR", 34, 37, Replacement::None),
            of("ServiceCIDRList", 34, 37, Replacement::None),
        ],
    ),
    (
        "node.k8s.io/v1beta1",
        &[of("RuntimeClass", 22, 25, Replacement::None), of("RuntimeClassList", 22, 25, Replacement::None)],
    ),
    (
        "policy/v1beta1",
        &[
            of("Eviction", 22, 25, Replacement::None),
            of("PodDisruptionBudget", 21, 25, Replacement::Version("policy/v1")),
            of("PodDisruptionBudgetList", 21, 25, Replacement::Version("policy/v1")),
        ],
    ),
    (
        "rbac.authorization.k8s.io/v1beta1",
        &[
            of("ClusterRole", 17, 22, Replacement::Version("rbac.authorization.k8s.io/v1")),
            of("ClusterRoleBinding", 17, 22, Replacement::Version("rbac.authorization.k8s.io/v1")),
            of("ClusterRoleBindingList", 17, 22, Replacement::Version("rbac.authorization.k8s.io/v1")),
            of("ClusterRoleList", 17, 22, Replacement::Version("rbac.authorization.k8s.io/v1")),
            of("Role", 17, 22, Replacement::Version("rbac.authorization.k8s.io/v1")),
            of("RoleBinding", 17, 22, Replacement::Version("rbac.authorization.k8s.io/v1")),
            of("RoleBindingList", 17, 22, Replacement::Version("rbac.authorization.k8s.io/v1")),
            of("RoleList", 17, 22, Replacement::Version("rbac.authorization.k8s.io/v1")),
        ],
    ),
    (
        "resource.k8s.io/v1alpha3",
        &[
            of("DeviceTaintRule", 36, 39, Replacement::None),
            of("DeviceTaintRuleList", 36, 39, Replacement::None),
            of("ResourcePoolStatusRequest", 39, 42, Replacement::None),
            of("ResourcePoolStatusRequestList", 39, 42, Replacement::None),
        ],
    ),
    (
        "resource.k8s.io/v1beta1",
        &[
            of("DeviceClass", 35, 38, Replacement::None),
            of("DeviceClassList", 35, 38, Replacement::None),
            of("ResourceClaim", 35, 38, Replacement::None),
            of("ResourceClaimList", 35, 38, Replacement::None),
            of("ResourceClaimTemplate", 35, 38, Replacement::None),
            of("ResourceClaimTemplateList", 35, 38, Replacement::None),
            of("ResourceSlice", 35, 38, Replacement::None),
            of("ResourceSliceList", 35, 38, Replacement::None),
        ],
    ),
    (
        "resource.k8s.io/v1beta2",
        &[
            of("DeviceClass", 36, 39, Replacement::None),
            of("DeviceClassList", 36, 39, Replacement::None),
            of("DeviceTaintRule", 39, 42, Replacement::None),
            of("DeviceTaintRuleList", 39, 42, Replacement::None),
            of("ResourceClaim", 36, 39, Replacement::None),
            of("ResourceClaimList", 36, 39, Replacement::None),
            of("ResourceClaimTemplate", 36, 39, Replacement::None),
            of("ResourceClaimTemplateList", 36, 39, Replacement::None),
            of("ResourceSlice", 36, 39, Replacement::None),
            of("ResourceSliceList", 36, 39, Replacement::None),
        ],
    ),
    (
        "scheduling.k8s.io/v1beta1",
        &[
            of("PodGroup", 40, 43, Replacement::None),
            of("PodGroupList", 40, 43, Replacement::None),
            of("PriorityClass", 14, 22, Replacement::Version("scheduling.k8s.io/v1")),
            of("PriorityClassList", 14, 22, Replacement::Version("scheduling.k8s.io/v1")),
            of("Workload", 40, 43, Replacement::None),
            of("WorkloadList", 40, 43, Replacement::None),
        ],
    ),
    (
        "storage.k8s.io/v1alpha1",
        &[
            of("CSIStorageCapacity", 21, 24, Replacement::Version("storage.k8s.io/v1beta1")),
            of("CSIStorageCapacityList", 21, 24, Replacement::Version("storage.k8s.io/v1beta1")),
            of("VolumeAttachment", 21, 24, Replacement::Version("storage.k8s.io/v1")),
            of("VolumeAttachmentList", 21, 24, Replacement::Version("storage.k8s.io/v1")),
            of("VolumeAttributesClass", 32, 35, Replacement::Version("storage.k8s.io/v1")),
            of("VolumeAttributesClassList", 32, 35, Replacement::Version("storage.k8s.io/v1")),
        ],
    ),
    (
        "storage.k8s.io/v1beta1",
        &[
            of("CSIDriver", 19, 22, Replacement::Version("storage.k8s.io/v1")),
            of("CSIDriverList", 19, 22, Replacement::Version("storage.k8s.io/v1")),
            of("CSINode", 17, 22, Replacement::Version("storage.k8s.io/v1")),
            of("CSINodeList", 17, 22, Replacement::Kind("storage.k8s.io/v1", "CSINode")),
            of("CSIStorageCapacity", 24, 27, Replacement::Version("storage.k8s.io/v1")),
            of("CSIStorageCapacityList", 24, 27, Replacement::Version("storage.k8s.io/v1")),
            of("StorageClass", 19, 22, Replacement::Version("storage.k8s.io/v1")),
            of("StorageClassList", 19, 22, Replacement::Version("storage.k8s.io/v1")),
            of("VolumeAttachment", 19, 22, Replacement::Version("storage.k8s.io/v1")),
            of("VolumeAttachmentList", 19, 22, Replacement::Version("storage.k8s.io/v1")),
            of("VolumeAttributesClass", 34, 37, Replacement::Version("storage.k8s.io/v1")),
            of("VolumeAttributesClassList", 34, 37, Replacement::Version("storage.k8s.io/v1")),
        ],
    ),
    (
        "storagemigration.k8s.io/v1beta1",
        &[
            of("StorageVersionMigration", 37, 40, Replacement::Version("storagemigration.k8s.io/v1")),
            of("StorageVersionMigrationList", 37, 40, Replacement::Version("storagemigration.k8s.io/v1")),
        ],
    ),
    (
        "v1",
        &[
            of("ComponentStatus", 19, 0, Replacement::None),
            of("ComponentStatusList", 19, 0, Replacement::None),
            of("Endpoints", 33, 0, Replacement::Kind("discovery.k8s.io/v1", "EndpointSlice")),
            of("Endpoints", 33, 0, Replacement::Kind("discovery.k8s.io/v1", "EndpointSlice")),
            of("EndpointsList", 33, 0, Replacement::Kind("discovery.k8s.io/v1", "EndpointSliceList")),
            of("EndpointsList", 33, 0, Replacement::Kind("discovery.k8s.io/v1", "EndpointSliceList")),
        ],
    ),
];

const fn of(kind: &'static str, deprecated: u32, removed: u32, replacement: Replacement) -> Lifecycle {
    Lifecycle { kind, deprecated, removed, replacement }
}
