//! Validation of objects before they are stored: metadata of all kinds, and the rules of the common built-in kinds.
//! Custom objects and their definitions are checked by `custom`.

mod data;
mod meta;
mod pod;
mod services;
mod status;
mod workloads;

use crate::custom;
use crate::failure::{Cause, Failure};
use crate::kinds::Kind;
use crate::pod_parts;
use crate::server::Server;
use crate::write::meta as text_of;
use serde_json::Value;

/// Validates a new object.
///
/// # Errors
/// 422 with all causes.
pub(crate) fn created(_server: &Server, kind: &Kind, object: &Value) -> Result<(), Failure> {
    let mut causes = meta::name_causes(kind, object);
    causes.extend(meta::common_causes(object));
    causes.extend(spec_causes(kind, object));
    if kind.storage == crate::crds::STORAGE {
        causes.extend(custom::definition_created(object));
    }
    finish(kind, object, &causes)
}

/// Validates a changed object.
///
/// # Errors
/// 422 with all causes.
pub(crate) fn updated(
    _server: &Server,
    kind: &Kind,
    subresource: &str,
    old: &Value,
    new: &Value,
) -> Result<(), Failure> {
    let mut causes = meta::immutable_causes(old, new);
    causes.extend(meta::common_causes(new));
    if subresource.is_empty() {
        causes.extend(spec_causes(kind, new));
        causes.extend(change_causes(kind, old, new));
        if kind.storage == crate::crds::STORAGE {
            causes.extend(custom::definition_changed(old, new));
        }
    }
    if subresource == "status" {
        causes.extend(status::causes(kind, new));
    }
    if kind.storage == "/pods" {
        causes.extend(pod_parts::causes(subresource, old, new));
    }
    finish(kind, new, &causes)
}

/// Validates a new custom object, in the version of the request.
///
/// # Errors
/// 422 with all causes.
pub(crate) fn created_custom(kind: &Kind, object: &Value) -> Result<(), Failure> {
    let mut causes = meta::name_causes(kind, object);
    causes.extend(meta::common_causes(object));
    causes.extend(custom::causes_of_new(kind, object));
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
    let mut causes = meta::immutable_causes(old, new);
    causes.extend(meta::common_causes(new));
    causes.extend(custom::causes_of_changed(kind, subresource, old, new));
    finish(kind, new, &causes)
}

/// Problems of the metadata of an object inside of another.
pub(crate) fn metadata_causes(object: &Value) -> Vec<Cause> {
    meta::common_causes(object)
}

fn finish(kind: &Kind, object: &Value, causes: &[Cause]) -> Result<(), Failure> {
    if causes.is_empty() { Ok(()) } else { Err(Failure::invalid(kind, text_of(object, "name"), causes)) }
}

fn spec_causes(kind: &Kind, object: &Value) -> Vec<Cause> {
    let mut causes = Vec::new();
    match kind.storage.as_str() {
        "/configmaps" => data::config_map(object, &mut causes),
        "/secrets" => data::secret(object, &mut causes),
        "/services" => services::service(object, &mut causes),
        "/pods" => pod::spec(&object["spec"], "spec", &mut causes),
        "/podtemplates" => pod::spec(&object["template"]["spec"], "template.spec", &mut causes),
        "apps/deployments" => workloads::deployment(object, &mut causes),
        "apps/replicasets" | "apps/daemonsets" | "apps/statefulsets" => {
            workloads::with_selector(object, &mut causes);
        }
        "batch/jobs" => workloads::job(object, &mut causes),
        "rbac.authorization.k8s.io/rolebindings" | "rbac.authorization.k8s.io/clusterrolebindings" => {
            data::binding(object, &mut causes);
        }
        _ => {}
    }
    causes
}

fn change_causes(kind: &Kind, old: &Value, new: &Value) -> Vec<Cause> {
    let mut causes = Vec::new();
    match kind.storage.as_str() {
        "/configmaps" => data::unchanged_if_immutable(old, new, &["data", "binaryData"], &mut causes),
        "/secrets" => {
            data::fixed("type", old, new, &mut causes);
            data::unchanged_if_immutable(old, new, &["data"], &mut causes);
        }
        "apps/deployments" | "apps/replicasets" | "apps/daemonsets" | "batch/jobs" => {
            data::fixed("spec.selector", old, new, &mut causes);
            if kind.storage == "batch/jobs" {
                workloads::job_changes(old, new, &mut causes);
            }
        }
        "apps/statefulsets" => workloads::stateful_set_changes(old, new, &mut causes),
        "apps/controllerrevisions" => data::fixed("data", old, new, &mut causes),
        "rbac.authorization.k8s.io/rolebindings" | "rbac.authorization.k8s.io/clusterrolebindings" => {
            data::fixed_role(old, new, &mut causes);
        }
        "/pods" => pod::changes(old, new, &mut causes),
        _ => {}
    }
    causes
}
