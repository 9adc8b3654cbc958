//! Documents to objects.

use serde_json::Value;

use crate::error::{Error, ErrorKind};
use crate::split::split;

/// Reads one document; an empty one is `null`.
///
/// # Errors
/// When it cannot be read. Until the YAML reader of `value` is in place, only JSON (which is YAML) is read.
pub fn document(text: &str) -> Result<Value, Error> {
    let body = without_comments(text);
    if body.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(body).map_err(|cause| ErrorKind::Syntax(cause.to_string()).into())
}

/// Reads all documents of a stream and leaves out empty ones.
///
/// # Errors
/// As [`document`], for the first that cannot be read.
pub fn documents(text: &str) -> Result<Vec<Value>, Error> {
    let mut objects = Vec::new();
    for part in split(text) {
        match document(part)? {
            Value::Null => {}
            object => objects.push(object),
        }
    }
    Ok(objects)
}

/// Drops comment lines at the beginning (`# Source: …`).
fn without_comments(text: &str) -> &str {
    let mut rest = text.trim();
    while rest.starts_with('#') {
        rest = rest.split_once('\n').map_or("", |(_, rest)| rest).trim_start();
    }
    rest
}
