//! Records as real Helm sees them, where there is one.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use bytes::Bytes;
use sandbox::{Options, Sandbox, SandboxBody};
use serde_json::Value;

use crate::shelf::Shelf;

fn helm() -> Option<PathBuf> {
    let named = env::var_os("PINTLE_TEST_HELM").map(PathBuf::from);
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/oracle/helm");
    named.into_iter().chain([built]).find(|path| path.is_file())
}

/// The records of a namespace, as they are stored.
fn records(shelf: &Shelf) -> Vec<Value> {
    let sandbox = Sandbox::open(&shelf.path("sandbox/default.redb"), Options::default()).unwrap();
    let request = http::Request::get("/api/v1/namespaces/default/secrets").body(Bytes::new()).unwrap();
    let SandboxBody::Full(body) = sandbox.handle(request).into_body() else { panic!("a list is no stream") };
    let list: Value = serde_json::from_slice(&body.unwrap()).unwrap();
    let secrets = list["items"].as_array().unwrap().iter();
    let stored = secrets.filter(|secret| secret["type"] == "helm.sh/release.v1").map(|secret| {
        let text = value_of_base64(secret["data"]["release"].as_str().unwrap());
        serde_json::to_value(release::decode(&text).unwrap()).unwrap()
    });
    stored.collect()
}

fn value_of_base64(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}

#[test]
fn records_written_here_are_read_by_helm() {
    let Some(helm) = helm() else {
        let _ = std::io::Write::write_all(&mut std::io::stderr(), b"skipped: no helm to compare with\n");
        return;
    };
    let shelf = Shelf::new();
    let chart = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/ml-model-server");
    shelf.ok(&format!("install demo {chart} -f {chart}/values-dev.yaml"));
    shelf.ok(&format!("upgrade demo {chart} -f {chart}/values-prod.yaml"));
    shelf.ok("rollback demo 1");
    shelf.file("records.json", &serde_json::to_string(&records(&shelf)).unwrap());
    for line in [
        "list",
        "history demo",
        "status demo --revision 2 -o json",
        "get manifest demo",
        "get values demo --revision 2",
        "get values demo --all",
        "get notes demo",
        "get hooks demo",
    ] {
        let output = Command::new(&helm)
            .args(line.split(' '))
            .env_clear()
            .envs([("HOME", shelf.path("")), ("HELM_MEMORY_DRIVER_DATA", shelf.path("records.json"))])
            .envs([("TZ", "UTC"), ("HELM_DRIVER", "memory"), ("HELM_NAMESPACE", "default")])
            .output()
            .unwrap();
        let theirs = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        // What is live is not in a record; Helm's stand-in for a cluster answers nothing.
        if !line.starts_with("status") {
            assert_eq!(theirs, shelf.ok(line), "{line}");
        }
    }
}
