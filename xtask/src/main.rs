//! Development tasks: `cargo xtask tidy` (layout checks), `cargo xtask check` (all that CI checks of the code),
//! `cargo xtask bench` (ratios to real Helm), `cargo xtask order` (the order in which functions are linked).
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a task reports to the terminal")]

mod bench;
mod check;
mod order;
mod supply;
mod tidy;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.first().map(String::as_str) {
        Some("tidy") => tidy::run(),
        Some("check") => check::run(),
        Some("bench") => bench::run(arguments.get(1..).unwrap_or_default()),
        Some("measure") => bench::measure_here(arguments.get(1..).unwrap_or_default()),
        Some("order") => order::run(),
        _ => Err("usage: cargo xtask tidy|check|bench|order".to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}
