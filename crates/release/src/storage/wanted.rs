//! Which releases a listing shows, decided from the metadata of their objects.

use std::collections::{BTreeMap, BTreeSet};

use cluster::ObjectMetadata;

use crate::record::{Info, Labels, Record};
use crate::status::Status;

const PREFIX: &str = "sh.helm.release.v1.";

/// Which releases a listing shows.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// Which names.
    pub name: &'a dyn Fn(&str) -> bool,
    /// Which labels, those of Helm itself included.
    pub labels: &'a dyn Fn(&Labels) -> bool,
    /// Which states.
    pub status: &'a dyn Fn(&Status) -> bool,
    /// Which of these in the order of their names; all when the order is another.
    pub window: Option<Window>,
}

/// A part of a list in the order of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Whether the order is the reverse one.
    pub is_reversed: bool,
    /// How many are left out at the beginning.
    pub offset: usize,
    /// How many are shown at most.
    pub limit: usize,
}

/// A release: its namespace and name.
pub(super) type Place = (String, String);

/// The object of a revision.
#[derive(Debug, Clone, Copy)]
pub(super) struct Revision<'a> {
    /// Its number.
    pub(super) version: i64,
    /// The object.
    pub(super) object: &'a ObjectMetadata,
}

/// Sorts objects into releases, their revisions oldest first; names tell what belongs where.
pub(super) fn releases(objects: &[ObjectMetadata]) -> BTreeMap<Place, Vec<Revision<'_>>> {
    let mut found: BTreeMap<Place, Vec<Revision<'_>>> = BTreeMap::new();
    for object in objects {
        if let Some((name, version)) = revision_of(&object.name) {
            let place = (object.namespace.clone(), name.to_owned());
            found.entry(place).or_default().push(Revision { version, object });
        }
    }
    found.values_mut().for_each(|revisions| revisions.sort_unstable_by_key(|revision| revision.version));
    found
}

/// Takes name and revision out of the name of an object.
fn revision_of(key: &str) -> Option<(&str, i64)> {
    let (name, version) = key.strip_prefix(PREFIX)?.rsplit_once(".v")?;
    Some((name, version.parse().ok()?))
}

/// Returns what the object of a revision tells without its record.
pub(super) fn told(place: &Place, revision: Revision<'_>) -> Record {
    let labels = revision.object.labels.clone();
    let status = labels.get("status").map_or(Status::Unknown, |status| Status::from(status.as_str()));
    Record {
        namespace: place.0.clone(),
        name: place.1.clone(),
        version: revision.version,
        info: Info { status, ..Info::default() },
        labels,
        ..Record::default()
    }
}

impl Wanted<'_> {
    /// Returns whether a listing shows a release, wherever in it.
    pub(super) fn wants(&self, record: &Record) -> bool {
        (self.name)(&record.name) && (self.labels)(&record.labels) && (self.status)(&record.info.status)
    }

    /// Returns which of the releases, sorted by namespace and name, are in the window.
    pub(super) fn shown(&self, records: &[Record]) -> BTreeSet<Place> {
        let mut sorted: Vec<&Record> = records.iter().collect();
        let place = |record: &Record| (record.namespace.clone(), record.name.clone());
        let Some(window) = self.window else { return sorted.into_iter().map(place).collect() };
        match window.is_reversed {
            false => sorted.sort_by(|a, b| a.name.cmp(&b.name)),
            true => sorted.sort_by(|a, b| b.name.cmp(&a.name)),
        }
        sorted.into_iter().skip(window.offset).take(window.limit).map(place).collect()
    }
}

#[cfg(test)]
mod tests {
    use cluster::ObjectMetadata;

    use super::{Wanted, Window, releases, revision_of, told};

    #[test]
    fn names_of_objects_tell_the_revision() {
        assert_eq!(revision_of("sh.helm.release.v1.a.v1.v12"), Some(("a.v1", 12)));
        assert_eq!(revision_of("sh.helm.release.v1.a"), None);
        assert_eq!(revision_of("other.v1"), None);
    }

    #[test]
    fn what_is_shown_is_known_before_records_are_read() {
        let object = |name: &str, version: &str, status: &str| ObjectMetadata {
            name: format!("sh.helm.release.v1.{name}.v{version}"),
            labels: [("status".to_owned(), status.to_owned())].into(),
            ..ObjectMetadata::default()
        };
        let objects = [
            object("b", "1", "deployed"),
            object("a", "10", "deployed"),
            object("a", "9", "superseded"),
            object("c", "1", "failed"),
            object("d", "1", "deployed"),
        ];
        let found = releases(&objects);
        let newest: Vec<_> = found.iter().map(|(place, all)| told(place, *all.last().unwrap())).collect();
        let wanted = |is_reversed, offset, limit| Wanted {
            name: &|name| name != "d",
            labels: &|_| true,
            status: &|status| status.as_str() == "deployed",
            window: Some(Window { is_reversed, offset, limit }),
        };
        let shown = |wanted: Wanted<'_>| -> Vec<String> {
            let of_interest: Vec<_> = newest.iter().filter(|record| wanted.wants(record)).cloned().collect();
            wanted.shown(&of_interest).into_iter().map(|(_, name)| name).collect()
        };
        assert_eq!(newest[0].version, 10);
        assert_eq!(shown(wanted(false, 0, 9)), ["a", "b"]);
        assert_eq!(shown(wanted(false, 1, 1)), ["b"]);
        assert_eq!(shown(wanted(true, 1, 9)), ["a"]);
        assert_eq!(shown(Wanted { window: None, ..wanted(false, 1, 1) }), ["a", "b"]);
    }
}
