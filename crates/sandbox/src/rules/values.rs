//! Objects as rules see them: numbers, times and names by the types of their schema.

use super::kinds::escaped;
use cel::Value;
use cel::objects::{Key, Map};
use serde_json::Value as Json;
use std::collections::HashMap;
use std::sync::Arc;

fn text<'s>(schema: &'s Json, key: &str) -> &'s str {
    schema.get(key).and_then(Json::as_str).unwrap_or_default()
}

/// The CEL value of `value` by `schema`; by its own type where the schema says nothing.
pub(super) fn of(value: &Json, schema: Option<&Json>) -> Value {
    match value {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(number) => {
            let whole = number.as_i64().filter(|_| schema.is_none_or(|s| text(s, "type") != "number"));
            whole.map_or_else(|| Value::Float(number.as_f64().unwrap_or(0.0)), Value::Int)
        }
        Json::String(s) => of_text(s, schema),
        Json::Array(items) => {
            let schema = schema.and_then(|s| s.get("items"));
            Value::List(Arc::new(items.iter().map(|item| of(item, schema)).collect()))
        }
        Json::Object(fields) => {
            let fields = fields.iter().filter_map(|(name, value)| field(name, value, schema));
            Value::Map(Map { map: Arc::new(fields.collect::<HashMap<Key, Value>>()) })
        }
    }
}

// Names of properties are escaped, keys of maps are not.
fn field(name: &str, value: &Json, schema: Option<&Json>) -> Option<(Key, Value)> {
    let additional = schema.and_then(|s| s.get("additionalProperties")).filter(|a| a.is_object());
    let own = schema.and_then(|s| s.get("properties")).and_then(|p| p.get(name));
    let key = match (additional, schema) {
        (None, Some(_)) => escaped(name)?,
        _ => name.to_owned(),
    };
    Some((Key::String(Arc::new(key)), of(value, own.or(additional))))
}

fn of_text(value: &str, schema: Option<&Json>) -> Value {
    let plain = || Value::String(Arc::new(value.to_owned()));
    let Some(schema) = schema.filter(|s| text(s, "type") == "string") else { return plain() };
    match text(schema, "format") {
        "byte" => {
            crate::base64::decode(value).map_or_else(|_| plain(), |bytes| Value::Bytes(Arc::new(bytes)))
        }
        "date-time" => super::functions::timestamp(value).unwrap_or_else(plain),
        "date" => super::functions::timestamp(&format!("{value}T00:00:00Z")).unwrap_or_else(plain),
        "duration" => super::functions::duration(value).unwrap_or_else(plain),
        _ => plain(),
    }
}
