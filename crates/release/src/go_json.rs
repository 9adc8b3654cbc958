//! JSON as Go writes it: what HTML minds is escaped, and members of a chart's metadata are in the order of Go's structs.

use std::io::{self, Write};

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::ser::{CharEscape, Formatter};
use serde_json::{Map, Value};

/// Writes a value as Go's `json.Marshal` does.
///
/// # Errors
/// When it has no JSON form.
pub fn to_go_json(value: &impl Serialize) -> Result<Vec<u8>, serde_json::Error> {
    let mut out = Vec::with_capacity(256);
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut out, GoFormatter))?;
    Ok(out)
}

/// Writes `Chart.yaml` in the order of Go's struct.
pub(crate) fn metadata<S: Serializer>(metadata: &Value, serializer: S) -> Result<S::Ok, S::Error> {
    OrderedValue { item: metadata, order: METADATA }.serialize(serializer)
}

/// Writes `Chart.lock` in the order of Go's struct.
pub(crate) fn lock<S: Serializer>(lock: &Value, serializer: S) -> Result<S::Ok, S::Error> {
    OrderedValue { item: lock, order: LOCK }.serialize(serializer)
}

/// Dependencies of a chart in the order of Go's struct.
#[derive(Debug)]
pub struct Dependencies<'a>(pub &'a Value);

impl Serialize for Dependencies<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        OrderedList { items: self.0, order: DEPENDENCY }.serialize(serializer)
    }
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
