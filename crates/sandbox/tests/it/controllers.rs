//! What a cluster does by itself.

use crate::server::{APPS, CORE, Server, options};
use pintle_sandbox::{Options, Sandbox};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

fn deployment(image: &str) -> Value {
    json!({
        "metadata": {"name": "web"},
        "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": {
            "metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": image}]},
        }},
    })
}

fn count(server: &Server, path: &str) -> usize {
    server.get(path)["items"].as_array().map_or(0, Vec::len)
}

#[test]
fn a_deployment_is_available_at_once() {
    let server = Server::new();
    server.create(&format!("{APPS}/deployments"), &deployment("a:1"));
    let status = server.get(&format!("{APPS}/deployments/web"))["status"].clone();
    assert_eq!(status["availableReplicas"], 2);
    assert_eq!(status["conditions"][1]["reason"], "NewReplicaSetAvailable");
    assert_eq!(count(&server, &format!("{APPS}/replicasets")), 1);
    assert_eq!(count(&server, &format!("{CORE}/pods")), 2);
}

#[test]
fn a_new_image_replaces_all_pods() {
    let server = Server::new();
    server.create(&format!("{APPS}/deployments"), &deployment("a:1"));
    let path = format!("{APPS}/deployments/web");
    let patch = json!({"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "a:2"}]}}}});
    server.merge(&path, &patch);
    let pods = server.get(&format!("{CORE}/pods"));
    let images: Vec<&Value> =
        pods["items"].as_array().unwrap().iter().map(|p| &p["spec"]["containers"][0]["image"]).collect();
    assert_eq!(images, ["a:2", "a:2"]);
    assert_eq!(server.get(&path)["metadata"]["annotations"]["deployment.kubernetes.io/revision"], "2");
    assert_eq!(count(&server, &format!("{APPS}/replicasets")), 2);
}

#[test]
fn a_job_ends_as_its_pods_do() {
    let server = Server::new();
    let job = |name: &str, code: &str| {
        json!({
            "metadata": {"name": name},
            "spec": {"backoffLimit": 1, "template": {
                "metadata": {"annotations": {"sim/exit-code": code}},
                "spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "a"}]},
            }},
        })
    };
    let jobs = "/apis/batch/v1/namespaces/default/jobs";
    server.create(jobs, &job("good", "0"));
    server.create(jobs, &job("bad", "3"));
    assert_eq!(server.get(&format!("{jobs}/good"))["status"]["succeeded"], 1);
    let bad = server.get(&format!("{jobs}/bad"))["status"].clone();
    assert_eq!(bad["failed"], 2);
    assert_eq!(bad["conditions"][1]["type"], "Failed");
}

#[test]
fn stateful_pods_have_ordinals_and_claims() {
    let server = Server::new();
    let set = json!({
        "metadata": {"name": "db"},
        "spec": {"replicas": 2, "serviceName": "db", "selector": {"matchLabels": {"app": "db"}},
            "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {
                "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}],
            "template": {"metadata": {"labels": {"app": "db"}},
                "spec": {"containers": [{"name": "c", "image": "a",
                    "volumeMounts": [{"name": "data", "mountPath": "/data"}]}]}}},
    });
    server.create(&format!("{APPS}/statefulsets"), &set);
    assert_eq!(server.get(&format!("{APPS}/statefulsets/db"))["status"]["readyReplicas"], 2);
    assert_eq!(server.code(&format!("{CORE}/pods/db-1")), 200);
    assert_eq!(server.get(&format!("{CORE}/persistentvolumeclaims/data-db-0"))["status"]["phase"], "Bound");
}

#[test]
fn services_find_their_pods_and_balancers_an_address() {
    let server = Server::new();
    server.create(&format!("{APPS}/deployments"), &deployment("a:1"));
    let service = json!({
        "metadata": {"name": "web"},
        "spec": {"type": "LoadBalancer", "selector": {"app": "web"}, "ports": [{"port": 80}]},
    });
    let made = server.create(&format!("{CORE}/services"), &service);
    assert!(made["spec"]["clusterIP"].as_str().unwrap().starts_with("10."));
    let service = server.get(&format!("{CORE}/services/web"));
    assert!(service["status"]["loadBalancer"]["ingress"][0]["ip"].is_string());
    let endpoints = server.get(&format!("{CORE}/endpoints/web"));
    assert_eq!(endpoints["subsets"][0]["addresses"].as_array().unwrap().len(), 2);
}

#[test]
fn a_pod_that_never_gets_ready_holds_its_deployment_up() {
    let server = Server::new();
    let mut deployment = deployment("a:1");
    deployment["spec"]["template"]["metadata"]["annotations"] = json!({"sim/ready": "false"});
    server.create(&format!("{APPS}/deployments"), &deployment);
    let status = server.get(&format!("{APPS}/deployments/web"))["status"].clone();
    assert_eq!(status["unavailableReplicas"], 2);
    assert_eq!(status["conditions"][0]["status"], "False");
}

#[test]
fn a_pod_with_a_delay_becomes_ready_when_it_is_time() {
    let now = Arc::new(AtomicU64::new(1_700_000_000));
    let clock = {
        let now = now.clone();
        Arc::new(move || SystemTime::UNIX_EPOCH + Duration::from_secs(now.load(Ordering::Relaxed)))
    };
    let server = Server(Sandbox::in_memory(Options { clock, ..options() }));
    let mut slow = deployment("a:1");
    slow["spec"]["template"]["metadata"]["annotations"] = json!({"sim/delay": "1m30s"});
    server.create(&format!("{APPS}/deployments"), &slow);
    let ready = || server.get(&format!("{APPS}/deployments/web"))["status"]["readyReplicas"].clone();
    assert_eq!(ready(), Value::Null);
    now.fetch_add(89, Ordering::Relaxed);
    assert_eq!(ready(), Value::Null);
    now.fetch_add(1, Ordering::Relaxed);
    assert_eq!(ready(), 2);
}
