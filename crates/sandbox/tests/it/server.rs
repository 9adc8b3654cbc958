//! A server and short ways to ask it.

use bytes::Bytes;
use pintle_sandbox::{Options, Sandbox, SandboxBody};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// Options with a clock that stands still and numbers that count up.
pub(crate) fn options() -> Options {
    let count = AtomicU64::new(1);
    Options {
        clock: Arc::new(|| SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000)),
        random: Arc::new(move || count.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15)),
        ..Options::default()
    }
}

/// A server with short ways to ask it.
pub(crate) struct Server(pub(crate) Sandbox);

impl Server {
    pub(crate) fn new() -> Server {
        Server(Sandbox::in_memory(options()))
    }

    /// Sends a request; the answer is its code and JSON (or text as a JSON string).
    pub(crate) fn send(&self, method: &str, path: &str, media: &str, body: &str) -> (u16, Value) {
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", media)
            .header("user-agent", "test/1.0")
            .body(Bytes::from(body.to_owned()))
            .expect("the tests send well-formed requests");
        let response = self.0.handle(request);
        let code = response.status().as_u16();
        let SandboxBody::Full(bytes) = response.into_body() else { panic!("{path} answered a stream") };
        let bytes = bytes.unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        (code, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    /// Creates an object; the answer is what is warned of.
    pub(crate) fn warnings(&self, path: &str, object: &Value) -> Vec<String> {
        let request = http::Request::post(path)
            .header("content-type", "application/json")
            .body(Bytes::from(object.to_string()))
            .expect("the tests send well-formed requests");
        let response = self.0.handle(request);
        assert_eq!(response.status(), 201);
        let texts = response.headers().get_all("warning").iter().filter_map(|value| value.to_str().ok());
        let quoted = texts.filter_map(|text| text.strip_prefix("299 - \"")?.strip_suffix('"'));
        quoted.map(|text| text.replace("\\\"", "\"")).collect()
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        self.send("GET", path, "", "").1
    }

    pub(crate) fn code(&self, path: &str) -> u16 {
        self.send("GET", path, "", "").0
    }

    /// Creates an object that must be accepted.
    pub(crate) fn create(&self, path: &str, object: &Value) -> Value {
        let (code, answer) = self.send("POST", path, "application/json", &object.to_string());
        assert_eq!(code, 201, "{answer}");
        answer
    }

    pub(crate) fn merge(&self, path: &str, patch: &Value) -> (u16, Value) {
        self.send("PATCH", path, "application/merge-patch+json", &patch.to_string())
    }

    pub(crate) fn apply(&self, path: &str, manager: &str, object: &Value) -> (u16, Value) {
        let path = format!("{path}?fieldManager={manager}");
        self.send("PATCH", &path, "application/apply-patch+yaml", &object.to_string())
    }
}

/// Where the objects of the default namespace are.
pub(crate) const CORE: &str = "/api/v1/namespaces/default";
/// Where its workloads are.
pub(crate) const APPS: &str = "/apis/apps/v1/namespaces/default";
