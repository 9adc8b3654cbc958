//! `cargo xtask tidy`: what the layout promises and no compiler checks.
//!
//! Dependency directions between our crates, edge crates kept out of pure ones, the length of files, a module comment
//! in each, and no catch-all modules.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// What each crate may depend on among ours (ARCHITECTURE.md, "Crates and their directions").
const DIRECTIONS: &[(&str, &[&str])] = &[
    ("value", &[]),
    ("gotmpl", &["value"]),
    ("sprig", &["value", "gotmpl"]),
    ("manifest", &["value"]),
    ("tls", &["value"]),
    ("chart", &["value"]),
    ("render", &["value", "gotmpl", "sprig", "manifest", "chart"]),
    ("repo", &["value", "chart", "tls"]),
    ("cluster", &["value", "manifest", "tls"]),
    ("release", &["value", "manifest", "chart", "cluster", "tls"]),
    ("actions", &["value", "manifest", "chart", "render", "repo", "cluster", "release"]),
    ("sandbox", &["value", "sprig", "manifest", "cluster"]),
    (
        "cli",
        &[
            "value", "gotmpl", "sprig", "manifest", "chart", "render", "repo", "cluster", "release",
            "actions", "sandbox",
        ],
    ),
];

/// Crates that only these of ours may name.
const EDGE_CRATES: &[(&str, &[&str])] = &[
    ("tokio", &["repo", "cluster", "release", "actions", "sandbox", "cli"]),
    ("hyper", &["repo", "cluster", "sandbox"]),
    ("hyper-util", &["repo", "cluster", "sandbox"]),
    ("reqwest", &["repo"]),
    ("kube", &["cluster"]),
    ("redb", &["sandbox"]),
    ("clap", &["cli"]),
];

/// Longest file allowed, in lines, tests apart.
const MAX_LINES: usize = 800;

/// Names that say nothing about what a module holds.
const EMPTY_NAMES: &[&str] = &["util", "utils", "common", "helper", "helpers", "misc", "types_common"];

/// Checks the layout and lists every violation.
pub(crate) fn run() -> Result<(), String> {
    let root = workspace_root();
    let mut problems = Vec::new();
    check_directions(&metadata(&root, &["--no-deps"])?, &mut problems);
    crate::supply::check(&metadata(&root, &["--locked"])?, &mut problems);
    for file in rust_files(&root)? {
        check_file(&root, &file, &mut problems)?;
    }
    if problems.is_empty() {
        println!("tidy: layout holds");
        return Ok(());
    }
    Err(format!("{} problem(s)\n  {}", problems.len(), problems.join("\n  ")))
}

pub(crate) fn workspace_root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

fn metadata(root: &Path, options: &[&str]) -> Result<Value, String> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1"])
        .args(options)
        .current_dir(root)
        .output()
        .map_err(|error| format!("run `cargo metadata`: {error}"))?;
    if !output.status.success() {
        return Err(format!("`cargo metadata` failed: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("read `cargo metadata`: {error}"))
}

fn check_directions(metadata: &Value, problems: &mut Vec<String>) {
    let allowed: BTreeMap<&str, &[&str]> = DIRECTIONS.iter().copied().collect();
    let edges: BTreeMap<&str, &[&str]> = EDGE_CRATES.iter().copied().collect();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let name = package["name"].as_str().unwrap_or_default();
        let Some(name) = name.strip_prefix("pintle-") else { continue };
        let Some(allowed) = allowed.get(name) else {
            problems
                .push(format!("crate `{name}` has no row in the table of directions (xtask/src/tidy.rs)"));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            if dependency["kind"].as_str() == Some("dev") {
                continue;
            }
            let dependency = dependency["name"].as_str().unwrap_or_default();
            match dependency.strip_prefix("pintle-") {
                Some(ours) if !allowed.contains(&ours) => {
                    problems.push(format!("`{name}` must not depend on `{ours}`"));
                }
                None if edges.get(dependency).is_some_and(|users| !users.contains(&name)) => {
                    problems.push(format!("`{name}` must not name `{dependency}`"));
                }
                _ => {}
            }
        }
    }
}

fn rust_files(root: &Path) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    let mut folders = vec![root.join("crates"), root.join("xtask/src")];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).map_err(|error| format!("read {}: {error}", folder.display()))?;
        for entry in entries {
            let path = entry.map_err(|error| format!("read {}: {error}", folder.display()))?.path();
            if path.is_dir() && path.file_name().is_none_or(|name| name != "target") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

fn check_file(root: &Path, path: &Path, problems: &mut Vec<String>) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(|error| format!("read {}: {error}", path.display()))?;
    let shown = path.strip_prefix(root).unwrap_or(path).display().to_string();
    if !text.starts_with("//!") {
        problems.push(format!("{shown}: starts with no `//!` line saying what it holds"));
    }
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let folder = path.parent().and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or_default();
    if EMPTY_NAMES.contains(&stem) || EMPTY_NAMES.contains(&folder) {
        problems.push(format!("{shown}: the name says nothing about its content"));
    }
    let is_test = shown.contains("/tests/") || stem == "tests";
    let code = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = code.lines().count();
    if !is_test && lines > MAX_LINES && !shown.contains("table") {
        problems.push(format!("{shown}: {lines} lines, {MAX_LINES} at most"));
    }
    Ok(())
}
