//! The values of flags after parsing.

use std::collections::BTreeMap;
use std::time::Duration;

/// What the flags of one command line say: given values, or the table's defaults.
#[derive(Debug, Default, Clone)]
pub(crate) struct Parsed {
    pub(super) given: BTreeMap<&'static str, Vec<String>>,
    pub(super) defaults: BTreeMap<&'static str, &'static str>,
    pub(super) durations: BTreeMap<&'static str, i64>,
    /// The arguments that are not flags.
    pub(crate) arguments: Vec<String>,
    /// Warnings about deprecated flags, in the order of their use.
    pub(crate) warnings: Vec<String>,
}

impl Parsed {
    /// Returns whether the flag was given.
    pub(crate) fn is_given(&self, name: &str) -> bool {
        self.given.contains_key(name)
    }

    /// Returns the value of a flag with one value.
    pub(crate) fn string(&self, name: &str) -> &str {
        match self.given.get(name).and_then(|values| values.last()) {
            Some(value) => value,
            None => self.defaults.get(name).copied().unwrap_or_default(),
        }
    }

    /// Returns the value of a flag that names a file; a default may begin with `$HOME`.
    pub(crate) fn path(&self, name: &str, home: &str) -> String {
        let text = self.string(name);
        match text.strip_prefix("$HOME").filter(|_| !self.is_given(name)) {
            Some(below) => format!("{home}{below}"),
            None => text.to_owned(),
        }
    }

    /// Returns the value of a flag with one value, if it is not empty.
    pub(crate) fn non_empty(&self, name: &str) -> Option<&str> {
        Some(self.string(name)).filter(|value| !value.is_empty())
    }

    /// Returns the value of a boolean flag.
    pub(crate) fn bool(&self, name: &str) -> bool {
        matches!(self.string(name), "1" | "t" | "T" | "true" | "TRUE" | "True")
    }

    /// Returns the value of an integer flag; the text was checked when it was parsed.
    pub(crate) fn int(&self, name: &str) -> i64 {
        value::strconv::parse_int(self.string(name), 0, 64).unwrap_or_default()
    }

    /// Returns the value of an unsigned flag; the text was checked when it was parsed.
    pub(crate) fn uint(&self, name: &str) -> u64 {
        value::strconv::parse_uint(self.string(name), 0, 64).unwrap_or_default()
    }

    /// Returns the value of a duration flag.
    pub(crate) fn duration(&self, name: &str) -> Duration {
        let nanoseconds = self.durations.get(name).copied().unwrap_or_default();
        Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or_default())
    }

    /// Returns how long a step on the cluster may take; a negative time sets no limit, as client-go has it.
    pub(crate) fn limit(&self, name: &str) -> Duration {
        let nanoseconds = self.durations.get(name).copied().unwrap_or_default();
        u64::try_from(nanoseconds).map_or(cluster::NO_LIMIT, Duration::from_nanos)
    }

    /// Returns all values of a flag that may be repeated.
    pub(crate) fn list(&self, name: &str) -> &[String] {
        self.given.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// Returns the pairs of a `key=value` flag; the last of equal keys wins.
    pub(crate) fn pairs(&self, name: &str) -> BTreeMap<String, String> {
        let pairs = self.list(name).iter().filter_map(|pair| pair.split_once('='));
        pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    }
}
