//! URLs taken apart and put together as Go's `net/url` does it.

mod address;
mod escape;
mod parse;
mod write;

pub(crate) use parse::{Url, parse};
