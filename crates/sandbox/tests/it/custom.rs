//! CustomResourceDefinitions.

use crate::server::Server;
use serde_json::{Value, json};

const DEFINITIONS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const WIDGETS: &str = "/apis/example.com/v1/namespaces/default/widgets";

fn definition() -> Value {
    json!({
        "metadata": {"name": "widgets.example.com"},
        "spec": {"group": "example.com", "scope": "Namespaced", "names": {"plural": "widgets", "kind": "Widget"},
            "versions": [{"name": "v1", "served": true, "storage": true, "subresources": {"status": {}},
                "schema": {"openAPIV3Schema": {"type": "object", "properties": {
                    "spec": {"type": "object", "properties": {
                        "size": {"type": "integer", "default": 3}, "name": {"type": "string"}}},
                    "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}}}]},
    })
}

#[test]
fn a_definition_serves_its_kind_at_once() {
    let server = Server::new();
    assert_eq!(server.code(WIDGETS), 404);
    server.create(DEFINITIONS, &definition());
    let made = server.get(&format!("{DEFINITIONS}/widgets.example.com"));
    assert_eq!(made["status"]["conditions"][1]["type"], "Established");
    assert_eq!(server.get("/apis/example.com/v1")["resources"][0]["kind"], "Widget");
    let widget = json!({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"},
        "spec": {"name": "x", "bogus": 1}, "status": {"a": 1}});
    let made = server.create(WIDGETS, &widget);
    assert_eq!(made["spec"], json!({"name": "x", "size": 3}));
    assert!(made.get("status").is_none());
    assert_eq!(server.get(WIDGETS)["items"][0]["kind"], "Widget");
}

#[test]
fn objects_go_with_their_definition() {
    let server = Server::new();
    server.create(DEFINITIONS, &definition());
    let widget = json!({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}});
    server.create(WIDGETS, &widget);
    server.send("DELETE", &format!("{DEFINITIONS}/widgets.example.com"), "", "");
    assert_eq!(server.code(WIDGETS), 404);
    server.create(DEFINITIONS, &definition());
    assert_eq!(server.get(WIDGETS)["items"], json!([]));
}

#[test]
fn the_status_has_its_own_door() {
    let server = Server::new();
    server.create(DEFINITIONS, &definition());
    let widget = json!({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}});
    server.create(WIDGETS, &widget);
    let (code, object) =
        server.merge(&format!("{WIDGETS}/w/status"), &json!({"status": {"ok": true}, "spec": {"size": 9}}));
    assert_eq!(code, 200);
    assert_eq!((&object["status"]["ok"], &object["spec"]), (&json!(true), &Value::Null));
    assert_eq!(object["metadata"]["generation"], 1);
}
