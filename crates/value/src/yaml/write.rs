//! Values as YAML text.

use crate::{Error, Value};

/// Writes a value as `yaml.Marshal` of sigs.k8s.io/yaml does (`toYaml`), with the final line break.
///
/// # Errors
/// When the value has no JSON form (`error marshaling into JSON: json: unsupported value: NaN`) or when yaml.v2 could not
/// read that form again (`yaml: control characters are not allowed`).
pub fn write(_value: &Value) -> Result<Vec<u8>, Error> {
    Err(Error::message("writing YAML: not written yet"))
}

/// Writes a JSON value as `yaml.Marshal` of sigs.k8s.io/yaml does, with the final line break.
///
/// # Errors
/// As [`write`].
pub fn write_json(_value: &serde_json::Value) -> Result<Vec<u8>, Error> {
    Err(Error::message("writing YAML: not written yet"))
}

/// Writes a value as yaml.v3's encoder does with an indentation of two (`toYamlPretty`), with the final line break.
///
/// # Errors
/// When the value contains itself (Go would overflow its stack).
pub fn write_pretty(_value: &Value) -> Result<Vec<u8>, Error> {
    Err(Error::message("writing YAML: not written yet"))
}
