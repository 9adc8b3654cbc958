//! Go's `index` and `slice` (`text/template/funcs.go`).

use std::ops::Range;

use value::{Kind, List, Map, Number, Str, Type, Value};

use crate::CallError;
use crate::execute::{Reflected, zero_of};

/// Returns an element of an element … of a list, map or string.
pub(crate) fn index(item: &Value, indexes: &[Value]) -> Result<Value, CallError> {
    if item.is_nil() {
        return Err(CallError::message("index of untyped nil"));
    }
    let mut item = item.clone();
    for index in indexes {
        item = element(&item, index)?;
    }
    Ok(item)
}

fn element(item: &Value, index: &Value) -> Result<Value, CallError> {
    match item {
        Value::Nil => Err(CallError::message("index of nil pointer")),
        Value::List(list) => {
            let place = index_argument(index, list.items().len())?;
            let item = list.get(place).cloned();
            item.ok_or_else(|| CallError::message("reflect: slice index out of range"))
        }
        Value::String(text) => {
            let place = index_argument(index, text.len())?;
            let byte = text.get(place).map(|byte| Value::Number(Number::Uint8(*byte)));
            byte.ok_or_else(|| CallError::message("reflect: string index out of range"))
        }
        Value::Map(map) => map_element(map, index),
        Value::Object(object)
            if matches!(object.object_type().kind(), Kind::Map | Kind::Slice | Kind::String) =>
        {
            match object.as_plain() {
                Value::Object(_) => Err(cannot("index", item)),
                plain => element(&plain, index),
            }
        }
        Value::Object(object) if object.object_type().kind() == Kind::Ptr && !object.is_true() => {
            Err(CallError::message("index of nil pointer"))
        }
        other => Err(cannot("index", other)),
    }
}

fn map_element(map: &Map, index: &Value) -> Result<Value, CallError> {
    match index {
        Value::String(key) => Ok(map.get(key).unwrap_or_else(|| zero_of(map.map_type().element()))),
        Value::Nil => Err(CallError::message("value is nil; should be of type string")),
        other => Err(CallError::message(format!("value has type {}; should be string", other.type_name()))),
    }
}

/// Returns an index as a number up to and including `limit`.
fn index_argument(index: &Value, limit: usize) -> Result<usize, CallError> {
    let number = match index {
        Value::Nil => return Err(CallError::message("cannot index slice/array with nil")),
        Value::Object(object) => integer(&object.as_plain()),
        other => integer(other),
    };
    let Some(number) = number else {
        let type_name = index.type_name();
        return Err(CallError::message(format!("cannot index slice/array with type {type_name}")));
    };
    match usize::try_from(number) {
        Ok(place) if place <= limit => Ok(place),
        _ => Err(CallError::message(format!("index out of range: {number}"))),
    }
}

fn integer(value: &Value) -> Option<i64> {
    Some(match value {
        Value::Int(int) | Value::Int64(int) => *int,
        Value::Number(number) => match number {
            Number::Int8(int) => i64::from(*int),
            Number::Int16(int) => i64::from(*int),
            Number::Int32(int) => i64::from(*int),
            Number::Uint(uint) | Number::Uint64(uint) => *uint as i64,
            Number::Uint8(uint) => i64::from(*uint),
            Number::Uint16(uint) => i64::from(*uint),
            Number::Uint32(uint) => i64::from(*uint),
            Number::Float32(_) | Number::Complex128(_) => return None,
        },
        _ => return None,
    })
}

/// Returns a part of a list or string. What was decoded has room beyond its length ([`List::capacity`]), filled with nil.
///
/// Go forgets to look through an interface here: an index that is an element of a map is an error.
pub(crate) fn slice(item: &Value, indexes: &[Reflected]) -> Result<Value, CallError> {
    let plain;
    let item = match item {
        Value::Object(object) if matches!(object.object_type().kind(), Kind::Slice | Kind::String) => {
            plain = object.as_plain();
            &plain
        }
        other => other,
    };
    if item.is_nil() {
        return Err(CallError::message("slice of untyped nil"));
    }
    if indexes.len() > 3 {
        return Err(CallError::message(format!("too many slice indexes: {}", indexes.len())));
    }
    match item {
        Value::String(_) if indexes.len() == 3 => Err(CallError::message("cannot 3-index slice a string")),
        Value::String(text) => {
            let part = text.get(bounds(text.len(), text.len(), indexes)?).unwrap_or_default();
            Ok(Value::String(Str::from(part)))
        }
        Value::List(list) => {
            let range = bounds(list.len(), list.capacity(), indexes)?;
            let mut items =
                list.get(range.start.min(list.len())..range.end.min(list.len())).unwrap_or_default().to_vec();
            items.resize(range.len(), Value::Nil);
            Ok(Value::List(List::typed(list.list_type(), items)))
        }
        other => Err(cannot("slice", other)),
    }
}

/// Returns the part that the indexes of `slice` mean, of something of that length and capacity.
fn bounds(length: usize, capacity: usize, indexes: &[Reflected]) -> Result<Range<usize>, CallError> {
    let mut bounds = [0, length, length];
    for (bound, index) in bounds.iter_mut().zip(indexes) {
        if index.is_interface {
            let type_name = index.type_name();
            return Err(CallError::message(format!("cannot index slice/array with type {type_name}")));
        }
        *bound = index_argument(&index.value, capacity)?;
    }
    let [start, end, limit] = bounds;
    if start > end {
        return Err(CallError::message(format!("invalid slice index: {start} > {end}")));
    }
    if indexes.len() == 3 && end > limit {
        return Err(CallError::message(format!("invalid slice index: {end} > {limit}")));
    }
    Ok(start..end)
}

fn cannot(action: &str, item: &Value) -> CallError {
    CallError::message(format!("can't {action} item of type {}", pointed_to(item)))
}

/// Returns the type's name; of a pointer, that of what it points to.
pub(crate) fn pointed_to(item: &Value) -> &'static str {
    match item.value_type() {
        Some(Type::Named(name, Kind::Ptr)) => name.strip_prefix('*').unwrap_or(name),
        _ => item.type_name(),
    }
}
