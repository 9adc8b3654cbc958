//! The Sprig template functions.

mod error;
mod functions;
mod strconv;
mod url;

pub mod crypto;
pub mod dates;
pub mod regex;

pub use crate::error::Error;
pub use crate::functions::functions;

pub use error::Error;
