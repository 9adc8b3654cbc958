//! Writing an index as Helm does: YAML, or JSON in the order of its structs.

use std::path::Path;

use chart::go_json::{self, Fields, Node};
use serde_json::{Value as Json, json};

use super::full::{FullEntry, FullIndex};
use crate::{Error, atomic};

/// The mode of an index that is to be served.
const MODE: u32 = 0o644;

/// The time that Go writes for none.
const NO_TIME: &str = "0001-01-01T00:00:00Z";

impl FullIndex {
    /// Writes the index as YAML.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn store(&self, path: &Path) -> Result<(), Error> {
        let document = serde_json::to_value(self.fields()).unwrap_or_default();
        let text = value::yaml::write_json(&document).map_err(|error| Error::refused(error.to_string()))?;
        atomic::write(path, &text, MODE)
    }

    /// Writes the index as JSON.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn store_json(&self, path: &Path) -> Result<(), Error> {
        atomic::write(path, go_json::marshal_indented(&self.fields()).as_bytes(), MODE)
    }

    fn fields(&self) -> Fields {
        let mut fields = Fields::default();
        if let Some(info) = self.server_info.as_ref().filter(|info| !info.is_empty()) {
            let info = value::json::to_serde(&value::Value::Map(info.clone())).unwrap_or_default();
            fields.push("serverInfo", Node::Plain(info));
        }
        fields.text("apiVersion", &self.api_version);
        fields.text("generated", &time(&self.generated));
        let mut charts = Fields::default();
        for (name, entries) in &self.entries {
            let entries = entries.iter().map(|entry| match entry {
                Some(entry) => Node::Object(entry.fields()),
                None => Node::Plain(Json::Null),
            });
            charts.push(name.as_str(), Node::List(entries.collect()));
        }
        fields.push("entries", Node::Object(charts));
        if !self.public_keys.is_empty() {
            fields.push("publicKeys", Node::Plain(json!(self.public_keys)));
        }
        if let Some(annotations) = self.annotations.as_ref().filter(|annotations| !annotations.is_empty()) {
            fields.push("annotations", Node::Plain(json!(annotations)));
        }
        fields
    }

    /// Adds what another index has and this one has not, by name and version (`IndexFile.Merge`).
    pub fn merge(&mut self, other: FullIndex) {
        for entry in other.entries.into_values().flatten().flatten() {
            let own = self.entries.entry(entry.metadata.name.clone()).or_default();
            let has_version =
                own.iter().flatten().any(|own| fits(&own.metadata.version, &entry.metadata.version));
            if !has_version {
                own.push(Some(entry));
            }
        }
    }
}

/// Returns whether a version is found when another is asked for: Helm asks as for a range.
fn fits(version: &str, asked: &str) -> bool {
    version == asked || chart::is_compatible_range(asked, version)
}

impl FullEntry {
    fn fields(&self) -> Fields {
        let mut fields = Fields::default();
        go_json::push_metadata(&mut fields, &self.metadata);
        fields.push("urls", Node::Plain(if self.urls.is_empty() { Json::Null } else { json!(self.urls) }));
        fields.text("created", &time(&self.created));
        fields.some_flag("removed", self.removed);
        fields.some_text("digest", &self.digest);
        for (name, text) in ["checksum", "engine", "tillerVersion", "url"].iter().zip(&self.older) {
            fields.some_text(name, text);
        }
        fields
    }
}

/// Returns a time as Go writes it again: without zeros at the end of the fraction.
fn time(text: &str) -> String {
    let Some((whole, rest)) = text.split_once('.') else {
        return if text.is_empty() { NO_TIME.to_owned() } else { text.to_owned() };
    };
    let digits = rest.len() - rest.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
    let (fraction, zone) = rest.split_at(digits);
    // Go keeps nanoseconds.
    let fraction = fraction.get(..9).unwrap_or(fraction).trim_end_matches('0');
    if fraction.is_empty() { format!("{whole}{zone}") } else { format!("{whole}.{fraction}{zone}") }
}

#[cfg(test)]
mod tests {
    use super::time;

    #[test]
    fn fractions_end_with_a_digit_that_counts() {
        assert_eq!(time("2020-01-01T00:00:00.1234567899Z"), "2020-01-01T00:00:00.123456789Z");
        assert_eq!(time("2020-01-01T00:00:00.100+01:00"), "2020-01-01T00:00:00.1+01:00");
        assert_eq!(time("2020-01-01T00:00:00.000Z"), "2020-01-01T00:00:00Z");
    }
}
