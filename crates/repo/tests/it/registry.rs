//! Charts in registries: what is asked of one, who is told what, and registries that lie.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use repo::cache::ContentCache;
use repo::http::Access;
use repo::{Client, Event, Indexes, Login, Parcel, Stores, block_on};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::server::{Server, path, status};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "{\"name\":\"c\",\"version\":\"1.0.0\"}";
const ARCHIVE: &str = "an archive";

fn digest(content: &str) -> String {
    let bytes = Sha256::digest(content.as_bytes());
    format!("sha256:{}", bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

fn described(media_type: &str, content: &str) -> String {
    let (digest, size) = (digest(content), content.len());
    format!("{{\"mediaType\":\"{media_type}\",\"digest\":\"{digest}\",\"size\":{size}}}")
}

fn manifest() -> String {
    let config = described("application/vnd.cncf.helm.config.v1+json", CONFIG);
    let layer = described("application/vnd.cncf.helm.chart.content.v1.tar+gzip", ARCHIVE);
    format!("{{\"schemaVersion\":2,\"config\":{config},\"layers\":[{layer}]}}")
}

fn ok(kind: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
    .into_bytes()
}

/// Answers as a registry with one chart.
fn chart(place: &str) -> Vec<u8> {
    let blob = |content: &str| format!("/v2/a/c/blobs/{}", digest(content));
    match place {
        "/v2/" => ok("application/json", "{}"),
        "/v2/a/c/manifests/1.0.0" => ok(MANIFEST, &manifest()),
        "/v2/a/c/tags/list" => {
            ok("application/json", "{\"tags\":[\"0.9.0\",\"1.0.0\",\"1.1.0-rc.1\",\"latest\"]}")
        }
        place if place == blob(CONFIG) => ok("application/octet-stream", CONFIG),
        place if place == blob(ARCHIVE) => ok("application/octet-stream", ARCHIVE),
        _ => status("404 Not Found", ""),
    }
}

struct Home {
    folder: TempDir,
    client: Client,
}

impl Home {
    fn new() -> Home {
        let folder = tempfile::tempdir().unwrap();
        let stores = Stores {
            config: folder.path().join("repositories.yaml"),
            indexes: folder.path().join("indexes"),
            logins: folder.path().join("registry/config.json"),
            content: ContentCache::new(folder.path().join("content")),
        };
        let client = Client::new(stores, Duration::from_secs(5), &|_| None);
        Home { folder, client }
    }

    /// Finds and fetches a chart.
    fn pull(&self, reference: &str, version: &str) -> Result<String, String> {
        let mut access = Access { is_plain: true, ..Access::default() };
        let pulled = block_on(async {
            let mut indexes = Indexes::default();
            let place = self.client.resolve(reference, version, &mut access, &mut indexes, &|_| ()).await?;
            self.client.download(&place, &access, &|_| ()).await
        });
        pulled.map(|archive| String::from_utf8(archive).unwrap()).map_err(|error| error.full_text())
    }
}

fn reference(server: &Server) -> String {
    format!("oci://{}/a/c", server.url.strip_prefix("http://").unwrap())
}

#[test]
fn a_chart_is_fetched_by_tag_and_by_range() {
    let server = Server::start(|head| chart(path(head)));
    let home = Home::new();
    assert_eq!(home.pull(&reference(&server), "1.0.0").as_deref(), Ok(ARCHIVE));
    assert_eq!(home.pull(&format!("{}:1.0.0", reference(&server)), "").as_deref(), Ok(ARCHIVE));
    assert_eq!(home.pull(&reference(&server), "").as_deref(), Ok(ARCHIVE));
    let error = home.pull(&reference(&server), ">2").unwrap_err();
    assert_eq!(error, "could not locate a version matching provided version string >2");
    let asked = server.requests();
    assert_eq!(asked.iter().filter(|head| head.contains("/tags/list")).count(), 2);
    assert!(asked[0].contains("application/vnd.oci.image.manifest.v1+json"), "{}", asked[0]);
}

#[test]
fn a_token_is_fetched_once_with_the_login_that_is_kept() {
    let auth = Server::start(|_| ok("application/json", "{\"token\":\"t\"}"));
    let realm = format!("{}/token", auth.url);
    let server = Server::start(move |head| {
        if head.to_lowercase().contains("authorization: bearer t") {
            return chart(path(head));
        }
        let challenge = format!("Bearer realm=\"{realm}\",service=\"r\",scope=\"repository:a/c:pull\"");
        status("401 Unauthorized", &format!("WWW-Authenticate: {challenge}\r\n"))
    });
    let home = Home::new();
    let login = "{\"auths\":{\"HOST\":{\"auth\":\"dTpw\"}}}";
    fs::create_dir(home.folder.path().join("registry")).unwrap();
    let host = server.url.strip_prefix("http://").unwrap();
    fs::write(home.folder.path().join("registry/config.json"), login.replace("HOST", host)).unwrap();
    assert_eq!(home.pull(&reference(&server), "1.0.0").as_deref(), Ok(ARCHIVE));
    let asked = auth.requests();
    assert_eq!(asked.len(), 1);
    assert!(asked[0].starts_with("get /token?scope=repository%3aa%2fc%3apull&service=r "), "{}", asked[0]);
    assert!(asked[0].contains("authorization: basic dtpw"), "{}", asked[0]);
    // One request was refused, three were let in.
    assert_eq!(server.requests().len(), 4);
}

#[test]
fn logins_do_not_leave_the_registry() {
    let other = Server::start(|_| ok("application/json", "{\"token\":\"t\"}"));
    let elsewhere = other.url.replace("127.0.0.1", "localhost");
    let server = Server::start(move |head| match path(head) {
        "/v2/a/c/manifests/1.0.0" if !head.to_lowercase().contains("authorization") => {
            status("401 Unauthorized", "WWW-Authenticate: Basic realm=x\r\n")
        }
        "/v2/a/c/manifests/1.0.0" => {
            status("307 Temporary Redirect", &format!("Location: {elsewhere}/m\r\n"))
        }
        place => chart(place),
    });
    let home = Home::new();
    let access = Access { is_plain: true, username: "u".into(), password: "p".into(), ..Access::default() };
    let place =
        repo::Place { url: format!("{}:1.0.0", reference(&server)), digest: String::new(), is_listed: false };
    let _ = block_on(home.client.download(&place, &access, &|_| ()));
    assert!(server.requests()[1].contains("authorization: basic"));
    assert_eq!(other.requests().len(), 1);
    assert!(!other.requests()[0].contains("authorization"), "{}", other.requests()[0]);
}

#[test]
fn tokens_are_not_asked_for_on_other_private_addresses() {
    let server = Server::start(|_| {
        status("401 Unauthorized", "WWW-Authenticate: Bearer realm=\"http://10.0.0.1/token\"\r\n")
    });
    let error = Home::new().pull(&reference(&server), "1.0.0").unwrap_err();
    assert!(
        error.ends_with(
            "bearer realm host \"10.0.0.1\" is a loopback, link-local, private, or unspecified address"
        ),
        "{error}"
    );
}

#[test]
fn what_is_busy_is_asked_again() {
    let count = AtomicUsize::new(0);
    let server = Server::start(move |head| match count.fetch_add(1, Ordering::Relaxed) {
        0 => status("503 Service Unavailable", ""),
        _ => chart(path(head)),
    });
    assert_eq!(Home::new().pull(&reference(&server), "1.0.0").as_deref(), Ok(ARCHIVE));
}

#[test]
fn content_that_is_not_what_it_should_be_is_refused() {
    let archive = digest(ARCHIVE);
    for (body, reason) in [
        ("another ar", "failed to perform \"Push\" on destination: mismatched digest"),
        ("a longer archive", "mismatch Content-Length"),
    ] {
        let archive = archive.clone();
        let server = Server::start(move |head| match path(head) {
            place if place.ends_with(&archive) => ok("application/octet-stream", body),
            place => chart(place),
        });
        let error = Home::new().pull(&reference(&server), "1.0.0").unwrap_err();
        assert!(error.contains(reason), "{error}");
    }
    for (manifest, reason) in [
        (
            "{\"layers\":[{\"mediaType\":\"application/tar+gzip\",\"digest\":\"x/../y\",\"size\":1}]}",
            "failed to validate x/../y: invalid checksum digest format",
        ),
        ("{}", "manifest does not contain minimum number of descriptors (2), descriptors found: 1"),
        ("[", "failed to perform \"Successors\" on source: unexpected end of JSON input"),
        (
            "{\"layers\":[{\"mediaType\":\"application/tar+gzip\",\"digest\":\"DIGEST\",\"size\":-1}]}",
            "invalid descriptor size",
        ),
        (
            "{\"layers\":[{\"mediaType\":\"application/tar+gzip\",\"digest\":\"DIGEST\",\"size\":99999999999}]}",
            "is larger than 256 MiB",
        ),
    ] {
        let manifest = manifest.replace("DIGEST", &digest(ARCHIVE));
        let server = Server::start(move |_| ok(MANIFEST, &manifest));
        let error = Home::new().pull(&reference(&server), "1.0.0").unwrap_err();
        assert!(error.contains(reason), "{error}");
    }
}

#[test]
fn pages_of_tags_stay_on_the_registry() {
    let server = Server::start(|head| match path(head) {
        "/v2/a/c/tags/list?last=x" => ok("application/json", "{\"tags\":[\"1.0.0\"]}"),
        "/v2/a/c/tags/list" => {
            let page = String::from_utf8(ok("application/json", "{\"tags\":[\"0.1.0\"]}")).unwrap();
            page.replacen("\r\n", "\r\nLink: </v2/a/c/tags/list?last=x>; rel=\"next\"\r\n", 1).into_bytes()
        }
        place => chart(place),
    });
    assert_eq!(Home::new().pull(&reference(&server), "").as_deref(), Ok(ARCHIVE));
    let server = Server::start(|_| {
        let page = String::from_utf8(ok("application/json", "{\"tags\":[]}")).unwrap();
        page.replacen("\r\n", "\r\nLink: <http://elsewhere/x>; rel=\"next\"\r\n", 1).into_bytes()
    });
    let error = Home::new().pull(&reference(&server), "").unwrap_err();
    assert!(error.contains("not the same origin"), "{error}");
}

#[test]
fn a_chart_is_not_uploaded_to_another_server() {
    let server = Server::start(|head| match head.split(' ').next() {
        Some("POST") => status("202 Accepted", "Location: http://elsewhere:1/upload\r\n"),
        _ => status("404 Not Found", ""),
    });
    let home = Home::new();
    let metadata =
        chart::Metadata { name: "c".into(), version: "1.0.0".into(), ..chart::Metadata::default() };
    let parcel = Parcel { metadata: &metadata, archive: ARCHIVE.into(), signature: None, created: "x" };
    let access = Access { is_plain: true, ..Access::default() };
    let remote = reference(&server);
    let error = block_on(home.client.push(&remote, parcel, &access, &|_| ())).unwrap_err().full_text();
    assert!(error.contains("is on a different host than the registry"), "{error}");
}

#[test]
fn a_login_is_kept_when_the_registry_takes_it() {
    let server = Server::start(|head| match head.to_lowercase().contains("authorization: basic dtpw") {
        true => chart(path(head)),
        false => status("401 Unauthorized", "WWW-Authenticate: Basic realm=x\r\n"),
    });
    let home = Home::new();
    let host = server.url.strip_prefix("http://").unwrap();
    let access = Access { is_plain: true, ..Access::default() };
    let log_in = |login: &Login| block_on(home.client.log_in(host, login, &access, &|_: Event<'_>| ()));
    let error = log_in(&Login::new("u", "wrong")).unwrap_err().full_text();
    assert!(error.contains("response status code 401: Unauthorized") && !error.contains("wrong"), "{error}");
    assert!(home.pull(&reference(&server), "1.0.0").unwrap_err().contains("basic credential not found"));
    log_in(&Login::new("u", "p")).unwrap();
    assert_eq!(home.pull(&reference(&server), "1.0.0").as_deref(), Ok(ARCHIVE));
    home.client.log_out(host).unwrap();
    assert!(Home::new().pull(&reference(&server), "1.0.0").is_err());
}
