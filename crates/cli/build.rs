//! Links the program so that it starts quickly.
//!
//! It stands at a fixed address, as Helm does: 26,000 addresses need not be adjusted at every start, which takes as long
//! as reading a small chart. What unwinds its stack is part of it, so that there is one library less to load, which takes
//! a tenth of a millisecond.

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let target = |name: &str| env::var(format!("CARGO_CFG_TARGET_{name}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" {
        println!("cargo:rustc-link-arg-bins=-no-pie");
        // Found before the shared `gcc_s` that the standard library asks for, which is then not needed.
        println!("cargo:rustc-link-lib=static:-bundle=gcc_eh");
    }
}
