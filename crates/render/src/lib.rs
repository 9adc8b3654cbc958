//! Chart, values and capabilities to manifests and notes; Helm's template functions.
//!
//! Pure: what rendering may ask of the world comes in as [`Host`].

mod ahead;
mod capabilities;
mod context;
mod error;
mod files_object;
mod functions;
mod glob;
mod host;
mod kube_version;
pub mod lint;
mod log;
mod post_render;
mod release;
mod render;
mod values_methods;

pub use crate::ahead::Ahead;
pub use crate::capabilities::{Capabilities, DEFAULT_KUBE_VERSION};
pub use crate::error::{Error, ErrorKind};
pub use crate::host::{Host, Lookup, PostRender, ResolveHost};
pub use crate::kube_version::KubeVersion;
pub use crate::release::Release;
pub use crate::render::{Executed, Failure, Rendered, Request, render};
