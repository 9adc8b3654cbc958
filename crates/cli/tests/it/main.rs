//! The commands from the command line: what goes to standard output and standard error, and the exit code.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod completion;
#[cfg(unix)]
mod crash;
mod create;
mod debug;
mod dependencies;
mod docker_registry;
mod errors;
mod hooks;
mod interop;
mod kubectl;
mod lifecycle;
mod manifests;
mod nginx;
#[cfg(unix)]
mod post_renderer;
#[cfg(unix)]
mod postgres;
#[cfg(unix)]
mod postgres_tls;
mod progress;
mod repositories;
mod sandbox_commands;
mod sandbox_store;
#[cfg(unix)]
mod served;
mod shelf;
mod stories;
#[cfg(unix)]
mod takeover;
mod usage;
