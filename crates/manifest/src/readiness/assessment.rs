//! The words of kstatus for the state of an object.

/// The state of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ObjectStatus {
    /// It is on its way.
    InProgress,
    /// It will not arrive.
    Failed,
    /// It is what it should be.
    Current,
    /// It is being deleted.
    Terminating,
    /// It is not there.
    NotFound,
    /// Nothing is known of it.
    Unknown,
}

impl ObjectStatus {
    /// Returns the word in messages.
    pub fn as_str(self) -> &'static str {
        match self {
            ObjectStatus::InProgress => "InProgress",
            ObjectStatus::Failed => "Failed",
            ObjectStatus::Current => "Current",
            ObjectStatus::Terminating => "Terminating",
            ObjectStatus::NotFound => "NotFound",
            ObjectStatus::Unknown => "Unknown",
        }
    }
}

/// A state and the sentence that explains it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    /// The state.
    pub status: ObjectStatus,
    /// Why; empty when nothing is known.
    pub message: String,
}

impl Assessment {
    /// The object is what it should be.
    pub fn current(message: impl Into<String>) -> Assessment {
        Assessment { status: ObjectStatus::Current, message: message.into() }
    }

    /// The object is on its way.
    pub fn in_progress(message: impl Into<String>) -> Assessment {
        Assessment { status: ObjectStatus::InProgress, message: message.into() }
    }

    /// The object will not arrive.
    pub fn failed(message: impl Into<String>) -> Assessment {
        Assessment { status: ObjectStatus::Failed, message: message.into() }
    }

    /// The object is not there.
    pub fn not_found() -> Assessment {
        Assessment { status: ObjectStatus::NotFound, message: "Resource not found".to_owned() }
    }

    /// Nothing is known of the object.
    pub fn unknown() -> Assessment {
        Assessment { status: ObjectStatus::Unknown, message: String::new() }
    }
}
