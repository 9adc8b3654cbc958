//! Validation of objects before they are stored.

mod meta;

pub(crate) use meta::{created, updated};
