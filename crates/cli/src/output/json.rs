//! JSON as Helm's `-o json` prints it (cli/output/output.go, EncodeJSON), in the order of Go's structs.

use std::io::{self, Write};

use release::Record;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::ser::{CharEscape, Formatter};
use serde_json::{Map, Value};

use crate::errors::CommandError;

/// Returns a value as Go's `json.Encoder` writes it, with the final line break.
///
/// # Errors
/// When it has no JSON form.
pub(crate) fn go_json(value: &impl Serialize) -> Result<Vec<u8>, CommandError> {
    let mut out = Vec::with_capacity(256);
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, GoFormatter);
    let written = value.serialize(&mut serializer);
    written.map_err(|error| CommandError::message(format!("unable to write JSON output: {error}")))?;
    out.push(b'\n');
    Ok(out)
}

/// Escapes what Go escapes so that JSON may stand in HTML, and writes floating-point numbers as Go does.
struct GoFormatter;

impl Formatter for GoFormatter {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(['<', '>', '&', '\u{2028}', '\u{2029}']) {
            let (before, after) = rest.split_at(at);
            writer.write_all(before.as_bytes())?;
            let mut letters = after.chars();
            let letter = letters.next().map_or(0, u32::from);
            write!(writer, "\\u{letter:04x}")?;
            rest = letters.as_str();
        }
        writer.write_all(rest.as_bytes())
    }

    fn write_char_escape<W: ?Sized + Write>(&mut self, writer: &mut W, escape: CharEscape) -> io::Result<()> {
        match escape {
            CharEscape::Quote => writer.write_all(b"\\\""),
            CharEscape::ReverseSolidus => writer.write_all(b"\\\\"),
            CharEscape::Solidus => writer.write_all(b"/"),
            CharEscape::Backspace => writer.write_all(b"\\b"),
            CharEscape::FormFeed => writer.write_all(b"\\f"),
            CharEscape::LineFeed => writer.write_all(b"\\n"),
            CharEscape::CarriageReturn => writer.write_all(b"\\r"),
            CharEscape::Tab => writer.write_all(b"\\t"),
            CharEscape::AsciiControl(byte) => write!(writer, "\\u{byte:04x}"),
        }
    }

    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, number: f64) -> io::Result<()> {
        // Finite, or serde_json had written null.
        let text = value::json::write(&value::Value::Float64(number)).unwrap_or_default();
        writer.write_all(&text)
    }
}

/// Members of an object in the order of a Go struct; others follow, sorted.
struct Ordered<'a> {
    members: &'a Map<String, Value>,
    order: &'static [(&'static str, Below)],
}

/// What is below a member.
#[derive(Clone, Copy)]
enum Below {
    /// Anything, sorted.
    Plain,
    /// Objects, in another order.
    List(&'static [(&'static str, Below)]),
}

const MAINTAINER: &[(&str, Below)] =
    &[("name", Below::Plain), ("email", Below::Plain), ("url", Below::Plain)];

const DEPENDENCY: &[(&str, Below)] = &[
    ("name", Below::Plain),
    ("version", Below::Plain),
    ("repository", Below::Plain),
    ("condition", Below::Plain),
    ("tags", Below::Plain),
    ("enabled", Below::Plain),
    ("import-values", Below::Plain),
    ("alias", Below::Plain),
];

const METADATA: &[(&str, Below)] = &[
    ("name", Below::Plain),
    ("home", Below::Plain),
    ("sources", Below::Plain),
    ("version", Below::Plain),
    ("description", Below::Plain),
    ("keywords", Below::Plain),
    ("maintainers", Below::List(MAINTAINER)),
    ("icon", Below::Plain),
    ("apiVersion", Below::Plain),
    ("condition", Below::Plain),
    ("tags", Below::Plain),
    ("appVersion", Below::Plain),
    ("deprecated", Below::Plain),
    ("annotations", Below::Plain),
    ("kubeVersion", Below::Plain),
    ("dependencies", Below::List(DEPENDENCY)),
    ("type", Below::Plain),
];

const LOCK: &[(&str, Below)] =
    &[("generated", Below::Plain), ("digest", Below::Plain), ("dependencies", Below::List(DEPENDENCY))];

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, below) in self.order {
            let Some(member) = self.members.get(*name) else { continue };
            match below {
                Below::Plain => map.serialize_entry(name, member)?,
                Below::List(order) => map.serialize_entry(name, &OrderedList { items: member, order })?,
            }
        }
        for (name, member) in self.members {
            if !self.order.iter().any(|(known, _)| known == name) {
                map.serialize_entry(name, member)?;
            }
        }
        map.end()
    }
}

struct OrderedList<'a> {
    items: &'a Value,
    order: &'static [(&'static str, Below)],
}

impl Serialize for OrderedList<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(items) = self.items.as_array() else { return self.items.serialize(serializer) };
        serializer.collect_seq(items.iter().map(|item| OrderedValue { item, order: self.order }))
    }
}

/// An object in order, or anything else as it is.
struct OrderedValue<'a> {
    item: &'a Value,
    order: &'static [(&'static str, Below)],
}

impl Serialize for OrderedValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.item.as_object() {
            Some(members) => Ordered { members, order: self.order }.serialize(serializer),
            None => self.item.serialize(serializer),
        }
    }
}

/// Dependencies of a chart in Go's order.
pub(crate) struct Dependencies<'a>(pub(crate) &'a Value);

impl Serialize for Dependencies<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        OrderedList { items: self.0, order: DEPENDENCY }.serialize(serializer)
    }
}

/// A revision as Go writes it: chart metadata in the order of its struct, and objects read from the cluster in `info`.
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
            map.serialize_entry("chart", &OrderedChart(chart))?;
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

struct OrderedChart<'a>(&'a release::ChartPart);

impl Serialize for OrderedChart<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let chart = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("metadata", &OrderedValue { item: &chart.metadata, order: METADATA })?;
        map.serialize_entry("lock", &OrderedValue { item: &chart.lock, order: LOCK })?;
        map.serialize_entry("templates", &chart.templates)?;
        map.serialize_entry("values", &chart.values)?;
        map.serialize_entry("schema", &chart.schema)?;
        map.serialize_entry("schemamodtime", &chart.schema_modified)?;
        map.serialize_entry("files", &chart.files)?;
        if let Some(modified) = &chart.modified {
            map.serialize_entry("modtime", modified)?;
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
