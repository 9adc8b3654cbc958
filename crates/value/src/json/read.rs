//! Reading JSON.

use crate::{Error, List, Map, Value};

/// Reads a JSON text as `json.Unmarshal` does into an `interface{}`: numbers are `float64`, of equal keys the last wins.
///
/// # Errors
/// Go's syntax errors (`invalid character 'b' looking for beginning of object key string`).
pub fn read(_bytes: &[u8]) -> Result<Value, Error> {
    Err(Error::message("reading JSON: not written yet"))
}

/// Reads a JSON object as `json.Unmarshal` does into a `map[string]interface{}`; null gives an empty map.
///
/// # Errors
/// As [`read`], and `json: cannot unmarshal array into Go value of type map[string]interface {}`.
pub fn read_map(_bytes: &[u8]) -> Result<Map, Error> {
    Err(Error::message("reading JSON: not written yet"))
}

/// Reads a JSON array as `json.Unmarshal` does into a `[]interface{}`; null gives an empty list.
///
/// # Errors
/// As [`read`], and `json: cannot unmarshal object into Go value of type []interface {}`.
pub fn read_list(_bytes: &[u8]) -> Result<List, Error> {
    Err(Error::message("reading JSON: not written yet"))
}

/// Returns `encoding/json`'s complaint about a value of another type; `found` is `object`, `array`, `string`, `number` or
/// `bool`, `wanted` a Go type.
pub fn type_error(found: &str, wanted: &str) -> Error {
    Error::message(format!("json: cannot unmarshal {found} into Go value of type {wanted}"))
}
