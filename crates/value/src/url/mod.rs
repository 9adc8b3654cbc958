//! URLs taken apart and put together as Go's `net/url` does it.

mod address;
mod check;
mod escape;
mod join;
mod parse;
mod write;

pub use check::{is_request_url, url_host_and_path};
pub use escape::query_escape;
pub use join::{is_same, join, resolve, resolve_reference};
pub use parse::{Url, UserInfo, parse};
