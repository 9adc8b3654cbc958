//! Go's `text/template` language: parse, check, execute.

mod error;
mod function;
mod state;

pub use crate::error::{CallError, ExecError};
pub use crate::function::{Body, Function, StatefulBody, pure, variadic};
pub use crate::state::State;
