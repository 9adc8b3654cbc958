//! Dates and times.

use crate::Value;

/// Reads a date, a time of day or both, with or without an offset.
pub(super) fn read(_text: &[u8]) -> Option<Value> {
    None
}
