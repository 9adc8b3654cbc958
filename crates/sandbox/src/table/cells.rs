//! The cells of one row: which kind is shown how.

use super::reading::text;
use super::{age, columns, custom, network, pods, settings, storage, workloads};
use crate::kinds::Kind;
use serde_json::{Value, json};

/// The cells of an object's row.
pub(super) fn of(kind: &Kind, object: &Value, now: &str) -> Vec<Value> {
    if kind.custom.is_some() {
        return custom::cells(kind, object, now);
    }
    let name = Value::from(text(object, "/metadata/name"));
    if !columns::is_known(kind) {
        return vec![name, text(object, "/metadata/creationTimestamp").into()];
    }
    let age = Value::from(age::since(text(object, "/metadata/creationTimestamp"), now));
    let own = match kind.storage.as_str() {
        "/pods" => return pods::cells(object, now),
        "/events" => return settings::event(object, now),
        "storage.k8s.io/storageclasses" => return storage::class(object, age),
        // Their ages do not stand last, or there is none.
        "/podtemplates" => return [vec![name], workloads::template(object)].concat(),
        "scheduling.k8s.io/priorityclasses" => return settings::priority_class(object, age),
        "certificates.k8s.io/certificatesigningrequests" => return settings::signing_request(object, age),
        storage => storage,
    };
    // Cells between name and age, and the wide ones after it.
    let (middle, wide): (Vec<Value>, Vec<Value>) = match own {
        "apps/deployments" => workloads::deployment(object),
        "apps/replicasets" | "/replicationcontrollers" => workloads::replicas(object),
        "apps/statefulsets" => workloads::stateful_set(object),
        "apps/daemonsets" => workloads::daemon_set(object),
        "batch/jobs" => workloads::job(object, now),
        "batch/cronjobs" => workloads::cron_job(object, now),
        "apps/controllerrevisions" => (workloads::revision(object), Vec::new()),
        "autoscaling/horizontalpodautoscalers" => (workloads::autoscaler(object), Vec::new()),
        "policy/poddisruptionbudgets" => (workloads::budget(object), Vec::new()),
        "/services" => network::service(object),
        "/endpoints" => (vec![network::endpoints(object).into()], Vec::new()),
        "discovery.k8s.io/endpointslices" => (network::slice(object), Vec::new()),
        "networking.k8s.io/ingresses" => (network::ingress(object), Vec::new()),
        "networking.k8s.io/ingressclasses" => (network::ingress_class(object), Vec::new()),
        "networking.k8s.io/networkpolicies" => (network::policy(object), Vec::new()),
        "networking.k8s.io/servicecidrs" => (network::cidrs(object), Vec::new()),
        "networking.k8s.io/ipaddresses" => (network::address(object), Vec::new()),
        "/persistentvolumes" => storage::volume(object),
        "/persistentvolumeclaims" => storage::claim(object),
        "storage.k8s.io/csidrivers" => (storage::driver(object), Vec::new()),
        "storage.k8s.io/csinodes" => (storage::node(object), Vec::new()),
        "storage.k8s.io/volumeattachments" => (storage::attachment(object), Vec::new()),
        "storage.k8s.io/volumeattributesclasses" => (vec![text(object, "/driverName").into()], Vec::new()),
        "storage.k8s.io/csistoragecapacities" => return [vec![name], storage::capacity(object)].concat(),
        "/nodes" => settings::node(object, &age),
        other => settings::cells(other, object),
    };
    match kind.storage.as_str() {
        // The version stands behind the age.
        "/nodes" => [vec![name], middle, wide].concat(),
        "flowcontrol.apiserver.k8s.io/flowschemas" => {
            [vec![name], middle, vec![age, "False".into()]].concat()
        }
        _ => [vec![name], middle, vec![age], wide].concat(),
    }
}

/// What a row says about its object beyond cells: Pods that ended.
pub(super) fn conditions(kind: &Kind, object: &Value) -> Option<Value> {
    if kind.storage != "/pods" {
        return None;
    }
    let (reason, message) = match text(object, "/status/phase") {
        "Succeeded" => ("Succeeded", "The pod has completed successfully."),
        "Failed" => ("Failed", "The pod failed."),
        _ => return None,
    };
    Some(json!([{"type": "Completed", "status": "True", "reason": reason, "message": message}]))
}
