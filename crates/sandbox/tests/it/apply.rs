//! Server-side apply: ownership, conflicts, pruning.

use crate::server::{APPS, CORE, Server};
use serde_json::json;

fn config(data: serde_json::Value) -> serde_json::Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": data})
}

#[test]
fn what_is_no_longer_applied_goes_away() {
    let server = Server::new();
    let path = format!("{CORE}/configmaps/c");
    assert_eq!(server.apply(&path, "m1", &config(json!({"a": "1", "b": "2"}))).0, 201);
    let (code, object) = server.apply(&path, "m1", &config(json!({"b": "2"})));
    assert_eq!((code, &object["data"]), (200, &json!({"b": "2"})));
    let fields = &object["metadata"]["managedFields"][0]["fieldsV1"];
    assert_eq!(fields, &json!({"f:data": {"f:b": {}}}));
}

#[test]
fn another_owner_conflicts_unless_forced() {
    let server = Server::new();
    let path = format!("{CORE}/configmaps/c");
    server.apply(&path, "m1", &config(json!({"a": "1"})));
    let (code, status) = server.apply(&path, "m2", &config(json!({"a": "2"})));
    assert_eq!(code, 409);
    assert_eq!(status["message"], "Apply failed with 1 conflict: conflict with \"m1\": .data.a");
    let (code, object) = server.apply(&path, "m2&force=true", &config(json!({"a": "2"})));
    assert_eq!((code, object["data"]["a"].as_str()), (200, Some("2")));
    assert_eq!(object["metadata"]["managedFields"].as_array().unwrap().len(), 1);
}

#[test]
fn a_second_apply_of_the_same_changes_nothing() {
    let server = Server::new();
    let path = format!("{APPS}/deployments/d");
    let deployment = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"},
        "spec": {"selector": {"matchLabels": {"a": "d"}}, "template": {
            "metadata": {"labels": {"a": "d"}},
            "spec": {"containers": [{"name": "c", "image": "i:1", "resources": {"limits": {"cpu": "0.5"}}}]},
        }},
    });
    assert_eq!(server.apply(&path, "helm", &deployment).0, 201);
    let before = server.get(&path)["metadata"]["resourceVersion"].clone();
    assert_eq!(server.apply(&path, "helm", &deployment).0, 200);
    assert_eq!(server.get(&path)["metadata"]["resourceVersion"], before);
}

#[test]
fn list_items_merge_by_their_keys() {
    let server = Server::new();
    let path = format!("{CORE}/services/s");
    let service = |port: i64, name: &str| {
        json!({
            "apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"},
            "spec": {"ports": [{"port": port, "name": name}]},
        })
    };
    assert_eq!(server.apply(&path, "m1", &service(80, "a")).0, 201);
    let (code, both) = server.apply(&path, "m2", &service(81, "b"));
    assert_eq!(code, 200, "{both}");
    assert_eq!(both["spec"]["ports"].as_array().unwrap().len(), 2);
    let (_, status) = server.apply(&path, "m2", &service(80, "b"));
    assert_eq!(
        status["message"],
        "Apply failed with 1 conflict: conflict with \"m1\": .spec.ports[port=80,protocol=\"TCP\"].name"
    );
}

#[test]
fn a_field_outside_the_schema_is_an_error() {
    let server = Server::new();
    let mut object = config(json!({"a": "1"}));
    object["spec"] = json!({});
    let (code, status) = server.apply(&format!("{CORE}/configmaps/c"), "m", &object);
    assert_eq!(code, 500);
    assert_eq!(
        status["message"],
        "failed to create typed patch object (/c; /v1, Kind=ConfigMap): .spec: field not declared in schema"
    );
}
