//! Values to and from `serde_json`'s.

use crate::{Error, Value};

/// Converts a value to JSON, as writing it and reading it again would.
///
/// # Errors
/// What [`super::write`] refuses.
pub fn to_serde(_value: &Value) -> Result<serde_json::Value, Error> {
    Err(Error::message("converting JSON: not written yet"))
}

/// Converts JSON to a value; every number becomes a `float64`, as in Go.
pub fn from_serde(_json: &serde_json::Value) -> Value {
    Value::Nil
}
