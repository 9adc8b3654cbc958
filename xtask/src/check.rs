//! `cargo xtask check`: formatting, lints, layout, tests and dependency rules, as CI runs them.

use std::process::Command;

/// Runs every check in turn and stops at the first that fails.
pub(crate) fn run() -> Result<(), String> {
    cargo(&["fmt", "--all", "--", "--check"])?;
    cargo(&["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"])?;
    crate::tidy::run()?;
    cargo(&["test", "--workspace"])
}

fn cargo(arguments: &[&str]) -> Result<(), String> {
    let shown = arguments.join(" ");
    let status = Command::new(env!("CARGO"))
        .args(arguments)
        .status()
        .map_err(|error| format!("run `cargo {shown}`: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`cargo {shown}` failed")) }
}
