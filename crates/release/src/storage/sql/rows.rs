//! Records as rows.

use std::collections::BTreeMap;

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::connect::Database;
use super::failure::SqlError;
use crate::codec;
use crate::error::{Damaged, Error, ErrorKind};
use crate::record::{Labels, Record};
use crate::status::Status;
use crate::storage::key;
use crate::storage::object::SYSTEM_LABELS;
use crate::storage::written::Written;

const OWNER: &str = "helm";
const TYPE: &str = "helm.sh/release.v1";

/// The records of one namespace; of all when it is empty.
pub(crate) struct Rows<'a> {
    pub(crate) database: &'a Database,
    pub(crate) namespace: &'a str,
    /// What this process has written.
    pub(crate) written: &'a Written,
}

/// What is read of a row.
const COLUMNS: &str = "key, namespace, body, createdAt, modifiedAt";

impl Rows<'_> {
    /// Reads the revisions of a release, those that say `status` when it is not empty. Rows that are there but cannot
    /// be decoded count as none, as in Helm.
    pub(crate) fn query(&self, name: &str, status: &str) -> Result<(Vec<Record>, Vec<Damaged>), Error> {
        let statement = format!(
            "SELECT {COLUMNS} FROM releases_v1 WHERE name = $1 AND owner = $2 AND ($3 = '' OR namespace = $3) \
             AND ($4 = '' OR status = $4)"
        );
        let rows = self.rows(&statement, &[&name, &OWNER, &self.namespace, &status])?;
        let (records, damaged) = self.records(&rows)?;
        if records.is_empty() && damaged.is_empty() {
            return Err(ErrorKind::NotFound.into());
        }
        Ok((records, damaged))
    }

    /// Reads all revisions of all releases, with the labels that objects would have.
    pub(crate) fn list(&self) -> Result<Vec<Record>, Error> {
        let statement =
            format!("SELECT {COLUMNS} FROM releases_v1 WHERE owner = $1 AND ($2 = '' OR namespace = $2)");
        let rows = self.rows(&statement, &[&OWNER, &self.namespace])?;
        let (mut records, _) = self.records(&rows)?;
        for record in &mut records {
            let own = [
                ("name", record.name.clone()),
                ("owner", OWNER.to_owned()),
                ("status", record.info.status.to_string()),
                ("version", record.version.to_string()),
            ];
            record.labels.extend(own.map(|(name, value)| (name.to_owned(), value)));
        }
        Ok(records)
    }

    pub(crate) fn get(&self, name: &str, version: i64) -> Result<Record, Error> {
        let key = key(name, version);
        let statement = format!("SELECT {COLUMNS} FROM releases_v1 WHERE key = $1 AND namespace = $2");
        // Helm takes every trouble here for a missing release.
        let rows = self.rows(&statement, &[&key, &self.namespace]).unwrap_or_default();
        let Some(row) = rows.first() else { return Err(ErrorKind::NotFound.into()) };
        let mut record = decode(row)?;
        record.labels =
            self.labels(std::slice::from_ref(row))?.pop_first().map(|(_, own)| own).unwrap_or_default();
        Ok(record)
    }

    pub(crate) fn create(&self, record: &Record, now: i64) -> Result<(), Error> {
        let key = key(&record.name, record.version);
        let body = codec::encode(record)?;
        let namespace = namespace_of(record);
        let (version, status, now) = (number(record.version), record.info.status.as_str(), number(now));
        let insert = "INSERT INTO releases_v1 (key, type, body, name, namespace, version, status, owner, createdAt) \
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let label =
            "INSERT INTO custom_labels_v1 (releaseKey, releaseNamespace, key, value) VALUES ($1, $2, $3, $4)";
        let stored = self.database.transaction(|| {
            let values: [&(dyn ToSql + Sync); 9] =
                [&key, &TYPE, &body, &record.name, &namespace, &version, &status, &OWNER, &now];
            self.database.execute(insert, &values)?;
            for (name, value) in own_labels(&record.labels) {
                self.database.execute(label, &[&key, &namespace, name, value])?;
            }
            Ok::<(), SqlError>(())
        });
        stored.map_err(|error| match error.is_unique_violation() {
            true => Error::from(ErrorKind::Exists),
            false => ErrorKind::Sql(error).into(),
        })?;
        self.written.note_row(&key, &record.info.status);
        Ok(())
    }

    /// Changes a row; its labels stay, as in Helm. What this process has written before must still be in the state in
    /// which it left it.
    pub(crate) fn update(&self, record: &Record, now: i64) -> Result<(), Error> {
        let key = key(&record.name, record.version);
        let body = codec::encode(record)?;
        let statement = "UPDATE releases_v1 SET body = $1, name = $2, version = $3, status = $4, owner = $5, \
                         modifiedAt = $6 WHERE key = $7 AND namespace = $8 AND ($9 = '' OR status = $9)";
        let (version, now) = (number(record.version), number(now));
        let (status, namespace) = (record.info.status.as_str(), namespace_of(record));
        let left = self.written.left(&key).map(|left| left.status).unwrap_or_default();
        let values: [&(dyn ToSql + Sync); 9] =
            [&body, &record.name, &version, &status, &OWNER, &now, &key, &namespace, &left];
        let changed = self.database.execute(statement, &values).map_err(ErrorKind::Sql)?;
        if changed == 0 && !left.is_empty() {
            return Err(ErrorKind::TakenOver.into());
        }
        self.written.note_row(&key, &record.info.status);
        Ok(())
    }

    /// Deletes a row with its labels; one that cannot be decoded stays.
    pub(crate) fn delete(&self, name: &str, version: i64) -> Result<(), Error> {
        self.get(name, version)?;
        let key = key(name, version);
        let deleted = self.database.transaction(|| {
            let row = "DELETE FROM releases_v1 WHERE key = $1 AND namespace = $2";
            self.database.execute(row, &[&key, &self.namespace])?;
            let labels = "DELETE FROM custom_labels_v1 WHERE releaseKey = $1 AND releaseNamespace = $2";
            self.database.execute(labels, &[&key, &self.namespace])
        });
        deleted.map_err(ErrorKind::Sql)?;
        Ok(())
    }

    /// Notes that work on a revision goes on, if it is still in that state.
    pub(crate) fn touch(&self, key: &str, status: &Status, now: i64) -> Result<bool, Error> {
        let statement =
            "UPDATE releases_v1 SET modifiedAt = $1 WHERE key = $2 AND namespace = $3 AND status = $4";
        let changed =
            self.database.execute(statement, &[&number(now), &key, &self.namespace, &status.as_str()]);
        Ok(changed.map_err(ErrorKind::Sql)? > 0)
    }

    /// Takes the holder out of a row and leaves everything else as it is.
    pub(crate) fn release_hold(&self, name: &str, version: i64) -> Result<(), Error> {
        let record = Record { holder: None, ..self.get(name, version)? };
        let (key, body) = (key(name, version), codec::encode(&record)?);
        let statement = "UPDATE releases_v1 SET body = $1 WHERE key = $2 AND namespace = $3";
        self.database.execute(statement, &[&body, &key, &self.namespace]).map_err(ErrorKind::Sql)?;
        Ok(())
    }

    fn rows(&self, statement: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Error> {
        Ok(self.database.query(statement, values).map_err(ErrorKind::Sql)?)
    }

    fn records(&self, rows: &[Row]) -> Result<(Vec<Record>, Vec<Damaged>), Error> {
        let mut labels = self.labels(rows)?;
        let (mut records, mut damaged) = (Vec::with_capacity(rows.len()), Vec::new());
        for row in rows {
            match decode(row) {
                Ok(record) => {
                    let own = labels.remove(&place(row)).unwrap_or_default();
                    records.push(Record { labels: own, ..record });
                }
                Err(error) => damaged.push(Damaged { key: place(row).0, reason: cluster::chain(&error) }),
            }
        }
        Ok((records, damaged))
    }

    /// Reads the labels of all rows at once, by key and namespace.
    fn labels(&self, rows: &[Row]) -> Result<BTreeMap<(String, String), Labels>, Error> {
        let keys: Vec<String> = rows.iter().map(|row| place(row).0).collect();
        let mut found: BTreeMap<(String, String), Labels> = BTreeMap::new();
        if keys.is_empty() {
            return Ok(found);
        }
        let statement = "SELECT releaseKey, releaseNamespace, key, value FROM custom_labels_v1 WHERE releaseKey = ANY($1)";
        for row in self.rows(statement, &[&keys])? {
            let text = |at: usize| row.try_get::<_, Option<String>>(at).ok().flatten().unwrap_or_default();
            if !SYSTEM_LABELS.contains(&text(2).as_str()) {
                found.entry((text(0), text(1))).or_default().insert(text(2), text(3));
            }
        }
        Ok(found)
    }
}

fn place(row: &Row) -> (String, String) {
    let text = |at: usize| row.try_get::<_, String>(at).unwrap_or_default();
    (text(0), text(1))
}

fn decode(row: &Row) -> Result<Record, Error> {
    let text = |at: usize| row.try_get::<_, String>(at).unwrap_or_default();
    let seconds = |at: usize| row.try_get::<_, i32>(at).unwrap_or_default();
    let written_at = i64::from(seconds(3).max(seconds(4)));
    Ok(Record { written_at, ..codec::decode(text(2).as_bytes())? })
}

fn own_labels(labels: &Labels) -> impl Iterator<Item = (&String, &String)> {
    labels.iter().filter(|(name, _)| !SYSTEM_LABELS.contains(&name.as_str()))
}

/// A record without a namespace belongs to `default`.
fn namespace_of(record: &Record) -> &str {
    if record.namespace.is_empty() { "default" } else { &record.namespace }
}

/// The columns are 32 bits wide; times end there in 2038, as Helm's.
fn number(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
