//! A repository with an index of 18 MB, served on loopback, and a chart with five dependencies from it.

use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::thread;

use super::Case;

const CHARTS: usize = 300;
const VERSIONS: usize = 50;

/// Writes configuration, cache and chart below `scratch`, starts the server and returns the cases.
pub(super) fn cases(scratch: &Path) -> Result<Vec<Case>, String> {
    let home = scratch.join("repository");
    let index = index();
    let listener =
        TcpListener::bind("127.0.0.1:0").map_err(|error| format!("listen on loopback: {error}"))?;
    let address = listener.local_addr().map_err(|error| format!("find the port: {error}"))?;
    let write = |name: &str, text: &str| {
        let path = home.join(name);
        let made = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, text));
        made.map_err(|error| format!("write {}: {error}", path.display()))
    };
    write("config.yaml", &format!("apiVersion: v1\nrepositories:\n- name: big\n  url: http://{address}\n"))?;
    write("cache/big-index.yaml", &index)?;
    let dependencies: String = (0..5)
        .map(|chart| format!("- name: chart-{chart:03}\n  version: ^4\n  repository: http://{address}\n"))
        .collect();
    write(
        "app/Chart.yaml",
        &format!("apiVersion: v2\nname: app\nversion: 0.1.0\ndependencies:\n{dependencies}"),
    )?;
    serve(listener, Arc::new(index));
    let case = |name: &str, line: &str| {
        let mut arguments: Vec<String> = line.split(' ').map(str::to_owned).collect();
        for (flag, below) in [
            ("--repository-config", "config.yaml"),
            ("--repository-cache", "cache"),
            ("--content-cache", "content"),
        ] {
            arguments.extend([flag.to_owned(), home.join(below).display().to_string()]);
        }
        Case { name: name.to_owned(), directory: home.clone(), arguments }
    };
    Ok(vec![
        case("search repo", "search repo chart-001"),
        case("repo update", "repo update"),
        case("dependency update of five", "dependency update app"),
    ])
}

/// Returns an index as chart servers write it.
fn index() -> String {
    let mut text = String::from("apiVersion: v1\nentries:\n");
    for chart in 0..CHARTS {
        let _ = writeln!(text, "  chart-{chart:03}:");
        for age in 0..VERSIONS {
            entry(&mut text, chart, age);
        }
    }
    text.push_str("generated: \"2026-11-01T10:00:00.000000000Z\"\n");
    text
}

fn entry(text: &mut String, chart: usize, age: usize) {
    let version = format!("{}.{}.{}", 4 - age / 20, 19 - age % 20, age * 7 % 13);
    let name = format!("chart-{chart:03}");
    let words =
        ["highly", "available", "scalable", "database", "queue", "server", "proxy", "metrics", "gateway"];
    let description: Vec<&str> =
        (0..20).map(|word| words[(chart + age + word * word) % words.len()]).collect();
    let digest: String = (0..32).map(|byte| format!("{:02x}", (chart * 31 + age * 7 + byte) % 256)).collect();
    let _ = write!(
        text,
        "  - annotations:\n      artifacthub.io/category: database\n      artifacthub.io/images: |\n        - name: {name}\n          \
         image: registry.example.com/library/{name}:{version}-debian-12-r{age}\n        - name: os-shell\n          \
         image: registry.example.com/library/os-shell:12-debian-12-r{age}\n      licenses: Apache-2.0\n    apiVersion: v2\n    \
         appVersion: {version}\n    created: \"2026-0{}-1{}T10:0{}:17.123456789Z\"\n    dependencies:\n    - name: common\n      \
         repository: oci://registry.example.com/charts\n      tags:\n      - common\n      version: 2.x.x\n    description: {}\n    \
         digest: {digest}\n    home: https://example.com\n    \
         icon: https://example.com/assets/stacks/{name}/img/{name}-stack-220x234.png\n    keywords:\n    - {}\n    - {}\n    \
         maintainers:\n    - name: Example, Inc.\n      url: https://github.com/example/charts\n    name: {name}\n    sources:\n    \
         - https://github.com/example/charts/tree/main/example/{name}\n    urls:\n    - charts/{name}-{version}.tgz\n    \
         version: {version}\n",
        1 + age % 9,
        age % 10,
        age % 6,
        description.join(" "),
        words[chart % words.len()],
        words[chart * 3 % words.len()],
    );
}

/// Answers with the index, or with an archive of the chart whose name and version the path has.
fn serve(listener: TcpListener, index: Arc<String>) {
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let index = index.clone();
            thread::spawn(move || answer(stream, &index));
        }
    });
}

fn answer(mut stream: TcpStream, index: &str) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count == 1) {
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default();
    let body = match path.rsplit('/').next().and_then(|file| file.strip_suffix(".tgz")?.rsplit_once('-')) {
        Some((name, version)) => archive(name, version),
        None => index.as_bytes().to_vec(),
    };
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
}

fn archive(name: &str, version: &str) -> Vec<u8> {
    let text = format!("apiVersion: v2\nname: {name}\nversion: {version}\n");
    let mut header = tar::Header::new_gnu();
    header.set_size(u64::try_from(text.len()).unwrap_or_default());
    header.set_mode(0o644);
    let mut archive =
        tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    let written = archive.append_data(&mut header, format!("{name}/Chart.yaml"), text.as_bytes());
    written.and_then(|()| archive.into_inner()?.finish()).unwrap_or_default()
}
