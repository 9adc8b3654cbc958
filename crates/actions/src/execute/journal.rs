//! What was done.

use std::collections::BTreeMap;

use cluster::Resource;
use release::Record;

use crate::error::Error;

/// What became of a plan.
#[derive(Debug, Default)]
pub struct Journal {
    /// The revisions as they are now.
    pub records: BTreeMap<i64, Record>,
    /// Objects that an update created, in order, the failing one included.
    pub created: Vec<Resource>,
    /// Objects that were told to go.
    pub deleted: Vec<Resource>,
    /// Objects that an uninstallation left.
    pub kept: Kept,
    /// How many steps were done.
    pub done: usize,
    /// Errors of steps after which the plan went on.
    pub collected: Vec<Error>,
    /// What ended the plan early.
    pub failure: Option<Failure>,
}

/// The end of a plan before its last step.
#[derive(Debug)]
pub struct Failure {
    /// The step, counted from 0.
    pub step: usize,
    /// What went wrong.
    pub error: Error,
    /// Whether the user had given up by then.
    pub is_cancelled: bool,
}

/// Objects that an uninstallation left, by reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// Their manifest says that they stay.
    pub by_policy: Vec<KeptObject>,
    /// Another release owns them.
    pub not_owned: Vec<KeptObject>,
    /// They could not be read; with the reason.
    pub unverifiable: Vec<(KeptObject, String)>,
}

/// An object by kind and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptObject {
    /// Kind.
    pub kind: String,
    /// Name.
    pub name: String,
}
