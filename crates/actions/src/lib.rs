//! Requests to plans to outcomes, with events.

mod name;

pub use crate::name::{NameError, check_release_name};
