//! Stories: operations against the server in the same process.

// The crate under its own name, as everywhere else in the workspace.
extern crate pintle_actions as actions;

mod failing_step;
mod lifecycle;
mod stage;
