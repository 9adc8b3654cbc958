//! Versions and ranges of charts, as far as loading and composing ask about them.

use value::semver::{Constraints, Version};

/// Returns whether the text is a version to Masterminds' lenient reader (`semver.NewVersion`).
pub(crate) fn is_valid(version: &str) -> bool {
    Version::parse(version).is_ok()
}

/// Returns whether a version lies in a range; false if either cannot be read (`IsCompatibleRange`).
pub fn is_compatible_range(range: &str, version: &str) -> bool {
    match (Version::parse(version), Constraints::parse(range)) {
        (Ok(version), Ok(range)) => range.check(&version),
        _ => false,
    }
}
