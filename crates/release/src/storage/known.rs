//! What earlier listings have read of releases, in a file: an object that has kept its identity and its version has not
//! changed, so that only its metadata must be asked for again. Of a record it keeps what a listing shows, no more: no
//! values, manifests, notes or descriptions.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::process;

use cluster::ObjectMetadata;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::record::{ChartPart, Info, Record};

/// The form of the file; others are not read.
const FORM: u64 = 1;

/// What commands add to beside the file, a line for each record they write, until a listing puts it into the file.
const NEWS: &str = "new";

/// Where nobody ever lists releases the lines begin anew from this length.
const LONGEST_NEWS_BYTES: u64 = 1 << 20;

/// The outlines of records by the identity of their objects.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Known {
    form: u64,
    outlines: BTreeMap<String, Outline>,
    /// Whether a listing has kept something.
    #[serde(skip)]
    is_kept: bool,
}

/// One record that a command has written.
#[derive(Debug, Serialize, Deserialize)]
struct News {
    form: u64,
    uid: String,
    #[serde(flatten)]
    outline: Outline,
}

/// Whose records a listing shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Those of one namespace.
    One,
    /// Those of all.
    All,
}

#[derive(Debug, Serialize, Deserialize)]
struct Outline {
    resource_version: String,
    record: Record,
}

impl Known {
    /// Reads what is known, and what commands have written since; a file that cannot be read is as if it were not there.
    /// The file for all namespaces is told of none, so that the news of each are read for it.
    pub(crate) fn load(file: &Path, reach: Reach) -> Known {
        let read = fs::read(file).ok().and_then(|text| serde_json::from_slice::<Known>(&text).ok());
        let mut known = read.filter(|known| known.form == FORM).unwrap_or_default();
        known.is_kept = !known.outlines.is_empty();
        match reach {
            Reach::One => known.learn(&file.with_extension(NEWS)),
            Reach::All => {
                let beside = file.parent().and_then(|folder| fs::read_dir(folder).ok());
                let others = beside.into_iter().flatten().flatten().map(|entry| entry.path());
                let news = others.filter(|path| path.extension().is_some_and(|extension| extension == NEWS));
                news.for_each(|path| known.learn(&path));
            }
        }
        known
    }

    fn learn(&mut self, news: &Path) {
        let text = fs::read_to_string(news).unwrap_or_default();
        let lines = text.lines().filter_map(|line| serde_json::from_str::<News>(line).ok());
        let current = lines.filter(|news| news.form == FORM);
        self.outlines.extend(current.map(|news| (news.uid, news.outline)));
    }

    /// Notes what a command has made of an object; nothing happens when that cannot be written.
    pub(crate) fn note(file: &Path, object: &Value, record: &Record) {
        let text = |member: &str| object["metadata"][member].as_str().unwrap_or_default().to_owned();
        let outline = Outline { resource_version: text("resourceVersion"), record: outline(record) };
        let news = News { form: FORM, uid: text("uid"), outline };
        let file = file.with_extension(NEWS);
        let _unwritten = append(&file, &news);
    }

    /// Returns whether there are many records, as far as is known: more than `few` were stored here, or so many that a
    /// listing has kept them.
    pub(crate) fn is_of_many(&self, few: usize) -> bool {
        self.is_kept || self.outlines.len() > few
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
        Known { form: FORM, outlines, is_kept: true }
    }

    /// Keeps it: beside the file first, so that nobody reads half of it, and for the user alone.
    pub(crate) fn save(&self, file: &Path) {
        let beside = file.with_extension(format!("{}.new", process::id()));
        let written = file.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| {
            let text = serde_json::to_vec(self)?;
            private(OpenOptions::new().write(true).create(true).truncate(true))
                .open(&beside)?
                .write_all(&text)
        });
        match written.and_then(|()| fs::rename(&beside, file)) {
            Ok(()) => {
                let _were_none = fs::remove_file(file.with_extension(NEWS));
            }
            Err(_) => {
                let _nothing_to_remove = fs::remove_file(&beside);
            }
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

fn append(file: &Path, news: &News) -> io::Result<()> {
    let mut line = serde_json::to_vec(news)?;
    line.push(b'\n');
    file.parent().map_or(Ok(()), fs::create_dir_all)?;
    let mut lines = private(OpenOptions::new().append(true).create(true)).open(file)?;
    if lines.metadata()?.len() > LONGEST_NEWS_BYTES {
        lines.set_len(0)?;
    }
    lines.write_all(&line)
}

/// Makes what is created the user's alone.
#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(test)]
mod tests {
    use cluster::ObjectMetadata;
    use serde_json::json;

    use super::{Known, Reach};
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
        let known = Known::load(&file, Reach::One);
        let outline = known.outline(&first).unwrap();
        assert_eq!((outline.chart_metadata("version"), outline.chart_metadata("description")), ("1.0.0", ""));
        assert_eq!((outline.labels["name"].as_str(), outline.manifest.as_str()), ("r", ""));
        assert_eq!(known.outline(&object("a", "2")), None);
        assert_eq!(known.outline(&object("c", "1")), None);
        let known = known.renewed([&second], []);
        assert!(known.outline(&first).is_none() && known.outline(&second).is_some());
    }

    #[test]
    fn what_commands_have_written_is_known_until_a_listing_keeps_it() {
        let folder = tempfile::tempdir().unwrap();
        let [file, all] = ["default.json", "_all.json"].map(|name| folder.path().join("secrets").join(name));
        let stored = |version: &str| json!({"metadata": {"uid": "a", "resourceVersion": version}});
        let record = Record { name: "r".to_owned(), manifest: "m".to_owned(), ..Record::default() };
        for version in ["1", "2"] {
            Known::note(&file, &stored(version), &record);
        }
        let object = ObjectMetadata {
            uid: "a".to_owned(),
            resource_version: "2".to_owned(),
            ..ObjectMetadata::default()
        };
        for (file, reach) in [(&file, Reach::One), (&all, Reach::All)] {
            let outline = Known::load(file, reach).outline(&object).unwrap();
            assert_eq!((outline.name.as_str(), outline.manifest.as_str()), ("r", ""));
        }
        assert!(Known::load(&all, Reach::One).outline(&object).is_none());
        assert!(!Known::load(&file, Reach::One).is_of_many(1));
        Known::load(&file, Reach::One).renewed([&object], []).save(&file);
        assert_eq!(std::fs::read_dir(folder.path().join("secrets")).unwrap().count(), 1);
        assert!(Known::load(&file, Reach::One).outline(&object).is_some());
        Known::note(&folder.path().join("secrets/default.json/x"), &stored("3"), &record);
    }
}
