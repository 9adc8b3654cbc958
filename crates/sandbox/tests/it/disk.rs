//! The file of a sandbox.

use crate::server::{CORE, Server, options};
use pintle_sandbox::Sandbox;
use serde_json::json;
use std::path::PathBuf;

fn file(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("pintle-sandbox-{}", std::process::id()));
    let path = folder.join(name);
    let _ = std::fs::remove_file(&path);
    path
}

#[test]
fn objects_are_there_again_after_closing() {
    let path = file("reopen.redb");
    let server = Server(Sandbox::open(&path, options()).unwrap());
    let made =
        server.create(&format!("{CORE}/configmaps"), &json!({"metadata": {"name": "a"}, "data": {"x": "y"}}));
    drop(server);
    let server = Server(Sandbox::open(&path, options()).unwrap());
    assert_eq!(server.get(&format!("{CORE}/configmaps/a")), made);
    let next = server.create(&format!("{CORE}/configmaps"), &json!({"metadata": {"name": "b"}}));
    let number = |object: &serde_json::Value| -> u64 {
        object["metadata"]["resourceVersion"].as_str().unwrap().parse().unwrap()
    };
    assert!(number(&next) > number(&made));
}

#[test]
fn dependents_are_known_after_opening() {
    let path = file("owners.redb");
    let server = Server(Sandbox::open(&path, options()).unwrap());
    let owner = server.create(&format!("{CORE}/configmaps"), &json!({"metadata": {"name": "a"}}));
    let reference =
        json!([{"apiVersion": "v1", "kind": "ConfigMap", "name": "a", "uid": owner["metadata"]["uid"]}]);
    server.create(
        &format!("{CORE}/secrets"),
        &json!({"metadata": {"name": "s", "ownerReferences": reference}}),
    );
    drop(server);
    let server = Server(Sandbox::open(&path, options()).unwrap());
    server.send("DELETE", &format!("{CORE}/configmaps/a"), "", "");
    assert_eq!(server.code(&format!("{CORE}/secrets/s")), 404);
}

#[test]
fn a_second_opener_is_told_who_holds_the_file() {
    let path = file("locked.redb");
    let _first = Sandbox::open(&path, options()).unwrap();
    let error = Sandbox::open(&path, options()).unwrap_err();
    assert!(error.is_locked());
    assert!(error.to_string().ends_with("is in use by another process"));
}

#[test]
fn a_damaged_file_is_refused_and_left_as_it_is() {
    let path = file("damaged.redb");
    let server = Server(Sandbox::open(&path, options()).unwrap());
    server.create(&format!("{CORE}/configmaps"), &json!({"metadata": {"name": "a"}}));
    drop(server);
    let whole = std::fs::read(&path).unwrap();
    for length in [0, 1000, 20_000, whole.len() - 5000] {
        std::fs::write(&path, &whole[..length]).unwrap();
        let opened = Sandbox::open(&path, options());
        // An empty file is a new one.
        assert_eq!(opened.is_ok(), length == 0, "{length}");
    }
    let mut text = whole.clone();
    text[..100].fill(b'x');
    std::fs::write(&path, &text).unwrap();
    assert!(Sandbox::open(&path, options()).is_err());
    assert!(std::fs::read(&path).unwrap() == text);
}
