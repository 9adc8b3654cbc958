//! Operations on a served sandbox, Helm's client and ours against the same server: CPU of `install` and `upgrade`, and
//! CPU, wall and bytes of `list` over many releases.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::wire::Wire;
use super::{Case, Figures, Options, medians, one};

const RELEASES: usize = 300;
const REVISIONS: usize = 10;

/// What an operation must not fall below.
const LEAST_CPU: f64 = 5.0;
const LEAST_LIST_WALL: f64 = 10.0;
const LEAST_LIST_BYTES: f64 = 20.0;

/// How long a server may take to start with many records.
const START: Duration = Duration::from_secs(30);

/// A served sandbox and the way to it.
struct Served {
    /// Held as long as it is needed.
    _server: Server,
    kubeconfig: PathBuf,
    wire: Wire,
}

/// A process that ends with this value.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Measures and prints; an error if a ratio is too low.
pub(super) fn run(options: &Options, scratch: &Path) -> Result<(), String> {
    let served = serve(options, scratch)?;
    println!("\n{:<44} {:>7} {:>7} {:>7} {:>10}", "served sandbox", "cpu", "wall", "bytes", "ours ms");
    let mut low = changes(options, &served)?;
    low.extend(lists(options, scratch, &served)?);
    if low.is_empty() { Ok(()) } else { Err(low.join("; ")) }
}

/// `install` and `upgrade` of the example chart, each release once.
fn changes(options: &Options, served: &Served) -> Result<Vec<String>, String> {
    let mut figures: [[Vec<Figures>; 2]; 2] = Default::default();
    for run in 0..=options.runs {
        for (who, program) in [&options.helm, &options.pintle].into_iter().enumerate() {
            for (what, verb) in ["install", "upgrade"].into_iter().enumerate() {
                let line = format!("{verb} r{run}-{who} ml-model-server --namespace changes");
                let line = if verb == "install" { format!("{line} --create-namespace") } else { line };
                let measured = one(program, &served.case(verb, &line))?;
                if run > 0 {
                    figures[what][who].push(measured);
                }
            }
        }
    }
    let mut low = Vec::new();
    for (verb, [helm, ours]) in ["install", "upgrade"].into_iter().zip(&figures) {
        let (helm, ours) = (medians(helm), medians(ours));
        let cpu = helm.cpu_seconds / ours.cpu_seconds;
        let (wall, milliseconds) = (helm.wall_seconds / ours.wall_seconds, ours.wall_seconds * 1e3);
        println!("{verb:<44} {cpu:>7.1} {wall:>7.1} {:>7} {milliseconds:>10.2}", "");
        low.extend((cpu < LEAST_CPU).then(|| format!("{verb} takes 1/{cpu:.1} of Helm's CPU")));
    }
    Ok(low)
}

/// `list`, the first time and from then on.
fn lists(options: &Options, scratch: &Path, served: &Served) -> Result<Vec<String>, String> {
    let case = served.case("list", "list --namespace many");
    let mut runs: [Vec<(Figures, usize)>; 3] = Default::default();
    for run in 0..=options.runs {
        // What an earlier list has read is forgotten for the second of the three.
        let known = scratch.join("cache/releases");
        for (kind, program) in [&options.helm, &options.pintle, &options.pintle].into_iter().enumerate() {
            if kind == 1 && known.exists() {
                fs::remove_dir_all(&known).map_err(|error| format!("remove {}: {error}", known.display()))?;
            }
            served.wire.take_bytes();
            let measured = one(program, &case)?;
            if run > 0 {
                runs[kind].push((measured, served.wire.take_bytes()));
            }
        }
    }
    let [helm, first, again] = runs.map(|runs| {
        let mut bytes: Vec<usize> = runs.iter().map(|(_, bytes)| *bytes).collect();
        bytes.sort_unstable();
        let figures: Vec<Figures> = runs.iter().map(|(figures, _)| *figures).collect();
        (medians(&figures), bytes.get(bytes.len() / 2).copied().unwrap_or_default() as f64)
    });
    let mut low = Vec::new();
    for (name, (ours, bytes)) in [("first list", first), ("list", again)] {
        let name = format!("{name} of {RELEASES} releases, {REVISIONS} revisions");
        let (cpu, wall) = (helm.0.cpu_seconds / ours.cpu_seconds, helm.0.wall_seconds / ours.wall_seconds);
        let (bytes, milliseconds) = (helm.1 / bytes, ours.wall_seconds * 1e3);
        println!("{name:<44} {cpu:>7.1} {wall:>7.1} {bytes:>7.1} {milliseconds:>10.2}");
        low.extend((wall < LEAST_LIST_WALL).then(|| format!("{name} takes 1/{wall:.1} of Helm's time")));
        // Records cannot be read in part: those that are shown are a twelfth of all.
        let is_low = bytes < LEAST_LIST_BYTES && name.starts_with("list");
        low.extend(is_low.then(|| format!("{name} takes 1/{bytes:.1} of Helm's bytes")));
    }
    Ok(low)
}

impl Served {
    fn case(&self, name: &str, line: &str) -> Case {
        let kubeconfig = self.kubeconfig.display();
        let line = format!("{line} --kubeconfig {kubeconfig}");
        Case {
            name: name.to_owned(),
            directory: crate::tidy::workspace_root().join("examples"),
            arguments: line.split(' ').map(str::to_owned).collect(),
        }
    }
}

/// Fills a sandbox with records and serves it.
fn serve(options: &Options, scratch: &Path) -> Result<Served, String> {
    let record = record(options, scratch)?;
    let objects = scratch.join("records.json");
    fs::write(&objects, records(&record)?).map_err(|error| format!("write records: {error}"))?;
    let load = ["sandbox", "load", "--sandbox=served"].map(str::to_owned);
    pintle(options, scratch, &[&load[..], &[objects.display().to_string()]].concat())?;
    let kubeconfig = scratch.join("kubeconfig");
    let child = Command::new(&options.pintle)
        .args(["sandbox", "serve", "--sandbox=served", "--kubeconfig"])
        .arg(&kubeconfig)
        .env("PINTLE_SANDBOX_HOME", scratch.join("sandboxes"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .map_err(|error| format!("start the server: {error}"))?;
    let server = Server(child);
    let (text, address) = started(&kubeconfig)?;
    let wire = Wire::to(&address)?;
    fs::write(&kubeconfig, text.replace(&address, &wire.address))
        .map_err(|error| format!("write the kubeconfig: {error}"))?;
    Ok(Served { _server: server, kubeconfig, wire })
}

/// Waits for a server; returns its kubeconfig and its host and port.
fn started(kubeconfig: &Path) -> Result<(String, String), String> {
    let start = Instant::now();
    while start.elapsed() < START {
        let text = fs::read_to_string(kubeconfig).unwrap_or_default();
        let address = text.lines().find_map(|line| line.trim().strip_prefix("server: https://"));
        if let Some(address) = address.map(str::to_owned)
            && text.contains("token: ")
        {
            return Ok((text, address));
        }
        thread::sleep(Duration::from_millis(10));
    }
    Err("the server does not start".to_owned())
}

/// Returns the record of an installation of the example chart, as JSON with the order of its members: what is compressed
/// after a name and a time is not what another record has.
fn record(options: &Options, scratch: &Path) -> Result<String, String> {
    let chart = crate::tidy::workspace_root().join("examples/ml-model-server");
    let sandbox = "--sandbox=model".to_owned();
    let install = ["install".to_owned(), "model".to_owned(), chart.display().to_string(), sandbox.clone()];
    pintle(options, scratch, &install)?;
    let dump = ["sandbox".to_owned(), "dump".to_owned(), "-".to_owned(), sandbox];
    let text = pintle(options, scratch, &dump)?;
    let stored = text.lines().find_map(|line| line.trim().strip_prefix("release: "));
    let damaged = |error: &dyn std::fmt::Display| format!("read the record: {error}");
    let text = BASE64.decode(stored.ok_or("no record was stored")?).map_err(|error| damaged(&error))?;
    let packed = BASE64.decode(text).map_err(|error| damaged(&error))?;
    let mut json = String::new();
    GzDecoder::new(packed.as_slice()).read_to_string(&mut json).map_err(|error| damaged(&error))?;
    Ok(json)
}

/// Returns a list of Secrets with the revisions of all releases.
fn records(model: &str) -> Result<String, String> {
    let mut items = vec![json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "many"}})];
    for number in 0..RELEASES {
        for version in 1..=REVISIONS {
            items.push(secret(model, number, version)?);
        }
    }
    Ok(json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string())
}

fn secret(model: &str, number: usize, version: usize) -> Result<Value, String> {
    let name = format!("release-{number:03}");
    let status = if version == REVISIONS { "deployed" } else { "superseded" };
    let time = format!("\"last_deployed\":\"2026-11-{version:02}T00:00:00.{number:09}Z");
    let (before, after) = model.split_once("\"last_deployed\":\"").ok_or("the record tells no time")?;
    let after = after.split_once('"').map_or("", |(_, after)| after);
    let record = format!("{before}{time}\"{after}")
        .replacen("\"name\":\"model\"", &format!("\"name\":\"{name}\""), 1)
        .replacen("\"status\":\"deployed\"", &format!("\"status\":\"{status}\""), 1)
        .replace(
            "\"version\":1,\"namespace\":\"default\"",
            &format!("\"version\":{version},\"namespace\":\"many\""),
        );
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let written = encoder.write_all(record.as_bytes());
    let packed = written.and_then(|()| encoder.finish()).map_err(|error| format!("pack: {error}"))?;
    let labels = json!({
        "name": name, "owner": "helm", "status": status, "version": version.to_string(), "modifiedAt": "1764000000",
    });
    Ok(json!({
        "apiVersion": "v1", "kind": "Secret", "type": "helm.sh/release.v1",
        "metadata": {"name": format!("sh.helm.release.v1.{name}.v{version}"), "namespace": "many", "labels": labels},
        "data": {"release": BASE64.encode(BASE64.encode(packed))},
    }))
}

/// Runs our program and returns what it prints.
fn pintle(options: &Options, scratch: &Path, arguments: &[String]) -> Result<String, String> {
    let output = Command::new(&options.pintle)
        .args(arguments)
        .env("PINTLE_SANDBOX_HOME", scratch.join("sandboxes"))
        .output()
        .map_err(|error| format!("run {arguments:?}: {error}"))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(format!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr))),
    }
}
