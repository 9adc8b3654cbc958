//! The objects of a sandbox in memory: versions, events for watches, owners. What is written to disk is in `disk`.

use crate::dig::Dig;
use crate::failure::Failure;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::ops::Bound;
use std::sync::{Arc, OnceLock};

/// How many events a watch can go back. A list page or a watch from an older version is answered with 410.
const HISTORY: usize = 10_000;

/// One stored object, parsed when it is first read.
#[derive(Debug)]
struct Row {
    object: OnceLock<Arc<Value>>,
    text: Option<Box<[u8]>>,
}

impl Row {
    fn get(&self) -> &Arc<Value> {
        self.object.get_or_init(|| {
            let parsed = self.text.as_deref().map(serde_json::from_slice);
            Arc::new(parsed.and_then(Result::ok).unwrap_or_default())
        })
    }
}

/// What happened to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Added,
    Modified,
    Deleted,
}

/// One entry of the history.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) version: u64,
    pub(crate) key: String,
    pub(crate) change: Change,
    pub(crate) object: Arc<Value>,
    pub(crate) before: Option<Arc<Value>>,
}

/// All objects by key (`group/resource`, namespace and name, separated by NUL).
#[derive(Debug, Default)]
pub(crate) struct Store {
    rows: BTreeMap<String, Row>,
    version: u64,
    history: VecDeque<Event>,
    /// The history is complete after this version.
    floor: u64,
    /// Keys of dependents by the uid of their owner.
    dependents: HashMap<String, BTreeSet<String>>,
    pub(crate) dirty: BTreeSet<String>,
    /// Events that were not yet handed to watches.
    pub(crate) fresh: Vec<Event>,
}

/// Makes the key of an object.
pub(crate) fn key(storage: &str, namespace: &str, name: &str) -> String {
    let mut key = String::with_capacity(storage.len() + namespace.len() + name.len() + 2);
    key.push_str(storage);
    key.push('\0');
    key.push_str(namespace);
    key.push('\0');
    key.push_str(name);
    key
}

/// The part of keys that all objects of a kind (in a namespace) begin with.
pub(crate) fn prefix(storage: &str, namespace: &str) -> String {
    if namespace.is_empty() { format!("{storage}\0") } else { format!("{storage}\0{namespace}\0") }
}

/// The parts of a key.
pub(crate) fn parts(key: &str) -> (&str, &str, &str) {
    let mut parts = key.splitn(3, '\0');
    let mut next = || parts.next().unwrap_or_default();
    (next(), next(), next())
}

fn owner_uids(object: &Value) -> impl Iterator<Item = &str> {
    let owners = object.at("/metadata/ownerReferences").and_then(Value::as_array);
    owners.into_iter().flatten().filter_map(|o| o.get("uid")?.as_str())
}

impl Store {
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    pub(crate) fn floor(&self) -> u64 {
        self.floor
    }

    /// Puts a row read from disk, without an event. `owners` are the uids it depends on.
    pub(crate) fn load(&mut self, key: &str, text: &[u8], owners: &str) {
        for owner in owners.split(' ').filter(|o| !o.is_empty()) {
            self.dependents.entry(owner.to_owned()).or_default().insert(key.to_owned());
        }
        self.rows.insert(key.to_owned(), Row { object: OnceLock::new(), text: Some(text.into()) });
    }

    /// Forgets what led here: the state as it is now is the oldest a watch can see.
    pub(crate) fn settle(&mut self, version: u64) {
        self.version = self.version.max(version);
        self.floor = self.version;
        self.history.clear();
        self.fresh.clear();
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Arc<Value>> {
        self.rows.get(key).map(Row::get)
    }

    pub(crate) fn contains(&self, key: &str) -> bool {
        self.rows.contains_key(key)
    }

    /// Objects whose key begins with `prefix`, in order of namespace and name.
    pub(crate) fn scan<'s>(&'s self, prefix: &'s str) -> impl Iterator<Item = (&'s str, &'s Arc<Value>)> {
        let from = (Bound::Included(prefix), Bound::Unbounded);
        let rows = self.rows.range::<str, _>(from).take_while(move |(key, _)| key.starts_with(prefix));
        rows.map(|(key, row)| (key.as_str(), row.get()))
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.rows.keys().map(String::as_str)
    }

    /// Keys of the objects that name `uid` as an owner.
    pub(crate) fn dependents(&self, uid: &str) -> Vec<String> {
        self.dependents.get(uid).into_iter().flatten().cloned().collect()
    }

    /// Stores `object` under the next version.
    pub(crate) fn put(&mut self, key: &str, mut object: Value) -> Arc<Value> {
        self.version += 1;
        stamp(&mut object, self.version);
        let object = Arc::new(object);
        for owner in owner_uids(&object) {
            self.dependents.entry(owner.to_owned()).or_default().insert(key.to_owned());
        }
        let row = Row { object: OnceLock::from(object.clone()), text: None };
        let before = self.rows.insert(key.to_owned(), row).map(|row| row.get().clone());
        if let Some(before) = &before {
            for gone in owner_uids(before).filter(|uid| !owner_uids(&object).any(|u| u == *uid)) {
                forget(&mut self.dependents, gone, key);
            }
        }
        let change = if before.is_some() { Change::Modified } else { Change::Added };
        self.log(Event {
            version: self.version,
            key: key.to_owned(),
            change,
            object: object.clone(),
            before,
        });
        object
    }

    /// Deletes an object whose last state is `last`. Returns that state at the version of the deletion.
    pub(crate) fn remove_as(&mut self, key: &str, mut last: Value) -> Option<Arc<Value>> {
        let before = self.rows.remove(key)?.get().clone();
        for owner in owner_uids(&before) {
            forget(&mut self.dependents, owner, key);
        }
        self.version += 1;
        stamp(&mut last, self.version);
        let last = Arc::new(last);
        let event = Event {
            version: self.version,
            key: key.to_owned(),
            change: Change::Deleted,
            object: last.clone(),
            before: Some(before),
        };
        self.log(event);
        Some(last)
    }

    fn log(&mut self, event: Event) {
        self.dirty.insert(event.key.clone());
        self.fresh.push(event.clone());
        self.history.push_back(event);
        if self.history.len() > HISTORY
            && let Some(dropped) = self.history.pop_front()
        {
            self.floor = dropped.version;
        }
    }

    /// Events after `version`.
    pub(crate) fn since(&self, version: u64) -> impl Iterator<Item = &Event> {
        let start = self.history.partition_point(|e| e.version <= version);
        self.history.range(start..)
    }

    /// The objects below `prefix` as they were at `version`.
    ///
    /// # Errors
    /// 410 if that is no longer known.
    pub(crate) fn at(&self, prefix: &str, version: u64) -> Result<BTreeMap<String, Arc<Value>>, Failure> {
        if version < self.floor {
            return Err(expired(version, self.floor));
        }
        let mut state: BTreeMap<String, Arc<Value>> =
            self.scan(prefix).map(|(key, object)| (key.to_owned(), object.clone())).collect();
        let start = self.history.partition_point(|e| e.version <= version);
        for event in self.history.range(start..).rev().filter(|e| e.key.starts_with(prefix)) {
            match &event.before {
                Some(before) => state.insert(event.key.clone(), before.clone()),
                None => state.remove(&event.key),
            };
        }
        Ok(state)
    }
}

/// The failure of reading at a version that is no longer known.
pub(crate) fn expired(version: u64, floor: u64) -> Failure {
    Failure::new(410, Some("Expired"), format!("too old resource version: {version} ({})", floor + 1))
}

fn forget(dependents: &mut HashMap<String, BTreeSet<String>>, owner: &str, key: &str) {
    if let Some(keys) = dependents.get_mut(owner) {
        keys.remove(key);
        if keys.is_empty() {
            dependents.remove(owner);
        }
    }
}

fn stamp(object: &mut Value, version: u64) {
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.insert("resourceVersion".into(), version.to_string().into());
    }
}

/// The owners of an object as the disk row keeps them.
pub(crate) fn owners_text(object: &Value) -> String {
    owner_uids(object).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_older_state_is_rebuilt_from_the_history() {
        let mut store = Store::default();
        let first = key("/configmaps", "default", "a");
        store.put(&first, json!({"metadata": {}, "data": {"x": "1"}}));
        store.put(&key("/configmaps", "default", "b"), json!({"metadata": {}}));
        store.put(&first, json!({"metadata": {}, "data": {"x": "2"}}));
        let last = (**store.get(&first).unwrap()).clone();
        store.remove_as(&first, last);
        let prefix = prefix("/configmaps", "default");
        assert_eq!(store.scan(&prefix).count(), 1);
        let state = store.at(&prefix, 2).unwrap();
        assert_eq!(state[&first]["data"]["x"], "1");
        assert_eq!(store.since(2).count(), 2);
        assert_eq!(store.version(), 4);
    }

    #[test]
    fn dependents_follow_owner_references() {
        let mut store = Store::default();
        let pod = key("/pods", "default", "p");
        store.put(&pod, json!({"metadata": {"ownerReferences": [{"uid": "u"}]}}));
        assert_eq!(store.dependents("u"), std::slice::from_ref(&pod));
        store.put(&pod, json!({"metadata": {}}));
        assert!(store.dependents("u").is_empty());
    }
}
