//! The newest revision of every release, without reading the others: metadata first, then the records that are shown.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::thread;

use cluster::{DataObject, ObjectMetadata};
use futures_util::stream::{self, StreamExt};
use http::Method;

use super::known::{Known, Reach};
use super::object::Kind;
use super::objects::Objects;
use super::wanted::{Place, Revision, Wanted, releases, told};
use crate::error::{Error, ErrorKind};
use crate::record::Record;

/// As many records as come with the first request, where no more are known. Most namespaces hold no more, and then it is
/// the only one.
const FIRST_PAGE: usize = 16;

/// The longest list of names in one request: servers and proxies take addresses of 8 KiB.
const LONGEST_NAMES: usize = 4000;

/// How many requests are under way at a time.
const MOST_REQUESTS: usize = 4;

/// Fewer records are not worth a thread.
const RECORDS_PER_THREAD: usize = 16;

/// Releases with the objects of their revisions.
type Releases<'a> = BTreeMap<Place, Vec<Revision<'a>>>;

/// What was read, and what of it is not as labels tell.
#[derive(Default)]
struct Found<'a> {
    records: Vec<Record>,
    /// Records that were read now, with their objects.
    read: Vec<(&'a ObjectMetadata, Record)>,
    /// Releases whose newest revision cannot be decoded.
    unreadable: Vec<Place>,
    /// Whether a record is not what its labels say.
    is_contradictory: bool,
}

impl Objects<'_> {
    /// Reads at least the newest revision of each release that is wanted; what cannot be decoded is left out, and the
    /// revision before it takes its place. Of releases outside the window only what labels tell is returned.
    pub(crate) async fn newest(&self, wanted: &Wanted<'_>) -> Result<Vec<Record>, Error> {
        let reach = if self.namespace.is_empty() { Reach::All } else { Reach::One };
        let known = self.known.map(|file| Known::load(file, reach)).unwrap_or_default();
        let mine = [("labelSelector", "owner=helm")];
        if !known.is_of_many(FIRST_PAGE) {
            let page = self.collection(&[mine[0], ("limit", &FIRST_PAGE.to_string())]).await;
            let page = page.map_err(ErrorKind::List)?;
            if !page.has_more {
                return Ok(decode(self.kind, &page.items));
            }
        }
        let place = (self.namespace, self.kind.plural());
        let objects = self.client.core_metadata(place, &mine).await.map_err(ErrorKind::List)?;
        let releases = releases(&objects);
        let mut found = self.find(&releases, wanted, &known).await?;
        let is_unsure = found.is_contradictory || !found.unreadable.is_empty();
        if is_unsure && wanted.window.is_some() {
            // Who takes the place of what is not shown after all was not read.
            found = self.find(&releases, &Wanted { window: None, ..*wanted }, &known).await?;
        }
        self.remember(known, &objects, &found);
        let older = self.read_older(&releases, &found.unreadable).await?;
        Ok(found.records.into_iter().chain(older).collect())
    }

    /// Reads the newest revisions that are shown and not known.
    async fn find<'a>(
        &self,
        releases: &Releases<'a>,
        wanted: &Wanted<'_>,
        known: &Known,
    ) -> Result<Found<'a>, Error> {
        let newest = releases.iter().filter_map(|(place, all)| Some((place, *all.last()?)));
        let (revisions, told): (Vec<Revision<'_>>, Vec<Record>) = newest
            .map(|(place, revision)| (revision, told(place, revision)))
            .filter(|(_, record)| wanted.wants(record))
            .unzip();
        let shown = wanted.shown(&told);
        let mut found = Found::default();
        let mut missing = Vec::new();
        for (revision, record) in revisions.into_iter().zip(told) {
            match (shown.contains(&place_of(&record)), known.outline(revision.object)) {
                (false, _) => found.records.push(record),
                (true, Some(outline)) => found.records.push(outline),
                (true, None) => missing.push((revision, record)),
            }
        }
        let mut read = self.read_newest(&missing).await?;
        for (revision, told) in missing {
            let object = (revision.object.namespace.as_str(), revision.object.name.as_str());
            match read.remove(&(object.0.to_owned(), object.1.to_owned())) {
                None => found.unreadable.push(place_of(&told)),
                Some(record) => {
                    found.is_contradictory |= !wanted.wants(&record);
                    found.records.push(record.clone());
                    found.read.push((revision.object, record));
                }
            }
        }
        Ok(found)
    }

    /// Reads revisions, some requests at a time, by namespace and name of their objects; what cannot be decoded is left
    /// out.
    async fn read_newest(
        &self,
        missing: &[(Revision<'_>, Record)],
    ) -> Result<BTreeMap<(String, String), Record>, Error> {
        let requests = selectors(missing.iter().map(|(revision, record)| (revision.version, &*record.name)));
        let lists = stream::iter(requests.iter().map(|selector| self.select(selector)));
        let lists: Vec<_> = lists.buffered(MOST_REQUESTS).collect().await;
        let mut objects: Vec<DataObject> = Vec::with_capacity(missing.len());
        for list in lists {
            objects.extend(list.map_err(ErrorKind::List)?.items);
        }
        let records = decode_each(self.kind, &objects);
        let found = objects.into_iter().zip(records).filter_map(|(object, record)| {
            Some(((object.metadata.namespace, object.metadata.name), record?))
        });
        Ok(found.collect())
    }

    fn remember(&self, known: Known, objects: &[ObjectMetadata], found: &Found<'_>) {
        let Some(file) = self.known else { return };
        if objects.len() <= FIRST_PAGE {
            Known::forget(file);
        } else if !found.read.is_empty() {
            known.renewed(objects, found.read.iter().map(|(object, record)| (*object, record))).save(file);
        }
    }

    /// Goes back in the history of releases whose newest revision could not be decoded.
    async fn read_older(&self, releases: &Releases<'_>, places: &[Place]) -> Result<Vec<Record>, Error> {
        let mut records = Vec::new();
        for place in places {
            let revisions = releases.get(place).map_or(&[][..], Vec::as_slice);
            for revision in revisions.iter().rev().skip(1) {
                if let Some(record) = self.read_if_readable(place, &revision.object.name).await? {
                    records.push(record);
                    break;
                }
            }
        }
        Ok(records)
    }

    async fn read_if_readable(&self, place: &Place, key: &str) -> Result<Option<Record>, Error> {
        let path = (place.0.as_str(), self.kind.plural(), Some(key));
        match self.client.core(Method::GET, path, &[], None).await {
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(ErrorKind::List(error).into()),
            Ok(object) => {
                let object = DataObject::from_json(&object).ok();
                Ok(object.and_then(|object| self.kind.record(&object).ok()))
            }
        }
    }
}

fn place_of(record: &Record) -> Place {
    (record.namespace.clone(), record.name.clone())
}

/// Returns the selectors that find revisions of releases, each of bounded length.
fn selectors<'n>(revisions: impl Iterator<Item = (i64, &'n str)>) -> Vec<String> {
    let mut names: BTreeMap<i64, Vec<&str>> = BTreeMap::new();
    revisions.for_each(|(version, name)| names.entry(version).or_default().push(name));
    let mut found = Vec::new();
    for (version, mut names) in names {
        names.sort_unstable();
        names.dedup();
        let chunks = in_chunks(&names).into_iter();
        found.extend(
            chunks.map(|names| format!("owner=helm,version={version},name in ({})", names.join(","))),
        );
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
pub(super) fn decode(kind: Kind, objects: &[DataObject]) -> Vec<Record> {
    decode_each(kind, objects).into_iter().flatten().collect()
}

fn decode_each(kind: Kind, objects: &[DataObject]) -> Vec<Option<Record>> {
    let decode_some = |objects: &[DataObject]| -> Vec<Option<Record>> {
        objects.iter().map(|object| kind.record(object).ok()).collect()
    };
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let shares = cores.min(objects.len() / RECORDS_PER_THREAD);
    if shares < 2 {
        return decode_some(objects);
    }
    let (own, others) = objects.split_at(objects.len().div_ceil(shares));
    thread::scope(|scope| {
        let start = |chunk| (chunk, thread::Builder::new().spawn_scoped(scope, move || decode_some(chunk)));
        let running: Vec<_> = others.chunks(own.len()).map(start).collect();
        let mut decoded = decode_some(own);
        for (chunk, thread) in running {
            decoded.extend(match thread {
                Ok(thread) => thread.join().unwrap_or_else(|_| vec![None; chunk.len()]),
                Err(_) => decode_some(chunk),
            });
        }
        decoded
    })
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_NAMES, in_chunks, selectors};

    #[test]
    fn revisions_of_one_number_are_asked_for_together() {
        let revisions = [(2, "b"), (1, "c"), (2, "a")];
        assert_eq!(
            selectors(revisions.into_iter()),
            ["owner=helm,version=1,name in (c)", "owner=helm,version=2,name in (a,b)"]
        );
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
