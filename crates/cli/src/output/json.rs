//! JSON as Helm's `-o json` prints it (cli/output/output.go, EncodeJSON), in the order of Go's structs.

use release::Record;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::errors::CommandError;

/// Returns a value as Go's `json.Encoder` writes it, with the final line break.
///
/// # Errors
/// When it has no JSON form.
pub(crate) fn go_json(value: &impl Serialize) -> Result<Vec<u8>, CommandError> {
    let mut out = release::to_go_json(value)
        .map_err(|error| CommandError::message(format!("unable to write JSON output: {error}")))?;
    out.push(b'\n');
    Ok(out)
}

/// A revision as Go writes it: with objects read from the cluster in `info`.
pub(crate) struct OrderedRelease<'a> {
    record: &'a Record,
    resources: &'a [(String, Vec<Value>)],
}

/// Returns the JSON form of a revision; `resources` are empty unless they were read.
pub(crate) fn ordered_release<'a>(
    record: &'a Record,
    resources: &'a [(String, Vec<Value>)],
) -> OrderedRelease<'a> {
    OrderedRelease { record, resources }
}

impl Serialize for OrderedRelease<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let record = self.record;
        let mut map = serializer.serialize_map(None)?;
        if !record.name.is_empty() {
            map.serialize_entry("name", &record.name)?;
        }
        map.serialize_entry("info", &OrderedInfo(self))?;
        if let Some(chart) = &record.chart {
            map.serialize_entry("chart", chart)?;
        }
        if let Some(config) = record.config.as_ref().filter(|config| !config.is_empty()) {
            map.serialize_entry("config", config)?;
        }
        if !record.manifest.is_empty() {
            map.serialize_entry("manifest", &record.manifest)?;
        }
        if !record.hooks.is_empty() {
            map.serialize_entry("hooks", &record.hooks)?;
        }
        if record.version != 0 {
            map.serialize_entry("version", &record.version)?;
        }
        if !record.namespace.is_empty() {
            map.serialize_entry("namespace", &record.namespace)?;
        }
        if !record.apply_method.is_empty() {
            map.serialize_entry("apply_method", &record.apply_method)?;
        }
        map.end()
    }
}

struct OrderedInfo<'a>(&'a OrderedRelease<'a>);

impl Serialize for OrderedInfo<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let info = &self.0.record.info;
        let mut map = serializer.serialize_map(None)?;
        let times = [
            ("first_deployed", info.first_deployed),
            ("last_deployed", info.last_deployed),
            ("deleted", info.deleted),
        ];
        for (name, time) in times {
            if let Some(time) = time {
                map.serialize_entry(name, &time)?;
            }
        }
        if !info.description.is_empty() {
            map.serialize_entry("description", &info.description)?;
        }
        if !info.status.as_str().is_empty() {
            map.serialize_entry("status", &info.status)?;
        }
        if info.rollback_revision != 0 {
            map.serialize_entry("rollback_revision", &info.rollback_revision)?;
        }
        if !info.notes.is_empty() {
            map.serialize_entry("notes", &info.notes)?;
        }
        let resources = self.0.resources;
        if !resources.is_empty() {
            let sorted: std::collections::BTreeMap<&str, &Vec<Value>> =
                resources.iter().map(|(kind, objects)| (kind.as_str(), objects)).collect();
            map.serialize_entry("resources", &sorted)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use release::{ChartPart, Record};
    use serde_json::json;

    use super::{go_json, ordered_release};

    #[test]
    fn html_is_escaped_and_numbers_are_written_as_go_does() {
        let value = json!({"b": "<a & b>\u{2028}\u{1}\u{8}", "a": 1e21, "c": 1.5});
        let text = String::from_utf8(go_json(&value).unwrap()).unwrap();
        assert_eq!(text, "{\"a\":1e+21,\"b\":\"\\u003ca \\u0026 b\\u003e\\u2028\\u0001\\b\",\"c\":1.5}\n");
    }

    #[test]
    fn members_are_in_the_order_of_go_structs() {
        let metadata = json!({"apiVersion": "v2", "name": "a", "version": "1",
            "dependencies": [{"alias": "x", "name": "d", "repository": ""}]});
        let chart = ChartPart { metadata, ..ChartPart::default() };
        let record = Record { name: "r".into(), chart: Some(chart), version: 1, ..Record::default() };
        let text = String::from_utf8(go_json(&ordered_release(&record, &[])).unwrap()).unwrap();
        let start = "{\"name\":\"r\",\"info\":{\"status\":\"unknown\"},\"chart\":{\"metadata\":{\"name\":\"a\",\
            \"version\":\"1\",\"apiVersion\":\"v2\",\"dependencies\":[{\"name\":\"d\",\"repository\":\"\",\"alias\":\"x\"}]}";
        assert!(text.starts_with(start), "{text}");
    }
}
