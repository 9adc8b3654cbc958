//! Values with Go's kinds, their text forms (YAML, JSON, Go's fmt), and where they stood in their source.

pub mod semver;
pub mod strconv;
pub mod time;
