//! Values: reading values files, gathering what the user gives, and working it into the charts' defaults.

pub(crate) mod coalesce;
mod gather;
mod read;
mod strvals;
mod table;

pub use coalesce::{coalesce, coalesce_tables, merge, merge_tables};
pub use gather::{Sources, gather};
pub use read::{merge_maps, read};
pub use strvals::{parse, parse_json, parse_literal, parse_string, parse_with};
pub use table::{NoTable, path_value, table};
