//! The rules of `--wait=legacy` (Helm's `pkg/kube/ready.go`), which look at related objects too.

use serde_json::Value;

use super::condition::{conditions, number, text};

/// What is needed to judge an object besides itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Related {
    /// Nothing.
    Nothing,
    /// The replica sets of its namespace.
    ReplicaSets,
    /// The pods its selector finds.
    Pods,
}

/// Returns what must be read to judge an object of a kind.
pub fn needs(object: &Value) -> Related {
    match (text(object, "/apiVersion", ""), text(object, "/kind", "")) {
        ("apps/v1", "Deployment") => Related::ReplicaSets,
        ("apps/v1", "ReplicaSet") | ("v1", "ReplicationController") => Related::Pods,
        _ => Related::Nothing,
    }
}

/// Judges a live object with its related ones; a Job is looked at only when asked for.
///
/// # Errors
/// With a sentence when the object can never become ready.
pub fn is_ready(object: &Value, related: &[Value], check_jobs: bool) -> Result<bool, String> {
    Ok(match (text(object, "/apiVersion", ""), text(object, "/kind", "")) {
        ("v1", "Pod") => pod(object),
        ("batch/v1", "Job") if check_jobs => return job(object),
        ("apps/v1", "Deployment") => deployment(object, related),
        ("v1", "PersistentVolumeClaim") => text(object, "/status/phase", "") == "Bound",
        ("v1", "Service") => service(object),
        ("apps/v1", "DaemonSet") => daemon_set(object),
        ("apiextensions.k8s.io/v1" | "apiextensions.k8s.io/v1beta1", "CustomResourceDefinition") => {
            definition(object)
        }
        ("apps/v1", "StatefulSet") => stateful_set(object),
        ("apps/v1", "ReplicaSet") | ("v1", "ReplicationController") => {
            generation_is_observed(object) && related.iter().all(pod)
        }
        _ => true,
    })
}

fn pod(object: &Value) -> bool {
    conditions(object).any(|condition| condition.kind == "Ready" && condition.is_true())
}

fn generation_is_observed(object: &Value) -> bool {
    number(object, "/status/observedGeneration", 0) == number(object, "/metadata/generation", 0)
}

fn job(object: &Value) -> Result<bool, String> {
    if number(object, "/status/failed", 0) > number(object, "/spec/backoffLimit", 6) {
        let (namespace, name) = (text(object, "/metadata/namespace", ""), text(object, "/metadata/name", ""));
        return Err(format!("job is failed: {namespace}/{name}"));
    }
    let completions = object.pointer("/spec/completions").and_then(Value::as_i64);
    Ok(completions.is_none_or(|wanted| number(object, "/status/succeeded", 0) >= wanted))
}

fn service(object: &Value) -> bool {
    let kind = text(object, "/spec/type", "");
    if kind == "ExternalName" {
        return true;
    }
    if text(object, "/spec/clusterIP", "").is_empty() {
        return false;
    }
    let has = |pointer: &str| {
        object.pointer(pointer).and_then(Value::as_array).is_some_and(|list| !list.is_empty())
    };
    kind != "LoadBalancer" || has("/spec/externalIPs") || has("/status/loadBalancer/ingress")
}

fn definition(object: &Value) -> bool {
    // A naming conflict counts as ready: the process should be able to go on (`crdReady`).
    conditions(object).any(|condition| {
        (condition.kind == "Established" && condition.is_true())
            || (condition.kind == "NamesAccepted" && condition.status == "False")
    })
}

fn daemon_set(object: &Value) -> bool {
    if !generation_is_observed(object) {
        return false;
    }
    if text(object, "/spec/updateStrategy/type", "") != "RollingUpdate" {
        return true;
    }
    let desired = number(object, "/status/desiredNumberScheduled", 0);
    if number(object, "/status/updatedNumberScheduled", 0) != desired {
        return false;
    }
    let unavailable = object.pointer("/spec/updateStrategy/rollingUpdate/maxUnavailable");
    let unavailable = scaled(unavailable, desired, true).unwrap_or(desired);
    number(object, "/status/numberReady", 0) >= desired.saturating_sub(unavailable)
}

fn stateful_set(object: &Value) -> bool {
    if !generation_is_observed(object) {
        return false;
    }
    if text(object, "/spec/updateStrategy/type", "") != "RollingUpdate" {
        return true;
    }
    let partition = number(object, "/spec/updateStrategy/rollingUpdate/partition", 0);
    let replicas = number(object, "/spec/replicas", 1);
    if number(object, "/status/updatedReplicas", 0) < replicas.saturating_sub(partition) {
        return false;
    }
    if number(object, "/status/readyReplicas", 0) != replicas {
        return false;
    }
    let revision = |member| text(object, member, "");
    partition != 0 || revision("/status/currentRevision") == revision("/status/updateRevision")
}

fn deployment(object: &Value, replica_sets: &[Value]) -> bool {
    if object.pointer("/spec/paused").and_then(Value::as_bool) == Some(true) {
        return true;
    }
    let Some(newest) = new_replica_set(object, replica_sets) else { return false };
    if !generation_is_observed(newest) || !generation_is_observed(object) {
        return false;
    }
    let replicas = number(object, "/spec/replicas", 1);
    number(newest, "/status/readyReplicas", 0) >= replicas.saturating_sub(max_unavailable(object, replicas))
}

/// Finds the replica set with the Deployment's pod template (`deploymentutil.FindNewReplicaSet`): the oldest one
/// it owns.
fn new_replica_set<'a>(object: &Value, replica_sets: &'a [Value]) -> Option<&'a Value> {
    let uid = text(object, "/metadata/uid", "");
    let owned = |set: &&Value| {
        let owners = set["metadata"]["ownerReferences"].as_array().map_or(&[][..], Vec::as_slice);
        owners.iter().any(|owner| owner["controller"] == true && owner["uid"] == uid)
    };
    let wanted = template(object);
    replica_sets
        .iter()
        .filter(owned)
        .filter(|set| template(set) == wanted)
        .min_by_key(|set| (text(set, "/metadata/creationTimestamp", ""), text(set, "/metadata/name", "")))
}

fn template(object: &Value) -> Value {
    let mut template = object["spec"]["template"].clone();
    if let Some(labels) = template.pointer_mut("/metadata/labels").and_then(Value::as_object_mut) {
        labels.remove("pod-template-hash");
    }
    template
}

fn max_unavailable(object: &Value, replicas: i64) -> i64 {
    if text(object, "/spec/strategy/type", "") != "RollingUpdate" || replicas == 0 {
        return 0;
    }
    let member = |name: &str| object.pointer(&format!("/spec/strategy/rollingUpdate/{name}"));
    let surge = scaled(member("maxSurge"), replicas, true).unwrap_or(0);
    let unavailable = scaled(member("maxUnavailable"), replicas, false).unwrap_or(0);
    let unavailable = if surge == 0 && unavailable == 0 { 1 } else { unavailable };
    unavailable.min(replicas)
}

/// Reads a number or a percentage of `total` (`intstr.GetScaledValueFromIntOrPercent`).
fn scaled(value: Option<&Value>, total: i64, round_up: bool) -> Option<i64> {
    match value? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => {
            let percent: i64 = text.strip_suffix('%')?.parse().ok()?;
            let hundredfold = percent.checked_mul(total)?;
            Some(if round_up { hundredfold.checked_add(99)? / 100 } else { hundredfold / 100 })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::is_ready;

    #[test]
    fn a_balancer_without_an_address_is_not_ready() {
        let mut service = json!({"apiVersion": "v1", "kind": "Service",
            "spec": {"type": "LoadBalancer", "clusterIP": "10.0.0.1"}});
        assert_eq!(is_ready(&service, &[], false), Ok(false));
        service["status"]["loadBalancer"]["ingress"] = json!([{"ip": "1.2.3.4"}]);
        assert_eq!(is_ready(&service, &[], false), Ok(true));
    }

    #[test]
    fn a_deployment_is_judged_by_its_new_replica_set() {
        let template = |hash: bool| {
            let labels = if hash { json!({"a": "b", "pod-template-hash": "x"}) } else { json!({"a": "b"}) };
            json!({"metadata": {"labels": labels}})
        };
        let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"uid": "u"},
            "spec": {"replicas": 4, "template": template(false), "strategy": {"type": "RollingUpdate",
                "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}}}});
        let set = |ready: i64| {
            json!({"metadata": {"ownerReferences": [{"controller": true, "uid": "u"}]},
                "spec": {"template": template(true)}, "status": {"readyReplicas": ready}})
        };
        assert_eq!(is_ready(&deployment, &[], false), Ok(false));
        assert_eq!(is_ready(&deployment, &[set(2)], false), Ok(false));
        assert_eq!(is_ready(&deployment, &[set(3)], false), Ok(true));
    }

    #[test]
    fn jobs_count_only_when_asked_for() {
        let job = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"namespace": "n", "name": "j"},
            "spec": {"backoffLimit": 0, "completions": 1}, "status": {"failed": 1}});
        assert_eq!(is_ready(&job, &[], false), Ok(true));
        assert_eq!(is_ready(&job, &[], true), Err("job is failed: n/j".to_owned()));
    }
}
