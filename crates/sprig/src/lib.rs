//! The Sprig template functions.

pub mod crypto;
pub mod dates;
mod error;
mod functions;
pub mod regex;
mod strconv;
mod url;

pub use crate::error::Error;
pub use crate::functions::functions;
