//! Records in memory, for tests and `HELM_DRIVER=memory`.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::{Error, ErrorKind};
use crate::record::Record;

/// Records by namespace, name and revision.
#[derive(Debug, Default)]
pub struct Memory {
    records: Mutex<BTreeMap<(String, String, i64), Record>>,
}

impl Memory {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<(String, String, i64), Record>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn all(&self, namespace: &str) -> Vec<Record> {
        let records = self.lock();
        records
            .values()
            .filter(|record| namespace.is_empty() || record.namespace == namespace)
            .cloned()
            .collect()
    }

    /// Returns the revisions of a release, those in a state when it is not empty.
    pub(crate) fn query(&self, namespace: &str, name: &str, status: &str) -> Result<Vec<Record>, Error> {
        let mut records = self.all(namespace);
        records.retain(|record| {
            record.name == name && (status.is_empty() || record.info.status.as_str() == status)
        });
        if records.is_empty() { Err(ErrorKind::NotFound.into()) } else { Ok(records) }
    }

    pub(crate) fn get(&self, namespace: &str, name: &str, version: i64) -> Result<Record, Error> {
        let found = self.lock().get(&(namespace.to_owned(), name.to_owned(), version)).cloned();
        found.ok_or_else(|| ErrorKind::NotFound.into())
    }

    pub(crate) fn create(&self, record: &Record, now: i64) -> Result<(), Error> {
        let mut records = self.lock();
        if records.contains_key(&place(record)) {
            return Err(ErrorKind::Exists.into());
        }
        records.insert(place(record), Record { written_at: now, ..record.clone() });
        Ok(())
    }

    pub(crate) fn update(&self, record: &Record, now: i64) -> Result<(), Error> {
        match self.lock().get_mut(&place(record)) {
            Some(stored) => {
                *stored = Record { written_at: now, ..record.clone() };
                Ok(())
            }
            None => Err(ErrorKind::NotFound.into()),
        }
    }

    pub(crate) fn delete(&self, namespace: &str, name: &str, version: i64) -> Result<(), Error> {
        match self.lock().remove(&(namespace.to_owned(), name.to_owned(), version)) {
            Some(_) => Ok(()),
            None => Err(ErrorKind::NotFound.into()),
        }
    }
}

/// A record without a namespace belongs to `default` (`memory.go`).
fn place(record: &Record) -> (String, String, i64) {
    let namespace = if record.namespace.is_empty() { "default" } else { &record.namespace };
    (namespace.to_owned(), record.name.clone(), record.version)
}
