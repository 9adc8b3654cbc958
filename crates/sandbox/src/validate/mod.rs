//! Validation of objects before they are stored: metadata of all kinds, and the rules of the common built-in kinds, one
//! file per group of kinds. Custom objects and their definitions are checked by `custom`.

mod admission;
mod batch;
mod causes;
mod container;
mod cron;
mod diff;
mod meta;
mod networking;
mod place;
mod pod;
mod policy;
mod rbac;
mod resources;
mod scheduling;
mod security;
mod selectors;
mod services;
mod settings;
mod shape;
mod storage;
mod volume;
mod warnings;
mod workloads;

pub(crate) use warnings::warnings;

use crate::custom;
use crate::failure::{Cause, Failure};
use crate::kinds::Kind;
use crate::pod_parts;
use crate::write::meta as text_of;
use causes::Causes;
use place::Place;
use serde_json::Value;

/// Validates a new object.
///
/// # Errors
/// 422 with all causes.
pub(crate) fn created(kind: &Kind, object: &Value) -> Result<(), Failure> {
    let mut causes = Causes::default();
    meta::created(kind, object, &mut causes);
    if kind.storage == "networking.k8s.io/ingresses" {
        networking::ingress_class_twice(object, &mut causes);
    }
    spec_causes(kind, object, &mut causes);
    if kind.storage == crate::crds::STORAGE {
        causes.0.extend(custom::definition_created(object));
    }
    finish(kind, object, &causes)
}

/// Validates a changed object.
///
/// # Errors
/// 422 with all causes.
pub(crate) fn updated(kind: &Kind, subresource: &str, old: &Value, new: &Value) -> Result<(), Failure> {
    let mut causes = Causes::default();
    meta::updated(kind, old, new, &mut causes);
    match subresource {
        "" => changed_object_causes(kind, old, new, &mut causes),
        "status" => status_causes(kind, new, &mut causes),
        _ => {}
    }
    if subresource.is_empty() && kind.storage == crate::crds::STORAGE {
        causes.0.extend(custom::definition_changed(old, new));
    }
    if kind.storage == "/pods" {
        causes.0.extend(pod_parts::causes(subresource, old, new));
    }
    finish(kind, new, &causes)
}

/// Validates a new custom object, in the version of the request.
///
/// # Errors
/// 422 with all causes.
pub(crate) fn created_custom(kind: &Kind, object: &Value) -> Result<(), Failure> {
    let mut causes = Causes::default();
    meta::created(kind, object, &mut causes);
    causes.0.extend(custom::causes_of_new(kind, object));
    finish(kind, object, &causes)
}

/// Validates a changed custom object, in the version of the request.
///
/// # Errors
/// 422 with all causes.
pub(crate) fn updated_custom(
    kind: &Kind,
    subresource: &str,
    old: &Value,
    new: &Value,
) -> Result<(), Failure> {
    let mut causes = Causes::default();
    meta::updated(kind, old, new, &mut causes);
    causes.0.extend(custom::causes_of_changed(kind, subresource, old, new));
    finish(kind, new, &causes)
}

/// Problems of the metadata of an object inside of another.
pub(crate) fn metadata_causes(object: &Value) -> Vec<Cause> {
    let mut causes = Causes::default();
    meta::embedded(object, &mut causes);
    causes.0
}

/// What is wrong with the addresses that a client wishes for a Service, before any is allocated.
///
/// # Errors
/// 422 with these causes alone.
pub(crate) fn service_addresses(kind: &Kind, object: &Value) -> Result<(), Failure> {
    let mut causes = Causes::default();
    services::addresses(&Place::of(object, "spec"), &mut causes);
    finish(kind, object, &causes)
}

fn finish(kind: &Kind, object: &Value, causes: &Causes) -> Result<(), Failure> {
    if causes.0.is_empty() { Ok(()) } else { Err(Failure::invalid(kind, text_of(object, "name"), &causes.0)) }
}

// Each kind has its own order of what is checked first.
fn changed_object_causes(kind: &Kind, old: &Value, new: &Value, causes: &mut Causes) {
    match kind.storage.as_str() {
        "apps/daemonsets" | "/configmaps" | "/secrets" | "/services" => {
            change_causes(kind, old, new, causes);
            spec_causes(kind, new, causes);
        }
        _ => {
            spec_causes(kind, new, causes);
            change_causes(kind, old, new, causes);
        }
    }
}

fn spec_causes(kind: &Kind, object: &Value, causes: &mut Causes) {
    match kind.storage.as_str() {
        "/configmaps" => settings::config_map(object, causes),
        "/secrets" => settings::secret(object, causes),
        "/services" => services::service(object, causes),
        "/endpoints" => services::endpoints(object, causes),
        "/pods" => {
            let of = pod::Use { is_pod: true, claims: &[] };
            pod::spec(&Place::of(object, "spec"), of, causes);
        }
        "/podtemplates" => pod::template(&Place::of(object, "template"), pod::Use::default(), causes),
        "/replicationcontrollers" => workloads::replication_controller(object, causes),
        "/persistentvolumeclaims" => storage::claim(object, causes),
        "/persistentvolumes" => storage::persistent_volume(object, causes),
        "/resourcequotas" => settings::quota(object, causes),
        "/limitranges" => settings::limit_range(object, causes),
        "/events" => settings::event(object, causes),
        "discovery.k8s.io/endpointslices" => services::endpoint_slice(object, causes),
        "apps/deployments" => workloads::deployment(object, causes),
        "apps/replicasets" => workloads::replica_set(object, causes),
        "apps/daemonsets" => workloads::daemon_set(object, causes),
        "apps/statefulsets" => workloads::stateful_set(object, causes),
        "batch/jobs" => batch::job(object, causes),
        "batch/cronjobs" => batch::cron_job(object, causes),
        "networking.k8s.io/ingresses" => networking::ingress(object, causes),
        "networking.k8s.io/ingressclasses" => networking::ingress_class(object, causes),
        "networking.k8s.io/networkpolicies" => networking::network_policy(object, causes),
        "autoscaling/horizontalpodautoscalers" => policy::autoscaler(object, causes),
        "policy/poddisruptionbudgets" => policy::disruption_budget(object, causes),
        "scheduling.k8s.io/priorityclasses" => policy::priority_class(object, causes),
        "storage.k8s.io/storageclasses" => storage::class(object, causes),
        "coordination.k8s.io/leases" => settings::lease(object, causes),
        "apiregistration.k8s.io/apiservices" => admission::api_service(object, causes),
        "admissionregistration.k8s.io/validatingwebhookconfigurations" => {
            admission::webhooks(object, false, causes);
        }
        "admissionregistration.k8s.io/mutatingwebhookconfigurations" => {
            admission::webhooks(object, true, causes);
        }
        "rbac.authorization.k8s.io/roles" => rbac::role(object, true, causes),
        "rbac.authorization.k8s.io/clusterroles" => rbac::role(object, false, causes),
        "rbac.authorization.k8s.io/rolebindings" => rbac::binding(object, true, causes),
        "rbac.authorization.k8s.io/clusterrolebindings" => rbac::binding(object, false, causes),
        _ => {}
    }
}

fn change_causes(kind: &Kind, old: &Value, new: &Value, causes: &mut Causes) {
    let mut fixed = |field: &str| causes.unchanged(&Place::of(old, field), &Place::of(new, field));
    match kind.storage.as_str() {
        "/configmaps" => settings::unchanged_if_immutable(old, new, &["data", "binaryData"], causes),
        "/secrets" => {
            fixed("type");
            settings::unchanged_if_immutable(old, new, &["data"], causes);
        }
        "/services" => services::service_changes(old, new, causes),
        "/persistentvolumeclaims" => storage::claim_changes(old, new, causes),
        "/persistentvolumes" => storage::persistent_volume_changes(old, new, causes),
        "/resourcequotas" => settings::quota_changes(old, new, causes),
        "apps/deployments" | "apps/replicasets" | "apps/daemonsets" => {
            workloads::same_selector(old, new, causes);
        }
        "batch/jobs" => batch::job_changes(old, new, causes),
        "apps/statefulsets" => workloads::stateful_set_changes(old, new, causes),
        "apps/controllerrevisions" => fixed("data"),
        "discovery.k8s.io/endpointslices" => fixed("addressType"),
        "networking.k8s.io/ingressclasses" => networking::ingress_class_changes(old, new, causes),
        "scheduling.k8s.io/priorityclasses" => policy::priority_class_changes(old, new, causes),
        "storage.k8s.io/storageclasses" => storage::class_changes(old, new, causes),
        "rbac.authorization.k8s.io/rolebindings" | "rbac.authorization.k8s.io/clusterrolebindings" => {
            rbac::binding_changes(old, new, causes);
        }
        "/pods" => pod::changes(old, new, causes),
        _ => {}
    }
}

fn status_causes(kind: &Kind, object: &Value, causes: &mut Causes) {
    if matches!(kind.storage.as_str(), "/services" | "networking.k8s.io/ingresses") {
        services::status(object, causes);
    }
}
