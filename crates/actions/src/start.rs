//! Choices that several operations share.

use release::Record;

/// Whether the cluster is changed, only asked, or not even asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DryRun {
    /// It is changed.
    #[default]
    No,
    /// It is not even asked.
    Client,
    /// It is asked but not changed.
    Server,
}

impl DryRun {
    /// Returns whether nothing is changed.
    pub fn is_dry(self) -> bool {
        self != DryRun::No
    }

    /// Returns whether the cluster is asked.
    pub fn asks_cluster(self) -> bool {
        self != DryRun::Client
    }
}

/// Who merges objects (`--server-side`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ServerSide {
    /// The server.
    Always,
    /// The client.
    Never,
    /// Whoever did it for the revision it is about.
    #[default]
    Auto,
}

impl ServerSide {
    /// Decides for a revision (`getUpgradeServerSideValue`).
    pub fn decide(self, record: &Record) -> bool {
        match self {
            ServerSide::Always => true,
            ServerSide::Never => false,
            ServerSide::Auto => record.is_server_side(),
        }
    }
}

/// Returns the word records keep.
pub(crate) fn apply_method(server_side: bool) -> String {
    if server_side { "ssa".to_owned() } else { "csa".to_owned() }
}
