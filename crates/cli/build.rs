//! Links the program so that it starts quickly.
//!
//! It stands at a fixed address, as Helm does: 26,000 addresses need not be adjusted at every start, which takes as long
//! as reading a small chart. What unwinds its stack is part of it, so that there is one library less to load, which takes
//! a tenth of a millisecond. What runs lies together (`link-order.txt`, made by `cargo xtask order`), which saves a fifth
//! of a millisecond and four megabytes.

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};

/// The functions that run, by their symbols.
const ORDER: &str = "link-order.txt";

/// Set when the symbols are wanted in the program.
const KEEP_SYMBOLS: &str = "PINTLE_KEEP_SYMBOLS";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={ORDER}");
    println!("cargo:rerun-if-env-changed={KEEP_SYMBOLS}");
    let variable = |name: &str| env::var(name).unwrap_or_default();
    // What is measured and debugged has debug information and its symbols.
    let is_final = variable("PROFILE") == "release" && variable("DEBUG") == "false";
    if variable("CARGO_CFG_TARGET_OS") == "linux" && variable("CARGO_CFG_TARGET_ENV") == "gnu" {
        println!("cargo:rustc-link-arg-bins=-no-pie");
        if is_final && env::var_os(KEEP_SYMBOLS).is_none() {
            // The profile's `strip` would give the functions other symbols than those in the list.
            println!("cargo:rustc-link-arg-bins=-Wl,--strip-all");
        }
        // Found before the shared `gcc_s` that the standard library asks for, which is then not needed.
        println!("cargo:rustc-link-lib=static:-bundle=gcc_eh");
    }
    let order = format!("-Wl,--symbol-ordering-file={}/{ORDER}", variable("CARGO_MANIFEST_DIR"));
    let order = [order, String::from("-Wl,--no-warn-symbol-ordering")];
    if is_final && can_link(&order) {
        for argument in &order {
            println!("cargo:rustc-link-arg-bins={argument}");
        }
    }
}

/// Returns whether the linker takes arguments: that of the GNU project does not know these.
fn can_link(arguments: &[String]) -> bool {
    let (Ok(compiler), Ok(target), Ok(out)) = (env::var("RUSTC"), env::var("TARGET"), env::var("OUT_DIR"))
    else {
        return false;
    };
    let program = Path::new(&out).join("program.rs");
    if std::fs::write(&program, "fn main() {}").is_err() {
        return false;
    }
    let mut command = Command::new(compiler);
    command.arg(&program).arg("-o").arg(program.with_extension("out")).args(["--target", &target]);
    if let Ok(linker) = env::var("RUSTC_LINKER") {
        command.arg(format!("-Clinker={linker}"));
    }
    command.args(arguments.iter().map(|argument| format!("-Clink-arg={argument}")));
    command.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}
