//! Repositories in everyday use, against a server of this test's own on loopback.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

use crate::shelf::Shelf;

/// Serves the files of a map under their names.
struct Files {
    url: String,
    files: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
}

impl Files {
    fn serve() -> Files {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let files: Arc<Mutex<BTreeMap<String, Vec<u8>>>> = Arc::default();
        let served = files.clone();
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut head = Vec::new();
                let mut byte = [0];
                while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count == 1) {
                    head.push(byte[0]);
                }
                let head = String::from_utf8_lossy(&head).into_owned();
                let path = head.split(' ').nth(1).unwrap_or_default().trim_start_matches('/');
                let found = served.lock().unwrap().get(path).cloned();
                let (line, body) = match found {
                    Some(body) => ("200 OK", body),
                    None => ("404 Not Found", Vec::new()),
                };
                let head =
                    format!("HTTP/1.1 {line}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
                let _ = stream.write_all(&[head.as_bytes(), &body].concat());
            }
        });
        Files { url, files }
    }

    fn put(&self, name: &str, contents: Vec<u8>) {
        self.files.lock().unwrap().insert(name.to_owned(), contents);
    }
}

fn chart(shelf: &Shelf, name: &str, version: &str) {
    shelf.file(
        &format!("{name}/Chart.yaml"),
        &format!("apiVersion: v2\nname: {name}\nversion: {version}\ndescription: serves {name}\n"),
    );
    shelf.file(&format!("{name}/values.yaml"), "replicas: 1\n");
    shelf.file(
        &format!("{name}/templates/map.yaml"),
        &format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{version: \"{{{{ .Chart.Version }}}}\"}}\n"
        ),
    );
}

/// Packs charts into the folder `charts` and makes their index.
pub(crate) fn pack(shelf: &Shelf) {
    for (name, version) in [("web", "1.0.0"), ("web", "1.2.0"), ("web", "2.0.0-rc.1"), ("cache", "0.3.0")] {
        chart(shelf, name, version);
        shelf.ok(&format!("package {name} --destination charts"));
    }
    shelf.ok("repo index charts");
}

/// Packs charts, makes their index and serves both.
fn repository(shelf: &Shelf) -> Files {
    pack(shelf);
    let server = Files::serve();
    for entry in fs::read_dir(shelf.path("charts")).unwrap() {
        let path = entry.unwrap().path();
        server.put(path.file_name().unwrap().to_str().unwrap(), fs::read(&path).unwrap());
    }
    server
}

#[test]
fn the_everyday_way_from_adding_a_repository_to_a_release() {
    let shelf = Shelf::new();
    let server = repository(&shelf);
    use_every_day(&shelf, &server.url, "");
}

/// Adds a repository and uses it up to a release; `access` are further flags for who asks by URL.
pub(crate) fn use_every_day(shelf: &Shelf, url: &str, access: &str) {
    let added = shelf.ok(&format!("repo add shop {url}{access}"));
    assert_eq!(added, "\"shop\" has been added to your repositories\n");
    assert_eq!(
        shelf.ok("repo update"),
        "Hang tight while we grab the latest from your chart repositories...\n\
         ...Successfully got an update from the \"shop\" chart repository\n\
         Update Complete. ⎈Happy Helming!⎈\n"
    );
    assert_eq!(shelf.ok("repo list --no-headers"), format!("shop\t{url}\n"));
    assert_eq!(
        shelf.ok("search repo web"),
        "NAME    \tCHART VERSION\tAPP VERSION\tDESCRIPTION\nshop/web\t1.2.0        \t           \tserves web \n"
    );
    assert_eq!(shelf.ok("show values shop/web"), "replicas: 1\n\n");
    shelf.ok("pull shop/web --version ~1.0 --untar --untardir pulled");
    let pulled = fs::read_to_string(shelf.path("pulled/web/Chart.yaml")).unwrap();
    assert!(pulled.contains("version: 1.0.0"), "{pulled}");
    shelf.ok("install site shop/web --version ^1");
    assert!(shelf.ok("get manifest site").contains("version: \"1.2.0\""));
    let remote = shelf.ok(&format!("template x cache --repo {url}{access}"));
    assert!(remote.contains("version: \"0.3.0\""), "{remote}");
    assert!(shelf.ok("show chart shop/web --devel").contains("version: 2.0.0-rc.1"));
}

#[test]
fn dependencies_are_fetched_and_switched_off_by_conditions_and_tags() {
    let shelf = Shelf::new();
    let server = repository(&shelf);
    shelf.ok(&format!("repo add shop {}", server.url));
    fetch_dependencies(&shelf, &server.url);
}

/// Fetches two dependencies from the repository `shop`, and switches each off.
pub(crate) fn fetch_dependencies(shelf: &Shelf, url: &str) {
    shelf.file(
        "app/Chart.yaml",
        "apiVersion: v2\nname: app\nversion: 0.1.0\ndependencies:\n- name: web\n  version: ^1\n  repository: '@shop'\n  \
         condition: web.enabled\n- name: cache\n  version: '*'\n  repository: '@shop'\n  tags: [store]\n",
    );
    shelf.file("app/values.yaml", "web: {enabled: true}\n");
    assert_eq!(
        shelf.ok("dependency update app"),
        format!(
            "Hang tight while we grab the latest from your chart repositories...\n\
             ...Successfully got an update from the \"shop\" chart repository\n\
             Update Complete. ⎈Happy Helming!⎈\nSaving 2 charts\nDownloading web from repo {url}\n\
             Downloading cache from repo {url}\nDeleting outdated charts\n"
        )
    );
    let all = shelf.ok("template x app");
    assert!(all.contains("name: web") && all.contains("name: cache"), "{all}");
    let without_web = shelf.ok("template x app --set web.enabled=false");
    assert!(!without_web.contains("name: web") && without_web.contains("name: cache"), "{without_web}");
    let without_cache = shelf.ok("template x app --set tags.store=false");
    assert!(without_cache.contains("name: web") && !without_cache.contains("name: cache"), "{without_cache}");
    let lock = fs::read(shelf.path("app/Chart.lock")).unwrap();
    fs::remove_dir_all(shelf.path("app/charts")).unwrap();
    shelf.ok("dependency build app");
    assert!(shelf.path("app/charts/web-1.2.0.tgz").exists());
    assert_eq!(fs::read(shelf.path("app/Chart.lock")).unwrap(), lock);
}

#[test]
fn values_and_schemas_may_be_elsewhere() {
    let shelf = Shelf::new();
    let server = repository(&shelf);
    server.put("values.yaml", b"replicas: many\n".to_vec());
    server.put("number.json", b"{\"type\": \"integer\"}".to_vec());
    let schema =
        format!("{{\"properties\": {{\"replicas\": {{\"$ref\": \"{}/number.json\"}}}}}}", server.url);
    shelf.file("cache/values.schema.json", &schema);
    shelf.ok("template x cache");
    let error = shelf.fails(&format!("template x cache -f {}/values.yaml", server.url));
    assert!(error.contains("at '/replicas': got string, want integer"), "{error}");
    let missing = shelf.fails(&format!("template x cache -f {}/nope.yaml", server.url));
    assert_eq!(missing, format!("Error: failed to fetch {0}/nope.yaml : 404 Not Found\n", server.url));
}

#[test]
fn what_is_not_there_is_named() {
    let shelf = Shelf::new();
    let server = repository(&shelf);
    for (line, expected) in [
        ("repo update", "no repositories found. You must add one before updating"),
        ("search repo x", "no repositories configured"),
        ("pull shop/web", "repo shop not found"),
        ("pull web", "non-absolute URLs should be in form of repo_name/path_to_chart, got: web"),
        ("pull oci://h", "invalid reference: missing registry or repository"),
    ] {
        assert_eq!(shelf.fails(line), format!("Error: {expected}\n"), "{line}");
    }
    shelf.ok(&format!("repo add shop {}", server.url));
    assert_eq!(
        shelf.fails("pull shop/nope"),
        "Error: chart \"nope\" matching  not found in shop index. (try 'helm repo update'): no chart name found\n"
    );
    let index = fs::read(shelf.path(".cache/helm/repository/shop-index.yaml")).unwrap();
    server.put("index.yaml", b"<html>".to_vec());
    assert_eq!(
        shelf.run("repo update").err,
        format!("Error: failed to update the following repositories: [{}]\n", server.url)
    );
    assert_eq!(fs::read(shelf.path(".cache/helm/repository/shop-index.yaml")).unwrap(), index);
}

#[test]
fn commands_at_the_same_time_share_configuration_and_cache() {
    let shelf = Shelf::new();
    let server = repository(&shelf);
    let url = &server.url;
    shelf.ok(&format!("repo add shop {url}"));
    thread::scope(|scope| {
        for number in 0..6 {
            let shelf = &shelf;
            scope.spawn(move || {
                shelf.ok(&format!("repo add other{number} {url}"));
                shelf.ok("repo update");
                let rendered = shelf.ok("template x shop/web");
                assert!(rendered.contains("version: \"1.2.0\""), "{rendered}");
            });
        }
    });
    assert_eq!(shelf.ok("repo list --no-headers").lines().count(), 7);
}
