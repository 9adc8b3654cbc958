//! URLs taken apart and put together as Go's `net/url` does it.

mod address;
mod check;
mod escape;
mod parse;
mod write;

pub use check::{is_request_url, url_host_and_path};
pub(crate) use parse::{Url, parse};
