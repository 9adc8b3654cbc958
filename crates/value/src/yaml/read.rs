//! The ways to read a YAML text: into values, into JSON, or just far enough to know what object it is.

use std::collections::BTreeMap;

use super::{Duplicates, Options};
use crate::{Error, List, Map, Value};

/// What Helm looks at in a manifest (`SimpleHead` in its `pkg/release/v1/util/manifest.go`, and the namespace).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Head {
    /// `apiVersion`, empty when absent.
    pub api_version: String,
    /// `kind`, empty when absent.
    pub kind: String,
    /// `metadata`, when it is there and not null.
    pub metadata: Option<HeadMetadata>,
}

/// The part of an object's metadata that decides its place among the manifests.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HeadMetadata {
    /// `metadata.name`, empty when absent.
    pub name: String,
    /// `metadata.namespace`, empty when absent or not a string (Helm does not read it here).
    pub namespace: String,
    /// `metadata.annotations`.
    pub annotations: BTreeMap<String, String>,
}

/// Reads the first document of a YAML text, as `yaml.Unmarshal` of sigs.k8s.io/yaml does into an `interface{}`.
///
/// # Errors
/// When the text is not YAML or cannot be expressed in JSON; the text is Go's, beginning with
/// `error converting YAML to JSON: `.
pub fn read(_bytes: &[u8], _options: &Options) -> Result<Value, Error> {
    Err(Error::message("reading YAML: not written yet"))
}

/// Reads the first document into a map, as `yaml.Unmarshal` does into a `map[string]interface{}`; no document and
/// null give an empty map.
///
/// # Errors
/// As [`read`], and `error unmarshaling JSON: …` when the document is something else.
pub fn read_map(_bytes: &[u8], _options: &Options) -> Result<Map, Error> {
    Err(Error::message("reading YAML: not written yet"))
}

/// Reads the first document into a list, as `yaml.Unmarshal` does into a `[]interface{}`; no document and null give
/// an empty list.
///
/// # Errors
/// As [`read`], and `error unmarshaling JSON: …` when the document is something else.
pub fn read_list(_bytes: &[u8], _options: &Options) -> Result<List, Error> {
    Err(Error::message("reading YAML: not written yet"))
}

/// Reads the first document as JSON, integers kept (`yaml.YAMLToJSON`, `yaml.YAMLToJSONStrict`).
///
/// # Errors
/// As [`read`].
pub fn to_json(_bytes: &[u8], _duplicates: Duplicates) -> Result<serde_json::Value, Error> {
    Err(Error::message("reading YAML: not written yet"))
}

/// Checks the first document completely and returns only what says which object it is; no tree is built.
///
/// # Errors
/// What `yaml.Unmarshal` into Helm's `SimpleHead` gives: the errors of [`read`], and `error unmarshaling JSON: …` when
/// one of these fields has another type.
pub fn head(_bytes: &[u8]) -> Result<Head, Error> {
    Err(Error::message("reading YAML: not written yet"))
}

/// Checks the first document completely: [`read`] without its value.
///
/// # Errors
/// As [`read`].
pub fn check(_bytes: &[u8]) -> Result<(), Error> {
    Err(Error::message("reading YAML: not written yet"))
}
