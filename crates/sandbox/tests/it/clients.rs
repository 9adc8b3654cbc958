//! What real clients need: tables, documents, protobuf, tokens, roles.

use crate::server::{Server, options};
use bytes::Bytes;
use pintle_sandbox::{Options, Response, Sandbox, SandboxBody};
use serde_json::{Value, json};

const CORE: &str = "/api/v1/namespaces/default";

fn ask(server: &Sandbox, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> (u16, Value) {
    let (code, bytes) = bytes(server, method, path, headers, body);
    (code, serde_json::from_slice(&bytes).unwrap_or_default())
}

fn bytes(server: &Sandbox, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> (u16, Bytes) {
    let mut request = http::Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Bytes::copy_from_slice(body)).expect("the tests send well-formed requests");
    let response: Response = server.handle(request);
    let code = response.status().as_u16();
    let SandboxBody::Full(bytes) = response.into_body() else { panic!("{path} answered a stream") };
    (code, bytes.unwrap_or_default())
}

#[test]
fn tables_have_the_columns_of_their_kind() {
    let server = Server::new();
    server.create(&format!("{CORE}/configmaps"), &json!({"metadata": {"name": "c"}, "data": {"a": "1"}}));
    let accept = ("accept", "application/json;as=Table;v=v1;g=meta.k8s.io");
    let (_, table) = ask(&server.0, "GET", &format!("{CORE}/configmaps/c"), &[accept], b"");
    let names: Vec<&Value> =
        table["columnDefinitions"].as_array().unwrap().iter().map(|c| &c["name"]).collect();
    assert_eq!(names, ["Name", "Data", "Age"]);
    assert_eq!(table["rows"][0]["cells"], json!(["c", 1, "0s"]));
    let (_, table) = ask(&server.0, "GET", &format!("{CORE}/services?includeObject=None"), &[accept], b"");
    assert_eq!(table["rows"][0]["cells"][4], "443/TCP");
    assert_eq!(table["rows"][0]["object"], Value::Null);
}

#[test]
fn every_kind_has_a_cell_for_each_column() {
    let server = Server::new();
    for group in [CORE, "/apis/apps/v1/namespaces/default", "/apis/batch/v1/namespaces/default"] {
        let (list, _) = group.split_once("/namespaces").unwrap();
        for resource in server.get(list)["resources"].as_array().unwrap() {
            let (name, kind) = (resource["name"].as_str().unwrap(), resource["kind"].as_str().unwrap());
            if name.contains('/') || resource["namespaced"] != true || kind == "Binding" {
                continue;
            }
            let accept = ("accept", "application/json;as=Table;v=v1;g=meta.k8s.io");
            let body = json!({"metadata": {"name": "x"}}).to_string();
            // Most of these are refused; what is not, is shown whole.
            let media = ("content-type", "application/json");
            ask(&server.0, "POST", &format!("{group}/{name}"), &[media], body.as_bytes());
            let (_, table) = ask(&server.0, "GET", &format!("{group}/{name}"), &[accept], b"");
            let columns = table["columnDefinitions"].as_array().unwrap().len();
            for row in table["rows"].as_array().unwrap() {
                assert_eq!(row["cells"].as_array().unwrap().len(), columns, "{name}: {row}");
            }
        }
    }
}

#[test]
fn documents_are_kept_by_their_tag() {
    let server = Server::new();
    let index = server.get("/openapi/v3");
    let url = index["paths"]["apis/apps/v1"]["serverRelativeURL"].as_str().unwrap();
    let (path, hash) = url.split_once("?hash=").unwrap();
    assert_eq!(ask(&server.0, "GET", path, &[], b"").0, 200);
    let tag = format!("\"{hash}\"");
    assert_eq!(ask(&server.0, "GET", path, &[("if-none-match", tag.as_str())], b"").0, 304);
    assert_eq!(server.code("/openapi/v3/apis/apps/v9"), 404);
    let accept = ("accept", "application/com.github.proto-openapi.spec.v2@v1.0+protobuf");
    let (code, document) = bytes(&server.0, "GET", "/openapi/v2", &[accept], b"");
    assert_eq!((code, document.starts_with(b"\n\x032.0")), (200, true));
}

#[test]
fn protobuf_bodies_are_read() {
    let server = Server::new();
    let media = ("content-type", "application/vnd.kubernetes.protobuf");
    let body =
        b"k8s\0\x0a\x0f\x0a\x02v1\x12\x09ConfigMap\x12\x0f\x0a\x03\x0a\x01c\x12\x08\x0a\x01a\x12\x03one";
    let (code, answer) = ask(&server.0, "POST", &format!("{CORE}/configmaps"), &[media], body);
    assert_eq!((code, &answer["data"]), (201, &json!({"a": "one"})), "{answer}");
    let (code, answer) = ask(&server.0, "POST", &format!("{CORE}/configmaps"), &[media], b"garbage");
    let text = "the object provided is unrecognized (must be of type ConfigMap): provided data does not appear to be a \
                protobuf message, expected prefix [107 56 115 0] (67617262616765)";
    assert_eq!((code, &answer["message"]), (400, &json!(text)));
}

fn guarded() -> Sandbox {
    Sandbox::in_memory(Options { token: Some("secret".into()), ..options() })
}

#[test]
fn only_the_token_opens_a_guarded_server() {
    let server = guarded();
    let path = format!("{CORE}/configmaps");
    assert_eq!(ask(&server, "GET", &path, &[("authorization", "Bearer secret")], b"").0, 200);
    assert_eq!(ask(&server, "GET", &path, &[("authorization", "Bearer wrong")], b"").0, 401);
    let (code, status) = ask(&server, "GET", &path, &[], b"");
    let text = "configmaps is forbidden: User \"system:anonymous\" cannot list resource \"configmaps\" in API group \"\" \
                in the namespace \"default\"";
    assert_eq!((code, &status["message"]), (403, &json!(text)));
    assert_eq!(ask(&server, "GET", "/version", &[], b"").0, 200);
    assert_eq!(ask(&server, "GET", "/api", &[], b"").0, 403);
}

#[test]
fn roles_decide_for_whom_one_acts() {
    let server = guarded();
    let admin = ("authorization", "Bearer secret");
    let json_media = ("content-type", "application/json");
    let rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/default";
    let role = json!({"metadata": {"name": "r"}, "rules": [
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["list"]}
    ]});
    let binding = json!({
        "metadata": {"name": "b"}, "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r"},
        "subjects": [{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "jane"}]
    });
    for (path, object) in [("roles", role), ("rolebindings", binding)] {
        let path = format!("{rbac}/{path}");
        assert_eq!(ask(&server, "POST", &path, &[admin, json_media], object.to_string().as_bytes()).0, 201);
    }
    let jane = ("impersonate-user", "jane");
    assert_eq!(ask(&server, "GET", &format!("{CORE}/configmaps"), &[admin, jane], b"").0, 200);
    assert_eq!(ask(&server, "GET", &format!("{CORE}/secrets"), &[admin, jane], b"").0, 403);
    let asked = json!({"spec": {"resourceAttributes": {"verb": "list", "resource": "configmaps", "namespace": "default"}}});
    let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    let (_, review) = ask(&server, "POST", path, &[admin, jane, json_media], asked.to_string().as_bytes());
    assert_eq!(review["status"]["allowed"], true);
}

#[test]
fn tokens_of_service_accounts_end_with_them() {
    let server = guarded();
    let (admin, media) = (("authorization", "Bearer secret"), ("content-type", "application/json"));
    let accounts = format!("{CORE}/serviceaccounts");
    ask(&server, "POST", &accounts, &[admin, media], br#"{"metadata": {"name": "bot"}}"#);
    let (code, answer) =
        ask(&server, "POST", &format!("{accounts}/bot/token"), &[admin, media], br#"{"spec": {}}"#);
    assert_eq!(code, 201, "{answer}");
    let bearer = format!("Bearer {}", answer["status"]["token"].as_str().unwrap());
    let own = ("authorization", bearer.as_str());
    assert_eq!(ask(&server, "GET", &format!("{CORE}/pods"), &[own], b"").0, 403);
    ask(&server, "DELETE", &format!("{accounts}/bot"), &[admin], b"");
    assert_eq!(ask(&server, "GET", &format!("{CORE}/pods"), &[own], b"").0, 401);
}

#[test]
fn a_dump_brings_back_what_there_was() {
    let server = Server::new();
    let made =
        server.create(&format!("{CORE}/configmaps"), &json!({"metadata": {"name": "c"}, "data": {"a": "1"}}));
    let other = Server::new();
    let objects = server.0.dump();
    assert_eq!(other.0.load(objects.clone(), "default"), Ok(objects.len()));
    assert_eq!(other.get(&format!("{CORE}/configmaps/c"))["metadata"]["uid"], made["metadata"]["uid"]);
    let plain = vec![json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "d"}})];
    assert_eq!(other.0.load(plain, "default"), Ok(1));
    assert_eq!(other.code(&format!("{CORE}/configmaps/d")), 200);
    assert!(other.0.load(vec![json!({"kind": "Nope"})], "default").is_err());
}
