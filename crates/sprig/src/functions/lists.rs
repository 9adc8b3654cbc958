//! Lists. Every function takes a list of any element type and gives a new `[]interface {}`; errors name the kind.

use std::collections::HashSet;

use gotmpl::{CallError, Function, pure, variadic};
use value::{Kind, List, Type, Value};

use super::arguments::{Outcome, any, int, slice, take};
use super::conversion::{to_int, truncate};
use super::deep;
use super::defaults::is_empty;

const ONE: &[Type] = &[Type::Any];
const TWO: &[Type] = &[Type::Any, Type::Any];

pub(super) const FUNCTIONS: &[Function] = &[
    variadic("list", ONE, list),
    variadic("tuple", ONE, list),
    pure("append", TWO, push),
    pure("push", TWO, push),
    pure("mustAppend", TWO, push),
    pure("mustPush", TWO, push),
    pure("prepend", TWO, prepend),
    pure("mustPrepend", TWO, prepend),
    pure("first", ONE, first),
    pure("mustFirst", ONE, first),
    pure("rest", ONE, rest),
    pure("mustRest", ONE, rest),
    pure("last", ONE, last),
    pure("mustLast", ONE, last),
    pure("initial", ONE, initial),
    pure("mustInitial", ONE, initial),
    pure("reverse", ONE, reverse),
    pure("mustReverse", ONE, reverse),
    pure("uniq", ONE, uniq),
    pure("mustUniq", ONE, uniq),
    variadic("without", TWO, without),
    variadic("mustWithout", TWO, without),
    pure("has", TWO, has),
    pure("mustHas", TWO, has),
    variadic("slice", TWO, sub_slice),
    variadic("mustSlice", TWO, sub_slice),
    variadic("concat", ONE, concat),
    pure("chunk", &[Type::Int, Type::Any], chunk),
    pure("mustChunk", &[Type::Int, Type::Any], chunk),
    pure("compact", ONE, compact),
    pure("mustCompact", ONE, compact),
];

fn list(arguments: &mut [Value]) -> Outcome {
    Ok(Value::list(arguments.iter_mut().map(std::mem::take).collect()))
}

fn find(what: &'static str) -> impl Fn(Kind) -> String {
    move |kind| format!("Cannot find {what} on type {kind}")
}

fn push(arguments: &mut [Value]) -> Outcome {
    let list = slice(any(arguments, 0), |kind| format!("Cannot push on type {kind}"))?;
    let mut items = Vec::with_capacity(list.len() + 1);
    items.extend_from_slice(&list);
    items.push(take(arguments, 1));
    Ok(Value::list(items))
}

fn prepend(arguments: &mut [Value]) -> Outcome {
    let list = slice(any(arguments, 0), |kind| format!("Cannot prepend on type {kind}"))?;
    let mut items = Vec::with_capacity(list.len() + 1);
    items.push(take(arguments, 1));
    items.extend_from_slice(&list);
    Ok(Value::list(items))
}

fn first(arguments: &mut [Value]) -> Outcome {
    Ok(slice(any(arguments, 0), find("first"))?.first().cloned().unwrap_or_default())
}

fn last(arguments: &mut [Value]) -> Outcome {
    Ok(slice(any(arguments, 0), find("last"))?.last().cloned().unwrap_or_default())
}

fn rest(arguments: &mut [Value]) -> Outcome {
    let list = slice(any(arguments, 0), find("rest"))?;
    Ok(part(list.split_first().map(|(_, rest)| rest)))
}

fn initial(arguments: &mut [Value]) -> Outcome {
    let list = slice(any(arguments, 0), find("initial"))?;
    Ok(part(list.split_last().map(|(_, initial)| initial)))
}

/// Returns a part of a list; of an empty list it is a nil slice.
fn part(items: Option<&[Value]>) -> Value {
    items.map_or_else(|| Value::List(List::nil(Type::AnyList)), |items| Value::list(items.to_vec()))
}

fn reverse(arguments: &mut [Value]) -> Outcome {
    let list = slice(any(arguments, 0), find("reverse"))?;
    Ok(Value::list(list.iter().rev().cloned().collect()))
}

fn compact(arguments: &mut [Value]) -> Outcome {
    let list = slice(any(arguments, 0), |kind| format!("Cannot compact on type {kind}"))?;
    Ok(Value::list(list.iter().filter(|item| !is_empty(item)).cloned().collect()))
}

fn uniq(arguments: &mut [Value]) -> Outcome {
    let list = slice(any(arguments, 0), find("uniq"))?;
    let mut simple = HashSet::new();
    let mut others: Vec<Value> = Vec::new();
    let mut items = Vec::new();
    for item in list.iter() {
        let is_new = match deep::simple_key(item) {
            Some(key) => simple.insert(key),
            None => {
                let is_new = !others.iter().any(|other| deep::equal(item, other));
                if is_new {
                    others.push(item.clone());
                }
                is_new
            }
        };
        if is_new {
            items.push(item.clone());
        }
    }
    Ok(Value::list(items))
}

fn without(arguments: &mut [Value]) -> Outcome {
    let list = slice(any(arguments, 0), find("without"))?;
    let unwanted = arguments.get(1..).unwrap_or_default();
    let kept = list.iter().filter(|item| !unwanted.iter().any(|other| deep::equal(item, other)));
    Ok(Value::list(kept.cloned().collect()))
}

fn has(arguments: &mut [Value]) -> Outcome {
    let (needle, haystack) = (any(arguments, 0), any(arguments, 1));
    if haystack.is_nil() {
        return Ok(Value::Bool(false));
    }
    let list = slice(haystack, find("has"))?;
    Ok(Value::Bool(list.iter().any(|item| deep::equal(needle, item))))
}

/// Returns part of a list, which keeps its type: `slice $l`, `slice $l 1`, `slice $l 1 3`.
///
/// The end may lie beyond the length, up to the slice's capacity; nil fills the room (reflect.Value.Slice).
fn sub_slice(arguments: &mut [Value]) -> Outcome {
    let list = slice(any(arguments, 0), |kind| format!("list should be type of slice or array but {kind}"))?;
    if list.is_empty() {
        return Ok(Value::Nil);
    }
    let start = arguments.get(1).map_or(0, to_int);
    let end = arguments.get(2).map_or(list.len() as i64, to_int);
    let range = usize::try_from(start).ok().zip(usize::try_from(end).ok());
    match range.filter(|(start, end)| start <= end && *end <= list.capacity()) {
        Some((start, end)) => {
            let mut items: Vec<Value> = list.iter().take(end).skip(start).cloned().collect();
            items.resize(end - start, Value::Nil);
            Ok(Value::List(List::typed(list.list_type(), items)))
        }
        None => Err(CallError::message("reflect.Value.Slice: slice index out of bounds")),
    }
}

fn concat(arguments: &mut [Value]) -> Outcome {
    let mut items = Vec::new();
    for argument in arguments.iter() {
        let list = slice(argument, |kind| format!("Cannot concat type {kind} as list"))?;
        items.extend_from_slice(&list);
    }
    Ok(if items.is_empty() { Value::List(List::nil(Type::AnyList)) } else { Value::list(items) })
}

/// Cuts a list into lists of `size` items, by Sprig's float arithmetic, which decides what sizes below one do.
fn chunk(arguments: &mut [Value]) -> Outcome {
    let size = int(arguments, 0);
    let list = slice(any(arguments, 1), |kind| format!("Cannot chunk type {kind}"))?;
    let length = list.len() as f64;
    let count = truncate(((length - 1.0) / size as f64).floor() + 1.0);
    let Some(count) = usize::try_from(count).ok().filter(|&count| count <= list.len()) else {
        return Err(length_out_of_range());
    };
    let mut chunks = Vec::with_capacity(count);
    for index in 0..count {
        let mut wanted = size;
        if index + 1 == count {
            let rest = truncate((length % size as f64).floor());
            wanted = if rest == 0 { size } else { rest };
        }
        let wanted = usize::try_from(wanted).map_err(|_| length_out_of_range())?;
        let start = index.saturating_mul(usize::try_from(size).unwrap_or(0));
        chunks.push(Value::list(list.iter().skip(start).take(wanted).cloned().collect()));
    }
    Ok(Value::List(List::typed(Type::AnyListList, chunks)))
}

fn length_out_of_range() -> CallError {
    CallError::message("runtime error: makeslice: len out of range")
}
