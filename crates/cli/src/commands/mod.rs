//! The commands: a table, the way from a command line to a row of it, and one file per verb.

pub(crate) mod chart_source;
pub(crate) mod dispatch;
mod get;
pub(crate) mod global;
mod help;
mod history;
mod install;
mod lint;
mod list;
mod release_flags;
mod rollback;
mod sandbox;
mod shared_flags;
mod show;
mod status;
pub(crate) mod table;
mod template;
mod test;
mod uninstall;
mod upgrade;
mod version;
