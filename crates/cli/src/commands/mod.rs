//! The commands: a table, the way from a command line to a row of it, and one file per verb.

pub(crate) mod dispatch;
pub(crate) mod global;
pub(crate) mod chart_source;
mod help;
mod shared_flags;
mod get;
mod history;
mod install;
mod list;
mod release_flags;
mod rollback;
mod status;
pub(crate) mod table;
mod template;
mod test;
mod uninstall;
mod upgrade;
mod version;
