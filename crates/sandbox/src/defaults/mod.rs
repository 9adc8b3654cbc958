//! Defaults that the API server fills into objects of built-in kinds when it reads them (`zz_generated.defaults.go` and
//! `defaults.go` of each group).

mod admission;
mod autoscaling;
mod pod;
mod services;
mod storage;
mod workloads;

pub(crate) use pod::pod_qos;
pub(crate) use workloads::labels_from_template;

use crate::kinds::Kind;
use serde_json::{Value, json};

/// Fills in the defaults of `kind`.
pub(crate) fn apply(kind: &Kind, object: &mut Value) {
    if let Some(custom) = &kind.custom {
        if let Some(schema) = &custom.schema {
            crate::custom::set_defaults(object, schema);
        }
        return;
    }
    match kind.storage.as_str() {
        "/pods" => pod::pod(object),
        "/podtemplates" => pod::pod_spec(&mut object["template"]["spec"]),
        "/services" => services::service(object),
        "/endpoints" => services::endpoints(object),
        "discovery.k8s.io/endpointslices" => services::endpoint_slice(object),
        "networking.k8s.io/networkpolicies" => services::network_policy(object),
        "networking.k8s.io/ingressclasses" => services::ingress_class(object),
        "/replicationcontrollers" => workloads::replication_controller(object),
        "apps/deployments" => workloads::deployment(object),
        "apps/statefulsets" => workloads::stateful_set(object),
        "apps/daemonsets" => workloads::daemon_set(object),
        "apps/replicasets" => workloads::replica_set(object),
        "batch/jobs" => workloads::job(object),
        "batch/cronjobs" => workloads::cron_job(object),
        "autoscaling/horizontalpodautoscalers" => autoscaling::autoscaler(kind, object),
        "/secrets" => set(object, "type", "Opaque"),
        "/namespaces" => namespace(object),
        "/limitranges" => limit_range(object),
        "/persistentvolumes" => storage::volume(object),
        "/persistentvolumeclaims" => storage::claim(object),
        "storage.k8s.io/storageclasses" => storage::class(object),
        "storage.k8s.io/csidrivers" => storage::csi_driver(object),
        "resource.k8s.io/resourceclaims" => storage::device_requests(&mut object["spec"]),
        "resource.k8s.io/resourceclaimtemplates" => storage::device_requests(&mut object["spec"]["spec"]),
        "scheduling.k8s.io/priorityclasses" => set(object, "preemptionPolicy", "PreemptLowerPriority"),
        "rbac.authorization.k8s.io/rolebindings" | "rbac.authorization.k8s.io/clusterrolebindings" => {
            admission::binding(object);
        }
        "admissionregistration.k8s.io/validatingwebhookconfigurations" => admission::webhooks(object, false),
        "admissionregistration.k8s.io/mutatingwebhookconfigurations" => admission::webhooks(object, true),
        "admissionregistration.k8s.io/validatingadmissionpolicies"
        | "admissionregistration.k8s.io/mutatingadmissionpolicies" => admission::policy(object),
        "admissionregistration.k8s.io/validatingadmissionpolicybindings"
        | "admissionregistration.k8s.io/mutatingadmissionpolicybindings" => admission::policy_binding(object),
        "flowcontrol.apiserver.k8s.io/flowschemas" => admission::flow_schema(object),
        "flowcontrol.apiserver.k8s.io/prioritylevelconfigurations" => admission::priority_level(object),
        "apiregistration.k8s.io/apiservices" => admission::api_service(object),
        crate::crds::STORAGE => crate::crds::default_names(object),
        _ => {}
    }
}

/// Sets a field that is missing.
fn set(object: &mut Value, field: &str, value: impl Into<Value>) {
    if let Value::Object(object) = object
        && object.get(field).is_none_or(Value::is_null)
    {
        object.insert(field.to_owned(), value.into());
    }
}

/// The items of a list, for changing.
fn items<'v>(object: &'v mut Value, field: &str) -> impl Iterator<Item = &'v mut Value> {
    object.get_mut(field).and_then(Value::as_array_mut).into_iter().flatten()
}

/// The text of a field, or nothing.
fn text<'v>(object: &'v Value, field: &str) -> &'v str {
    object.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn namespace(object: &mut Value) {
    let name = crate::write::meta(object, "name").to_owned();
    if !name.is_empty() {
        let labels = crate::write::metadata(object).entry("labels").or_insert_with(|| json!({}));
        labels["kubernetes.io/metadata.name"] = name.into();
    }
}

// `SetDefaults_LimitRangeItem`: only Containers have defaults.
fn limit_range(object: &mut Value) {
    for item in items(&mut object["spec"], "limits") {
        if text(item, "type") != "Container" {
            continue;
        }
        fill(item, "default", "max");
        fill(item, "defaultRequest", "default");
        fill(item, "defaultRequest", "min");
    }
}

fn fill(item: &mut Value, target: &str, source: &str) {
    let Some(Value::Object(source)) = item.get(source).cloned() else { return };
    if !item.get(target).is_some_and(Value::is_object) {
        item[target] = json!({});
    }
    for (name, quantity) in source {
        set(&mut item[target], &name, quantity);
    }
}
