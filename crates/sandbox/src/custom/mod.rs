//! Custom resources: the rules for their definitions, and objects checked against them.

mod chosen;
mod definition;
mod definition_names;
mod embedded;
mod findings;
mod formats;
mod instance;
mod list_types;
mod lists;
mod naming;
mod object;
mod pruning;
mod schema;
mod structural;
mod version;
mod walk;

pub(crate) use definition::{changed as definition_changed, created as definition_created};
pub(crate) use instance::Patterns;
pub(crate) use naming::{Naming, names_of};
pub(crate) use object::{causes_of_changed, causes_of_new, finalizer_warnings};
pub(crate) use pruning::{prune_object, set_defaults};
pub(crate) use schema::warnings as definition_warnings;
