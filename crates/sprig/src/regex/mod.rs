//! Regular expressions with the syntax, the error texts and the rules of Go's regexp, run by the `regex` crate.

mod cache;
mod class;
mod compiled;
mod error;
mod translate;

pub use cache::Cache;
pub use compiled::{Regex, quote_meta};
pub use error::{Error, Fault};
