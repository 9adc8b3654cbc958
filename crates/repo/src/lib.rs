//! Where charts come from: repositories over HTTP, their indexes, registries, downloads, and a chart's dependencies.
//!
//! [`index`], [`search`] and [`lock`] decide and know no network; [`Client`] fetches and keeps what it fetched.

mod at_once;
mod atomic;
pub mod cache;
mod client;
mod config;
pub mod dependencies;
mod error;
mod event;
pub mod http;
pub mod index;
pub mod lock;
mod oci;
mod resolve;
mod run;
pub mod search;

pub use crate::client::{Client, Indexes, Place, Stores, check_protocol, write_file};
pub use crate::config::{Config, Repository};
pub use crate::error::{Error, ErrorKind};
pub use crate::event::{Event, Events};
pub use crate::oci::{Login, Parcel};
pub use crate::run::block_on;
