//! Repositories over HTTP, against a server on loopback.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

extern crate pintle_repo as repo;

mod fetching;
mod registry;
mod server;
mod updating;
