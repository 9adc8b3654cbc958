//! Field ownership: sets of field paths, comparing and merging objects by schema, and server-side apply on top.

mod apply;
mod compare;
mod managed;
mod merge;
mod set;
mod typed;

pub(crate) use apply::apply;
pub(crate) use managed::{Managed, Writer, create, update};
pub(crate) use typed::check;
