//! Merging an applied object into the live one, and taking fields away again (structured-merge-diff,
//! `typed/merge.go` and `typed/remove.go`).

use super::set::FieldSet;
use super::typed::{MAX_DEPTH, field_element, item_element, shape_of};
use crate::schema::{Items, Node, Shape};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};

/// Returns `live` with everything `applied` says; lists follow the order of `applied` where both name an item.
pub(crate) fn merge(live: &Value, applied: &Value, node: Node<'_>) -> Value {
    both(Some(live), Some(applied), node, 0).unwrap_or(Value::Null)
}

fn both(live: Option<&Value>, applied: Option<&Value>, node: Node<'_>, depth: usize) -> Option<Value> {
    let sample = applied.or(live)?;
    let (Some(live_value), Some(applied_value)) = (live, applied) else { return Some(sample.clone()) };
    if depth > MAX_DEPTH {
        return Some(sample.clone());
    }
    match (shape_of(node, sample), live_value, applied_value) {
        (Shape::Map { atomic: false }, Value::Object(live), Value::Object(applied)) => {
            Some(Value::Object(maps(live, applied, node, depth)))
        }
        // A null map or list on one side counts as absent on that side.
        (Shape::Map { atomic: false }, Value::Object(live), Value::Null) if !live.is_empty() => {
            Some(live_value.clone())
        }
        (Shape::List(items @ (Items::Set | Items::Keyed(_))), live, applied) => {
            let list = |v: &Value| v.as_array().cloned().unwrap_or_default();
            let (live, applied) = (list(live), list(applied));
            if live.is_empty() && applied.is_empty() {
                return Some(sample.clone());
            }
            let merged = lists(items, &live, &applied, node, depth);
            (!merged.is_empty()).then_some(Value::Array(merged))
        }
        _ => Some(sample.clone()),
    }
}

fn maps(
    live: &Map<String, Value>,
    applied: &Map<String, Value>,
    node: Node<'_>,
    depth: usize,
) -> Map<String, Value> {
    let mut out = live.clone();
    for (name, value) in applied {
        let child = node.child(name).map_or(Node::Deduced, |(n, _)| n);
        match both(live.get(name), Some(value), child, depth + 1) {
            Some(merged) => out.insert(name.clone(), merged),
            None => out.remove(name),
        };
    }
    out
}

type Index<'v> = HashMap<Box<str>, Option<&'v Value>>;

// Items named twice in the live list cannot be merged with: their entry is `None`.
fn index<'v>(items: Items<'_>, list: &'v [Value], node: Node<'_>) -> (Vec<(Box<str>, &'v Value)>, Index<'v>) {
    let (mut order, mut by_element) = (Vec::with_capacity(list.len()), Index::new());
    for item in list {
        let Ok(element) = item_element(items, node, item) else { continue };
        by_element.entry(element.clone()).and_modify(|e| *e = None).or_insert(Some(item));
        order.push((element, item));
    }
    (order, by_element)
}

fn lists(items: Items<'_>, live: &[Value], applied: &[Value], node: Node<'_>, depth: usize) -> Vec<Value> {
    let (left, in_left) = index(items, live, node);
    let (right, in_right) = index(items, applied, node);
    let mut shared = right.iter().map(|(e, _)| e).filter(|e| in_left.contains_key(*e));
    let mut next_shared = shared.next();
    let mut merged: HashSet<&str> = HashSet::new();
    let mut out = Vec::with_capacity(left.len().max(right.len()));
    let mut take = |left: Option<&Value>, right: Option<&Value>| {
        out.extend(both(left, right, node.item(), depth + 1));
    };
    let (mut l, mut r) = (0, 0);
    while l < left.len() || r < right.len() {
        if let (Some((le, _)), Some((re, right_item))) = (left.get(l), right.get(r)) {
            if le == re {
                merged.insert(le);
                take(in_left[le], Some(right_item));
                (l, r) = (l + 1, r + 1);
                next_shared = shared.next();
                continue;
            }
            if in_right.contains_key(le) && next_shared.is_some_and(|s| s != le) {
                l += 1;
                continue;
            }
        }
        if let Some((le, left_item)) = left.get(l) {
            if !in_right.contains_key(le) {
                take(Some(left_item), None);
                l += 1;
                continue;
            }
            if merged.contains(&**le) {
                l += 1;
            }
        }
        if let Some((re, right_item)) = right.get(r) {
            merged.insert(re);
            take(in_left.get(re).copied().flatten(), Some(right_item));
            r += 1;
            if next_shared == Some(re) {
                next_shared = shared.next();
            }
        }
    }
    out
}

/// Returns `value` without the fields and items of `remove`.
pub(crate) fn without(value: &Value, remove: &FieldSet, node: Node<'_>) -> Value {
    match (shape_of(node, value), value) {
        (Shape::Map { atomic: false }, Value::Object(map)) if !map.is_empty() => {
            let mut out = Map::new();
            for (name, child) in map {
                let element = field_element(name);
                if remove.has(&element) {
                    continue;
                }
                let child = match remove.below(&element) {
                    Some(below) => {
                        let node = node.child(name).map_or(Node::Deduced, |(n, _)| n);
                        without(child, below, node)
                    }
                    None => child.clone(),
                };
                out.insert(name.clone(), child);
            }
            if out.is_empty() { Value::Null } else { Value::Object(out) }
        }
        (Shape::List(items @ (Items::Set | Items::Keyed(_))), Value::Array(list)) if !list.is_empty() => {
            let kept = list.iter().filter_map(|item| {
                let element = item_element(items, node, item).unwrap_or_default();
                if remove.has(&element) {
                    return None;
                }
                Some(match remove.below(&element) {
                    Some(below) => without(item, below, node.item()),
                    None => item.clone(),
                })
            });
            let kept: Vec<Value> = kept.collect();
            if kept.is_empty() { Value::Null } else { Value::Array(kept) }
        }
        (Shape::Map { atomic: true } | Shape::List(Items::Atomic), _) => Value::Null,
        _ => value.clone(),
    }
}
