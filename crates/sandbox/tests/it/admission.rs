//! What a namespace's limits and quotas do to what is created in it, and what is only warned of.

use crate::server::{CORE, Server};
use serde_json::{Value, json};

fn pod(name: &str, resources: &Value) -> String {
    let container = json!({"name": "c", "image": "a:1", "resources": resources});
    let spec = json!({"schedulingGates": [{"name": "example.com/wait"}], "containers": [container]});
    json!({"metadata": {"name": name}, "spec": spec}).to_string()
}

fn refusal(server: &Server, path: &str, body: &str) -> String {
    let (code, answer) = server.send("POST", path, "application/json", body);
    assert_eq!(code, 403, "{answer}");
    answer["message"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_limit_range_fills_in_and_refuses() {
    let server = Server::new();
    let limit = json!({
        "type": "Container", "default": {"cpu": "500m"}, "defaultRequest": {"cpu": "100m"}, "max": {"cpu": "2"},
        "min": {"cpu": "10m"},
    });
    server.create(
        &format!("{CORE}/limitranges"),
        &json!({"metadata": {"name": "l"}, "spec": {"limits": [limit]}}),
    );
    let pods = format!("{CORE}/pods");
    let filled = server.send("POST", &pods, "application/json", &pod("a", &json!({}))).1;
    let container = &filled["spec"]["containers"][0];
    assert_eq!(container["resources"], json!({"limits": {"cpu": "500m"}, "requests": {"cpu": "100m"}}));
    assert_eq!(
        filled["metadata"]["annotations"]["kubernetes.io/limit-ranger"],
        "LimitRanger plugin set: cpu request for container c; cpu limit for container c"
    );
    let resources = json!({"limits": {"cpu": "3"}, "requests": {"cpu": "5m"}});
    assert_eq!(
        refusal(&server, &pods, &pod("b", &resources)),
        "pods \"b\" is forbidden: [minimum cpu usage per Container is 10m, but request is 5m, maximum cpu usage per \
         Container is 2, but limit is 3]"
    );
}

#[test]
fn a_quota_refuses_what_is_beyond_it() {
    let server = Server::new();
    let quota = json!({"metadata": {"name": "q"}, "spec": {"hard": {"pods": "1", "requests.cpu": "1", "secrets": "0"}}});
    server.create(&format!("{CORE}/resourcequotas"), &quota);
    let pods = format!("{CORE}/pods");
    assert_eq!(
        refusal(&server, &pods, &pod("a", &json!({}))),
        "pods \"a\" is forbidden: failed quota: q: must specify requests.cpu for: c"
    );
    let half = json!({"requests": {"cpu": "500m"}});
    assert_eq!(server.send("POST", &pods, "application/json", &pod("b", &half)).0, 201);
    assert_eq!(
        refusal(&server, &pods, &pod("c", &half)),
        "pods \"c\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1"
    );
    assert_eq!(
        refusal(&server, &format!("{CORE}/secrets"), "{\"metadata\": {\"name\": \"s\"}}"),
        "secrets \"s\" is forbidden: exceeded quota: q, requested: secrets=1, used: secrets=0, limited: secrets=0"
    );
}

#[test]
fn what_is_not_well_done_is_warned_of() {
    let server = Server::new();
    let template = json!({"metadata": {"name": "t"}, "template": {"spec": {
        "nodeSelector": {"beta.kubernetes.io/os": "linux"},
        "imagePullSecrets": [{"name": "a"}, {"name": "a"}],
        "containers": [{
            "name": "c", "image": "a:1", "env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}],
            "ports": [{"containerPort": 80}, {"containerPort": 80}],
        }],
    }}});
    let warnings = server.warnings(&format!("{CORE}/podtemplates"), &template);
    assert_eq!(
        warnings,
        [
            "template.spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use \"kubernetes.io/os\" instead",
            "template.spec.imagePullSecrets[1].name: duplicate name \"a\"",
            "template.spec.containers[0].env[1]: hides previous definition of \"A\", which may be dropped when using apply",
            "template.spec.containers[0].ports[1]: duplicate port definition with template.spec.containers[0].ports[0]",
        ]
    );
}
