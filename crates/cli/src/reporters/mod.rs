//! What users see of events while an operation runs.

mod board;
mod events;
mod plain;
mod progress;

pub(crate) use plain::{DryRunUninstall, Plain};
pub(crate) use progress::Progress;
