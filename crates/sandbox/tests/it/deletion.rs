//! Owners, finalizers, namespaces.

use crate::server::{APPS, CORE, Server};
use serde_json::json;

fn with_deployment() -> Server {
    let server = Server::new();
    let deployment = json!({
        "metadata": {"name": "web"},
        "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": {
            "metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "a"}]},
        }},
    });
    server.create(&format!("{APPS}/deployments"), &deployment);
    server
}

fn left(server: &Server) -> (usize, usize) {
    let count = |path: &str| server.get(path)["items"].as_array().map_or(0, Vec::len);
    (count(&format!("{APPS}/replicasets")), count(&format!("{CORE}/pods")))
}

#[test]
fn dependents_go_with_their_owner() {
    for policy in ["Background", "Foreground"] {
        let server = with_deployment();
        server.send("DELETE", &format!("{APPS}/deployments/web?propagationPolicy={policy}"), "", "");
        assert_eq!(left(&server), (0, 0), "{policy}");
        assert_eq!(server.code(&format!("{APPS}/deployments/web")), 404);
    }
}

#[test]
fn orphans_stay() {
    let server = with_deployment();
    server.send("DELETE", &format!("{APPS}/deployments/web?propagationPolicy=Orphan"), "", "");
    assert_eq!(left(&server), (1, 1));
    let sets = server.get(&format!("{APPS}/replicasets"));
    assert!(sets["items"][0]["metadata"].get("ownerReferences").is_none());
}

#[test]
fn a_finalizer_keeps_an_object_until_it_is_removed() {
    let server = Server::new();
    let path = format!("{CORE}/configmaps/a");
    let config = json!({"metadata": {"name": "a", "finalizers": ["example.com/f"]}});
    server.create(&format!("{CORE}/configmaps"), &config);
    let (code, marked) = server.send("DELETE", &path, "", "");
    assert_eq!(code, 200);
    assert!(marked["metadata"]["deletionTimestamp"].is_string());
    assert_eq!(server.code(&path), 200);
    assert_eq!(server.merge(&path, &json!({"metadata": {"finalizers": null}})).0, 200);
    assert_eq!(server.code(&path), 404);
}

#[test]
fn a_namespace_takes_its_content_along() {
    let server = Server::new();
    server.create("/api/v1/namespaces", &json!({"metadata": {"name": "n"}}));
    assert_eq!(server.code("/api/v1/namespaces/n/serviceaccounts/default"), 200);
    server.create(
        "/api/v1/namespaces/n/pods",
        &json!({
            "metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "a"}]}
        }),
    );
    let (_, marked) = server.send("DELETE", "/api/v1/namespaces/n", "", "");
    assert_eq!(marked["status"]["phase"], "Terminating");
    assert_eq!(server.code("/api/v1/namespaces/n"), 404);
    assert_eq!(server.code("/api/v1/namespaces/n/pods/p"), 404);
}

#[test]
fn a_used_name_can_be_taken_again_after_deletion() {
    let server = with_deployment();
    let uid = server.get(&format!("{APPS}/deployments/web"))["metadata"]["uid"].clone();
    server.send("DELETE", &format!("{APPS}/deployments/web"), "", "");
    let again = with_deployment();
    assert_ne!(again.get(&format!("{APPS}/replicasets"))["items"][0]["metadata"]["uid"], uid);
}
