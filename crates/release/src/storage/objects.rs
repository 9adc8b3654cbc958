//! Records as Secrets or ConfigMaps: the objects, without talking to a server.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::codec;
use crate::error::{Error, ErrorKind};
use crate::record::{Labels, Record};

/// Labels Helm itself sets on stored records.
pub const SYSTEM_LABELS: [&str; 6] = ["name", "owner", "status", "version", "createdAt", "modifiedAt"];

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

    /// Builds the object. `stamp` is `createdAt` or `modifiedAt` with seconds since 1970; a label of the record
    /// goes before it (`secrets.go`, `newSecretsObject` copies the record's labels last).
    pub(crate) fn object(self, key: &str, record: &Record, stamp: (&str, i64)) -> Result<Value, Error> {
        let text = codec::encode(record)?;
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
        Ok(match self {
            Kind::Secret => json!({
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": metadata,
                "type": "helm.sh/release.v1",
                "data": {"release": STANDARD.encode(text)},
            }),
            Kind::ConfigMap => json!({
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": metadata,
                "data": {"release": text},
            }),
        })
    }

    /// Reads a record with all labels of its object.
    pub(crate) fn record(self, object: &Value) -> Result<Record, Error> {
        let text = object["data"]["release"].as_str().unwrap_or_default();
        let mut record = match self {
            Kind::Secret => codec::decode(&STANDARD.decode(text).map_err(ErrorKind::Base64)?)?,
            Kind::ConfigMap => codec::decode(text.as_bytes())?,
        };
        if let Some(labels) = object["metadata"]["labels"].as_object() {
            for (key, value) in labels {
                record.labels.insert(key.clone(), value.as_str().unwrap_or_default().to_owned());
            }
        }
        Ok(record)
    }
}
