//! The transport to a real server, against a listener on this machine.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

extern crate pintle_cluster as cluster;

mod bad_servers;
mod connect;
