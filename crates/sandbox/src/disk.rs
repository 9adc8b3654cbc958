//! The file of a sandbox: a redb database with one row per object. What requests change waits in memory and is written
//! in one durable commit with the next flush: a commit that is not durable would not survive a crash either.

use crate::error::Error;
use crate::store::{self, Store};
use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable, StorageError, TableDefinition};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const OBJECTS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("objects");
const NUMBERS: TableDefinition<'_, &str, u64> = TableDefinition::new("numbers");
/// Of the rows; a file of another format is refused.
const FORMAT: u64 = 1;
/// How long changes may wait for a durable commit while requests keep coming.
const DURABLE_EVERY: Duration = Duration::from_millis(500);

/// An open file.
pub(crate) struct Disk {
    database: Database,
    /// When the oldest change that is not yet durable was made.
    waiting_since: Option<Instant>,
}

impl std::fmt::Debug for Disk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Disk").field("waiting_since", &self.waiting_since).finish_non_exhaustive()
    }
}

/// What opening a file gives.
pub(crate) struct Opened {
    pub(crate) disk: Disk,
    /// What is in the file; a new one holds nothing, not even the namespaces that every cluster has.
    pub(crate) store: Option<Store>,
}

impl Disk {
    /// Opens a file, or makes it.
    ///
    /// # Errors
    /// When another process holds it, when it cannot be made, and when it cannot be read as a whole. The database
    /// panics on some damaged files; that is such an error too.
    pub(crate) fn open(path: &Path) -> Result<Opened, Error> {
        let open = || {
            let disk = Disk::connect(path)?;
            let store = disk.read().map_err(|error| Error::open(path.to_owned(), error))?;
            Ok(Opened { disk, store })
        };
        std::panic::catch_unwind(open).unwrap_or_else(|_| Err(Error::damaged(path.to_owned())))
    }

    fn connect(path: &Path) -> Result<Disk, Error> {
        let shown: PathBuf = path.to_owned();
        if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|e| Error::folder(folder.to_owned(), e))?;
        }
        let database = match Database::builder().set_cache_size(16 << 20).create(path) {
            Ok(database) => database,
            Err(DatabaseError::DatabaseAlreadyOpen) => return Err(Error::locked(shown)),
            Err(error) => return Err(Error::open(shown, error)),
        };
        let disk = Disk { database, waiting_since: None };
        match disk.format().map_err(|e| Error::open(shown.clone(), e))? {
            None | Some(FORMAT) => Ok(disk),
            Some(found) => Err(Error::format(shown, found, FORMAT)),
        }
    }

    fn format(&self) -> Result<Option<u64>, redb::Error> {
        let read = self.database.begin_read()?;
        match read.open_table(NUMBERS) {
            Ok(table) => Ok(table.get("format")?.map(|v| v.value())),
            Err(redb::TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads all rows, if there are any.
    fn read(&self) -> Result<Option<Store>, redb::Error> {
        let read = self.database.begin_read()?;
        let objects = match read.open_table(OBJECTS) {
            Ok(table) => table,
            Err(redb::TableError::TableDoesNotExist(_)) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let mut store = Store::default();
        for row in objects.iter()? {
            let (key, value) = row?;
            // A row is the uids of its owners, a line break, and the object.
            let value = value.value();
            let end = value.iter().position(|b| *b == b'\n').unwrap_or(0);
            let owners = std::str::from_utf8(&value[..end]).unwrap_or_default();
            store.load(key.value(), value.get(end + 1..).unwrap_or_default(), owners);
        }
        let version = read.open_table(NUMBERS)?.get("version")?.map_or(0, |v| v.value());
        store.settle(version);
        Ok(Some(store))
    }

    /// Notes that `store` has changed, and commits what has waited too long.
    pub(crate) fn save(&mut self, store: &mut Store) {
        if store.dirty.is_empty() {
            return;
        }
        let since = *self.waiting_since.get_or_insert_with(Instant::now);
        if since.elapsed() >= DURABLE_EVERY {
            // What fails here fails again in the flush, which has somebody to tell.
            let _ = self.commit(store);
        }
    }

    // What could not be written stays in `dirty` and is tried again.
    fn commit(&mut self, store: &mut Store) -> Result<(), redb::Error> {
        let write = self.database.begin_write()?;
        {
            let mut objects = write.open_table(OBJECTS)?;
            for key in &store.dirty {
                match store.get(key) {
                    Some(object) => {
                        let mut row = store::owners_text(object).into_bytes();
                        row.push(b'\n');
                        serde_json::to_writer(&mut row, &**object)
                            .map_err(|e| StorageError::Io(std::io::Error::other(e)))?;
                        objects.insert(key.as_str(), row.as_slice())?;
                    }
                    None => {
                        objects.remove(key.as_str())?;
                    }
                }
            }
            let mut numbers = write.open_table(NUMBERS)?;
            numbers.insert("version", store.version())?;
            numbers.insert("format", FORMAT)?;
        }
        write.commit()?;
        store.dirty.clear();
        self.waiting_since = None;
        Ok(())
    }

    /// Commits everything that waits.
    pub(crate) fn flush(&mut self, store: &mut Store) -> Result<(), Error> {
        if store.dirty.is_empty() { Ok(()) } else { self.commit(store).map_err(Error::save) }
    }
}
