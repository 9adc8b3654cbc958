//! Servers that lie, break off or are overloaded: what is said then, and what is asked for again.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use cluster::connect::{Options, transport};
use cluster::{Body, BoxFuture, Client, Metered, Traffic, Transport, TransportError, block_on, chain};
use flate2::Compression;
use flate2::write::GzEncoder;
use http::{Method, Request, Response};
use serde_json::json;

/// A server that answers each connection's first request with bytes, and then closes it; and who talks to it.
struct Scene {
    client: Client,
    traffic: Arc<Traffic>,
    requests: Arc<AtomicUsize>,
    pauses: Arc<Mutex<Vec<Duration>>>,
    server: String,
}

/// Does not wait, but notes for how long it was to.
struct Hurried {
    transport: Arc<dyn Transport>,
    pauses: Arc<Mutex<Vec<Duration>>>,
}

impl Transport for Hurried {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        self.transport.send(request)
    }

    fn server(&self) -> &str {
        self.transport.server()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        self.pauses.lock().unwrap().push(duration);
        Box::pin(std::future::ready(()))
    }
}

/// `answer` is told how many requests there were before.
fn scene(answer: impl Fn(usize) -> Vec<u8> + Send + 'static) -> Scene {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = format!("http://{}", listener.local_addr().unwrap());
    let requests = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&requests);
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut line = String::new();
            while reader.read_line(&mut line).is_ok_and(|length| length > 2) {
                line.clear();
            }
            // The client may be gone.
            let _ = stream.write_all(&answer(count.fetch_add(1, Ordering::SeqCst)));
        }
    });
    let options = Options { server: Some(server.clone()), ..Options::default() };
    let (pauses, traffic) = (Arc::<Mutex<Vec<Duration>>>::default(), Arc::<Traffic>::default());
    let transport = Hurried { transport: transport(&options).0, pauses: Arc::clone(&pauses) };
    let transport = Metered::new(Arc::new(transport), Arc::clone(&traffic));
    let options = cluster::Options { field_manager: "helm".to_owned(), user_agent: "test".to_owned() };
    Scene { client: Client::new(Arc::new(transport), options), traffic, requests, pauses, server }
}

fn answer(status: &str, media: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {media}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn list(scene: &Scene) -> Result<usize, String> {
    let list = block_on(scene.client.data_objects(("ns", "secrets"), &[]));
    list.map(|page| page.items.len()).map_err(|error| chain(&error))
}

const EMPTY: &[u8] = br#"{"kind":"SecretList","items":[]}"#;

#[test]
fn a_closed_connection_is_asked_again_ten_times_by_what_only_reads() {
    let scene = scene(|_| Vec::new());
    let path = format!("{}/api/v1/namespaces/ns/secrets", scene.server);
    assert_eq!(list(&scene), Err(format!("Get \"{path}\": EOF")));
    assert_eq!(scene.requests.load(Ordering::SeqCst), 11);
    assert_eq!(*scene.pauses.lock().unwrap(), [Duration::from_secs(1); 10]);
    let body = json!({});
    let post = scene.client.core(Method::POST, ("ns", "secrets", None), &[], Some(&body));
    assert_eq!(chain(&block_on(post).unwrap_err()), format!("Post \"{path}\": EOF"));
    assert_eq!(scene.requests.load(Ordering::SeqCst), 12);
}

#[test]
fn a_server_that_comes_back_is_heard() {
    let scene = scene(|before| {
        match before {
        0 => Vec::new(),
        1 => b"HTTP/1.1 429 Too Many Requests\r\nretry-after: 7\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            .to_vec(),
        2 => b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 2\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            .to_vec(),
        _ => answer("200 OK", "application/json", EMPTY),
    }
    });
    assert_eq!(list(&scene), Ok(0));
    assert_eq!(*scene.pauses.lock().unwrap(), [1, 7, 2].map(Duration::from_secs));
    assert_eq!((scene.traffic.requests(), scene.traffic.received_bytes()), (4, EMPTY.len()));
}

#[test]
fn what_is_no_list_is_told_apart() {
    let told = |bytes: Vec<u8>| list(&scene(move |_| bytes.clone())).unwrap_err();
    let json = |body: &[u8]| told(answer("200 OK", "application/json", body));
    assert_eq!(
        told(answer("200 OK", "text/html; charset=utf-8", b"<html>")),
        "serializer for text/html doesn't exist"
    );
    assert_eq!(json(b""), "0-length response with status code: 200 and content type: application/json");
    assert_eq!(
        json(br#"{"kind":"SecretList","items":[{"met"#),
        "couldn't get version/kind; json parse error: unexpected end of JSON input"
    );
    assert!(json(br#"{"kind":"Table"}"#).contains("the kind \"Table\""));
    assert_eq!(
        told(answer("200 OK", "application/vnd.kubernetes.protobuf", b"k8s\0\x0a\x7f")),
        "unexpected EOF"
    );
    let status = br#"{"kind":"Status","reason":"Forbidden","message":"not you"}"#;
    assert_eq!(told(answer("403 Forbidden", "application/json", status)), "not you");
    let status = b"k8s\0\x0a\x0c\x0a\x02v1\x12\x06Status\x12\x11\x1a\x07not you\x22\x06Forbid";
    assert_eq!(told(answer("403 Forbidden", "application/vnd.kubernetes.protobuf", status)), "not you");
    assert_eq!(
        told(answer("503 Service Unavailable", "text/html", b"<html>")),
        "the server is currently unable to handle the request (get secrets)"
    );
}

#[test]
fn an_answer_that_breaks_off_is_not_half_believed() {
    let broken = "unexpected error when reading response body. Please retry. Original error: unexpected EOF";
    let mut cut = answer("200 OK", "application/json", EMPTY);
    cut.truncate(cut.len() - 3);
    assert_eq!(list(&scene(move |_| cut.clone())), Err(broken.to_owned()));
    let packed = packed();
    let cut = compressed(&packed[..packed.len() / 2]);
    assert_eq!(list(&scene(move |_| cut.clone())), Err(broken.to_owned()));
}

#[test]
fn compressed_answers_count_as_they_come() {
    let packed = packed();
    let length = packed.len();
    let scene = scene(move |_| compressed(&packed));
    assert_eq!(list(&scene), Ok(500));
    assert_eq!(scene.traffic.received_bytes(), length);
}

fn packed() -> Vec<u8> {
    let items = vec![json!({"metadata": {"name": "x"}}); 500];
    let list = json!({"kind": "SecretList", "items": items}).to_string();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(list.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn compressed(body: &[u8]) -> Vec<u8> {
    let media = "application/json\r\ncontent-encoding: gzip";
    answer("200 OK", media, body)
}
