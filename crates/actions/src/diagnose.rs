//! Why an object is not what it should be: its pods, what they say, and the cluster's last warnings about them.
//!
//! Only looked for after a failure, and whatever cannot be read is left out: the failure itself is told elsewhere.

use cluster::Resource;
use http::Method;
use serde_json::Value;

use crate::connections::Connections;
use crate::status::selector_of;

/// How many pods of one object are looked at, and how many lines of a log and warnings are told.
const MOST_PODS: &str = "20";
const LOG_LINES: u32 = 5;
const MOST_WARNINGS: usize = 3;

/// What was found out about one object.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Finding {
    /// Containers and pods that do not do what they should.
    pub troubles: Vec<Trouble>,
    /// The last warnings, newest last.
    pub warnings: Vec<Warning>,
}

/// A pod, or one of its containers, that does not do what it should.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Trouble {
    /// The pod.
    pub pod: String,
    /// The container; empty for the pod as a whole.
    pub container: String,
    /// One word of the cluster's (`CrashLoopBackOff`, `Unschedulable`).
    pub reason: String,
    /// A sentence of the cluster's; may be empty.
    pub message: String,
    /// The last lines of its log.
    pub log: Vec<String>,
}

/// A warning of the cluster's.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Warning {
    /// What it is about (`Pod/web-0`).
    pub object: String,
    /// One word.
    pub reason: String,
    /// A sentence.
    pub message: String,
}

/// Looks for the reasons.
pub async fn run(resource: &Resource, connections: Connections<'_>) -> Finding {
    let pods = pods(resource, connections).await;
    let mut troubles = Vec::new();
    for pod in &pods {
        for mut trouble in troubles_of(pod) {
            trouble.log = last_lines(resource, &trouble, connections).await;
            troubles.push(trouble);
        }
    }
    let pods: Vec<&str> = pods.iter().map(name_of).collect();
    let about = About { name: &resource.name, pods: &pods };
    Finding { troubles, warnings: warnings(&resource.namespace, about, connections).await }
}

async fn pods(resource: &Resource, connections: Connections<'_>) -> Vec<Value> {
    let selector = match (resource.mapping.kind.as_str(), selector_of(&resource.object)) {
        ("Pod", _) => ("fieldSelector", format!("metadata.name={}", resource.name)),
        ("Job", _) => ("labelSelector", format!("batch.kubernetes.io/job-name={}", resource.name)),
        (_, Some(labels)) => {
            let labels = labels.as_object().into_iter().flatten();
            let terms: Vec<String> =
                labels.map(|(key, text)| format!("{key}={}", text.as_str().unwrap_or_default())).collect();
            ("labelSelector", terms.join(","))
        }
        (_, None) => return Vec::new(),
    };
    let query = [(selector.0, selector.1.as_str()), ("limit", MOST_PODS)];
    list(&resource.namespace, "pods", &query, connections).await
}

async fn list(
    namespace: &str,
    plural: &str,
    query: &[(&str, &str)],
    connections: Connections<'_>,
) -> Vec<Value> {
    let list = connections.cluster.core(Method::GET, (namespace, plural, None), query, None).await;
    match list.map(|mut list| list["items"].take()) {
        Ok(Value::Array(items)) => items,
        _ => Vec::new(),
    }
}

fn name_of(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap_or_default()
}

/// Says what is wrong with a pod: that it has no node, or which containers wait or have failed.
fn troubles_of(pod: &Value) -> Vec<Trouble> {
    let status = &pod["status"];
    let text = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
    let trouble = |container: String, state: &Value| Trouble {
        pod: name_of(pod).to_owned(),
        container,
        reason: text(state, "reason"),
        message: text(state, "message"),
        log: Vec::new(),
    };
    let items = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut troubles: Vec<Trouble> = items(&status["conditions"])
        .iter()
        .filter(|condition| condition["type"] == "PodScheduled" && condition["status"] == "False")
        .map(|condition| trouble(String::new(), condition))
        .collect();
    for list in ["initContainerStatuses", "containerStatuses"] {
        for container in items(&status[list]) {
            let state = &container["state"];
            let has_failed = state["terminated"]["exitCode"].as_i64().is_some_and(|code| code != 0);
            if state["waiting"].is_object() {
                troubles.push(trouble(text(&container, "name"), &state["waiting"]));
            } else if has_failed {
                troubles.push(trouble(text(&container, "name"), &state["terminated"]));
            } else if container["ready"] == false && state["running"].is_object() {
                let mut slow = trouble(text(&container, "name"), &Value::Null);
                "NotReady".clone_into(&mut slow.reason);
                troubles.push(slow);
            }
        }
    }
    troubles
}

async fn last_lines(resource: &Resource, trouble: &Trouble, connections: Connections<'_>) -> Vec<String> {
    let Trouble { pod, container, .. } = trouble;
    if container.is_empty() {
        return Vec::new();
    }
    let log = connections.cluster.log_tail(&resource.namespace, pod, container, LOG_LINES).await;
    let log = log.unwrap_or_default();
    String::from_utf8_lossy(&log).lines().map(str::to_owned).collect()
}

/// What warnings are looked for about.
#[derive(Clone, Copy)]
struct About<'a> {
    /// An object, and what it has made: names that begin with its own.
    name: &'a str,
    /// The pods there are; warnings about former ones say nothing of today.
    pods: &'a [&'a str],
}

/// Returns the last warnings about an object and its pods.
async fn warnings(namespace: &str, about: About<'_>, connections: Connections<'_>) -> Vec<Warning> {
    let mut events = list(namespace, "events", &[("fieldSelector", "type=Warning")], connections).await;
    events.retain(|event| event["type"] == "Warning" && is_about(event, about));
    let time = |event: &Value| {
        let times = [&event["lastTimestamp"], &event["eventTime"], &event["metadata"]["creationTimestamp"]];
        times.iter().find_map(|time| time.as_str().map(str::to_owned))
    };
    events.sort_by_key(time);
    let text = |event: &Value, name: &str| event[name].as_str().unwrap_or_default().to_owned();
    let warning = |event: &Value| {
        let about = &event["involvedObject"];
        let object = format!("{}/{}", text(about, "kind"), text(about, "name"));
        Warning { object, reason: text(event, "reason"), message: text(event, "message") }
    };
    let skipped = events.len().saturating_sub(MOST_WARNINGS);
    events.iter().skip(skipped).map(warning).collect()
}

fn is_about(event: &Value, about: About<'_>) -> bool {
    let object = &event["involvedObject"];
    let name = object["name"].as_str().unwrap_or_default();
    let is_own =
        || name.strip_prefix(about.name).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    about.pods.contains(&name) || (object["kind"] != "Pod" && is_own())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{About, is_about, troubles_of};

    #[test]
    fn waiting_failed_and_slow_containers_are_told_and_others_are_not() {
        let pod = json!({
            "metadata": {"name": "p"},
            "status": {
                "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}],
                "initContainerStatuses": [{"name": "i", "state": {"terminated": {"exitCode": 0}}}],
                "containerStatuses": [
                    {"name": "a", "ready": false, "state": {"waiting": {"reason": "ImagePullBackOff", "message": "m"}}},
                    {"name": "b", "ready": false, "state": {"terminated": {"exitCode": 2, "reason": "Error"}}},
                    {"name": "c", "ready": false, "state": {"running": {}}},
                    {"name": "d", "ready": true, "state": {"running": {}}},
                ],
            },
        });
        let told: Vec<_> =
            troubles_of(&pod).into_iter().map(|trouble| (trouble.container, trouble.reason)).collect();
        let told: Vec<_> =
            told.iter().map(|(container, reason)| (container.as_str(), reason.as_str())).collect();
        assert_eq!(
            told,
            [("", "Unschedulable"), ("a", "ImagePullBackOff"), ("b", "Error"), ("c", "NotReady")]
        );
    }

    #[test]
    fn names_made_from_a_name_count() {
        let event = |kind: &str, name: &str| json!({"involvedObject": {"kind": kind, "name": name}});
        let about = About { name: "web", pods: &["web-5d4f-x"] };
        assert!(is_about(&event("ReplicaSet", "web-5d4f"), about));
        assert!(is_about(&event("Pod", "web-5d4f-x"), about));
        assert!(!is_about(&event("Pod", "web-5d4f-former"), about));
        assert!(!is_about(&event("Deployment", "website"), about));
    }
}
