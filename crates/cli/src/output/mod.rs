//! What commands print, as text: tables, JSON, YAML, and the forms of a release.

mod chart_title;
mod colours;
mod json;
mod rows;
mod status;
mod table;
mod width;
mod yaml;

pub(crate) use chart_title::{app_version, chart_title};
pub(crate) use colours::Colours;
pub(crate) use json::{go_json, ordered_release};
pub(crate) use rows::RowPrinter;
pub(crate) use status::{Report, computed_values, hooks_text, user_values};
pub(crate) use table::Table;
pub(crate) use yaml::yaml;
