//! What this process has written last, so that it notices when another command has written since.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::status::Status;

/// An object as this process left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Left {
    /// `metadata.resourceVersion`.
    pub(crate) version: String,
    /// The label with the state.
    pub(crate) status: String,
}

impl Left {
    /// Reads both off an object.
    pub(crate) fn of(object: &Value) -> Left {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let metadata = &object["metadata"];
        Left { version: text(&metadata["resourceVersion"]), status: text(&metadata["labels"]["status"]) }
    }
}

/// Objects by name.
#[derive(Debug, Default)]
pub(crate) struct Written {
    objects: Mutex<BTreeMap<String, Left>>,
}

impl Written {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Left>> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes an object as the server has answered it.
    pub(crate) fn note(&self, key: &str, object: &Value) {
        self.lock().insert(key.to_owned(), Left::of(object));
    }

    /// Notes the state of a row, which has no version.
    pub(crate) fn note_row(&self, key: &str, status: &Status) {
        let (version, status) = (String::new(), status.to_string());
        self.lock().insert(key.to_owned(), Left { version, status });
    }

    /// Returns how this process left an object, if it has written it.
    pub(crate) fn left(&self, key: &str) -> Option<Left> {
        self.lock().get(key).cloned()
    }
}
