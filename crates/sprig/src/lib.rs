//! The Sprig template functions.

pub mod crypto;
pub mod dates;
mod error;
mod functions;
pub mod regex;
mod url;

pub use crate::error::Error;
pub use crate::functions::functions;
pub use crate::url::{is_request_url, url_host_and_path};
