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

    pub(crate) fn get(&self, namespace: &str, name: &str, version: i64) -> Option<Record> {
        self.lock().get(&(namespace.to_owned(), name.to_owned(), version)).cloned()
    }

    pub(crate) fn create(&self, record: &Record) -> Result<(), Error> {
        let mut records = self.lock();
        if records.contains_key(&place(record)) {
            return Err(ErrorKind::Exists.into());
        }
        records.insert(place(record), record.clone());
        Ok(())
    }

    pub(crate) fn update(&self, record: &Record) -> Result<(), Error> {
        match self.lock().get_mut(&place(record)) {
            Some(stored) => {
                *stored = record.clone();
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
