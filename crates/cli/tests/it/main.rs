//! The commands from the command line: what goes to standard output and standard error, and the exit code.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod errors;
mod hooks;
mod interop;
mod lifecycle;
mod sandbox_commands;
mod sandbox_store;
mod shelf;
mod stories;
