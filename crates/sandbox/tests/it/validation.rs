//! What the server finds wrong with objects. A case file is a list of requests, one after the other on one server: a
//! line with method and path, a line with the body, and a line for each cause that the answer must have, in that order
//! (further lines of a message are indented). A request without causes must be accepted.

use crate::server::{Server, options};
use pintle_sandbox::{Options, Sandbox};
use serde_json::Value;
use std::path::Path;

/// Sends the requests of a case file; returns the file as the answers would have it.
fn answers(text: &str) -> String {
    // Nobody binds claims, so that what is wrong with them stays the same.
    let server = Server(Sandbox::in_memory(Options { volumes: false, load_balancers: false, ..options() }));
    let mut out = String::new();
    for case in text.split("\n\n") {
        let mut lines = case.lines();
        let (Some(request), Some(body)) = (lines.next(), lines.next()) else { continue };
        let (method, path) = request.split_once(' ').expect("a request is a method and a path");
        let media = if method == "POST" { "application/json" } else { "application/merge-patch+json" };
        let (code, answer) = server.send(method, path, media, body);
        let separator = if out.is_empty() { "" } else { "\n" };
        out.push_str(&format!("{separator}{request}\n{body}\n"));
        match code {
            200..300 => {}
            422 => causes(&answer, &mut out),
            _ => panic!("{request}: {answer}"),
        }
    }
    out
}

fn causes(answer: &Value, out: &mut String) {
    for cause in answer["details"]["causes"].as_array().into_iter().flatten() {
        let text = |name: &str| cause[name].as_str().unwrap_or_default();
        let message = text("message").trim_end_matches('\n').replace('\n', "\n  ");
        out.push_str(&format!("- {}: {message}\n", text("field")));
    }
}

#[test]
fn causes_read_as_kubernetes_words_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/validation");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let answers = answers(&text);
        for (answer, case) in answers.split("\n\n").zip(text.split("\n\n")) {
            assert_eq!(answer, case, "{}", path.display());
        }
        count += 1;
    }
    assert!(count > 5);
}
