//! Go's `text/template` language: parse, check, execute.
//!
//! A [`TemplateSet`] holds named templates and the functions they may call; [`TemplateSet::execute`] writes one of
//! them into a buffer. Functions that execute templates themselves (`include`, `tpl`) do so through [`State`].

mod ahead;
mod ast;
mod callees;
mod compare;
mod error;
mod escape;
mod execute;
mod function;
mod index;
mod letters;
mod lex;
mod mixed;
mod node_text;
mod number;
mod parse;
mod set;
mod state;
mod twins;

pub use crate::ahead::{Ahead, Texts};
pub use crate::error::{
    CallError, ExecError, ExecErrorKind, Link, Location, OverlayError, ParseError, ParseProblem, Problem,
};
pub use crate::function::{Body, Function, StatefulBody, pure, variadic};
pub use crate::parse::SHARED_BYTES;
pub use crate::set::{MissingKey, Options, TemplateSet};
pub use crate::state::State;
