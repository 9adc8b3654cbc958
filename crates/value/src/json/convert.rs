//! Values to and from `serde_json`'s.

use super::number;
use super::write::{Path, bytes_of};
use crate::{Entries, Error, List, Map, Number, Str, Type, Value, base64};

/// Converts a value to JSON, as writing it and reading it again with integers kept would.
///
/// # Errors
/// What [`super::write`] refuses.
pub fn to_serde(value: &Value) -> Result<serde_json::Value, Error> {
    convert(value, &mut Path::default())
}

fn convert(value: &Value, path: &mut Path) -> Result<serde_json::Value, Error> {
    Ok(match value {
        Value::Nil => serde_json::Value::Null,
        Value::Bool(flag) => (*flag).into(),
        Value::Int(number) | Value::Int64(number) => (*number).into(),
        Value::Float64(number) => float(*number)?,
        Value::Number(number) => rare_number(number)?,
        Value::String(text) => text.to_string_lossy().into(),
        Value::List(list) => convert_list(list, path)?,
        Value::Map(map) => convert_map(map, path)?,
        Value::Object(object) => match object.as_plain() {
            Value::Object(_) => {
                return Err(Error::message(format!("json: unsupported type: {}", value.type_name())));
            }
            plain => convert(&plain, path)?,
        },
    })
}

fn convert_list(list: &List, path: &mut Path) -> Result<serde_json::Value, Error> {
    if list.is_nil() {
        return Ok(serde_json::Value::Null);
    }
    if list.list_type() == Type::Bytes {
        return Ok(String::from_utf8_lossy(&base64::encode(&bytes_of(list))).into());
    }
    path.enter_list()?;
    let items = list.iter().map(|item| convert(item, path)).collect::<Result<Vec<_>, _>>()?;
    path.leave_list();
    Ok(items.into())
}

fn convert_map(map: &Map, path: &mut Path) -> Result<serde_json::Value, Error> {
    if map.is_nil() {
        return Ok(serde_json::Value::Null);
    }
    path.enter_map(map)?;
    let pairs = map
        .borrow()
        .iter()
        .map(|(key, value)| Ok((key.to_string_lossy(), convert(value, path)?)))
        .collect::<Result<serde_json::Map<_, _>, Error>>()?;
    path.leave_map();
    Ok(serde_json::Value::Object(pairs))
}

fn float(number: f64) -> Result<serde_json::Value, Error> {
    if !number.is_finite() {
        return Err(Error::message(number::unsupported_number(number)));
    }
    // JSON does not tell `1.0` from `1`, and Go writes the latter.
    Ok(number::whole(number).map_or_else(|| number.into(), Into::into))
}

fn rare_number(number: &Number) -> Result<serde_json::Value, Error> {
    Ok(match number {
        Number::Int8(n) => (*n).into(),
        Number::Int16(n) => (*n).into(),
        Number::Int32(n) => (*n).into(),
        Number::Uint(n) | Number::Uint64(n) => (*n).into(),
        Number::Uint8(n) => (*n).into(),
        Number::Uint16(n) => (*n).into(),
        Number::Uint32(n) => (*n).into(),
        Number::Float32(n) => float(f64::from(*n))?,
        Number::Complex128(_) => return Err(Error::message("json: unsupported type: complex128")),
    })
}

/// Converts JSON to a value; every number becomes a `float64`, as in Go.
pub fn from_serde(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Nil,
        serde_json::Value::Bool(flag) => Value::Bool(*flag),
        serde_json::Value::Number(number) => Value::Float64(number.as_f64().unwrap_or(f64::NAN)),
        serde_json::Value::String(text) => Value::from(text.as_str()),
        serde_json::Value::Array(items) => Value::list(items.iter().map(from_serde).collect()),
        serde_json::Value::Object(pairs) => {
            let pairs =
                pairs.iter().map(|(key, value)| (Str::from(key.as_str()), from_serde(value))).collect();
            Value::Map(Map::from(Entries::from_pairs(pairs)))
        }
    }
}
