//! The sandbox against its limits: many objects, many watches, the start, and a whole installation beside the time that
//! Helm needs to print its version.

use std::path::Path;
use std::process::Command;

use super::{Case, Options, medians, one};

/// What `examples/measure.rs` prints, and the most that may be.
const LIMITS: [(&str, f64, &str); 5] = [
    ("start", 5.0, "ms"),
    ("list", 50.0, "ms"),
    ("get", 0.1, "ms"),
    ("watches", 100.0, "ms"),
    ("store", 20.0, "MB"),
];

/// Measures and prints; an error if a limit is passed.
pub(super) fn run(options: &Options, scratch: &Path) -> Result<(), String> {
    let mut passed = Vec::new();
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--release", "-p", "pintle-sandbox", "--example", "measure", "--"])
        .arg(scratch)
        .arg("many")
        .current_dir(crate::tidy::workspace_root())
        .output()
        .map_err(|error| format!("run the measuring example: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        return Err(format!("the measuring example: {}", String::from_utf8_lossy(&output.stderr)));
    }
    println!("\n{:<44} {:>10} {:>10}", "sandbox", "figure", "limit");
    for (name, limit, unit) in LIMITS {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        let figure = line.and_then(|line| line.split(' ').next()?.parse::<f64>().ok());
        let figure = figure.ok_or_else(|| format!("the measuring example does not tell {name}"))?;
        println!("{name:<44} {figure:>7.2} {unit} {limit:>7} {unit}");
        if figure > limit {
            passed.push(format!("{name} takes {figure} {unit}, more than {limit}"));
        }
    }
    passed.extend(installation(options, scratch)?);
    if passed.is_empty() { Ok(()) } else { Err(passed.join("; ")) }
}

// A fresh sandbox for every run: its folder has the number of the run in its name.
fn installation(options: &Options, scratch: &Path) -> Result<Option<String>, String> {
    let examples = crate::tidy::workspace_root().join("examples");
    let (mut helm, mut ours) = (Vec::new(), Vec::new());
    for run in 0..=options.runs {
        let version =
            Case { name: "version".into(), directory: scratch.into(), arguments: vec!["version".into()] };
        let arguments = format!("install demo ml-model-server --wait --sandbox=run-{run}");
        let arguments = arguments.split(' ').map(str::to_owned).collect();
        let install = Case { name: "install".into(), directory: examples.clone(), arguments };
        let figures = [one(&options.helm, &version)?, one(&options.pintle, &install)?];
        if run > 0 {
            helm.push(figures[0]);
            ours.push(figures[1]);
        }
    }
    let (helm, ours) = (medians(&helm).wall_seconds * 1e3, medians(&ours).wall_seconds * 1e3);
    println!("{:<44} {ours:>7.2} ms {helm:>7.2} ms (helm version)", "install --wait of ml-model-server");
    Ok((ours > helm).then(|| format!("an installation takes {ours:.1} ms, Helm's version {helm:.1} ms")))
}
