//! The commands: a table, the way from a command line to a row of it, and one file per verb.

pub(crate) mod chart_source;
mod complete;
mod completion;
mod create;
mod dependency;
pub(crate) mod dispatch;
mod docs;
mod env;
mod get;
pub(crate) mod global;
mod help;
mod history;
mod install;
mod lint;
mod list;
mod package;
mod plugin;
mod pull;
mod push;
mod registry;
mod release_flags;
mod repo;
mod rollback;
mod sandbox;
mod search;
mod shared_flags;
mod show;
mod status;
#[cfg(test)]
mod surface;
pub(crate) mod table;
mod template;
mod test;
mod uninstall;
mod upgrade;
mod verify;
mod version;
