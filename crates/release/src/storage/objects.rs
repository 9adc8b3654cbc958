//! Records in Secrets or ConfigMaps of a cluster: the requests.

use std::path::Path;

use cluster::{Client, DataObject, Page};
use http::Method;
use serde_json::Value;

use super::key;
use super::known::Known;
use super::newest;
use super::object::{Kind, parts_selector};
use super::parts::{self, Encoded, Parts, Split};
use super::written::{Left, Written};
use crate::error::{Damaged, Error, ErrorKind};
use crate::record::Record;
use crate::status::Status;

/// How often a record is written again because somebody else changes its object at the same time.
const ATTEMPTS: usize = 5;

/// The records of one namespace; of all when it is empty.
pub(crate) struct Objects<'a> {
    pub(crate) client: &'a Client,
    pub(crate) kind: Kind,
    pub(crate) namespace: &'a str,
    /// The file that keeps what listings have read.
    pub(crate) known: Option<&'a Path>,
    /// What this process has written.
    pub(crate) written: &'a Written,
    /// Whether records too large for one object go to several.
    pub(crate) splits: bool,
}

impl Objects<'_> {
    /// Reads the revisions of a release, those that say `status` when it is not empty.
    pub(crate) async fn query(&self, name: &str, status: &str) -> Result<(Vec<Record>, Vec<Damaged>), Error> {
        let mut selector = format!("name={name},owner=helm");
        if !status.is_empty() {
            selector = format!("{selector},status={status}");
        }
        let items = self.select(&selector).await.map_err(ErrorKind::Query)?.items;
        if items.is_empty() {
            return Err(ErrorKind::NotFound.into());
        }
        let (mut records, mut damaged) = (Vec::with_capacity(items.len()), Vec::new());
        for object in items {
            match self.whole(&object).await {
                Ok(record) => records.push(record),
                Err(error) => {
                    damaged.push(Damaged { key: object.metadata.name, reason: cluster::chain(&error) })
                }
            }
        }
        Ok((records, damaged))
    }

    /// Reads all revisions of all releases; those in parts as far as their first object goes.
    pub(crate) async fn list(&self) -> Result<Vec<Record>, Error> {
        let list = self.select("owner=helm").await.map_err(ErrorKind::List)?;
        Ok(newest::decode(self.kind, &list.items))
    }

    pub(crate) async fn get(&self, name: &str, version: i64) -> Result<Record, Error> {
        let key = key(name, version);
        let object = self.read(&key).await?;
        let whole = match held(&object) {
            Ok(object) => self.whole(&object).await,
            Err(error) => Err(error),
        };
        whole.map_err(|error| ErrorKind::Decode(key, error).into())
    }

    /// Stores a new revision; the object that Helm knows comes last, so that whatever is found is complete.
    pub(crate) async fn create(&self, record: &Record, now: i64) -> Result<(), Error> {
        let key = key(&record.name, record.version);
        let encoded = Encoded::of(record, self.splits)?;
        if let Encoded::Split(split) = &encoded {
            self.write_parts(record, split).await.map_err(ErrorKind::Create)?;
        }
        let object = self.kind.object(&key, record, encoded.text(), ("createdAt", now));
        match self.call(Method::POST, None, Some(&object)).await {
            Ok(stored) => {
                self.note(&key, &stored, record);
                if let Encoded::Split(split) = &encoded {
                    self.remove_strays(&record.name, Some(record.version), &split.parts.names()).await;
                }
                return Ok(());
            }
            Err(error) if error.is_already_exists() => {}
            Err(error) => return Err(ErrorKind::Create(error).into()),
        }
        if let Encoded::Split(split) = &encoded {
            // Another command was faster; the same parts may be its own only if it stored the same, at the same time.
            let theirs = self.read(&key).await.ok().and_then(|object| self.parts_of(&object));
            if theirs.as_ref() != Some(&split.parts) {
                self.remove_parts(&key, &split.parts).await;
            }
        }
        Err(ErrorKind::Exists.into())
    }

    pub(crate) async fn update(&self, record: &Record, now: i64) -> Result<(), Error> {
        let key = key(&record.name, record.version);
        let encoded = Encoded::of(record, self.splits)?;
        let mut old = None;
        if let Encoded::Split(split) = &encoded {
            // The runs of hooks are the one thing in the parts that may have changed.
            old = self.read(&key).await.ok().and_then(|object| self.parts_of(&object));
            if old.as_ref() != Some(&split.parts) {
                self.write_parts(record, split).await.map_err(ErrorKind::Update)?;
            }
        }
        let object = self.kind.object(&key, record, encoded.text(), ("modifiedAt", now));
        self.put(&key, object, record).await?;
        if let (Some(old), Encoded::Split(split)) = (old, &encoded)
            && old != split.parts
        {
            self.remove_parts(&key, &old).await;
        }
        Ok(())
    }

    /// Writes an object again. What this process has written before must be as it left it, but for labels, annotations
    /// and the like.
    async fn put(&self, key: &str, mut object: Value, record: &Record) -> Result<(), Error> {
        let Some(left) = self.written.left(key) else {
            let stored = self.call(Method::PUT, Some(key), Some(&object)).await.map_err(ErrorKind::Update)?;
            self.note(key, &stored, record);
            return Ok(());
        };
        let mut version = left.version;
        for _ in 0..ATTEMPTS {
            object["metadata"]["resourceVersion"] = version.into();
            match self.call(Method::PUT, Some(key), Some(&object)).await {
                Ok(stored) => {
                    self.note(key, &stored, record);
                    return Ok(());
                }
                Err(error) if !error.is_conflict() => return Err(ErrorKind::Update(error).into()),
                Err(_) => {}
            }
            let live = Left::of(&self.read(key).await?);
            if live.status != left.status {
                break;
            }
            version = live.version;
        }
        Err(ErrorKind::TakenOver.into())
    }

    /// Notes what was stored: for the next write, and for the next listing, which shows no superseded revision and rarely
    /// one that is still being changed.
    fn note(&self, key: &str, stored: &Value, record: &Record) {
        self.written.note(key, stored);
        let status = &record.info.status;
        if let Some(file) = self.known
            && !status.is_under_way()
            && *status != Status::Superseded
        {
            Known::note(file, stored, record);
        }
    }

    /// Deletes a revision, which is read first: one that cannot be decoded stays. Returns whether it was in parts.
    pub(crate) async fn delete(&self, name: &str, version: i64) -> Result<bool, Error> {
        let key = key(name, version);
        let object = self.read(&key).await?;
        let record = self.record(&object).map_err(|error| ErrorKind::Decode(key.clone(), error))?;
        self.call(Method::DELETE, Some(&key), None).await.map_err(ErrorKind::Delete)?;
        let parts = Parts::of(&record);
        if let Some(parts) = &parts {
            self.remove_parts(&key, parts).await;
        }
        Ok(parts.is_some())
    }

    /// Deletes parts of a release, or of one revision, that are not among those named: a command that was killed between
    /// the parts and the object that names them leaves such. They harm nobody, so that trouble here is no error.
    pub(crate) async fn remove_strays(&self, name: &str, version: Option<i64>, known: &[String]) {
        let selector = parts_selector(name, version);
        let place = (self.namespace, self.kind.plural());
        let found = self.client.core_metadata(place, &[("labelSelector", &selector)]).await;
        let strays = found.unwrap_or_default().into_iter().filter(|part| !known.contains(&part.name));
        for stray in strays {
            let _left = self.call(Method::DELETE, Some(&stray.name), None).await;
        }
    }

    /// Notes that work on a revision goes on. Returns whether it is still in that state; if not, another command has
    /// taken over.
    pub(crate) async fn touch(&self, key: &str, status: &Status, now: i64) -> Result<bool, Error> {
        let mut object = match self.read(key).await {
            Err(error) if error.is_not_found() => return Ok(false),
            outcome => outcome?,
        };
        if object["metadata"]["labels"]["status"] != status.as_str() {
            return Ok(false);
        }
        object["metadata"]["labels"]["modifiedAt"] = now.to_string().into();
        // The object carries its version: if it was written since it was read, that was a sign of life too.
        match self.call(Method::PUT, Some(key), Some(&object)).await {
            Ok(stored) => self.written.note(key, &stored),
            Err(error) if !error.is_conflict() => return Err(ErrorKind::Update(error).into()),
            Err(_) => {}
        }
        Ok(true)
    }

    /// Takes the holder out of a stored record and leaves everything else as it is.
    pub(crate) async fn release_hold(&self, key: &str) -> Result<(), Error> {
        let mut object = self.read(key).await?;
        let mut record = self.record(&object).map_err(|error| ErrorKind::Decode(key.to_owned(), error))?;
        record.holder = None;
        let text = crate::codec::encode(&record)?;
        object["data"] = self.kind.object(key, &record, &text, ("modifiedAt", 0))["data"].take();
        let stored = self.call(Method::PUT, Some(key), Some(&object)).await.map_err(ErrorKind::Update)?;
        self.written.note(key, &stored);
        Ok(())
    }

    async fn read(&self, key: &str) -> Result<Value, Error> {
        match self.call(Method::GET, Some(key), None).await {
            Ok(object) => Ok(object),
            Err(error) if error.is_not_found() => Err(ErrorKind::NotFound.into()),
            Err(error) => Err(ErrorKind::Get(key.to_owned(), error).into()),
        }
    }

    pub(super) async fn select(&self, selector: &str) -> Result<Page<DataObject>, cluster::Error> {
        self.collection(&[("labelSelector", selector)]).await
    }

    pub(super) async fn collection(
        &self,
        query: &[(&str, &str)],
    ) -> Result<Page<DataObject>, cluster::Error> {
        self.client.data_objects((self.namespace, self.kind.plural()), query).await
    }

    fn record(&self, object: &Value) -> Result<Record, Error> {
        self.kind.record(&held(object)?)
    }

    async fn call(
        &self,
        method: Method,
        key: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Value, cluster::Error> {
        self.client.core(method, (self.namespace, self.kind.plural(), key), &[], body).await
    }

    /// Decodes a record and fetches what is stored elsewhere.
    async fn whole(&self, object: &DataObject) -> Result<Record, Error> {
        let record = self.kind.record(object)?;
        let Some(parts) = Parts::of(&record) else { return Ok(record) };
        let names = parts.names();
        let mut pieces = Vec::with_capacity(names.len());
        for name in names {
            let part = self.call(Method::GET, Some(&name), None).await;
            let part = part.map_err(|error| ErrorKind::Part(name, error))?;
            pieces.push(held(&part)?.data.remove("part").unwrap_or_default());
        }
        parts::join(record, &parts, &pieces)
    }

    fn parts_of(&self, object: &Value) -> Option<Parts> {
        Parts::of(&self.record(object).ok()?)
    }

    async fn write_parts(&self, record: &Record, split: &Split) -> Result<(), cluster::Error> {
        for object in self.kind.part_objects(record, split) {
            match self.call(Method::POST, None, Some(&object)).await {
                // Its name tells what it holds.
                Err(error) if !error.is_already_exists() => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// What is left of a record that is gone harms nobody, so that trouble here is no error.
    async fn remove_parts(&self, key: &str, parts: &Parts) {
        // A record that Helm has copied names the parts of another one.
        let names = if parts.belong_to(key) { parts.names() } else { Vec::new() };
        for name in names {
            let _left = self.call(Method::DELETE, Some(&name), None).await;
        }
    }
}

fn held(object: &Value) -> Result<DataObject, Error> {
    DataObject::from_json(object).map_err(|error| ErrorKind::Object(error).into())
}
