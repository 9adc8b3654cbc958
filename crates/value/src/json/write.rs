//! Writing JSON.

use crate::{Error, Value};

/// Writes a value as `json.Marshal` does: map keys sorted, `<`, `>`, `&`, U+2028 and U+2029 escaped, no line break.
///
/// # Errors
/// `json: unsupported value: NaN`, `json: unsupported type: complex128`, or a value that contains itself.
pub fn write(_value: &Value) -> Result<Vec<u8>, Error> {
    Err(Error::message("writing JSON: not written yet"))
}

/// Writes a value as [`write`] does, but leaves `<`, `>` and `&` as they are (`toRawJson`).
///
/// # Errors
/// As [`write`].
pub fn write_raw(_value: &Value) -> Result<Vec<u8>, Error> {
    Err(Error::message("writing JSON: not written yet"))
}

/// Writes a value as `json.MarshalIndent` does with an empty prefix (`toPrettyJson` has two blanks).
///
/// # Errors
/// As [`write`].
pub fn write_indented(_value: &Value, _indent: &str) -> Result<Vec<u8>, Error> {
    Err(Error::message("writing JSON: not written yet"))
}
