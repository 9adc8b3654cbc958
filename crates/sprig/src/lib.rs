//! The Sprig template functions.

pub mod crypto;
pub mod dates;
mod error;
pub mod regex;

pub use error::Error;
