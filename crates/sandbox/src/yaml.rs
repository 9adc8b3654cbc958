//! YAML bodies, as sigs.k8s.io/yaml reads and writes them.

use crate::decode::Decoded;
use serde_json::Value;
use value::yaml::{Duplicates, to_json, write_json};

/// Decodes the first document of `body`. Keys that are set twice count as problems; the last one holds.
///
/// # Errors
/// Says what is wrong with the text.
pub(crate) fn decode(body: &[u8]) -> Result<Decoded, String> {
    let strict = match to_json(body, Duplicates::Refuse) {
        Ok(value) => return Ok(Decoded { value, duplicates: Vec::new() }),
        Err(error) => error,
    };
    let value = to_json(body, Duplicates::LastWins).map_err(|error| error.inner_text())?;
    // What only the strict reading refuses are double keys, one per line below the first.
    let text = strict.inner_text();
    let duplicates = text.lines().skip(1).map(|line| line.trim().to_owned()).collect();
    Ok(Decoded { value, duplicates })
}

/// Writes a response.
pub(crate) fn encode(value: &Value) -> Vec<u8> {
    write_json(value).unwrap_or_else(|_| serde_json::to_vec(value).unwrap_or_default())
}
