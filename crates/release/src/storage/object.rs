//! Records as Secrets or ConfigMaps: the objects, without talking to a server.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cluster::DataObject;
use serde_json::{Value, json};

use super::parts::Split;
use crate::codec;
use crate::error::Error;
use crate::record::{Labels, Record};

/// Labels Helm itself sets on stored records.
pub const SYSTEM_LABELS: [&str; 6] = ["name", "owner", "status", "version", "createdAt", "modifiedAt"];

/// Who owns parts of records; another word than Helm's, so that Helm never takes one for a record.
const PARTS_OWNER: &str = "pintle";

/// Returns whether any label is one of Helm's own.
pub fn has_system_labels(labels: &Labels) -> bool {
    labels.keys().any(|key| SYSTEM_LABELS.contains(&key.as_str()))
}

/// Which kind of object holds a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Secrets.
    Secret,
    /// ConfigMaps.
    ConfigMap,
}

impl Kind {
    /// The plural in paths.
    pub(crate) fn plural(self) -> &'static str {
        match self {
            Kind::Secret => "secrets",
            Kind::ConfigMap => "configmaps",
        }
    }

    /// Builds the object of an encoded record. `stamp` is `createdAt` or `modifiedAt` with seconds since 1970; a label
    /// of the record goes before it (`secrets.go`, `newSecretsObject` copies the record's labels last).
    pub(crate) fn object(self, key: &str, record: &Record, text: &str, stamp: (&str, i64)) -> Value {
        let mut labels = Labels::new();
        labels.insert(stamp.0.to_owned(), stamp.1.to_string());
        labels.extend(record.labels.iter().map(|(key, value)| (key.clone(), value.clone())));
        for (key, value) in [
            ("name", record.name.clone()),
            ("owner", "helm".to_owned()),
            ("status", record.info.status.to_string()),
            ("version", record.version.to_string()),
        ] {
            labels.insert(key.to_owned(), value);
        }
        let metadata = json!({"name": key, "labels": labels});
        self.filled("helm.sh/release.v1", metadata, "release", text)
    }

    /// Builds the objects of the parts of a record.
    pub(crate) fn part_objects(self, record: &Record, split: &Split) -> Vec<Value> {
        let version = record.version.to_string();
        let labels = json!({"owner": PARTS_OWNER, "name": record.name, "version": version});
        let object = |(name, text): (String, &str)| {
            let metadata = json!({"name": name, "labels": labels});
            self.filled("pintle.dev/release-part.v1", metadata, "part", text)
        };
        split.parts.names().into_iter().zip(split.pieces()).map(object).collect()
    }

    fn filled(self, secret_type: &str, metadata: Value, member: &str, text: &str) -> Value {
        match self {
            Kind::Secret => json!({
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": metadata,
                "type": secret_type,
                "data": {member: STANDARD.encode(text)},
            }),
            Kind::ConfigMap => json!({
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": metadata,
                "data": {member: text},
            }),
        }
    }

    /// Reads a record with all labels of its object.
    ///
    /// # Errors
    /// When the object holds no record, or none that can be decoded.
    pub(crate) fn record(self, object: &DataObject) -> Result<Record, Error> {
        // An object that holds nothing under the name holds an empty text, as Go has it.
        let mut record = codec::decode(object.data.get("release").map_or(&[][..], Vec::as_slice))?;
        record.labels.extend(object.metadata.labels.clone());
        record.written_at = written_at(&record.labels);
        Ok(record)
    }
}

/// Returns the selector of the parts of a release, or of one of its revisions.
pub(crate) fn parts_selector(name: &str, version: Option<i64>) -> String {
    let of_release = format!("owner={PARTS_OWNER},name={name}");
    match version {
        Some(version) => format!("{of_release},version={version}"),
        None => of_release,
    }
}

fn written_at(labels: &Labels) -> i64 {
    let seconds = |name: &str| labels.get(name).and_then(|text| text.parse().ok()).unwrap_or(0);
    seconds("createdAt").max(seconds("modifiedAt"))
}
