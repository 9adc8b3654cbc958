//! What is known about the types of objects: the built-in table, and one view on it and on CRD schemas.

mod node;
mod table;

pub(crate) use node::{Items, Keys, Node, Shape};
pub(crate) use table::{Field, Ty, TypeDef, definition, named};
