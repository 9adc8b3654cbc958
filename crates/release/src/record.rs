//! What is stored for one revision of a release (`pkg/release/v1`), as plain data.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use manifest::{Hook, Time, optional_time};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::holder::Holder;
use crate::status::Status;

/// Labels of a release; they are kept as labels of the stored object, not in the record.
pub type Labels = BTreeMap<String, String>;

/// One revision of a release.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Record {
    /// Name of the release.
    #[serde(default, skip_serializing_if = "String::is_empty", deserialize_with = "null_as_default")]
    pub name: String,
    /// State and times.
    #[serde(default, deserialize_with = "null_as_default")]
    pub info: Info,
    /// The chart it was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chart: Option<ChartPart>,
    /// Values given by the user; none at all in stored records that were given none.
    #[serde(default, skip_serializing_if = "has_no_members")]
    pub config: Option<Map<String, Value>>,
    /// All objects but hooks, as text.
    #[serde(default, skip_serializing_if = "String::is_empty", deserialize_with = "null_as_default")]
    pub manifest: String,
    /// Hooks.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "null_as_default")]
    pub hooks: Vec<Hook>,
    /// Revision, from 1.
    #[serde(default, skip_serializing_if = "is_zero", deserialize_with = "null_as_default")]
    pub version: i64,
    /// Namespace of the release.
    #[serde(default, skip_serializing_if = "String::is_empty", deserialize_with = "null_as_default")]
    pub namespace: String,
    /// Labels; read from storage they include those of Helm itself.
    #[serde(skip)]
    pub labels: Labels,
    /// `ssa`, `csa`, or nothing in records of Helm 3, which means `csa`.
    #[serde(default, skip_serializing_if = "String::is_empty", deserialize_with = "null_as_default")]
    pub apply_method: String,
    /// Who is changing it; only while a change is under way.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "if_readable")]
    pub holder: Option<Holder>,
    /// When it was last written to its storage, in seconds since 1970; 0 when it was not read from one.
    #[serde(skip)]
    pub written_at: i64,
}

/// State and times of a revision.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Info {
    /// When the release was first installed.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "optional_time")]
    pub first_deployed: Option<Time>,
    /// When this revision was made.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "optional_time")]
    pub last_deployed: Option<Time>,
    /// When it was uninstalled.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "optional_time")]
    pub deleted: Option<Time>,
    /// What happened, in a sentence.
    #[serde(default, skip_serializing_if = "String::is_empty", deserialize_with = "null_as_default")]
    pub description: String,
    /// The state.
    #[serde(default)]
    pub status: Status,
    /// The revision this one was rolled back to; 0 when it was not.
    #[serde(default, skip_serializing_if = "is_zero", deserialize_with = "null_as_default")]
    pub rollback_revision: i64,
    /// Rendered notes.
    #[serde(default, skip_serializing_if = "String::is_empty", deserialize_with = "null_as_default")]
    pub notes: String,
}

/// The chart of a revision: its own files, without subcharts.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ChartPart {
    /// `Chart.yaml`, as JSON.
    #[serde(default, serialize_with = "crate::go_json::metadata")]
    pub metadata: Value,
    /// `Chart.lock`, as JSON, or null.
    #[serde(default, serialize_with = "crate::go_json::lock")]
    pub lock: Value,
    /// Templates; null when there are none.
    #[serde(default)]
    pub templates: Option<Vec<File>>,
    /// Default values, those of subcharts merged in.
    #[serde(default)]
    pub values: Value,
    /// `values.schema.json`.
    #[serde(default)]
    pub schema: Option<Blob>,
    /// When the schema was changed; Go's zero time when there is none.
    #[serde(default = "zero_time", rename = "schemamodtime")]
    pub schema_modified: Time,
    /// All other files; null when there are none.
    #[serde(default)]
    pub files: Option<Vec<File>>,
    /// When `Chart.yaml` was changed.
    #[serde(
        default,
        rename = "modtime",
        skip_serializing_if = "Option::is_none",
        deserialize_with = "optional_time"
    )]
    pub modified: Option<Time>,
}

/// A file of a chart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Path inside the chart.
    #[serde(default)]
    pub name: String,
    /// Contents; null for none.
    #[serde(default)]
    pub data: Option<Blob>,
    /// When it was changed.
    #[serde(
        default,
        rename = "modtime",
        skip_serializing_if = "Option::is_none",
        deserialize_with = "optional_time"
    )]
    pub modified: Option<Time>,
}

/// Bytes in the form records hold them (base64), decoded only when asked for: most commands read a record to
/// change its status and never look at the chart's files.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Blob(String);

impl Blob {
    /// Encodes bytes.
    pub fn from_bytes(bytes: &[u8]) -> Blob {
        Blob(STANDARD.encode(bytes))
    }

    /// Decodes the bytes; `None` when the stored text is no base64.
    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        STANDARD.decode(&self.0).ok()
    }
}

impl Record {
    /// Sets state and description.
    pub fn set_status(&mut self, status: Status, description: impl Into<String>) {
        self.info.status = status;
        self.info.description = description.into();
    }

    /// Returns whether objects were made by server-side apply.
    pub fn is_server_side(&self) -> bool {
        self.apply_method == "ssa"
    }

    /// Returns a text of the chart's metadata (`name`, `version`, `appVersion`), empty when absent.
    pub fn chart_metadata(&self, member: &str) -> &str {
        self.chart.as_ref().and_then(|chart| chart.metadata[member].as_str()).unwrap_or_default()
    }
}

fn has_no_members(config: &Option<Map<String, Value>>) -> bool {
    config.as_ref().is_none_or(Map::is_empty)
}

fn is_zero(number: &i64) -> bool {
    *number == 0
}

fn zero_time() -> Time {
    Time::ZERO
}

/// Go reads `null` into any member as its zero value.
fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// Members that Helm does not know must not make a record unreadable.
fn if_readable<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: serde::de::DeserializeOwned,
{
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).ok())
}
