//! Indexes fetched and kept, charts found in them, dependencies brought to `charts/`.

use std::fs;
use std::path::Path;
use std::time::Duration;

use repo::cache::ContentCache;
use repo::dependencies::{self, Request};
use repo::http::Access;
use repo::{Client, Config, Error, Event, Indexes, Repository, Stores, block_on};

use crate::server::{Server, ok, path, status};

const INDEX: &str = "apiVersion: v1\nentries:\n  a:\n  - {name: a, version: 1.0.0, urls: [a-1.0.0.tgz]}\n  \
    - {name: a, version: 2.0.0, urls: [a-2.0.0.tgz]}\n";

fn client(folder: &Path) -> Client {
    let stores = Stores {
        config: folder.join("repositories.yaml"),
        logins: folder.join("logins.json"),
        indexes: folder.join("cache"),
        content: ContentCache::new(folder.join("content")),
    };
    Client::new(stores, Duration::from_secs(20), &|_| None)
}

fn named(name: &str, url: &str) -> Repository {
    Repository { name: name.into(), url: url.into(), ..Repository::default() }
}

fn silent(_: Event<'_>) {}

/// Charts are packed by another crate; here an archive is what the server has.
fn no_pack(_: &chart::Chart) -> Result<(String, Vec<u8>), Error> {
    unreachable!("no dependency lies in a folder")
}

fn archive(name: &str, version: &str) -> Vec<u8> {
    let text = format!("apiVersion: v2\nname: {name}\nversion: {version}\n");
    let files = vec![chart::File::new("Chart.yaml", text.into_bytes())];
    let loaded = chart::from_files(files, &mut Vec::new()).unwrap();
    let now = std::time::SystemTime::UNIX_EPOCH;
    chart::package::archive(&loaded, chart::package::Times::All(now)).unwrap()
}

fn served() -> Server {
    Server::start(|head| match path(head) {
        "/index.yaml" => ok(INDEX.as_bytes()),
        "/a-1.0.0.tgz" => ok(&archive("a", "1.0.0")),
        "/a-2.0.0.tgz" => ok(&archive("a", "2.0.0")),
        _ => status("404 Not Found", ""),
    })
}

#[test]
fn an_index_is_kept_with_the_names_of_its_charts() {
    let folder = tempfile::tempdir().unwrap();
    let server = served();
    let client = client(folder.path());
    block_on(client.update(&named("r", &server.url), &silent)).unwrap();
    let read = |name: &str| fs::read_to_string(folder.path().join("cache").join(name)).unwrap();
    assert_eq!((read("r-index.yaml").as_str(), read("r-charts.txt").as_str()), (INDEX, "a\n"));
}

#[test]
fn what_is_no_index_leaves_the_one_before() {
    let folder = tempfile::tempdir().unwrap();
    let client = client(folder.path());
    let good = served();
    block_on(client.update(&named("r", &good.url), &silent)).unwrap();
    let bad = Server::start(|_| ok(b"<html>"));
    block_on(client.update(&named("r", &bad.url), &silent)).unwrap_err();
    assert_eq!(fs::read_to_string(folder.path().join("cache/r-index.yaml")).unwrap(), INDEX);
}

#[test]
fn a_chart_is_fetched_once_and_kept_by_its_hash() {
    let folder = tempfile::tempdir().unwrap();
    let server = served();
    let client = client(folder.path());
    let mut config = Config::default();
    config.set(named("r", &server.url));
    config.store(&folder.path().join("repositories.yaml")).unwrap();
    block_on(client.update(&named("r", &server.url), &silent)).unwrap();
    let mut access = Access::default();
    let find = |version: &str, access: &mut Access| {
        block_on(client.resolve("r/a", version, access, &mut Indexes::default(), &silent))
    };
    let place = find("^1", &mut access).unwrap();
    assert_eq!(place.url, format!("{}/a-1.0.0.tgz", server.url));
    let path = block_on(client.keep(&place, &access, ("r/a", "^1"), &silent)).unwrap();
    assert!(path.extension().is_some_and(|extension| extension == "chart"));
    let error = find("9", &mut access).unwrap_err().full_text();
    assert_eq!(
        error,
        "chart \"a\" matching 9 not found in r index. (try 'helm repo update'): no chart version found for a-9"
    );
}

#[test]
fn dependencies_are_fetched_locked_and_old_ones_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let server = served();
    let chart = folder.path().join("c");
    fs::create_dir_all(chart.join("charts")).unwrap();
    fs::write(chart.join("charts/a-1.0.0.tgz"), archive("a", "1.0.0")).unwrap();
    let text = format!(
        "apiVersion: v2\nname: c\nversion: 0.1.0\ndependencies:\n- name: a\n  version: '>=1'\n  repository: {}\n",
        server.url
    );
    fs::write(chart.join("Chart.yaml"), text).unwrap();
    let path = chart.to_str().unwrap();
    let access = Access::default();
    let request = Request {
        chart: path,
        skips_refresh: false,
        verifies: false,
        registries: &access,
        now: "2020-01-01T00:00:00Z",
        pack: &no_pack,
    };
    let client = client(folder.path());
    block_on(dependencies::update(&client, request, &silent)).unwrap();
    let names = || {
        let entries = fs::read_dir(chart.join("charts")).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(names(), ["a-2.0.0.tgz"]);
    let lock = fs::read_to_string(chart.join("Chart.lock")).unwrap();
    assert!(
        lock.contains("  version: 2.0.0\n") && lock.contains("generated: \"2020-01-01T00:00:00Z\""),
        "{lock}"
    );
    assert_eq!(fs::read_dir(&chart).unwrap().count(), 3, "nothing temporary is left");
    // The index was fetched once, for update and download.
    assert_eq!(server.requests().iter().filter(|head| head.contains("/index.yaml")).count(), 1);
}

#[test]
fn a_failed_download_leaves_charts_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(|head| match path(head) {
        "/index.yaml" => ok(INDEX.as_bytes()),
        _ => status("404 Not Found", ""),
    });
    let chart = folder.path().join("c");
    fs::create_dir_all(chart.join("charts")).unwrap();
    fs::write(chart.join("charts/a-1.0.0.tgz"), archive("a", "1.0.0")).unwrap();
    let text = format!(
        "apiVersion: v2\nname: c\nversion: 0.1.0\ndependencies:\n- name: a\n  version: '2'\n  repository: {}\n",
        server.url
    );
    fs::write(chart.join("Chart.yaml"), text).unwrap();
    let path = chart.to_str().unwrap();
    let access = Access::default();
    let request = Request {
        chart: path,
        skips_refresh: false,
        verifies: false,
        registries: &access,
        now: "",
        pack: &no_pack,
    };
    let error = block_on(dependencies::update(&client(folder.path()), request, &silent)).unwrap_err();
    let url = format!("{}/a-2.0.0.tgz", server.url);
    assert_eq!(error.full_text(), format!("could not download {url}: failed to fetch {url} : 404 Not Found"));
    let request = Request { verifies: true, ..request };
    let error = block_on(dependencies::update(&client(folder.path()), request, &silent)).unwrap_err();
    let refused = "signatures of charts (--verify) are not available yet";
    assert_eq!(error.full_text(), format!("could not download {url}: {refused}"));
    assert!(chart.join("charts/a-1.0.0.tgz").exists());
    assert!(!chart.join("Chart.lock").exists());
}
