//! Times opening, a release of twenty objects, and saving: `measure FOLDER`; and what many objects and watches cost:
//! `measure FOLDER many`. `cargo xtask bench` holds the second against its limits.

use bytes::Bytes;
use pintle_sandbox::{Options, Response, Sandbox, SandboxBody};
use serde_json::{Value, json};
use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

fn apply(sandbox: &Sandbox, path: &str, body: &Value) -> Result<(), Box<dyn Error>> {
    let request = http::Request::patch(format!("{path}?fieldManager=helm&force=false"))
        .header("content-type", "application/apply-patch+yaml")
        .body(Bytes::from(body.to_string()))?;
    let response = sandbox.handle(request);
    if !response.status().is_success() {
        return Err(format!("{path}: {}", response.status()).into());
    }
    Ok(())
}

fn release(sandbox: &Sandbox, number: usize) -> Result<(), Box<dyn Error>> {
    for index in 0..5 {
        let name = format!("r{number}-{index}");
        let labels = json!({"app": name, "helm.sh/chart": "x-1.0.0", "app.kubernetes.io/managed-by": "Helm"});
        let core = "/api/v1/namespaces/default";
        let meta = json!({"name": name, "labels": labels});
        apply(
            sandbox,
            &format!("{core}/configmaps/{name}"),
            &json!({
                "apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {"a": "1", "b": "x".repeat(500)}
            }),
        )?;
        apply(
            sandbox,
            &format!("{core}/serviceaccounts/{name}"),
            &json!({
                "apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta
            }),
        )?;
        apply(
            sandbox,
            &format!("{core}/services/{name}"),
            &json!({
                "apiVersion": "v1", "kind": "Service", "metadata": meta,
                "spec": {"selector": {"app": name}, "ports": [{"port": 80, "targetPort": "http"}]}
            }),
        )?;
        apply(
            sandbox,
            &format!("/apis/apps/v1/namespaces/default/deployments/{name}"),
            &json!({
                "apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta,
                "spec": {"replicas": 2, "selector": {"matchLabels": {"app": name}}, "template": {
                    "metadata": {"labels": {"app": name}},
                    "spec": {"containers": [{"name": "c", "image": "nginx:1.27", "ports": [
                        {"name": "http", "containerPort": 80}]}]}
                }}
            }),
        )?;
    }
    Ok(())
}

const MAPS: &str = "/api/v1/namespaces/default/configmaps";

fn get(sandbox: &Sandbox, path: &str) -> Result<Response, Box<dyn Error>> {
    Ok(sandbox.handle(http::Request::get(path).body(Bytes::new())?))
}

// The median of several runs, in milliseconds.
fn median(runs: u32, mut run: impl FnMut() -> Result<(), Box<dyn Error>>) -> Result<f64, Box<dyn Error>> {
    let mut times = Vec::new();
    for _ in 0..runs {
        let start = Instant::now();
        run()?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}

/// Prints `NAME FIGURE UNIT` lines: ten thousand ConfigMaps, a thousand watches.
#[expect(clippy::print_stdout, reason = "a tool that prints its figures")]
fn many(file: &Path) -> Result<(), Box<dyn Error>> {
    let start = || {
        drop(Sandbox::in_memory(Options::default()));
        Ok(())
    };
    println!("start {:.3} ms", median(21, start)?);
    let sandbox = Sandbox::open(file, Options::default())?;
    for number in 0..10_000 {
        let body =
            json!({"metadata": {"name": format!("c{number}"), "labels": {"app": "x"}}, "data": {"a": "1"}});
        let request = http::Request::post(MAPS).header("content-type", "application/json");
        let response = sandbox.handle(request.body(Bytes::from(body.to_string()))?);
        if response.status() != 201 {
            return Err(format!("create c{number}: {}", response.status()).into());
        }
    }
    sandbox.flush()?;
    println!("list {:.2} ms", median(11, || get(&sandbox, MAPS).map(drop))?);
    println!("get {:.4} ms", median(101, || get(&sandbox, &format!("{MAPS}/c5000")).map(drop))?);
    watches(&sandbox)?;
    drop(sandbox);
    println!("store {:.1} MB", std::fs::metadata(file)?.len() as f64 / 1e6);
    Ok(())
}

// A thousand watches and one change: the time until every one of them has it.
#[expect(clippy::print_stdout, reason = "a tool that prints its figures")]
fn watches(sandbox: &Sandbox) -> Result<(), Box<dyn Error>> {
    let list = get(sandbox, &format!("{MAPS}?limit=1"))?.into_body();
    let SandboxBody::Full(Some(list)) = list else { return Err("a list is no stream".into()) };
    let list: Value = serde_json::from_slice(&list)?;
    let version = list["metadata"]["resourceVersion"].as_str().unwrap_or_default();
    let mut open = Vec::new();
    for _ in 0..1000 {
        match get(sandbox, &format!("{MAPS}?watch=true&resourceVersion={version}"))?.into_body() {
            SandboxBody::Stream(stream) => open.push(stream),
            SandboxBody::Full(_) => return Err("a watch is a stream".into()),
        }
    }
    let patch =
        http::Request::patch(format!("{MAPS}/c1")).header("content-type", "application/merge-patch+json");
    let start = Instant::now();
    sandbox.handle(patch.body(Bytes::from_static(br#"{"data": {"a": "2"}}"#))?);
    let served = open.iter().filter(|watch| watch.next_within(Duration::from_secs(1)).is_some()).count();
    println!("watches {:.2} ms for {served}", start.elapsed().as_secs_f64() * 1e3);
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a tool that prints its figures")]
fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "/tmp".into());
    if let Ok(count) = std::env::var("REPEAT") {
        let start = Instant::now();
        let count: u32 = count.parse()?;
        for _ in 0..count {
            release(&Sandbox::in_memory(Options::default()), 0)?;
        }
        println!("new server and release, in memory: {:?}", start.elapsed() / count);
        return Ok(());
    }
    let file = Path::new(&folder).join("measure.redb");
    let _ = std::fs::remove_file(&file);
    if std::env::args().nth(2).as_deref() == Some("many") {
        return many(&file);
    }
    let start = Instant::now();
    let memory = Sandbox::in_memory(Options::default());
    println!("in memory: new {:?}", start.elapsed());
    let start = Instant::now();
    release(&memory, 0)?;
    println!("in memory: first release of 20 objects {:?}", start.elapsed());
    let start = Instant::now();
    release(&memory, 1)?;
    println!("in memory: second release {:?}", start.elapsed());
    let start = Instant::now();
    let sandbox = Sandbox::open(&file, Options::default())?;
    println!("file: create {:?}", start.elapsed());
    let start = Instant::now();
    release(&sandbox, 0)?;
    println!("file: release {:?}", start.elapsed());
    let start = Instant::now();
    drop(sandbox);
    println!("file: close {:?}", start.elapsed());
    let sandbox = Sandbox::open(&file, Options::default())?;
    for number in 1..25 {
        release(&sandbox, number)?;
    }
    drop(sandbox);
    let start = Instant::now();
    let sandbox = Sandbox::open(&file, Options::default())?;
    println!("file of {} bytes: open {:?}", std::fs::metadata(&file)?.len(), start.elapsed());
    let start = Instant::now();
    let list = sandbox.handle(http::Request::get("/api/v1/pods").body(Bytes::new())?);
    println!("list pods: {} in {:?}", list.status(), start.elapsed());
    Ok(())
}
