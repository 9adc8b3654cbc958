//! What an operation works with.

use cluster::{Cancel, Client};
use release::Storage;

use crate::event::Reporter;

/// The cluster, the records, the listener and the flag of one operation, borrowed.
#[derive(Clone, Copy)]
pub struct Connections<'a> {
    /// The cluster.
    pub cluster: &'a Client,
    /// The records, in the namespace of the release.
    pub releases: &'a Storage,
    /// Namespace of the release and of objects that name none.
    pub namespace: &'a str,
    /// Who is told.
    pub reporter: &'a dyn Reporter,
    /// Raised when the user gives up.
    pub cancel: &'a Cancel,
}
