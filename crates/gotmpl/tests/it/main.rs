//! Tests of the engine through its public interface.

mod corpus;
mod errors;
mod functions;
mod limits;
mod objects;
