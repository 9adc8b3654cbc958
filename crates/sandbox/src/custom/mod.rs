//! Custom resources: the rules for their definitions, and objects checked against them.

mod chosen;
mod definition;
mod embedded;
mod findings;
mod formats;
mod instance;
mod lists;
mod naming;
mod object;
mod schema;
mod structural;

pub(crate) use definition::{changed as definition_changed, created as definition_created};
pub(crate) use instance::Patterns;
pub(crate) use naming::{Naming, names_of};
pub(crate) use object::{causes_of_changed, causes_of_new, finalizer_warnings};
pub(crate) use schema::warnings as definition_warnings;
