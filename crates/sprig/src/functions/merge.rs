//! Maps merged into one another as `dario.cat/mergo` 1.0.1 does it, with what it shares and what it copies.

use gotmpl::{CallError, Function, variadic};
use value::{Kind, List, Map, Type, Value};

use super::arguments::{Outcome, map};

/// Deeper maps are those that contain themselves; Go ends with a full stack there.
const MAX_DEPTH: usize = 10_000;

const MAPS: &[Type] = &[Type::AnyMap, Type::AnyMap];

pub(super) const FUNCTIONS: &[Function] = &[
    variadic("merge", MAPS, |arguments| swallow(merge_all(arguments, Overwrite::No))),
    variadic("mustMerge", MAPS, |arguments| Ok(merge_all(arguments, Overwrite::No)?)),
    variadic("mergeOverwrite", MAPS, |arguments| swallow(merge_all(arguments, Overwrite::Yes))),
    variadic("mustMergeOverwrite", MAPS, |arguments| Ok(merge_all(arguments, Overwrite::Yes)?)),
];

/// Whether what the destination has gives way.
#[derive(Clone, Copy, PartialEq)]
enum Overwrite {
    No,
    Yes,
}

/// Why maps could not be merged.
enum Failure {
    /// An error that mergo returns; `merge` and `mergeOverwrite` give an empty string then.
    Returned(&'static str),
    /// A panic, which no variant swallows.
    Panic(String),
}

impl From<Failure> for CallError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Returned(text) => CallError::message(text),
            Failure::Panic(text) => CallError::message(text),
        }
    }
}

fn swallow(result: Result<Value, Failure>) -> Outcome {
    match result {
        Err(Failure::Returned(_)) => Ok(Value::from("")),
        result => Ok(result?),
    }
}

fn merge_all(arguments: &[Value], overwrite: Overwrite) -> Result<Value, Failure> {
    let mut destination = map(arguments, 0);
    for source in arguments.iter().skip(1).filter_map(Value::as_map) {
        if destination.is_nil() && !source.is_nil() {
            destination = Map::new();
        }
        merge_maps(&destination, source, overwrite, 0)?;
    }
    Ok(Value::Map(destination))
}

fn merge_maps(destination: &Map, source: &Map, overwrite: Overwrite, depth: usize) -> Result<(), Failure> {
    if depth > MAX_DEPTH {
        return Err(Failure::Panic(String::from("stack overflow: the map contains itself")));
    }
    for key in source.keys() {
        let Some(new) = source.get(&key) else { continue };
        if new.is_nil() {
            if overwrite == Overwrite::Yes {
                put(destination, &key, new, source)?;
            }
            continue;
        }
        let old = destination.get(&key);
        match new.kind() {
            Kind::Map | Kind::Struct | Kind::Ptr => merge_into(old.as_ref(), &new, overwrite, depth)?,
            Kind::Slice => {
                put(destination, &key, merged_slice(destination, old.as_ref(), &new, overwrite), source)?
            }
            _ => {}
        }
        let is_kept = old.as_ref().is_some_and(|old| !is_empty(old) && keeps(old, &new));
        let is_replaced = overwrite == Overwrite::Yes || old.as_ref().is_none_or(is_empty);
        if !is_kept && is_replaced {
            put(destination, &key, new, source)?;
        }
    }
    Ok(())
}

/// Returns whether the value has been dealt with already: a list, or a map that was merged into a map.
fn keeps(old: &Value, new: &Value) -> bool {
    new.kind() == Kind::Slice || new.kind() == Kind::Map && old.kind() == Kind::Map
}

/// Merges into what the destination holds. Everything but a map is a copy there and stays as it is.
fn merge_into(old: Option<&Value>, new: &Value, overwrite: Overwrite, depth: usize) -> Result<(), Failure> {
    match (old, new) {
        (Some(Value::Map(old)), Value::Map(new)) if !old.is_nil() || new.is_nil() => {
            merge_maps(old, new, overwrite, depth + 1)
        }
        (Some(Value::Object(old)), new)
            if old.object_type().kind() == Kind::Ptr
                && new.kind() != Kind::Ptr
                && overwrite == Overwrite::No =>
        {
            Err(Failure::Returned("src and dst must be of same type"))
        }
        _ => Ok(()),
    }
}

/// Returns what a list in the source makes of the destination's value before emptiness is looked at.
fn merged_slice(destination: &Map, old: Option<&Value>, new: &Value, overwrite: Overwrite) -> Value {
    if overwrite == Overwrite::Yes || destination.is_empty() {
        return new.clone();
    }
    match old {
        Some(old) if !old.is_nil() => old.clone(),
        _ => Value::List(List::typed(new.value_type().unwrap_or(Type::AnyList), Vec::new())),
    }
}

/// Sets a key; a map of strings takes strings from a map of strings only.
fn put(destination: &Map, key: &value::Str, new: Value, source: &Map) -> Result<(), Failure> {
    let wanted = destination.map_type().element();
    let given = match new.kind() {
        Kind::Slice => new.value_type().unwrap_or(Type::Any),
        _ => source.map_type().element(),
    };
    if wanted != Type::Any && wanted != given {
        return Err(Failure::Panic(format!(
            "reflect.Value.SetMapIndex: value of type {given} is not assignable to type {wanted}"
        )));
    }
    if destination.is_nil() {
        return Err(Failure::Panic(String::from("assignment to entry in nil map")));
    }
    destination.insert(key.clone(), new);
    Ok(())
}

/// Returns mergo's `isEmptyValue`: a pointer counts as what it points to, a struct never as empty.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Object(object) => match object.object_type().kind() {
            Kind::Struct => false,
            Kind::Ptr => !object.is_true(),
            _ => match object.as_plain() {
                Value::Object(_) => false,
                plain => !plain.is_true(),
            },
        },
        Value::Number(value::Number::Complex128(_)) => false,
        other => !other.is_true(),
    }
}
