//! An index with all that it says, for what writes indexes, and for documents that the quick reader does not take.

use std::collections::BTreeMap;

use chart::{Decoder, Metadata};
use value::yaml::{Duplicates, Numbers, Options};
use value::{Map, Value};

use super::compact::{Index, Row, Skipped};
use super::read::checked;
use crate::{Error, ErrorKind};

/// The contents of an `index.yaml` (`repo.IndexFile`).
#[derive(Clone, Default)]
pub struct FullIndex {
    /// `serverInfo`, which chart servers add.
    pub server_info: Option<Map>,
    /// `apiVersion`
    pub api_version: String,
    /// `generated`, as RFC 3339 text; empty for none.
    pub generated: String,
    /// `entries`
    pub entries: BTreeMap<String, Vec<Option<FullEntry>>>,
    /// `publicKeys`
    pub public_keys: Vec<String>,
    /// `annotations`
    pub annotations: Option<BTreeMap<String, String>>,
}

/// One version of a chart (`repo.ChartVersion`).
#[derive(Debug, Clone, Default)]
pub struct FullEntry {
    /// The chart's own metadata.
    pub metadata: Metadata,
    /// Where the archive lies.
    pub urls: Vec<String>,
    /// When it was added, as RFC 3339 text; empty for none.
    pub created: String,
    /// Whether it was taken back.
    pub removed: bool,
    /// The SHA-256 of the archive.
    pub digest: String,
    /// Fields of older forms, kept as they are: checksum, engine, tillerVersion, url.
    pub older: [String; 4],
}

impl FullIndex {
    /// Reads an index without checking its entries.
    ///
    /// # Errors
    /// When it is no YAML or JSON, or has other fields or types than an index.
    pub fn read(bytes: &[u8]) -> Result<FullIndex, Error> {
        if serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok() {
            let document = value::json::read(bytes).map_err(|error| Error::refused(error.to_string()))?;
            let decoder = Decoder::of_json("IndexFile");
            return FullIndex::decode(&document, decoder, false).map_err(Error::refused);
        }
        let options = Options { numbers: Numbers::IntOrFloat, duplicates: Duplicates::Refuse };
        let document =
            value::yaml::read(bytes, &options).map_err(|error| Error::refused(error.to_string()))?;
        FullIndex::decode(&document, Decoder::default(), true)
            .map_err(|text| Error::refused(format!("error unmarshaling JSON: while decoding JSON: {text}")))
    }

    /// Reads an index and settles its entries (`LoadIndexFile`); returns also the entries that were left out.
    ///
    /// # Errors
    /// When it is empty, as [`FullIndex::read`], or as [`FullIndex::settle`].
    pub fn load(bytes: &[u8]) -> Result<(FullIndex, Vec<Skipped>), Error> {
        if bytes.is_empty() {
            return Err(ErrorKind::EmptyIndex.into());
        }
        let mut index = FullIndex::read(bytes)?;
        let skipped = index.settle()?;
        Ok((index, skipped))
    }

    fn decode(document: &Value, mut decoder: Decoder, is_strict: bool) -> Result<FullIndex, String> {
        let mut index = FullIndex::default();
        match document {
            Value::Nil => {}
            Value::Map(map) => {
                decoder.each_field(map, &mut |decoder, name, value| index.field(decoder, name, value));
            }
            other => decoder.mismatch(other, "repo.IndexFile"),
        }
        decoder.finish(is_strict)?;
        Ok(index)
    }

    fn field(&mut self, decoder: &mut Decoder, name: &str, value: &Value) {
        match name.to_ascii_lowercase().as_str() {
            "serverinfo" => match value {
                Value::Nil => self.server_info = None,
                Value::Map(map) => self.server_info = Some(map.clone()),
                other => decoder.mismatch(other, "map[string]interface {}"),
            },
            "apiversion" => decoder.text(value, &mut self.api_version),
            "generated" => decoder.time(value, &mut self.generated),
            "entries" => self.read_entries(decoder, value),
            "publickeys" => decoder.texts(value, &mut self.public_keys),
            "annotations" => decoder.text_map(value, &mut self.annotations),
            _ => decoder.unknown_field(name),
        }
    }

    fn read_entries(&mut self, decoder: &mut Decoder, value: &Value) {
        match value {
            Value::Nil => self.entries.clear(),
            Value::Map(map) => decoder.each_field(map, &mut |decoder, name, value| {
                let entries = self.entries.entry(name.to_owned()).or_default();
                match value {
                    Value::Nil => entries.clear(),
                    Value::List(list) => {
                        decoder.each_item(list, |decoder, _, item| entries.push(entry(decoder, item)));
                    }
                    other => decoder.mismatch(other, "repo.ChartVersions"),
                }
            }),
            other => decoder.mismatch(other, "map[string]repo.ChartVersions"),
        }
    }

    /// Checks the entries as loading does: those that break a rule are taken out and listed, the others sorted.
    ///
    /// # Errors
    /// When no API version is named.
    pub fn settle(&mut self) -> Result<Vec<Skipped>, Error> {
        let mut skipped = Vec::new();
        for (name, entries) in &mut self.entries {
            let before = skipped.len();
            let mut kept = Vec::with_capacity(entries.len());
            for entry in std::mem::take(entries) {
                let Some(mut entry) = entry else {
                    skipped.push(Skipped { chart: name.clone(), problem: None });
                    continue;
                };
                if entry.metadata.api_version.is_empty() {
                    entry.metadata.api_version = chart::API_VERSION_V1.to_owned();
                }
                match checked(&mut entry.metadata) {
                    Ok(version) => kept.push((version, entry)),
                    Err(problem) => {
                        skipped.push(Skipped { chart: name.clone(), problem: Some(problem) });
                    }
                }
            }
            if let Some(own) = skipped.get_mut(before..) {
                own.reverse();
            }
            kept.sort_by(|(a, _), (b, _)| b.cmp(a));
            entries.extend(kept.into_iter().map(|(_, entry)| Some(entry)));
        }
        if self.api_version.is_empty() { Err(ErrorKind::NoApiVersion.into()) } else { Ok(skipped) }
    }

    /// Returns what searching and resolving need.
    ///
    /// # Errors
    /// As [`FullIndex::settle`].
    pub(super) fn compact(mut self) -> Result<Index, Error> {
        let mut index = Index::default();
        index.skipped = self.settle()?;
        for (name, entries) in &self.entries {
            let span = index.keep(name.as_bytes());
            let mut rows = Vec::with_capacity(entries.len());
            for entry in entries.iter().flatten() {
                let metadata = &entry.metadata;
                let mut row = Row {
                    name: index.keep(metadata.name.as_bytes()),
                    version: index.keep(metadata.version.as_bytes()),
                    app_version: index.keep(metadata.app_version.as_bytes()),
                    description: index.keep(metadata.description.as_bytes()),
                    keywords: index.keep(metadata.keywords.join(" ").as_bytes()),
                    digest: index.keep(entry.digest.as_bytes()),
                    ..Row::default()
                };
                entry.urls.iter().for_each(|url| index.keep_url(&mut row, url.as_bytes()));
                // Checked by `settle`.
                if let Ok(version) = value::semver::Version::parse(&metadata.version) {
                    rows.push((row, version));
                }
            }
            index.add_chart(span, rows);
        }
        Ok(index)
    }
}

fn entry(decoder: &mut Decoder, item: &Value) -> Option<FullEntry> {
    match item {
        Value::Nil => None,
        Value::Map(map) => {
            let mut entry = FullEntry::default();
            decoder.each_field(map, &mut |decoder, name, value| entry.field(decoder, name, value));
            Some(entry)
        }
        other => {
            decoder.mismatch(other, "repo.ChartVersion");
            None
        }
    }
}

impl FullEntry {
    fn field(&mut self, decoder: &mut Decoder, name: &str, value: &Value) {
        let [checksum, engine, tiller_version, url] = &mut self.older;
        match name.to_ascii_lowercase().as_str() {
            "urls" => decoder.texts(value, &mut self.urls),
            "created" => decoder.time(value, &mut self.created),
            "removed" => decoder.flag(value, &mut self.removed),
            "digest" => decoder.text(value, &mut self.digest),
            "checksum" => decoder.text(value, checksum),
            "engine" => decoder.text(value, engine),
            "tillerversion" => decoder.text(value, tiller_version),
            "url" => decoder.text(value, url),
            _ => decoder.embedded_metadata_field(name, value, &mut self.metadata),
        }
    }
}
