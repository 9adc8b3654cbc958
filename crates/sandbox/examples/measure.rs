//! Times opening, a release of twenty objects, and saving: `measure FOLDER`.

use bytes::Bytes;
use pintle_sandbox::{Options, Sandbox};
use serde_json::{Value, json};
use std::error::Error;
use std::path::Path;
use std::time::Instant;

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
