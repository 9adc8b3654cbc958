//! The state of a release.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The state of a revision.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Status {
    /// It cannot be said.
    #[default]
    Unknown,
    /// It is in the cluster.
    Deployed,
    /// It was removed and its history kept.
    Uninstalled,
    /// A later revision took its place.
    Superseded,
    /// It could not be brought to the cluster.
    Failed,
    /// It is being removed, or removing it broke off.
    Uninstalling,
    /// It is being installed.
    PendingInstall,
    /// It is being upgraded to.
    PendingUpgrade,
    /// It is being rolled back to.
    PendingRollback,
    /// Any other word found in a record.
    Other(String),
}

impl Status {
    /// Returns the word in records, labels and tables.
    pub fn as_str(&self) -> &str {
        match self {
            Status::Unknown => "unknown",
            Status::Deployed => "deployed",
            Status::Uninstalled => "uninstalled",
            Status::Superseded => "superseded",
            Status::Failed => "failed",
            Status::Uninstalling => "uninstalling",
            Status::PendingInstall => "pending-install",
            Status::PendingUpgrade => "pending-upgrade",
            Status::PendingRollback => "pending-rollback",
            Status::Other(word) => word,
        }
    }

    /// Returns whether an operation is under way (or broke off).
    pub fn is_pending(&self) -> bool {
        matches!(self, Status::PendingInstall | Status::PendingUpgrade | Status::PendingRollback)
    }

    /// Returns whether it is pending or being removed.
    pub fn is_under_way(&self) -> bool {
        self.is_pending() || *self == Status::Uninstalling
    }
}

impl From<&str> for Status {
    fn from(word: &str) -> Status {
        match word {
            "unknown" => Status::Unknown,
            "deployed" => Status::Deployed,
            "uninstalled" => Status::Uninstalled,
            "superseded" => Status::Superseded,
            "failed" => Status::Failed,
            "uninstalling" => Status::Uninstalling,
            "pending-install" => Status::PendingInstall,
            "pending-upgrade" => Status::PendingUpgrade,
            "pending-rollback" => Status::PendingRollback,
            other => Status::Other(other.to_owned()),
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Status, D::Error> {
        let word = Option::<String>::deserialize(deserializer)?.unwrap_or_default();
        Ok(Status::from(word.as_str()))
    }
}
