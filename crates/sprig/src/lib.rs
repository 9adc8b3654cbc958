//! The Sprig template functions.

pub mod crypto;
pub mod dates;
mod error;

pub use error::Error;
