//! Dictionaries. `set`, `unset` and the `merge` family change the map they are given, which every holder of it sees.

use std::collections::HashSet;

use gotmpl::{CallError, Function, pure, variadic};
use value::{List, Map, Str, Type, Value};

use super::arguments::{Outcome, any, bytes, map, take, text};
use super::deep;
use super::text::string_value;

const MAP_AND_KEY: &[Type] = &[Type::AnyMap, Type::String];

pub(super) const FUNCTIONS: &[Function] = &[
    variadic("dict", &[Type::Any], dict),
    pure("get", MAP_AND_KEY, |arguments| {
        Ok(map(arguments, 0).get(bytes(arguments, 1)).unwrap_or_else(|| Value::from("")))
    }),
    pure("set", &[Type::AnyMap, Type::String, Type::Any], set),
    pure("unset", MAP_AND_KEY, unset),
    pure("hasKey", MAP_AND_KEY, |arguments| {
        Ok(Value::Bool(map(arguments, 0).contains_key(bytes(arguments, 1))))
    }),
    variadic("pluck", &[Type::String, Type::AnyMap], pluck),
    variadic("keys", &[Type::AnyMap], keys),
    variadic("pick", MAP_AND_KEY, pick),
    variadic("omit", MAP_AND_KEY, omit),
    pure("values", &[Type::AnyMap], |arguments| {
        Ok(Value::list(map(arguments, 0).snapshot().into_iter().map(|(_, value)| value).collect()))
    }),
    variadic("dig", &[Type::Any], dig),
    pure("deepCopy", &[Type::Any], |arguments| deep::copy(any(arguments, 0))),
    pure("mustDeepCopy", &[Type::Any], |arguments| deep::copy(any(arguments, 0))),
];

/// Makes a map of keys and values in turn; keys are printed, and a last key without a value gets an empty string.
fn dict(arguments: &mut [Value]) -> Outcome {
    let mut pairs = Vec::with_capacity(arguments.len().div_ceil(2));
    for pair in arguments.chunks_mut(2) {
        let key = string_value(any(pair, 0));
        let value = if pair.len() == 2 { take(pair, 1) } else { Value::from("") };
        pairs.push((key, value));
    }
    Ok(Value::Map(Map::from_iter(pairs)))
}

fn set(arguments: &mut [Value]) -> Outcome {
    let map = map(arguments, 0);
    if map.is_nil() {
        return Err(CallError::message("assignment to entry in nil map"));
    }
    map.insert(text(arguments, 1), take(arguments, 2));
    Ok(Value::Map(map))
}

fn unset(arguments: &mut [Value]) -> Outcome {
    let map = map(arguments, 0);
    map.remove(bytes(arguments, 1));
    Ok(Value::Map(map))
}

fn pluck(arguments: &mut [Value]) -> Outcome {
    let key = text(arguments, 0);
    let maps = arguments.get(1..).unwrap_or_default();
    Ok(Value::list(maps.iter().filter_map(|map| map.as_map()?.get(&key)).collect()))
}

/// Returns the keys of all maps; Go gives those of one map in random order, here they are sorted.
fn keys(arguments: &mut [Value]) -> Outcome {
    let keys: Vec<Str> = arguments.iter().filter_map(Value::as_map).flat_map(Map::keys).collect();
    Ok(Value::List(List::strings(keys)))
}

fn pick(arguments: &mut [Value]) -> Outcome {
    let map = map(arguments, 0);
    let keys = arguments.get(1..).unwrap_or_default().iter().filter_map(Value::as_str);
    let picked = keys.filter_map(|key| Some((key.clone(), map.get(key)?)));
    Ok(Value::Map(picked.collect()))
}

fn omit(arguments: &mut [Value]) -> Outcome {
    let map = map(arguments, 0);
    let unwanted: HashSet<&Str> =
        arguments.get(1..).unwrap_or_default().iter().filter_map(Value::as_str).collect();
    let kept = map.snapshot().into_iter().filter(|(key, _)| !unwanted.contains(key));
    Ok(Value::Map(kept.collect()))
}

/// Walks down maps along keys: `dig "a" "b" default map`. Only a plain `map[string]interface {}` will do, not Helm's
/// `common.Values`.
fn dig(arguments: &mut [Value]) -> Outcome {
    let [keys @ .., default, last] = &*arguments else { return Err(too_few()) };
    if keys.is_empty() {
        return Err(too_few());
    }
    let mut map = plain_map(last)?;
    let keys = keys.iter().map(key_text).collect::<Result<Vec<_>, _>>()?;
    for (index, key) in keys.iter().enumerate() {
        let Some(step) = map.get(key) else { return Ok(default.clone()) };
        if index + 1 == keys.len() {
            return Ok(step);
        }
        map = plain_map(&step)?;
    }
    Ok(default.clone())
}

fn too_few() -> CallError {
    CallError::message("dig needs at least three arguments")
}

fn plain_map(value: &Value) -> Result<Map, CallError> {
    match value {
        Value::Map(map) if map.map_type() == Type::AnyMap => Ok(map.clone()),
        other => Err(conversion_error(other, "map[string]interface {}")),
    }
}

fn key_text(value: &Value) -> Result<Str, CallError> {
    value.as_str().cloned().ok_or_else(|| conversion_error(value, "string"))
}

/// Returns the error of Go's failed type assertion.
fn conversion_error(value: &Value, wanted: &str) -> CallError {
    let found = if value.is_nil() { "nil" } else { value.type_name() };
    CallError::message(format!("interface conversion: interface {{}} is {found}, not {wanted}"))
}
