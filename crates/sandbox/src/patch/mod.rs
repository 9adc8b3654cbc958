//! Applying patches to JSON objects. Server-side apply is in `fields`.

pub(crate) mod json;
pub(crate) mod merge;
pub(crate) mod strategic;
