//! Stories: operations against the server in the same process.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

// The crate under its own name, as everywhere else in the workspace.
extern crate pintle_actions as actions;

mod crash;
mod damaged;
mod failing_step;
mod guard;
mod large;
mod lifecycle;
mod listing;
mod requests;
mod stage;
