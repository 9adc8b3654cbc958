//! Documents to objects.

use serde_json::Value;
use value::yaml::{self, Duplicates};

use crate::error::{Error, ErrorKind};
use crate::split::split;

/// Reads one document as `sigs.k8s.io/yaml` does; an empty one is `null`.
///
/// # Errors
/// When it is no YAML, in go-yaml's words.
pub fn document(text: &str) -> Result<Value, Error> {
    yaml::to_json(text.as_bytes(), Duplicates::LastWins).map_err(|cause| ErrorKind::Document(cause).into())
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
