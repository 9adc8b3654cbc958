//! A Kubernetes cluster: connect, discover, apply, delete, wait, logs.
//!
//! Everything goes through one [`Transport`]: HTTP to a real server, or a server in the same process.

mod alarm;
mod apply;
mod block_on;
mod cancel;
mod client;
pub mod connect;
mod data_object;
mod delete;
mod discovery;
mod error;
mod logs;
mod lookup;
mod migrate;
mod names;
mod object_meta;
mod patch;
mod protobuf;
mod resource;
mod status;
mod traffic;
mod transport;
mod wait;
mod wait_legacy;
mod wait_watcher;
mod watch;

pub use crate::alarm::Alarm;
pub use crate::apply::{CreateMode, FieldValidation};
pub use crate::block_on::block_on;
pub use crate::cancel::Cancel;
pub use crate::client::{Client, Options, ServerVersion};
pub use crate::data_object::{DataObject, ObjectMetadata, Page};
pub use crate::delete::Propagation;
pub use crate::discovery::Discovery;
pub use crate::error::{Error, ErrorKind, chain, joined};
pub use crate::resource::{Mapping, Resource, Resources};
pub use crate::status::ApiStatus;
pub use crate::traffic::{Metered, Traffic};
pub use crate::transport::{Body, BoxFuture, Chunks, Next, Stage, Transport, TransportError};
pub use crate::wait::{Attention, Goal, NO_LIMIT, WaitOptions, WaitStrategy};
pub use crate::watch::Streamed;
