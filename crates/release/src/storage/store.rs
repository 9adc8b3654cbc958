//! The store: records by name and revision, whatever holds them.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cluster::Client;
use manifest::Time;

use super::memory::Memory;
use super::object::{Kind, SYSTEM_LABELS};
use super::objects::Objects;
use super::sql::{Database, Rows};
use super::wanted::Wanted;
use super::written::Written;
use crate::error::{Damaged, Error, ErrorKind};
use crate::history::History;
use crate::holder::{Holder, Presence, Standing};
use crate::record::Record;
use crate::status::Status;

/// Tells the time; passed in from the edge.
pub type Clock = Arc<dyn Fn() -> Time + Send + Sync>;

/// What holds the records.
#[derive(Clone)]
pub enum Driver {
    /// Secrets of a cluster, Helm's default.
    Secrets(Client),
    /// ConfigMaps of a cluster.
    ConfigMaps(Client),
    /// A PostgreSQL database.
    Sql(Arc<Database>),
    /// This process.
    Memory(Arc<Memory>),
}

/// A step on the way to fewer revisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pruning {
    /// There are more than may stay; the deployed one is looked for.
    Begun,
    /// A revision is deleted.
    Deleting(i64),
    /// All were tried.
    Done {
        /// How many were to go.
        count: usize,
        /// How many of them could not be deleted.
        errors: usize,
    },
}

/// The store of one namespace; all namespaces when it is empty, for listing.
#[derive(Clone)]
pub struct Storage {
    driver: Driver,
    namespace: String,
    clock: Clock,
    presence: Option<Presence>,
    splits: bool,
    known: Option<PathBuf>,
    written: Arc<Written>,
}

/// Returns the key of a revision (`sh.helm.release.v1.name.v1`).
pub fn key(name: &str, version: i64) -> String {
    format!("sh.helm.release.v1.{name}.v{version}")
}

impl Storage {
    /// Makes a store; nothing is read. Records too large for one object of a cluster go to several.
    pub fn new(driver: Driver, namespace: impl Into<String>, clock: Clock) -> Storage {
        Storage {
            driver,
            namespace: namespace.into(),
            clock,
            presence: None,
            splits: true,
            known: None,
            written: Arc::default(),
        }
    }

    /// Lets this process show up as the holder of what it changes.
    #[must_use]
    pub fn with_presence(self, presence: Presence) -> Storage {
        Storage { presence: Some(presence), written: Arc::default(), ..self }
    }

    /// Keeps what listings read in a folder that belongs to one cluster, so that the next one reads only what is new.
    #[must_use]
    pub fn with_known(self, folder: &Path) -> Storage {
        let plural = match &self.driver {
            Driver::Secrets(_) => Kind::Secret.plural(),
            Driver::ConfigMaps(_) => Kind::ConfigMap.plural(),
            Driver::Sql(_) | Driver::Memory(_) => return self,
        };
        // No namespace is called so.
        let namespace = if self.namespace.is_empty() { "_all" } else { &self.namespace };
        let file = folder.join(plural).join(format!("{namespace}.json"));
        Storage { known: Some(file), ..self }
    }

    /// Leaves records whole whatever their size, so that the cluster refuses large ones as it does Helm's.
    #[must_use]
    pub fn without_parts(self) -> Storage {
        Storage { splits: false, ..self }
    }

    /// Returns the present time of the store's clock.
    pub fn now(&self) -> Time {
        (self.clock)()
    }

    /// Returns this process as records name it.
    pub fn holder(&self) -> Option<Holder> {
        self.presence.as_ref().map(|presence| presence.holder.clone())
    }

    /// Judges whether somebody works on a release, by its newest revision. What this process does itself does not count.
    pub fn standing(&self, newest: &Record) -> Standing {
        if newest.holder.is_some() && newest.holder == self.holder() {
            return Standing::Settled;
        }
        Standing::of(newest, self.now(), self.presence.as_ref().map(|presence| &presence.probe))
    }

    /// Reads all revisions of a release.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when nothing is stored; objects that cannot be decoded are left out, so that the
    /// history may be empty all the same.
    pub async fn history(&self, name: &str) -> Result<History, Error> {
        let (records, damaged) = self.query(name, "").await?;
        Ok(History::new(records).with_damaged(damaged))
    }

    /// Reads the newest revision.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when nothing is stored, [`ErrorKind::NoRevision`] when nothing can be decoded.
    pub async fn last(&self, name: &str) -> Result<Record, Error> {
        let history = self.history(name).await?;
        let damaged = history.damaged().to_vec();
        let newest = history.into_revisions().pop();
        newest.ok_or_else(|| ErrorKind::NoRevision { name: name.to_owned(), damaged }.into())
    }

    /// Reads all revisions labelled `deployed`, oldest first; usually one.
    ///
    /// # Errors
    /// When the storage cannot be read; none is no error.
    pub async fn deployed(&self, name: &str) -> Result<Vec<Record>, Error> {
        match self.query(name, "deployed").await {
            Ok((records, _)) => Ok(History::new(records).into_revisions()),
            Err(error) if error.is_not_found() => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    async fn query(&self, name: &str, status: &str) -> Result<(Vec<Record>, Vec<Damaged>), Error> {
        match self.place() {
            Place::Objects(objects) => objects.query(name, status).await,
            Place::Rows(rows) => rows.query(name, status),
            Place::Memory(memory) => Ok((memory.query(&self.namespace, name, status)?, Vec::new())),
        }
    }

    /// Reads all revisions of all releases, in no order; what cannot be decoded is left out. Of records in parts only
    /// state, times and the chart's metadata are read.
    ///
    /// # Errors
    /// When the storage cannot be read.
    pub async fn list(&self) -> Result<Vec<Record>, Error> {
        match self.place() {
            Place::Objects(objects) => objects.list().await,
            Place::Rows(rows) => rows.list(),
            Place::Memory(memory) => Ok(memory.all(&self.namespace)),
        }
    }

    /// Reads at least the newest revision of each release that is wanted, in no order. Where there are many revisions,
    /// metadata of all is read first, and of the records only those that are shown; of these, only name, revision, state,
    /// time and the names of the chart are sure to be there, and of releases outside the window not even the last two.
    ///
    /// # Errors
    /// When the storage cannot be read.
    pub async fn newest(&self, wanted: &Wanted<'_>) -> Result<Vec<Record>, Error> {
        match self.place() {
            Place::Objects(objects) => objects.newest(wanted).await,
            Place::Rows(rows) => rows.list(),
            Place::Memory(memory) => Ok(memory.all(&self.namespace)),
        }
    }

    /// Reads one revision; its labels are the user's only.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none.
    pub async fn get(&self, name: &str, version: i64) -> Result<Record, Error> {
        let mut record = match self.place() {
            Place::Objects(objects) => objects.get(name, version).await?,
            Place::Rows(rows) => rows.get(name, version)?,
            Place::Memory(memory) => memory.get(&self.namespace, name, version)?,
        };
        record.labels.retain(|label, _| !SYSTEM_LABELS.contains(&label.as_str()));
        Ok(record)
    }

    /// Stores a new revision.
    ///
    /// # Errors
    /// [`ErrorKind::Exists`] when the revision is there already.
    pub async fn create(&self, record: &Record) -> Result<(), Error> {
        let record = &*Self::settled(record);
        match self.place() {
            Place::Objects(objects) => objects.create(record, self.seconds()).await,
            Place::Rows(rows) => rows.create(record, self.seconds()),
            Place::Memory(memory) => memory.create(record, self.seconds()),
        }
    }

    /// Deletes the oldest revisions so that at most `maximum` are left, and tells what it does
    /// (`Storage.removeLeastRecent`).
    ///
    /// # Errors
    /// When the history cannot be read, or revisions cannot be deleted; the others are deleted nevertheless.
    pub async fn prune(&self, name: &str, maximum: usize, tell: &dyn Fn(Pruning)) -> Result<(), Error> {
        let history = match self.history(name).await {
            Ok(history) => history,
            Err(error) if error.is_not_found() => return Ok(()),
            Err(error) => return Err(error),
        };
        if history.revisions().len() <= maximum {
            return Ok(());
        }
        tell(Pruning::Begun);
        let mut errors = Vec::new();
        let versions = history.beyond(maximum);
        for &version in &versions {
            tell(Pruning::Deleting(version));
            if let Err(error) = self.delete(name, version).await {
                errors.push(error);
            }
        }
        let count = errors.len();
        tell(Pruning::Done { count: versions.len(), errors: count });
        match errors.into_iter().next() {
            None => Ok(()),
            Some(error) if count == 1 => Err(error),
            Some(source) => Err(ErrorKind::Prune { count, source }.into()),
        }
    }

    /// Stores a changed revision. One that this process has written before must still be in the state it left it in; Helm
    /// overwrites whatever is there.
    ///
    /// # Errors
    /// [`ErrorKind::TakenOver`] when another command has changed it; when it is not there or the server refuses.
    pub async fn update(&self, record: &Record) -> Result<(), Error> {
        let record = &*Self::settled(record);
        match self.place() {
            Place::Objects(objects) => objects.update(record, self.seconds()).await,
            Place::Rows(rows) => rows.update(record, self.seconds()),
            Place::Memory(memory) => memory.update(record, self.seconds()),
        }
    }

    /// Notes that this process still works on a revision. Returns whether it does: another command may have taken over
    /// because there was no sign of life for too long.
    ///
    /// # Errors
    /// When the storage cannot be read or written.
    pub async fn touch(&self, name: &str, version: i64, status: &Status) -> Result<bool, Error> {
        let key = key(name, version);
        match self.place() {
            Place::Objects(objects) => objects.touch(&key, status, self.seconds()).await,
            Place::Rows(rows) => rows.touch(&key, status, self.seconds()),
            Place::Memory(_) => Ok(true),
        }
    }

    /// Takes the holder out of a revision that stays pending, as Helm leaves it after some failures.
    ///
    /// # Errors
    /// When the storage cannot be read or written.
    pub async fn release_hold(&self, record: &Record) -> Result<(), Error> {
        let (name, version) = (&record.name, record.version);
        match self.place() {
            Place::Objects(objects) => objects.release_hold(&key(name, version)).await,
            Place::Rows(rows) => rows.release_hold(name, version),
            Place::Memory(_) => Ok(()),
        }
    }

    /// Deletes a revision, which is read first: one that cannot be decoded stays. Returns whether it was kept in parts.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none.
    pub async fn delete(&self, name: &str, version: i64) -> Result<bool, Error> {
        match self.place() {
            Place::Objects(objects) => objects.delete(name, version).await,
            Place::Rows(rows) => rows.delete(name, version).map(|()| false),
            Place::Memory(memory) => memory.delete(&self.namespace, name, version).map(|()| false),
        }
    }

    /// Deletes all parts of records of a release that has no revision any more, as far as that can be done.
    pub async fn remove_parts(&self, name: &str) {
        if let Place::Objects(objects) = self.place() {
            objects.remove_strays(name, None, &[]).await;
        }
    }

    /// A settled record names no holder.
    fn settled(record: &Record) -> Cow<'_, Record> {
        match record.holder.is_some() && !record.info.status.is_under_way() {
            true => Cow::Owned(Record { holder: None, ..record.clone() }),
            false => Cow::Borrowed(record),
        }
    }

    fn seconds(&self) -> i64 {
        self.now().unix_seconds
    }

    fn place(&self) -> Place<'_> {
        let objects = |client, kind| {
            let known = self.known.as_deref();
            let (namespace, written) = (self.namespace.as_str(), &*self.written);
            Place::Objects(Objects { client, kind, namespace, known, written, splits: self.splits })
        };
        match &self.driver {
            Driver::Secrets(client) => objects(client, Kind::Secret),
            Driver::ConfigMaps(client) => objects(client, Kind::ConfigMap),
            Driver::Sql(database) => {
                let (namespace, written) = (self.namespace.as_str(), &*self.written);
                Place::Rows(Rows { database, namespace, written })
            }
            Driver::Memory(memory) => Place::Memory(memory),
        }
    }
}

enum Place<'a> {
    Objects(Objects<'a>),
    Rows(Rows<'a>),
    Memory(&'a Memory),
}
