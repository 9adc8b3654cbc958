//! Objects, lists and Statuses as protobuf. What Go writes for fields that are not set is left out; clients read zeros
//! either way.

use super::PREFIX;
use super::read::{numbers, type_index};
use crate::kinds::Kind;
use crate::listed::Listed;
use crate::schema::{Ty, definition};
use crate::time;
use serde_json::Value;

const NUMBER: u64 = 0;
const FIXED64: u64 = 1;
const BYTES: u64 = 2;

/// Whether objects of a kind have this form. Custom objects have none; definitions hold schemas, whose form is not in
/// the table.
pub(crate) fn is_servable(kind: &Kind) -> bool {
    kind.custom.is_none() && kind.type_index.is_some() && kind.group != "apiextensions.k8s.io"
}

/// The envelope with an object in it: one of `kind`, a list of them, a Status, or what a subresource answers. `None` if
/// the type is not in the table.
pub(crate) fn object(object: &Value, kind: Option<&Kind>) -> Option<Vec<u8>> {
    let text = |field: &str| object.get(field).and_then(Value::as_str).unwrap_or_default();
    let mut raw = Vec::new();
    let of_kind = |name: &str| kind.filter(|kind| kind.kind == name).and_then(|kind| kind.type_index);
    match (text("kind"), object.get("items").and_then(Value::as_array)) {
        ("Status", _) => status(object, &mut raw),
        (name, Some(items)) => {
            list(&object["metadata"], items.iter(), of_kind(name.strip_suffix("List")?)?, &mut raw);
        }
        (name, None) => {
            let index = of_kind(name).or_else(|| type_index(text("apiVersion"), name))?;
            message(object, index, &[], &mut raw);
        }
    }
    Some(envelope(text("apiVersion"), text("kind"), &raw))
}

/// The envelope with a list in it; `None` if the type of its objects is not in the table.
pub(crate) fn listed(list: &Listed, kind: &Kind) -> Option<Vec<u8>> {
    let mut raw = Vec::new();
    self::list(&list.metadata, list.items.iter().map(|item| &**item), kind.type_index?, &mut raw);
    Some(envelope(&list.api_version, &list.kind, &raw))
}

fn envelope(api_version: &str, kind: &str, raw: &[u8]) -> Vec<u8> {
    let mut meta = Vec::new();
    put_text(1, api_version, &mut meta);
    put_text(2, kind, &mut meta);
    let mut out = PREFIX.to_vec();
    put_bytes(1, &meta, &mut out);
    put_bytes(2, raw, &mut out);
    put_bytes(3, b"", &mut out);
    put_bytes(4, b"", &mut out);
    out
}

/// One event of a watch with its length before it (apimachinery, `framer.NewLengthDelimitedFrameWriter`).
pub(crate) fn watch_event(event: &str, changed: &Value, kind: &Kind) -> Vec<u8> {
    let (mut held, mut frame) = (Vec::new(), Vec::new());
    put_bytes(1, &object(changed, Some(kind)).unwrap_or_default(), &mut held);
    put_text(1, event, &mut frame);
    put_bytes(2, &held, &mut frame);
    let length = u32::try_from(frame.len()).unwrap_or(u32::MAX);
    [&length.to_be_bytes()[..], &frame].concat()
}

fn put_varint(mut number: u64, out: &mut Vec<u8>) {
    while number > 0x7f {
        out.push((number & 0x7f | 0x80).to_le_bytes()[0]);
        number >>= 7;
    }
    out.push(number.to_le_bytes()[0]);
}

fn put_tag(field: u32, wire: u64, out: &mut Vec<u8>) {
    put_varint(u64::from(field) << 3 | wire, out);
}

fn put_bytes(field: u32, bytes: &[u8], out: &mut Vec<u8>) {
    put_tag(field, BYTES, out);
    put_varint(u64::try_from(bytes.len()).unwrap_or(u64::MAX), out);
    out.extend_from_slice(bytes);
}

fn put_text(field: u32, text: &str, out: &mut Vec<u8>) {
    put_bytes(field, text.as_bytes(), out);
}

fn put_number(field: u32, number: i64, out: &mut Vec<u8>) {
    put_tag(field, NUMBER, out);
    put_varint(number.cast_unsigned(), out);
}

/// A message of the type on line `index` of the table. `prefix` leads to a struct that Go inlines.
fn message(object: &Value, index: usize, prefix: &[u32], out: &mut Vec<u8>) {
    let def = definition(index);
    let mut inlined: Vec<u32> = Vec::new();
    for (path, name) in numbers(index).iter().filter(|(path, _)| path.starts_with(prefix)) {
        let own = &path[prefix.len()..];
        match own {
            [number] => {
                if let (Some(field), Some(value)) = (def.field(name), object.get(*name)) {
                    put_value(*number, value, &field.ty, out);
                }
            }
            [number, ..] if !inlined.contains(number) => {
                inlined.push(*number);
                let mut held = Vec::new();
                message(object, index, &[prefix, &[*number]].concat(), &mut held);
                if !held.is_empty() {
                    put_bytes(*number, &held, out);
                }
            }
            _ => {}
        }
    }
}

fn put_value(number: u32, value: &Value, ty: &Ty, out: &mut Vec<u8>) {
    match (ty, value) {
        (_, Value::Null) => {}
        (Ty::List(item), Value::Array(items)) => {
            items.iter().for_each(|value| put_item(number, value, item, out))
        }
        (Ty::Map(item), Value::Object(entries)) => {
            for (key, value) in entries {
                let mut entry = Vec::new();
                put_text(1, key, &mut entry);
                put_entry_value(value, item, &mut entry);
                put_bytes(number, &entry, out);
            }
        }
        (Ty::Bool, Value::Bool(flag)) => put_number(number, i64::from(*flag), out),
        (Ty::I32 | Ty::I64, Value::Number(n)) => put_number(number, n.as_i64().unwrap_or(0), out),
        (Ty::Float, Value::Number(n)) => {
            put_tag(number, FIXED64, out);
            out.extend_from_slice(&n.as_f64().unwrap_or(0.0).to_le_bytes());
        }
        (ty, value) => {
            if let Some(bytes) = bytes_of(value, ty) {
                put_bytes(number, &bytes, out);
            }
        }
    }
}

// A null among items is an empty one: leaving it out would move the others.
fn put_item(number: u32, value: &Value, ty: &Ty, out: &mut Vec<u8>) {
    if value.is_null() { put_bytes(number, b"", out) } else { put_value(number, value, ty, out) }
}

// A list in a map is a message of its own with `items`.
fn put_entry_value(value: &Value, ty: &Ty, entry: &mut Vec<u8>) {
    if let (Ty::List(item), Value::Array(items)) = (ty, value) {
        let mut list = Vec::new();
        items.iter().for_each(|value| put_item(1, value, item, &mut list));
        return put_bytes(2, &list, entry);
    }
    put_value(2, value, ty, entry);
}

/// Values that are bytes on the wire: texts, messages, and what JSON writes as one text or number.
fn bytes_of(value: &Value, ty: &Ty) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    match (ty, value) {
        (Ty::Str, Value::String(text)) => return Some(text.clone().into_bytes()),
        (Ty::Bytes, Value::String(text)) => return crate::base64::decode(text).ok(),
        (Ty::Quantity, Value::String(text)) => put_text(1, text, &mut out),
        (Ty::Quantity, other) => put_text(1, &other.to_string(), &mut out),
        (Ty::Time | Ty::MicroTime, Value::String(text)) => {
            let (seconds, nanos) = moment(text)?;
            put_number(1, seconds, &mut out);
            put_number(2, nanos, &mut out);
        }
        (Ty::IntOrString, Value::String(text)) => {
            put_number(1, 1, &mut out);
            put_number(2, 0, &mut out);
            put_text(3, text, &mut out);
        }
        (Ty::IntOrString, Value::Number(number)) => {
            put_number(1, 0, &mut out);
            put_number(2, number.as_i64().unwrap_or(0), &mut out);
            put_text(3, "", &mut out);
        }
        (Ty::Any, value) => put_text(1, &value.to_string(), &mut out),
        (Ty::Ref(index), value) if definition(*index).any => put_text(1, &value.to_string(), &mut out),
        (Ty::Ref(index), value) => message(value, *index, &[], &mut out),
        _ => return None,
    }
    Some(out)
}

// Seconds and nanoseconds of a time in UTC.
fn moment(text: &str) -> Option<(i64, i64)> {
    let fraction = text.split_once('.').map_or("", |(_, rest)| rest.trim_end_matches('Z'));
    let digits: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    Some((time::parse(text)?, digits.parse().unwrap_or(0)))
}

fn list<'v>(metadata: &Value, items: impl Iterator<Item = &'v Value>, index: usize, out: &mut Vec<u8>) {
    let mut meta = Vec::new();
    let text = |field: &str| metadata.get(field).and_then(Value::as_str).unwrap_or_default();
    put_text(2, text("resourceVersion"), &mut meta);
    put_text(3, text("continue"), &mut meta);
    if let Some(left) = metadata.get("remainingItemCount").and_then(Value::as_i64) {
        put_number(4, left, &mut meta);
    }
    put_bytes(1, &meta, out);
    let mut one = Vec::new();
    for item in items {
        one.clear();
        message(item, index, &[], &mut one);
        put_bytes(2, &one, out);
    }
}

// `metav1.Status`, whose type is not in the table.
fn status(status: &Value, out: &mut Vec<u8>) {
    let text =
        |value: &Value, field: &str| value.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut meta = Vec::new();
    put_text(3, &text(&status["metadata"], "continue"), &mut meta);
    put_bytes(1, &meta, out);
    for (number, field) in [(2, "status"), (3, "message"), (4, "reason")] {
        put_text(number, &text(status, field), out);
    }
    if let Some(details) = status.get("details").filter(|d| d.is_object()) {
        let mut held = Vec::new();
        for (number, field) in [(1, "name"), (2, "group"), (3, "kind"), (6, "uid")] {
            put_text(number, &text(details, field), &mut held);
        }
        for cause in details.get("causes").and_then(Value::as_array).into_iter().flatten() {
            let mut entry = Vec::new();
            for (number, field) in [(1, "reason"), (2, "message"), (3, "field")] {
                put_text(number, &text(cause, field), &mut entry);
            }
            put_bytes(4, &entry, &mut held);
        }
        put_number(5, details.get("retryAfterSeconds").and_then(Value::as_i64).unwrap_or(0), &mut held);
        put_bytes(5, &held, out);
    }
    put_number(6, status.get("code").and_then(Value::as_i64).unwrap_or(0), out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds;
    use crate::protobuf::to_json;
    use serde_json::json;

    #[test]
    fn what_is_written_reads_the_same() {
        let deployment = json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {
                "name": "d", "creationTimestamp": "2001-02-03T04:05:06Z", "labels": {"a": "1"}, "generation": 3,
                "managedFields": [{"manager": "m", "fieldsV1": {"f:spec": {}}}],
            },
            "spec": {"replicas": 2, "strategy": {"rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 1}},
                "template": {"spec": {"volumes": [{"name": "v", "emptyDir": {"sizeLimit": "1Gi"}}], "containers": [
                    {"name": "c", "resources": {"limits": {"cpu": "500m"}}, "ports": [{"containerPort": 80}]},
                ]}}},
        });
        let kind = kinds::stored("apps/deployments");
        let read = to_json(&object(&deployment, Some(kind)).unwrap(), None).unwrap();
        assert_eq!(read, deployment);
        let secret = json!({"apiVersion": "v1", "kind": "Secret", "data": {"k": "AP8=", "empty": ""}});
        let read = to_json(&object(&secret, Some(kinds::stored("/secrets"))).unwrap(), None).unwrap();
        assert_eq!(read["data"], secret["data"]);
    }

    #[test]
    fn a_frame_begins_with_its_length() {
        let frame = watch_event("ADDED", &json!({"kind": "Secret"}), kinds::stored("/secrets"));
        let length = u32::from_be_bytes(frame[..4].try_into().unwrap());
        assert_eq!(usize::try_from(length).unwrap(), frame.len() - 4);
    }
}
