//! `cargo xtask order`: in which order the program's functions are linked.
//!
//! Code that runs lies together then, so that a start reads and keeps a megabyte of it in place of six. What runs is
//! told by Valgrind, over the command lines of the benchmark and the life of a release on the sandbox. Names of functions
//! depend on the compiler; what has none of the names in the list stays where it is.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::bench::{Case, cases, scratch_folder};

/// Where the list is, from the root.
const LIST: &str = "crates/cli/link-order.txt";

/// Builds the program with its symbols, runs it, and writes the list.
pub(crate) fn run() -> Result<(), String> {
    let root = crate::tidy::workspace_root();
    let scratch = scratch_folder();
    build(&root)?;
    let mut names = Vec::new();
    let mut seen = HashSet::new();
    for case in cases::all(&root.join("../shared"), &scratch)?.iter().chain(&release(&root)) {
        for name in functions(&root.join("target/release/pintle"), case, &scratch)? {
            if seen.insert(name.clone()) {
                names.push(name);
            }
        }
        println!("{:>6} functions up to {}", names.len(), case.name);
    }
    fs::remove_dir_all(&scratch).map_err(|error| format!("remove {}: {error}", scratch.display()))?;
    let path = root.join(LIST);
    fs::write(&path, names.join("\n") + "\n").map_err(|error| format!("write {}: {error}", path.display()))
}

fn build(root: &Path) -> Result<(), String> {
    let status = Command::new(env!("CARGO"))
        .args(["build", "--release", "-p", "pintle-cli"])
        .env("PINTLE_KEEP_SYMBOLS", "1")
        .current_dir(root)
        .status()
        .map_err(|error| format!("start cargo: {error}"))?;
    if status.success() { Ok(()) } else { Err(String::from("the program cannot be built")) }
}

/// Returns the command lines of a release's life.
fn release(root: &Path) -> [Case; 8] {
    let lines = [
        "install r ml-model-server --sandbox=order --wait",
        "list --sandbox=order",
        "status r --sandbox=order",
        "get all r --sandbox=order",
        "upgrade r ml-model-server --sandbox=order --set replicaCount=2 --wait",
        "history r --sandbox=order",
        "rollback r 1 --sandbox=order",
        "uninstall r --sandbox=order",
    ];
    let case = |line: &str| Case {
        name: line.to_owned(),
        directory: root.join("examples"),
        arguments: line.split(' ').map(str::to_owned).collect(),
    };
    lines.map(case)
}

/// Returns the functions that a command line calls.
fn functions(program: &Path, case: &Case, scratch: &Path) -> Result<Vec<String>, String> {
    let profile = scratch.join("functions");
    let status = Command::new("valgrind")
        .args(["--quiet", "--tool=callgrind", "--demangle=no"])
        .arg(format!("--callgrind-out-file={}", profile.display()))
        .arg(program)
        .args(&case.arguments)
        .current_dir(&case.directory)
        .env("PINTLE_SANDBOX_HOME", scratch.join("sandboxes"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|error| format!("start valgrind: {error}"))?;
    if !status.success() {
        return Err(format!("{:?} ended with {status}", case.arguments));
    }
    let text =
        fs::read_to_string(&profile).map_err(|error| format!("read {}: {error}", profile.display()))?;
    Ok(text.lines().filter_map(named).map(str::to_owned).collect())
}

/// Returns the function that a line of a profile names for the first time: `fn=(12) name`, `cfn=(12) name`.
fn named(line: &str) -> Option<&str> {
    let (_, name) = line.strip_prefix("cfn=").or_else(|| line.strip_prefix("fn="))?.split_once(") ")?;
    // Behind an apostrophe is how deep a call is in itself.
    let name = name.split('\'').next()?;
    (!name.starts_with("0x")).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn a_function_is_named_once() {
        assert_eq!(named("fn=(7) _RNvMs_4main3run"), Some("_RNvMs_4main3run"));
        assert_eq!(named("cfn=(8) _RNvMs_4walk'2"), Some("_RNvMs_4walk"));
        for line in ["fn=(7)", "fl=(1) main.rs", "fn=(9) 0x0000000004838000", "calls=1 0"] {
            assert_eq!(named(line), None, "{line}");
        }
    }
}
