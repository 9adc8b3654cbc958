//! Bodies of typed clients turned into JSON.

use super::PREFIX;
use crate::kinds;
use crate::schema::{Ty, TypeDef, definition, named};
use crate::time;
use serde_json::{Map, Number, Value};
use std::sync::OnceLock;
use std::time::{Duration, UNIX_EPOCH};

/// No type nests as deep; a body that does is not one of ours.
const DEEPEST: usize = 64;

/// Decodes the envelope and the object in it, whose type is the one it names or else `default_index`.
///
/// # Errors
/// Says what is wrong with the bytes, as Go would.
pub(crate) fn to_json(body: &[u8], default_index: Option<usize>) -> Result<Value, String> {
    if body.is_empty() {
        return Err("empty data".into());
    }
    let Some(envelope) = body.strip_prefix(PREFIX) else {
        return Err(format!(
            "provided data does not appear to be a protobuf message, expected prefix {:?}",
            PREFIX.map(u32::from)
        )
        .replace(", ", " ")
        .replacen("message ", "message, ", 1));
    };
    let (mut meta, mut raw): (&[u8], &[u8]) = (&[], &[]);
    for part in Parts(envelope) {
        match part? {
            (1, Wire::Bytes(bytes)) => meta = bytes,
            (2, Wire::Bytes(bytes)) => raw = bytes,
            _ => {}
        }
    }
    let (api_version, kind) = (text_of(meta, 1)?, text_of(meta, 2)?);
    let index = type_index(&api_version, &kind).or(default_index);
    let Some(index) = index else {
        return Err(format!("no kind {kind:?} is registered for version {api_version:?}"));
    };
    let mut object = Map::new();
    read_message(raw, index, &[], &mut object, 0)?;
    for (name, text) in [("apiVersion", api_version), ("kind", kind)] {
        if !text.is_empty() {
            object.insert(name.into(), text.into());
        }
    }
    Ok(Value::Object(object))
}

/// The line of the type of an object in the table.
pub(super) fn type_index(api_version: &str, kind: &str) -> Option<usize> {
    let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
    let served =
        kinds::built_in().iter().find(|k| k.group == group && k.version == version && k.kind == kind);
    let package = if group.is_empty() { "core" } else { group.split('.').next().unwrap_or_default() };
    served
        .and_then(|kind| kind.type_index)
        .or_else(|| named(&format!("{package}.{version}"), kind))
        // Options of deleting are written in the version of the group they are sent to.
        .or_else(|| named("meta.v1", kind))
}

/// The numbers that lead to a field: more than one where Go inlines a struct.
pub(super) type Path = Vec<u32>;

/// The numbers of the fields of the type on line `index` of the table, in the order of `wire.txt`.
pub(super) fn numbers(index: usize) -> &'static [(Path, &'static str)] {
    struct Line {
        text: &'static str,
        parsed: OnceLock<Vec<(Path, &'static str)>>,
    }
    static LINES: OnceLock<Vec<Line>> = OnceLock::new();
    let lines = LINES.get_or_init(|| {
        include_str!("../../tables/wire.txt")
            .lines()
            .map(|text| Line { text, parsed: OnceLock::new() })
            .collect()
    });
    let Some(line) = lines.get(index) else { return &[] };
    line.parsed.get_or_init(|| {
        let pairs = line.text.split(' ').filter_map(|pair| pair.split_once('='));
        pairs.map(|(name, path)| (path.split('.').filter_map(|n| n.parse().ok()).collect(), name)).collect()
    })
}

fn read_message(
    bytes: &[u8],
    index: usize,
    prefix: &[u32],
    object: &mut Map<String, Value>,
    depth: usize,
) -> Result<(), String> {
    if depth > DEEPEST {
        return Err("proto: message is nested too deeply".into());
    }
    let def: &'static TypeDef = definition(index);
    let mut path = prefix.to_vec();
    for part in Parts(bytes) {
        let (number, wire) = part?;
        path.push(number);
        if let Some((_, name)) = numbers(index).iter().find(|(at, _)| *at == path) {
            if let Some(field) = def.field(name) {
                let place = object.entry(field.name);
                let held = place.or_insert(Value::Null);
                read_value(&wire, &field.ty, held, depth + 1)?;
                if held.is_null() {
                    object.remove(field.name);
                }
            }
        } else if let Wire::Bytes(inner) = wire
            && numbers(index).iter().any(|(at, _)| at.starts_with(&path))
        {
            read_message(inner, index, &path, object, depth + 1)?;
        }
        path.pop();
    }
    Ok(())
}

// Lists and maps come one item at a time; `held` is what came before.
fn read_value(wire: &Wire<'_>, ty: &Ty, held: &mut Value, depth: usize) -> Result<(), String> {
    match (ty, wire) {
        (Ty::List(item), wire) => {
            let Value::Array(items) = as_array(held) else { return Ok(()) };
            if let (Ty::I32 | Ty::I64 | Ty::Bool, Wire::Bytes(packed)) = (&**item, wire) {
                let mut rest = *packed;
                while !rest.is_empty() {
                    let number = varint(&mut rest)?;
                    let mut value = Value::Null;
                    read_value(&Wire::Number(number), item, &mut value, depth)?;
                    items.push(value);
                }
                return Ok(());
            }
            let mut value = Value::Null;
            read_value(wire, item, &mut value, depth)?;
            items.push(value);
        }
        (Ty::Map(item), Wire::Bytes(entry)) => {
            let (mut key, mut value) = (String::new(), Value::Null);
            for part in Parts(entry) {
                match part? {
                    (1, Wire::Bytes(bytes)) => key = String::from_utf8_lossy(bytes).into_owned(),
                    // A list in a map is a message of its own with `items`.
                    (2, Wire::Bytes(list)) if matches!(**item, Ty::List(_)) => {
                        for part in Parts(list) {
                            read_value(&part?.1, item, &mut value, depth + 1)?;
                        }
                    }
                    (2, wire) => read_value(&wire, item, &mut value, depth + 1)?,
                    _ => {}
                }
            }
            if value.is_null() && matches!(**item, Ty::Str | Ty::Bytes) {
                value = "".into();
            }
            if !held.is_object() {
                *held = Value::Object(Map::new());
            }
            held[key.as_str()] = value;
        }
        (Ty::Ref(index), Wire::Bytes(bytes)) if definition(*index).any => *held = raw_json(bytes)?,
        (Ty::Ref(index), Wire::Bytes(bytes)) => {
            let mut object = match held.take() {
                Value::Object(object) => object,
                _ => Map::new(),
            };
            read_message(bytes, *index, &[], &mut object, depth)?;
            *held = Value::Object(object);
        }
        (ty, Wire::Bytes(bytes)) => *held = scalar(bytes, ty)?,
        (Ty::Bool, Wire::Number(number)) => *held = (*number != 0).into(),
        // Negative numbers are written as their two's complement.
        (Ty::I32 | Ty::I64, Wire::Number(number)) => *held = number.cast_signed().into(),
        (Ty::Float, Wire::Fixed64(bits)) => {
            *held = Number::from_f64(f64::from_bits(*bits)).map_or(Value::Null, Value::Number);
        }
        _ => return Err("proto: wrong wireType".into()),
    }
    Ok(())
}

fn as_array(held: &mut Value) -> &mut Value {
    if !held.is_array() {
        *held = Value::Array(Vec::new());
    }
    held
}

/// Values that are bytes on the wire: texts, and small messages that JSON writes as one text or number.
fn scalar(bytes: &[u8], ty: &Ty) -> Result<Value, String> {
    Ok(match ty {
        Ty::Str => String::from_utf8_lossy(bytes).into_owned().into(),
        Ty::Bytes => crate::base64::encode(bytes).into(),
        Ty::Quantity => text_of(bytes, 1)?.into(),
        Ty::Time | Ty::MicroTime => time_of(bytes, matches!(ty, Ty::MicroTime))?,
        Ty::IntOrString => match (number_of(bytes, 1)?, number_of(bytes, 2)?) {
            (0, number) => number.cast_signed().into(),
            _ => text_of(bytes, 3)?.into(),
        },
        Ty::Any => raw_json(bytes)?,
        _ => return Err("proto: wrong wireType".into()),
    })
}

fn raw_json(bytes: &[u8]) -> Result<Value, String> {
    let raw = bytes_of(bytes, 1)?;
    if raw.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(raw)
        .map_err(|error| crate::go_json::error_text(raw).unwrap_or_else(|| error.to_string()))
}

// A time that is not set is a message without fields.
fn time_of(bytes: &[u8], micro: bool) -> Result<Value, String> {
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    let seconds = u64::try_from(number_of(bytes, 1)?.cast_signed()).unwrap_or(0);
    let nanos = u32::try_from(number_of(bytes, 2)?).unwrap_or(0).min(999_999_999);
    let at = UNIX_EPOCH.checked_add(Duration::new(seconds, nanos)).unwrap_or(UNIX_EPOCH);
    Ok(if micro { time::micros(at) } else { time::seconds(at) }.into())
}

fn bytes_of(message: &[u8], wanted: u32) -> Result<&[u8], String> {
    let mut found: &[u8] = &[];
    for part in Parts(message) {
        if let (number, Wire::Bytes(bytes)) = part?
            && number == wanted
        {
            found = bytes;
        }
    }
    Ok(found)
}

fn text_of(message: &[u8], wanted: u32) -> Result<String, String> {
    Ok(String::from_utf8_lossy(bytes_of(message, wanted)?).into_owned())
}

fn number_of(message: &[u8], wanted: u32) -> Result<u64, String> {
    let mut found = 0;
    for part in Parts(message) {
        if let (number, Wire::Number(value)) = part?
            && number == wanted
        {
            found = value;
        }
    }
    Ok(found)
}

/// A value as it stands in the bytes.
enum Wire<'b> {
    Number(u64),
    Fixed64(u64),
    Fixed32,
    Bytes(&'b [u8]),
}

/// The fields of a message. Ends after an error.
struct Parts<'b>(&'b [u8]);

impl<'b> Iterator for Parts<'b> {
    type Item = Result<(u32, Wire<'b>), String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let part = next_part(&mut self.0);
        if part.is_err() {
            self.0 = &[];
        }
        Some(part)
    }
}

fn next_part<'b>(rest: &mut &'b [u8]) -> Result<(u32, Wire<'b>), String> {
    let tag = varint(rest)?;
    let number = u32::try_from(tag >> 3).map_err(|_| "proto: integer overflow".to_owned())?;
    let wire = match tag & 7 {
        0 => Wire::Number(varint(rest)?),
        1 => Wire::Fixed64(u64::from_le_bytes(take(rest, 8)?.try_into().unwrap_or_default())),
        2 => {
            let length = varint(rest)?;
            Wire::Bytes(take(rest, usize::try_from(length).unwrap_or(usize::MAX))?)
        }
        5 => {
            take(rest, 4)?;
            Wire::Fixed32
        }
        other => return Err(format!("proto: illegal wireType {other}")),
    };
    if number == 0 {
        return Err("proto: illegal tag 0".into());
    }
    Ok((number, wire))
}

fn take<'b>(rest: &mut &'b [u8], count: usize) -> Result<&'b [u8], String> {
    let (taken, left) = rest.split_at_checked(count).ok_or("unexpected EOF")?;
    *rest = left;
    Ok(taken)
}

fn varint(rest: &mut &[u8]) -> Result<u64, String> {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let byte = take(rest, 1)?[0];
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err("proto: integer overflow".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
        let mut out = vec![number << 3 | 2, u8::try_from(bytes.len()).unwrap()];
        out.extend_from_slice(bytes);
        out
    }

    fn envelope(api_version: &str, kind: &str, raw: &[u8]) -> Vec<u8> {
        let meta = [field(1, api_version.as_bytes()), field(2, kind.as_bytes())].concat();
        [PREFIX.to_vec(), field(1, &meta), field(2, raw)].concat()
    }

    #[test]
    fn a_secret_becomes_json() {
        let metadata = field(1, &[field(1, b"s"), field(8, &[])].concat());
        let entry = field(2, &[field(1, b"k"), field(2, b"\0\xff")].concat());
        let body = envelope("v1", "Secret", &[metadata, entry, field(3, b"Opaque")].concat());
        let expected = json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {"k": "AP8="}, "type": "Opaque"
        });
        assert_eq!(to_json(&body, None).unwrap(), expected);
    }

    #[test]
    fn a_struct_that_go_inlines_is_a_message_of_its_own() {
        // Volume.volumeSource.emptyDir.medium
        let volume = [field(1, b"v"), field(2, &field(2, &field(1, b"Memory")))].concat();
        let body = envelope("v1", "Pod", &field(2, &field(1, &volume)));
        let pod = to_json(&body, None).unwrap();
        assert_eq!(pod["spec"]["volumes"], json!([{"name": "v", "emptyDir": {"medium": "Memory"}}]));
    }

    #[test]
    fn options_are_known_in_every_group() {
        let body = envelope("apps/v1", "DeleteOptions", &[1 << 3, 0]);
        assert_eq!(to_json(&body, None).unwrap()["gracePeriodSeconds"], 0);
    }

    #[test]
    fn bad_bytes_are_an_error() {
        assert!(to_json(b"{}", None).unwrap_err().contains("expected prefix"));
        assert_eq!(to_json(b"k8s\0\x0a\xff", None).unwrap_err(), "unexpected EOF");
        assert!(to_json(b"k8s\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", None).is_err());
    }
}
