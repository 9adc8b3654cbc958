//! `sandbox status`, `reset`, `dump`, `load` and `serve`.

use crate::shelf::Shelf;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

#[test]
fn a_sandbox_moves_through_a_file() {
    let shelf = Shelf::new();
    shelf
        .file("extra.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: extra\ndata:\n  a: \"1\"\n");
    assert_eq!(shelf.ok("sandbox load extra.yaml"), "1 objects loaded\n");
    assert!(shelf.ok("sandbox status").contains("  ConfigMap: "));
    assert_eq!(shelf.ok("sandbox dump dump.yaml"), "");
    assert_eq!(shelf.ok("sandbox reset"), "sandbox \"default\" reset\n");
    assert!(shelf.ok("sandbox status").contains("STATE: empty"));
    assert!(shelf.ok("sandbox load dump.yaml").ends_with(" objects loaded\n"));
    assert!(shelf.ok("sandbox dump -").contains("name: extra"));
}

#[test]
fn what_cannot_be_loaded_is_named() {
    let shelf = Shelf::new();
    shelf.file("bad.yaml", "apiVersion: v1\nkind: Gadget\n");
    assert_eq!(
        shelf.fails("sandbox load bad.yaml"),
        "Error: no matches for kind \"Gadget\" in version \"v1\"\n"
    );
    assert!(shelf.fails("sandbox load none.yaml").starts_with("Error: read `none.yaml`: "));
}

struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_served_sandbox_asks_for_its_token() {
    let shelf = Shelf::new();
    let child = Command::new(env!("CARGO_BIN_EXE_pintle"))
        .args(["sandbox", "serve", "--plain-http", "--token", "t", "--kubeconfig"])
        .arg(shelf.path("kubeconfig"))
        .env("PINTLE_SANDBOX_HOME", shelf.path("sandbox"))
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _served = Served(child);
    let end = Instant::now() + Duration::from_secs(20);
    let address = loop {
        let text = std::fs::read_to_string(shelf.path("kubeconfig")).unwrap_or_default();
        if let Some((_, rest)) = text.split_once("server: http://") {
            break rest.lines().next().unwrap().to_owned();
        }
        assert!(Instant::now() < end, "no kubeconfig was written");
        std::thread::sleep(Duration::from_millis(10));
    };
    let ask = |authorization: &str| {
        let mut stream = TcpStream::connect(&address).unwrap();
        let request =
            format!("GET /api/v1/namespaces HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{authorization}\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    assert!(ask("Authorization: Bearer t\r\n").starts_with("HTTP/1.1 200"));
    assert!(ask("").starts_with("HTTP/1.1 403"));
    assert!(ask("Authorization: Bearer x\r\n").starts_with("HTTP/1.1 401"));
}
