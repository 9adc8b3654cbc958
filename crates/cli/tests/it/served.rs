//! A sandbox that another process serves, and a line to it that can be listened to.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::shelf::Shelf;

/// A served sandbox; it ends with this value.
pub(crate) struct Served {
    child: Child,
    /// Host and port.
    pub(crate) address: String,
    /// The file that leads there.
    pub(crate) kubeconfig: PathBuf,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Served {
    /// Serves over plain HTTP, which can be listened to, but which other clients than Pintle send no token over.
    pub(crate) fn in_the_open(shelf: &Shelf) -> Served {
        Served::start(shelf, &["--plain-http"])
    }

    /// Serves over TLS.
    pub(crate) fn encrypted(shelf: &Shelf) -> Served {
        Served::start(shelf, &[])
    }

    /// Reads a collection of the core group.
    pub(crate) fn list(&self, namespace: &str, plural: &str, selector: &str) -> Value {
        let options = cluster::connect::Options { file: Some(self.kubeconfig.clone()), ..Default::default() };
        let (transport, _) = cluster::connect::transport(&options);
        let options = cluster::Options { field_manager: "test".to_owned(), user_agent: "test".to_owned() };
        let client = cluster::Client::new(transport, options);
        let query = [("labelSelector", selector)];
        let list = client.core(http::Method::GET, (namespace, plural, None), &query, None);
        cluster::block_on(list).unwrap()
    }

    fn start(shelf: &Shelf, flags: &[&str]) -> Served {
        let kubeconfig = shelf.path("kubeconfig");
        let child = Command::new(env!("CARGO_BIN_EXE_pintle"))
            .args(["sandbox", "serve", "--kubeconfig"])
            .arg(&kubeconfig)
            .args(flags)
            .env("PINTLE_SANDBOX_HOME", shelf.path("served"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut served = Served { child, address: String::new(), kubeconfig };
        let end = Instant::now() + Duration::from_secs(30);
        while served.address.is_empty() {
            let text = std::fs::read_to_string(&served.kubeconfig).unwrap_or_default();
            if let Some((_, rest)) = text.split_once("server: ")
                && let Some((_, rest)) = rest.split_once("://")
                && let Some((address, _)) = rest.split_once('\n')
            {
                served.address = address.trim().to_owned();
            }
            assert!(Instant::now() < end, "no kubeconfig was written");
            thread::sleep(Duration::from_millis(10));
        }
        served
    }

    /// Writes a kubeconfig that leads to another address.
    pub(crate) fn kubeconfig_for(&self, address: &str, path: &Path) {
        let text = std::fs::read_to_string(&self.kubeconfig).unwrap();
        std::fs::write(path, text.replace(&self.address, address)).unwrap();
    }
}

/// Somebody between client and server who calls `on_request` with the number of each request, from 0, before it is
/// passed on; when that says no, the line goes dead.
pub(crate) struct Line {
    /// Host and port to talk to.
    pub(crate) address: String,
}

impl Line {
    pub(crate) fn to(server: &str, on_request: impl Fn(usize) -> bool + Send + Sync + 'static) -> Line {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (server, on_request) = (server.to_owned(), Arc::new(on_request));
        let count = Arc::new(AtomicUsize::new(0));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(&server) else { return };
                let (on_request, count) = (Arc::clone(&on_request), Arc::clone(&count));
                let (mut answers, mut back) = (server.try_clone().unwrap(), client.try_clone().unwrap());
                thread::spawn(move || {
                    let _ = std::io::copy(&mut answers, &mut back);
                    let _ = back.shutdown(Shutdown::Both);
                });
                let next = move || on_request(count.fetch_add(1, Ordering::SeqCst));
                thread::spawn(move || pass_requests(client, server, &next));
            }
        });
        Line { address }
    }
}

/// Passes HTTP/1.1 requests on, one after the other.
fn pass_requests(mut client: TcpStream, mut server: TcpStream, next: &dyn Fn() -> bool) {
    let mut buffer = Vec::new();
    loop {
        let head = loop {
            if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            if !read_more(&mut client, &mut buffer) {
                let _ = server.shutdown(Shutdown::Both);
                return;
            }
        };
        let text = String::from_utf8_lossy(&buffer[..head]).to_lowercase();
        assert!(!text.contains("transfer-encoding"), "bodies have a length here");
        let length = text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
        let whole = head + length.unwrap_or(0);
        while buffer.len() < whole && read_more(&mut client, &mut buffer) {}
        if !next() || server.write_all(&buffer[..whole]).is_err() {
            return;
        }
        buffer.drain(..whole);
    }
}

fn read_more(client: &mut TcpStream, buffer: &mut Vec<u8>) -> bool {
    let mut piece = [0; 1 << 16];
    match client.read(&mut piece) {
        Ok(0) | Err(_) => false,
        Ok(count) => {
            buffer.extend_from_slice(&piece[..count]);
            true
        }
    }
}
