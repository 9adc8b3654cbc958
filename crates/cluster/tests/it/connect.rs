//! Kubeconfig to answer, and what is said when there is none.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::thread;

use cluster::connect::{Options, transport};
use cluster::{Client, block_on, chain};

/// Answers every request on one connection after the other with `answer(head)`.
fn serve(answer: impl Fn(&str) -> String + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            loop {
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") {
                    if reader.read_line(&mut head).unwrap_or(0) == 0 {
                        break;
                    }
                }
                if head.is_empty() {
                    break;
                }
                let length = head
                    .lines()
                    .find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
                let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
                reader.read_exact(&mut body).unwrap();
                stream.write_all(answer(&head).as_bytes()).unwrap();
            }
        }
    });
    format!("http://{address}")
}

fn response(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn client(options: &Options) -> (Client, String) {
    let (transport, namespace) = transport(options);
    let options = cluster::Options { field_manager: "helm".to_owned(), user_agent: "Helm/4.3.1".to_owned() };
    (Client::new(transport, options), namespace)
}

fn kubeconfig(server: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    let text = format!(
        "clusters:\n- name: c\n  cluster: {{server: \"{server}\"}}\nusers:\n- name: u\n  user: {{token: secret}}\n\
         contexts:\n- name: x\n  context: {{cluster: c, user: u, namespace: ns}}\ncurrent-context: x\n"
    );
    fs::write(&file, text).unwrap();
    (folder, file)
}

#[test]
fn requests_carry_the_token_and_answers_come_back() {
    let server = serve(|head| {
        let lower = head.to_lowercase();
        assert!(lower.contains("authorization: bearer secret"), "{head}");
        assert!(lower.contains("user-agent: helm/4.3.1"), "{head}");
        match head.starts_with("GET /version ") {
            true => response("200 OK", r#"{"gitVersion":"v1.2.3","major":"1","minor":"2"}"#),
            false => response(
                "404 Not Found",
                r#"{"kind":"Status","message":"no","reason":"NotFound","code":404}"#,
            ),
        }
    });
    let (_folder, file) = kubeconfig(&server);
    let (client, namespace) = client(&Options { file: Some(file), ..Options::default() });
    assert_eq!(block_on(client.server_version()).unwrap().git_version, "v1.2.3");
    assert_eq!(namespace, "ns");
    let error = block_on(client.get_json("/nothing")).unwrap_err();
    assert!(error.is_not_found());
}

#[test]
fn a_server_that_is_away_is_told_in_gos_words() {
    let (client, _) =
        client(&Options { server: Some("http://127.0.0.1:1".to_owned()), ..Options::default() });
    let error = block_on(client.server_version()).unwrap_err();
    assert_eq!(
        chain(&error),
        "kubernetes cluster unreachable: Get \"http://127.0.0.1:1/version\": dial tcp 127.0.0.1:1: connect: \
         connection refused"
    );
}

#[test]
fn a_wrong_configuration_makes_the_cluster_unreachable() {
    let (_folder, file) = kubeconfig("http://127.0.0.1:1");
    let options = Options { file: Some(file), context: Some("nope".to_owned()), ..Options::default() };
    let error = block_on(client(&options).0.server_version()).unwrap_err();
    assert_eq!(chain(&error), "kubernetes cluster unreachable: context \"nope\" does not exist");
    let options = Options { file: Some("/nowhere/at/all".into()), ..Options::default() };
    let error = block_on(client(&options).0.server_version()).unwrap_err();
    assert_eq!(
        chain(&error),
        "kubernetes cluster unreachable: stat /nowhere/at/all: no such file or directory"
    );
}
