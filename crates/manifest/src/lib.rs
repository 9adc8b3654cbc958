//! Kubernetes objects as data: identity, splitting, order, hooks, patches, readiness.
//!
//! Objects are `serde_json::Value`s; nothing here talks to a cluster or asks for the time.

mod error;
mod head;
mod hook;
mod kind_order;
mod set;
mod split;
mod time;

pub use crate::error::{Error, ErrorKind};
pub use crate::head::Head;
pub use crate::hook::{HOOK_ANNOTATION, Hook, HookDeletePolicy, HookEvent, HookExecution, HookPhase};
pub use crate::kind_order::KindOrder;
pub use crate::set::{Crd, Document, Manifest, ManifestSet};
pub use crate::split::split;
pub use crate::time::{Civil, Time};
