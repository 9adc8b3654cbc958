//! The Sprig template functions.

mod functions;
mod strconv;
mod url;

pub mod crypto;

pub use crate::functions::functions;
