//! What users see of events while an operation runs.

mod plain;

pub(crate) use plain::{DryRunUninstall, Plain};
