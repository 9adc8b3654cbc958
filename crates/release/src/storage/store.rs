//! The store: records by name and revision, whatever holds them.

use std::sync::Arc;

use cluster::Client;
use http::Method;
use manifest::Time;
use serde_json::Value;

use super::memory::Memory;
use super::objects::{Kind, SYSTEM_LABELS};
use crate::error::{Error, ErrorKind};
use crate::history::History;
use crate::record::Record;

/// Tells the time; passed in from the edge.
pub type Clock = Arc<dyn Fn() -> Time + Send + Sync>;

/// What holds the records.
#[derive(Clone)]
pub enum Driver {
    /// Secrets of a cluster, Helm's default.
    Secrets(Client),
    /// ConfigMaps of a cluster.
    ConfigMaps(Client),
    /// This process.
    Memory(Arc<Memory>),
}

/// The store of one namespace; all namespaces when it is empty, for listing.
#[derive(Clone)]
pub struct Storage {
    driver: Driver,
    namespace: String,
    clock: Clock,
}

/// Returns the key of a revision (`sh.helm.release.v1.name.v1`).
pub fn key(name: &str, version: i64) -> String {
    format!("sh.helm.release.v1.{name}.v{version}")
}

impl Storage {
    /// Makes a store; nothing is read.
    pub fn new(driver: Driver, namespace: impl Into<String>, clock: Clock) -> Storage {
        Storage { driver, namespace: namespace.into(), clock }
    }

    /// Returns the present time of the store's clock.
    pub fn now(&self) -> Time {
        (self.clock)()
    }

    /// Reads all revisions of a release.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when nothing is stored; objects that cannot be decoded are left out, so that the
    /// history may be empty all the same.
    pub async fn history(&self, name: &str) -> Result<History, Error> {
        self.query(name, "").await.map(History::new)
    }

    /// Reads the newest revision.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when nothing is stored, [`ErrorKind::NoRevision`] when nothing can be decoded.
    pub async fn last(&self, name: &str) -> Result<Record, Error> {
        let mut revisions = self.history(name).await?.into_revisions();
        revisions.pop().ok_or_else(|| ErrorKind::NoRevision(name.to_owned()).into())
    }

    /// Reads all revisions labelled `deployed`, oldest first; usually one.
    ///
    /// # Errors
    /// When the storage cannot be read; none is no error.
    pub async fn deployed(&self, name: &str) -> Result<Vec<Record>, Error> {
        match self.query(name, "deployed").await {
            Ok(records) => Ok(History::new(records).into_revisions()),
            Err(error) if error.is_not_found() => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    async fn query(&self, name: &str, status: &str) -> Result<Vec<Record>, Error> {
        let (client, kind) = match self.holder() {
            Holder::Objects(client, kind) => (client, kind),
            Holder::Memory(memory) => return self.query_memory(memory, name, status),
        };
        let mut selector = format!("name={name},owner=helm");
        if !status.is_empty() {
            selector = format!("{selector},status={status}");
        }
        let list = self.select(client, kind, &selector).await.map_err(ErrorKind::Query)?;
        let items = list["items"].as_array().map_or(&[][..], Vec::as_slice);
        if items.is_empty() {
            return Err(ErrorKind::NotFound.into());
        }
        Ok(items.iter().filter_map(|object| kind.record(object).ok()).collect())
    }

    fn query_memory(&self, memory: &Memory, name: &str, status: &str) -> Result<Vec<Record>, Error> {
        let mut records = memory.all(&self.namespace);
        records.retain(|record| {
            record.name == name && (status.is_empty() || record.info.status.as_str() == status)
        });
        if records.is_empty() { Err(ErrorKind::NotFound.into()) } else { Ok(records) }
    }

    async fn select(&self, client: &Client, kind: Kind, selector: &str) -> Result<Value, cluster::Error> {
        let place = (self.namespace.as_str(), kind.plural(), None);
        client.core(Method::GET, place, &[("labelSelector", selector)], None).await
    }

    /// Reads all revisions of all releases, in no order; what cannot be decoded is left out.
    ///
    /// # Errors
    /// When the storage cannot be read.
    pub async fn list(&self) -> Result<Vec<Record>, Error> {
        let (client, kind) = match self.holder() {
            Holder::Objects(client, kind) => (client, kind),
            Holder::Memory(memory) => return Ok(memory.all(&self.namespace)),
        };
        let list = self.select(client, kind, "owner=helm").await.map_err(ErrorKind::List)?;
        let items = list["items"].as_array().map_or(&[][..], Vec::as_slice);
        Ok(items.iter().filter_map(|object| kind.record(object).ok()).collect())
    }

    /// Reads one revision; its labels are the user's only.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none.
    pub async fn get(&self, name: &str, version: i64) -> Result<Record, Error> {
        let key = key(name, version);
        let mut record = match self.holder() {
            Holder::Memory(memory) => {
                let record = memory.get(&self.namespace, name, version);
                record.ok_or_else(|| Error::from(ErrorKind::NotFound))?
            }
            Holder::Objects(client, kind) => {
                let place = (self.namespace.as_str(), kind.plural(), Some(key.as_str()));
                let object = match client.core(Method::GET, place, &[], None).await {
                    Ok(object) => object,
                    Err(error) if error.is_not_found() => return Err(ErrorKind::NotFound.into()),
                    Err(error) => return Err(ErrorKind::Get(key, error).into()),
                };
                kind.record(&object).map_err(|error| ErrorKind::Decode(key, error))?
            }
        };
        record.labels.retain(|label, _| !SYSTEM_LABELS.contains(&label.as_str()));
        Ok(record)
    }

    /// Stores a new revision, after making room for it: with `max_history` above 0 the oldest ones go first.
    ///
    /// # Errors
    /// [`ErrorKind::Exists`] when the revision is there already.
    pub async fn create(&self, record: &Record, max_history: usize) -> Result<(), Error> {
        if max_history > 0 {
            self.prune(&record.name, max_history - 1).await?;
        }
        let (client, kind) = match self.holder() {
            Holder::Objects(client, kind) => (client, kind),
            Holder::Memory(memory) => return memory.create(record),
        };
        let object =
            kind.object(&key(&record.name, record.version), record, ("createdAt", self.seconds()))?;
        let place = (self.namespace.as_str(), kind.plural(), None);
        match client.core(Method::POST, place, &[], Some(&object)).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_already_exists() => Err(ErrorKind::Exists.into()),
            Err(error) => Err(ErrorKind::Create(error).into()),
        }
    }

    async fn prune(&self, name: &str, maximum: usize) -> Result<(), Error> {
        let history = match self.history(name).await {
            Ok(history) => history,
            Err(error) if error.is_not_found() => return Ok(()),
            Err(error) => return Err(error),
        };
        let mut errors = Vec::new();
        for version in history.beyond(maximum) {
            if let Err(error) = self.delete(name, version).await {
                errors.push(error);
            }
        }
        let count = errors.len();
        match errors.into_iter().next() {
            None => Ok(()),
            Some(error) if count == 1 => Err(error),
            Some(source) => Err(ErrorKind::Prune { count, source }.into()),
        }
    }

    /// Stores a changed revision.
    ///
    /// # Errors
    /// When it is not there or the server refuses.
    pub async fn update(&self, record: &Record) -> Result<(), Error> {
        let (client, kind) = match self.holder() {
            Holder::Objects(client, kind) => (client, kind),
            Holder::Memory(memory) => return memory.update(record),
        };
        let key = key(&record.name, record.version);
        let object = kind.object(&key, record, ("modifiedAt", self.seconds()))?;
        let place = (self.namespace.as_str(), kind.plural(), Some(key.as_str()));
        client.core(Method::PUT, place, &[], Some(&object)).await.map_err(ErrorKind::Update)?;
        Ok(())
    }

    /// Deletes a revision, which is read first: one that cannot be decoded stays.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none.
    pub async fn delete(&self, name: &str, version: i64) -> Result<(), Error> {
        let (client, kind) = match self.holder() {
            Holder::Objects(client, kind) => (client, kind),
            Holder::Memory(memory) => return memory.delete(&self.namespace, name, version),
        };
        self.get(name, version).await?;
        let key = key(name, version);
        let place = (self.namespace.as_str(), kind.plural(), Some(key.as_str()));
        client.core(Method::DELETE, place, &[], None).await.map_err(ErrorKind::Delete)?;
        Ok(())
    }

    fn seconds(&self) -> i64 {
        self.now().unix_seconds
    }

    fn holder(&self) -> Holder<'_> {
        match &self.driver {
            Driver::Secrets(client) => Holder::Objects(client, Kind::Secret),
            Driver::ConfigMaps(client) => Holder::Objects(client, Kind::ConfigMap),
            Driver::Memory(memory) => Holder::Memory(memory),
        }
    }
}

enum Holder<'a> {
    Objects(&'a Client, Kind),
    Memory(&'a Memory),
}
