//! The commands from the command line: what goes to standard output and standard error, and the exit code.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod completion;
mod create;
mod dependencies;
mod errors;
mod hooks;
mod interop;
mod kubectl;
mod lifecycle;
mod nginx;
mod repositories;
mod sandbox_commands;
mod sandbox_store;
mod shelf;
mod stories;
mod usage;
