//! The drafts of JSON Schema that the validator knows.

use super::url;

/// A draft; later ones are greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Draft {
    V4,
    V6,
    V7,
    V2019,
    V2020,
}

impl Draft {
    /// What a schema without `$schema` is read as.
    pub(crate) const LATEST: Self = Self::V2020;

    /// Knows a draft by the address of its metaschema; a fragment that is not empty makes it unknown.
    pub(crate) fn from_url(address: &str) -> Option<Self> {
        let (address, fragment) = url::split(address);
        if !fragment.is_empty() {
            return None;
        }
        let address =
            address.strip_prefix("http://").or_else(|| address.strip_prefix("https://")).unwrap_or(address);
        Some(match address {
            "json-schema.org/schema" => Self::LATEST,
            "json-schema.org/draft/2020-12/schema" => Self::V2020,
            "json-schema.org/draft/2019-09/schema" => Self::V2019,
            "json-schema.org/draft-07/schema" => Self::V7,
            "json-schema.org/draft-06/schema" => Self::V6,
            "json-schema.org/draft-04/schema" => Self::V4,
            _ => return None,
        })
    }

    /// Says whether `format` is asserted.
    pub(crate) fn asserts_formats(self) -> bool {
        self < Self::V2019
    }

    /// The keyword that names a schema.
    pub(crate) fn id_keyword(self) -> &'static str {
        if self == Self::V4 { "id" } else { "$id" }
    }
}
