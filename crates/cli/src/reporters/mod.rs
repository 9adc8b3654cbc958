//! What users see of events while an operation runs.

mod board;
mod debug;
mod events;
mod plain;
mod progress;

pub(crate) use debug::Debug;
pub(crate) use plain::{DryRunUninstall, Plain};
pub(crate) use progress::Progress;
