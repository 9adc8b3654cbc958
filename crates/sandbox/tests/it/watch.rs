//! Watches.

use crate::server::{CORE, Server};
use bytes::Bytes;
use pintle_sandbox::{SandboxBody, WatchStream};
use serde_json::{Value, json};
use std::time::Duration;

fn watch(server: &Server, query: &str) -> WatchStream {
    let uri = format!("{CORE}/configmaps?watch=true&{query}");
    let response = server.0.handle(http::Request::get(uri).body(Bytes::new()).expect("a well-formed path"));
    match response.into_body() {
        SandboxBody::Stream(stream) => stream,
        SandboxBody::Full(_) => panic!("not a stream"),
    }
}

fn events(stream: &WatchStream) -> Vec<(String, Value)> {
    let mut out = Vec::new();
    while let Some(line) = stream.next_within(Duration::ZERO) {
        let event: Value = serde_json::from_slice(&line).expect("events are JSON");
        out.push((event["type"].as_str().unwrap_or_default().to_owned(), event["object"].clone()));
    }
    out
}

fn kinds(stream: &WatchStream) -> Vec<String> {
    events(stream).into_iter().map(|(kind, _)| kind).collect()
}

#[test]
fn changes_arrive_in_order() {
    let server = Server::new();
    let list = server.get(&format!("{CORE}/configmaps"));
    let version = list["metadata"]["resourceVersion"].as_str().unwrap();
    let stream = watch(&server, &format!("resourceVersion={version}"));
    server.create(&format!("{CORE}/configmaps"), &json!({"metadata": {"name": "a"}}));
    server.merge(&format!("{CORE}/configmaps/a"), &json!({"data": {"x": "y"}}));
    server.merge(&format!("{CORE}/configmaps/a"), &json!({"data": {"x": "y"}}));
    server.send("DELETE", &format!("{CORE}/configmaps/a"), "", "");
    assert_eq!(kinds(&stream), ["ADDED", "MODIFIED", "DELETED"]);
    let late = watch(&server, &format!("resourceVersion={version}"));
    assert_eq!(kinds(&late), ["ADDED", "MODIFIED", "DELETED"]);
}

#[test]
fn leaving_the_selector_is_a_deletion() {
    let server = Server::new();
    let stream = watch(&server, "labelSelector=x%3D1");
    server.create(&format!("{CORE}/configmaps"), &json!({"metadata": {"name": "a", "labels": {"x": "1"}}}));
    server.merge(&format!("{CORE}/configmaps/a"), &json!({"metadata": {"labels": {"x": "2"}}}));
    server.merge(&format!("{CORE}/configmaps/a"), &json!({"metadata": {"labels": {"x": "1"}}}));
    assert_eq!(kinds(&stream), ["ADDED", "DELETED", "ADDED"]);
}

#[test]
fn initial_events_end_with_a_marked_bookmark() {
    let server = Server::new();
    let query = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
    let events = events(&watch(&server, query));
    assert_eq!(events[0].0, "ADDED");
    let (kind, bookmark) = events.last().unwrap();
    assert_eq!(kind, "BOOKMARK");
    assert_eq!(bookmark["metadata"]["annotations"]["k8s.io/initial-events-end"], "true");
}

#[test]
fn a_version_before_the_history_has_expired() {
    let server = Server::new();
    let stream = watch(&server, "resourceVersion=1");
    let events = events(&stream);
    assert_eq!((events[0].0.as_str(), &events[0].1["code"]), ("ERROR", &json!(410)));
    assert!(stream.is_ended());
}
