//! What earlier listings have read of releases, in a file: an object that has kept its identity and its version has not
//! changed, so that only its metadata must be asked for again. Of a record it keeps what a listing shows, no more: no
//! values, manifests, notes or descriptions.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::process;

use cluster::ObjectMetadata;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::record::{ChartPart, Info, Record};

/// The form of the file; others are not read.
const FORM: u64 = 1;

/// The outlines of records by the identity of their objects.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Known {
    form: u64,
    outlines: BTreeMap<String, Outline>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Outline {
    resource_version: String,
    record: Record,
}

impl Known {
    /// Reads what is known; a file that cannot be read is as if it were not there.
    pub(crate) fn load(file: &Path) -> Known {
        let read = fs::read(file).ok().and_then(|text| serde_json::from_slice::<Known>(&text).ok());
        read.filter(|known| known.form == FORM).unwrap_or_default()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.outlines.is_empty()
    }

    /// Returns the outline of the record in an object, if it is still the same.
    pub(crate) fn outline(&self, object: &ObjectMetadata) -> Option<Record> {
        let known = self.outlines.get(&object.uid)?;
        let is_same = known.resource_version == object.resource_version && !object.uid.is_empty();
        is_same.then(|| Record { labels: object.labels.clone(), ..known.record.clone() })
    }

    /// Returns what to keep from now on: what was just read, and of what was known all that is still there.
    pub(crate) fn renewed<'a>(
        mut self,
        seen: impl IntoIterator<Item = &'a ObjectMetadata>,
        read: impl IntoIterator<Item = (&'a ObjectMetadata, &'a Record)>,
    ) -> Known {
        let kept = seen.into_iter().filter_map(|object| self.outlines.remove_entry(&object.uid));
        let mut outlines: BTreeMap<String, Outline> = kept.collect();
        outlines.extend(read.into_iter().map(|(object, record)| {
            let resource_version = object.resource_version.clone();
            (object.uid.clone(), Outline { resource_version, record: outline(record) })
        }));
        Known { form: FORM, outlines }
    }

    /// Keeps it: beside the file first, so that nobody reads half of it, and for the user alone.
    pub(crate) fn save(&self, file: &Path) {
        let beside = file.with_extension(format!("{}.new", process::id()));
        let written = file.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| {
            let text = serde_json::to_vec(self)?;
            options().open(&beside)?.write_all(&text)
        });
        if written.and_then(|()| fs::rename(&beside, file)).is_err() {
            let _nothing_to_remove = fs::remove_file(&beside);
        }
    }

    /// Keeps nothing more.
    pub(crate) fn forget(file: &Path) {
        let _was_not_there = fs::remove_file(file);
    }
}

/// Returns what a listing shows of a record.
fn outline(record: &Record) -> Record {
    let shown = |metadata: &Value| match metadata {
        Value::Null => Value::Null,
        metadata => ["name", "version", "appVersion"]
            .into_iter()
            .filter(|member| !metadata[*member].is_null())
            .map(|member| (member.to_owned(), metadata[member].clone()))
            .collect(),
    };
    let chart = record.chart.as_ref();
    Record {
        name: record.name.clone(),
        namespace: record.namespace.clone(),
        version: record.version,
        info: Info {
            last_deployed: record.info.last_deployed,
            status: record.info.status.clone(),
            ..Info::default()
        },
        chart: chart.map(|chart| ChartPart { metadata: shown(&chart.metadata), ..ChartPart::default() }),
        ..Record::default()
    }
}

#[cfg(unix)]
fn options() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options
}

#[cfg(not(unix))]
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    options
}

#[cfg(test)]
mod tests {
    use cluster::ObjectMetadata;
    use serde_json::json;

    use super::Known;
    use crate::record::{ChartPart, Record};

    #[test]
    fn an_outline_is_good_for_one_version_of_one_object() {
        let object = |uid: &str, version: &str| ObjectMetadata {
            uid: uid.to_owned(),
            resource_version: version.to_owned(),
            labels: [("name".to_owned(), "r".to_owned())].into(),
            ..ObjectMetadata::default()
        };
        let metadata = json!({"name": "c", "version": "1.0.0", "description": "d"});
        let chart = Some(ChartPart { metadata, ..ChartPart::default() });
        let record = Record { name: "r".to_owned(), manifest: "m".to_owned(), chart, ..Record::default() };
        let (first, second) = (object("a", "1"), object("b", "2"));
        let known = Known::default().renewed([], [(&first, &record), (&second, &record)]);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("host/secrets/default.json");
        known.save(&file);
        let known = Known::load(&file);
        let outline = known.outline(&first).unwrap();
        assert_eq!((outline.chart_metadata("version"), outline.chart_metadata("description")), ("1.0.0", ""));
        assert_eq!((outline.labels["name"].as_str(), outline.manifest.as_str()), ("r", ""));
        assert_eq!(known.outline(&object("a", "2")), None);
        assert_eq!(known.outline(&object("c", "1")), None);
        let known = known.renewed([&second], []);
        assert!(known.outline(&first).is_none() && known.outline(&second).is_some());
    }
}
