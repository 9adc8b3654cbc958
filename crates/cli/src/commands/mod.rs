//! The commands: a table, the way from a command line to a row of it, and one file per verb.

mod chart_source;
pub(crate) mod dispatch;
pub(crate) mod global;
mod help;
mod shared_flags;
pub(crate) mod table;
mod template;
mod version;
