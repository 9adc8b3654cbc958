//! Tests of the engine through its public interface.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod ahead;
mod corpus;
mod errors;
mod functions;
mod limits;
mod objects;
