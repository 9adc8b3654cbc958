//! The newest revision of every release, without reading the others: names first, then the records that matter.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::thread;

use http::Method;
use serde_json::Value;

use super::object::Kind;
use super::objects::Objects;
use crate::error::{Error, ErrorKind};
use crate::record::Record;

/// As many records as come with the first request. Most namespaces hold no more, and then it is the only one.
const FIRST_PAGE: &str = "32";

/// The longest list of names in one request: servers and proxies take addresses of 8 KiB.
const LONGEST_NAMES: usize = 4000;

/// Fewer records are not worth a thread.
const RECORDS_PER_THREAD: usize = 16;

const PREFIX: &str = "sh.helm.release.v1.";

/// A release: its namespace and name.
type Place = (String, String);

impl Objects<'_> {
    /// Reads at least the newest revision of each release that is wanted by its name; what cannot be decoded is left
    /// out, and the revision before it takes its place.
    pub(crate) async fn newest(&self, wanted: &dyn Fn(&str) -> bool) -> Result<Vec<Record>, Error> {
        let query = [("labelSelector", "owner=helm"), ("limit", FIRST_PAGE)];
        let page = self.collection(&query).await.map_err(ErrorKind::List)?;
        let is_all = page["metadata"]["continue"].as_str().unwrap_or_default().is_empty();
        if is_all {
            return Ok(decode(self.kind, items(&page)));
        }
        let mut left = self.revisions().await.map_err(ErrorKind::List)?;
        left.retain(|(_, name), _| wanted(name));
        let mut records = Vec::with_capacity(left.len());
        for (version, names) in by_newest(&left) {
            for names in in_chunks(&names) {
                let selector = format!("owner=helm,version={version},name in ({})", names.join(","));
                let list = self.select(&selector).await.map_err(ErrorKind::List)?;
                records.extend(decode(self.kind, items(&list)));
            }
        }
        records.iter().for_each(|record| is_found(&mut left, record));
        self.read_older(left, &mut records).await?;
        Ok(records)
    }

    /// Returns the revisions of all releases, oldest first, from the names of their objects.
    async fn revisions(&self) -> Result<BTreeMap<Place, Vec<i64>>, cluster::Error> {
        let place = (self.namespace, self.kind.plural());
        let names = self.client.core_names(place, &[("labelSelector", "owner=helm")]).await?;
        let mut found: BTreeMap<Place, Vec<i64>> = BTreeMap::new();
        for (namespace, key) in names {
            if let Some((name, version)) = revision_of(&key) {
                found.entry((namespace, name.to_owned())).or_default().push(version);
            }
        }
        found.values_mut().for_each(|versions| versions.sort_unstable());
        Ok(found)
    }

    /// Goes back in the history of releases whose newest revision could not be decoded.
    async fn read_older(
        &self,
        left: BTreeMap<Place, Vec<i64>>,
        records: &mut Vec<Record>,
    ) -> Result<(), Error> {
        for ((namespace, name), versions) in left {
            for version in versions.into_iter().rev().skip(1) {
                let key = super::key(&name, version);
                let place = (namespace.as_str(), self.kind.plural(), Some(key.as_str()));
                match self.client.core(Method::GET, place, &[], None).await {
                    Err(error) if !error.is_not_found() => return Err(ErrorKind::List(error).into()),
                    Err(_) => {}
                    Ok(object) => {
                        if let Ok(record) = self.kind.record(&object) {
                            records.push(record);
                            break;
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

/// Strikes out a release whose newest revision was decoded.
fn is_found(left: &mut BTreeMap<Place, Vec<i64>>, record: &Record) {
    let place = (record.namespace.clone(), record.name.clone());
    if left.get(&place).and_then(|versions| versions.last()) == Some(&record.version) {
        left.remove(&place);
    }
}

/// Takes name and revision out of the name of an object.
fn revision_of(key: &str) -> Option<(&str, i64)> {
    let (name, version) = key.strip_prefix(PREFIX)?.rsplit_once(".v")?;
    Some((name, version.parse().ok()?))
}

fn by_newest(releases: &BTreeMap<Place, Vec<i64>>) -> BTreeMap<i64, Vec<&str>> {
    let mut found: BTreeMap<i64, Vec<&str>> = BTreeMap::new();
    for ((_, name), versions) in releases {
        if let Some(newest) = versions.last() {
            found.entry(*newest).or_default().push(name);
        }
    }
    for names in found.values_mut() {
        names.sort_unstable();
        names.dedup();
    }
    found
}

fn in_chunks<'n>(names: &[&'n str]) -> Vec<Vec<&'n str>> {
    let mut chunks: Vec<Vec<&str>> = Vec::new();
    let mut length = 0;
    for name in names {
        length += name.len() + 3;
        match chunks.last_mut() {
            Some(chunk) if length <= LONGEST_NAMES => chunk.push(name),
            _ => {
                length = name.len() + 3;
                chunks.push(vec![name]);
            }
        }
    }
    chunks
}

/// Decodes records on all cores; those that cannot be decoded are left out.
pub(super) fn decode(kind: Kind, objects: &[Value]) -> Vec<Record> {
    let decode_some = |objects: &[Value]| -> Vec<Record> {
        objects.iter().filter_map(|object| kind.record(object).ok()).collect()
    };
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let threads = threads.min(objects.len() / RECORDS_PER_THREAD);
    if threads < 2 {
        return decode_some(objects);
    }
    thread::scope(|scope| {
        let chunks = objects.chunks(objects.len().div_ceil(threads));
        let running: Vec<_> = chunks.map(|chunk| scope.spawn(move || decode_some(chunk))).collect();
        running.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
    })
}

pub(super) fn items(list: &Value) -> &[Value] {
    list["items"].as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_NAMES, in_chunks, revision_of};

    #[test]
    fn names_of_objects_tell_the_revision() {
        assert_eq!(revision_of("sh.helm.release.v1.a.v1.v12"), Some(("a.v1", 12)));
        assert_eq!(revision_of("sh.helm.release.v1.a"), None);
        assert_eq!(revision_of("other.v1"), None);
    }

    #[test]
    fn names_go_in_requests_of_bounded_length() {
        let names: Vec<String> = (0..300).map(|number| format!("release-with-a-name-{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let chunks = in_chunks(&names);
        assert_eq!(chunks.concat(), names);
        assert!(chunks.len() > 1 && chunks.iter().all(|chunk| chunk.join(",").len() < LONGEST_NAMES));
    }
}
