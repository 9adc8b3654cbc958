//! What is sent, and what is made of a server's answers.

use std::time::Duration;

use repo::block_on;
use repo::http::{Access, Client, Limit};

use crate::server::{Server, ok, path, status};

fn get_within(timeout: Duration, url: &str, access: &Access) -> Result<Vec<u8>, String> {
    let client = Client::new(timeout, &|_| None);
    block_on(client.get(url, access, Limit::Document, &|_| ())).map_err(|error| error.full_text())
}

fn get(url: &str, access: &Access) -> Result<Vec<u8>, String> {
    get_within(Duration::from_secs(20), url, access)
}

fn of(owner: &str) -> Access {
    Access { username: "u".into(), password: "p".into(), owner: owner.into(), ..Access::default() }
}

const AUTHORIZATION: &str = "authorization: basic";

#[test]
fn credentials_go_to_their_owner_only() {
    let server = Server::start(|_| ok(b"x"));
    let other = Server::start(|_| ok(b"x"));
    assert_eq!(get(&format!("{}/a", server.url), &of(&server.url)), Ok(b"x".to_vec()));
    assert!(server.requests()[0].contains(AUTHORIZATION));
    assert!(server.requests()[0].contains("user-agent: helm/4.3.1"));
    get(&other.url, &of(&server.url)).unwrap();
    assert!(!other.requests()[0].contains(AUTHORIZATION));
    get(&other.url, &Access { passes_credentials: true, ..of(&server.url) }).unwrap();
    assert!(other.requests()[1].contains(AUTHORIZATION));
}

#[test]
fn a_redirect_to_another_host_leaves_the_credentials_behind() {
    let target = Server::start(|_| ok(b"x"));
    let elsewhere = target.url.replace("127.0.0.1", "localhost");
    let server = Server::start(move |head| match path(head) {
        "/near" => status("302 Found", "Location: /there\r\n"),
        "/far" => status("302 Found", &format!("Location: {elsewhere}/x\r\n")),
        _ => ok(b"near"),
    });
    assert_eq!(get(&format!("{}/near", server.url), &of(&server.url)), Ok(b"near".to_vec()));
    assert!(server.requests()[1].contains(AUTHORIZATION));
    assert_eq!(get(&format!("{}/far", server.url), &of(&server.url)), Ok(b"x".to_vec()));
    assert!(!target.requests()[0].contains(AUTHORIZATION));
}

#[test]
fn circles_end_after_ten_redirects() {
    let server = Server::start(|_| status("302 Found", "Location: /again\r\n"));
    let error = get(&server.url, &Access::default()).unwrap_err();
    assert_eq!(error, "Get \"/again\": stopped after 10 redirects");
    assert_eq!(server.requests().len(), 10);
}

#[test]
fn answers_other_than_200_are_named() {
    let server = Server::start(|head| match path(head) {
        "/own" => status("404 Nothing here", ""),
        _ => status("503 Service Unavailable", ""),
    });
    for (place, expected) in [("own", "404 Nothing here"), ("x", "503 Service Unavailable")] {
        let url = format!("{}/{place}", server.url);
        assert_eq!(get(&url, &Access::default()), Err(format!("failed to fetch {url} : {expected}")));
    }
}

#[test]
fn broken_answers_have_gos_words() {
    let server = Server::start(|head| match path(head) {
        "/short" => b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc".to_vec(),
        "/long" => b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nabc".to_vec(),
        _ => Vec::new(),
    });
    let at = |place: &str| get(&format!("{}{place}", server.url), &Access::default()).unwrap_err();
    assert_eq!(at("/short"), "unexpected EOF");
    assert_eq!(at("/long"), "the answer is larger than 64 MiB");
    assert_eq!(at("/nothing"), format!("Get \"{}/nothing\": EOF", server.url));
}

#[test]
fn a_slow_server_is_left_after_the_time_limit() {
    let server = Server::start(|_| {
        std::thread::sleep(Duration::from_secs(5));
        Vec::new()
    });
    let error = get_within(Duration::from_millis(100), &server.url, &Access::default()).unwrap_err();
    let expected = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";
    assert_eq!(error, format!("Get \"{}\": {expected}", server.url));
}

#[test]
fn who_does_not_answer_is_named_with_the_address() {
    let error = get("http://u:secret@127.0.0.1:1/x", &Access::default()).unwrap_err();
    let expected = "dial tcp 127.0.0.1:1: connect: connection refused";
    assert_eq!(error, format!("Get \"http://u:***@127.0.0.1:1/x\": {expected}"));
}
