//! Discovery, reading and writing, texts of failures.

use crate::server::{CORE, Server};
use serde_json::json;

#[test]
fn the_roots_say_what_is_served() {
    let server = Server::new();
    assert_eq!(server.get("/version")["gitVersion"], "v1.36.2");
    assert_eq!(server.get("/api")["versions"], json!(["v1"]));
    let groups = server.get("/apis");
    assert!(groups["groups"].as_array().unwrap().iter().any(|g| g["name"] == "apps"));
    assert_eq!(server.get("/apis/apps/v1")["groupVersion"], "apps/v1");
    assert_eq!(server.send("GET", "/nosuch", "", ""), (404, json!("404 page not found\n")));
    let status = server.get("/apis/apps/v9");
    assert_eq!(status["message"], "the server could not find the requested resource");
}

#[test]
fn an_object_is_created_read_changed_and_deleted() {
    let server = Server::new();
    let config = json!({"metadata": {"name": "a", "labels": {"x": "1"}}, "data": {"k": "v"}});
    let made = server.create(&format!("{CORE}/configmaps"), &config);
    assert_eq!(made["metadata"]["namespace"], "default");
    assert_eq!(made["metadata"]["managedFields"][0]["manager"], "test");
    let path = format!("{CORE}/configmaps/a");
    assert_eq!(server.get(&path)["data"]["k"], "v");
    let list = server.get(&format!("{CORE}/configmaps?labelSelector=x%3D1"));
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert_eq!(list["kind"], "ConfigMapList");
    let (code, changed) = server.merge(&path, &json!({"data": {"k": null, "l": "w"}}));
    assert_eq!((code, &changed["data"]), (200, &json!({"l": "w"})));
    let stale = json!({"metadata": {"name": "a", "resourceVersion": made["metadata"]["resourceVersion"]}});
    let (code, status) = server.send("PUT", &path, "application/json", &stale.to_string());
    assert_eq!((code, &status["reason"]), (409, &json!("Conflict")));
    let (code, status) = server.send("DELETE", &path, "", "");
    assert_eq!((code, &status["status"]), (200, &json!("Success")));
    assert_eq!(server.get(&path)["message"], "configmaps \"a\" not found");
}

#[test]
fn failures_read_as_kubernetes_words_them() {
    let server = Server::new();
    let config = json!({"metadata": {"name": "a"}}).to_string();
    let post = |path: &str, body: &str| server.send("POST", path, "application/json", body).1;
    assert_eq!(
        post("/api/v1/namespaces/none/configmaps", &config)["message"],
        "namespaces \"none\" not found"
    );
    post(&format!("{CORE}/configmaps"), &config);
    assert_eq!(post(&format!("{CORE}/configmaps"), &config)["message"], "configmaps \"a\" already exists");
    let wrong = json!({"metadata": {"name": "b"}, "data": {"a": 1}}).to_string();
    assert_eq!(
        post(&format!("{CORE}/configmaps"), &wrong)["message"],
        "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct \
         field ConfigMap.data of type string"
    );
    let broken = post(&format!("{CORE}/configmaps"), "{\"a\"");
    assert!(broken["message"].as_str().unwrap().contains("json parse error: unexpected end of JSON input"));
    let empty = json!({"metadata": {"name": "s"}, "spec": {}}).to_string();
    let message = post(&format!("{CORE}/services"), &empty)["message"].clone();
    assert_eq!(message, "Service \"s\" is invalid: spec.ports: Required value");
}

#[test]
fn a_dry_run_changes_nothing() {
    let server = Server::new();
    let made = server.create(&format!("{CORE}/configmaps?dryRun=All"), &json!({"metadata": {"name": "a"}}));
    assert!(made["metadata"].get("resourceVersion").is_none());
    assert_eq!(server.code(&format!("{CORE}/configmaps/a")), 404);
}

#[test]
fn an_update_without_a_change_keeps_the_version() {
    let server = Server::new();
    let made =
        server.create(&format!("{CORE}/configmaps"), &json!({"metadata": {"name": "a"}, "data": {"a": "b"}}));
    let (_, same) = server.merge(&format!("{CORE}/configmaps/a"), &json!({"data": {"a": "b"}}));
    assert_eq!(same["metadata"]["resourceVersion"], made["metadata"]["resourceVersion"]);
}

#[test]
fn unknown_fields_are_dropped_or_refused() {
    let server = Server::new();
    let config = json!({"metadata": {"name": "a"}, "spec": {}});
    let path = format!("{CORE}/configmaps?fieldValidation=Strict");
    let (code, status) = server.send("POST", &path, "application/json", &config.to_string());
    assert_eq!(code, 400);
    assert!(status["message"].as_str().unwrap().ends_with("strict decoding error: unknown field \"spec\""));
    assert!(server.create(&format!("{CORE}/configmaps"), &config).get("spec").is_none());
}

#[test]
fn pages_show_the_list_as_it_was_at_the_first_one() {
    let server = Server::new();
    for name in ["p1", "p2", "p3"] {
        server.create(&format!("{CORE}/secrets"), &json!({"metadata": {"name": name}}));
    }
    let first = server.get(&format!("{CORE}/secrets?limit=2"));
    assert_eq!(first["metadata"]["remainingItemCount"], 1);
    server.send("DELETE", &format!("{CORE}/secrets/p3"), "", "");
    let token = first["metadata"]["continue"].as_str().unwrap();
    let second = server.get(&format!("{CORE}/secrets?limit=2&continue={token}"));
    assert_eq!(second["items"][0]["metadata"]["name"], "p3");
}

#[test]
fn yaml_bodies_are_read() {
    let server = Server::new();
    let text = "metadata: {name: yam}\ndata:\n  a: |\n    x\n    y\n";
    let (code, made) = server.send("POST", &format!("{CORE}/configmaps"), "application/yaml", text);
    assert_eq!((code, &made["data"]["a"]), (201, &json!("x\ny\n")), "{made}");
}

#[test]
fn no_path_or_body_breaks_the_server() {
    let server = Server::new();
    let deep = "[".repeat(100_000);
    for path in
        ["/", "//", "/api/v1/", "/apis//", "/api/v1/namespaces/a/b/c/d/e", "/%ff%2f", "/api/v1/pods/%00/log"]
    {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            let (code, _) = server.send(method, path, "application/json", &deep);
            assert!(code < 600);
        }
    }
    for media in [
        "application/apply-patch+yaml",
        "application/json-patch+json",
        "application/strategic-merge-patch+json",
    ] {
        for body in [deep.as_str(), "{}", "null", "[]", "\"x\"", "{\"spec\":[null]}", "\u{feff}"] {
            let path = format!("{CORE}/pods/x?fieldManager=m");
            assert!(server.send("PATCH", &path, media, body).0 >= 400);
        }
    }
}
