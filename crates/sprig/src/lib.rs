//! The Sprig template functions.

pub mod crypto;
mod error;

pub use error::Error;
