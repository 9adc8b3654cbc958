//! Command-line flags with pflag's grammar: a table per command, parsed into plain values.

mod csv;
mod flag;
mod parse;
mod parsed;
mod suggest;

pub(crate) use flag::{Flag, Kind, array, boolean, slice, string};
pub(crate) use parse::{FlagError, parse};
pub(crate) use parsed::Parsed;
pub(crate) use suggest::{edit_distance, similar_flag};
