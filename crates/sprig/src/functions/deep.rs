//! Whole values compared and copied: Go's `reflect.DeepEqual` and mitchellh/copystructure.

use std::collections::HashSet;

use gotmpl::CallError;
use value::{List, Map, Type, Value};

use super::version::VersionObject;

/// Deeper values are those that contain themselves; Go ends with a full stack there.
const MAX_DEPTH: usize = 10_000;

/// Returns Go's `reflect.DeepEqual`: equal types and equal contents; a nil list differs from an empty one.
pub(super) fn equal(a: &Value, b: &Value) -> bool {
    Comparison { visited: HashSet::new() }.equal(a, b, 0)
}

struct Comparison {
    /// Pairs of maps under comparison; met again they count as equal, as in Go.
    visited: HashSet<(usize, usize)>,
}

impl Comparison {
    fn equal(&mut self, a: &Value, b: &Value, depth: usize) -> bool {
        if depth > MAX_DEPTH {
            return true;
        }
        match (a, b) {
            (Value::Nil, Value::Nil) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) | (Value::Int64(a), Value::Int64(b)) => a == b,
            (Value::Float64(a), Value::Float64(b)) => a == b,
            (Value::Number(a), Value::Number(b)) => a == b,
            (Value::String(a), Value::String(b)) => a == b,
            (Value::List(a), Value::List(b)) => self.equal_lists(a, b, depth),
            (Value::Map(a), Value::Map(b)) => self.equal_maps(a, b, depth),
            (Value::Object(object), Value::Object(other)) => {
                // Only a version has more to it than what it prints as.
                std::rc::Rc::ptr_eq(object, other)
                    || object.object_type() == other.object_type()
                        && VersionObject::originals_are_equal(a, b)
                        && object.print() == other.print()
                        && match (object.as_plain(), other.as_plain()) {
                            (Value::Object(_), _) | (_, Value::Object(_)) => true,
                            (a, b) => self.equal(&a, &b, depth + 1),
                        }
            }
            _ => false,
        }
    }

    fn equal_lists(&mut self, a: &List, b: &List, depth: usize) -> bool {
        if a.list_type() != b.list_type() || a.is_nil() != b.is_nil() || a.len() != b.len() {
            return false;
        }
        a.same(b) || a.iter().zip(b.iter()).all(|(a, b)| self.equal(a, b, depth + 1))
    }

    fn equal_maps(&mut self, a: &Map, b: &Map, depth: usize) -> bool {
        if a.map_type() != b.map_type() || a.is_nil() != b.is_nil() || a.len() != b.len() {
            return false;
        }
        if a.same(b) || !self.visited.insert((a.address(), b.address())) {
            return true;
        }
        let (a, b) = (a.borrow(), b.borrow());
        a.iter().all(|(key, value)| b.get(key).is_some_and(|other| self.equal(value, other, depth + 1)))
    }
}

/// Returns a key that is the same for two simple values exactly if they are equal; none for lists, maps and objects.
pub(super) fn simple_key(value: &Value) -> Option<(Option<Type>, Vec<u8>)> {
    let bytes = match value {
        Value::Nil => Vec::new(),
        Value::Bool(flag) => vec![u8::from(*flag)],
        Value::Int(number) | Value::Int64(number) => number.to_le_bytes().to_vec(),
        // Both zeros are equal, and no NaN is.
        Value::Float64(number) if number.is_nan() => return None,
        Value::Float64(number) => (number + 0.0).to_le_bytes().to_vec(),
        Value::String(text) => text.to_vec(),
        Value::Number(_) | Value::List(_) | Value::Map(_) | Value::Object(_) => return None,
    };
    Some((value.value_type(), bytes))
}

/// Returns a copy that shares no map or list with the original (copystructure's `Copy`).
///
/// # Errors
/// For nil, as Go's reflection has it, and for a value that contains itself.
pub(super) fn copy(value: &Value) -> Result<Value, CallError> {
    if value.is_nil() {
        return Err(CallError::message("reflect: call of reflect.Value.Type on zero Value"));
    }
    copy_below(value, 0)
}

fn copy_below(value: &Value, depth: usize) -> Result<Value, CallError> {
    if depth > MAX_DEPTH {
        return Err(CallError::message("stack overflow: the value contains itself"));
    }
    match value {
        Value::List(list) if !list.is_nil() => {
            let items = list.iter().map(|item| copy_below(item, depth + 1)).collect::<Result<_, _>>()?;
            Ok(Value::List(List::typed(list.list_type(), items)))
        }
        Value::Map(map) if !map.is_nil() => {
            let entries = map.borrow();
            let copied = entries.iter().map(|(key, value)| Ok((key.clone(), copy_below(value, depth + 1)?)));
            Ok(Value::Map(Map::typed(map.map_type(), copied.collect::<Result<_, CallError>>()?)))
        }
        // The library leaves out unexported fields.
        Value::Object(object) => Ok(object.copy_of_exported().unwrap_or_else(|| value.clone())),
        other => Ok(other.clone()),
    }
}
