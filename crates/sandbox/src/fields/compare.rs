//! Which fields two objects differ in, by schema (structured-merge-diff, `typed/compare.go`).

use super::set::FieldSet;
use super::typed::{MAX_DEPTH, field_element, item_element, shape_of};
use crate::schema::{Items, Node, Shape};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// Fields by what happened to them.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    pub(crate) added: FieldSet,
    pub(crate) modified: FieldSet,
    pub(crate) removed: FieldSet,
}

impl Comparison {
    pub(crate) fn each_set(&mut self, change: impl Fn(&mut FieldSet)) {
        change(&mut self.added);
        change(&mut self.modified);
        change(&mut self.removed);
    }
}

/// Compares two whole objects.
pub(crate) fn compare(old: &Value, new: &Value, node: Node<'_>) -> Comparison {
    let mut walk = Walk { path: Vec::new(), found: Comparison::default() };
    walk.pair(Some(old), Some(new), node);
    walk.found
}

struct Walk {
    path: Vec<Box<str>>,
    found: Comparison,
}

impl Walk {
    fn pair(&mut self, old: Option<&Value>, new: Option<&Value>, node: Node<'_>) {
        if self.path.len() > MAX_DEPTH || (old.is_some() && old == new) {
            return;
        }
        let Some(sample) = new.or(old) else { return };
        let leaf = match (old, new) {
            (Some(old), Some(new)) if node_is_open(node) && kind(old) != kind(new) => true,
            _ => self.inside(old, new, node, shape_of(node, sample)),
        };
        match (old, new) {
            (None, Some(_)) => self.found.added.insert(&self.path),
            (Some(_), None) => self.found.removed.insert(&self.path),
            _ if leaf => self.found.modified.insert(&self.path),
            _ => {}
        }
    }

    // Says whether the place is a leaf; else has walked its children.
    fn inside(&mut self, old: Option<&Value>, new: Option<&Value>, node: Node<'_>, shape: Shape<'_>) -> bool {
        match shape {
            Shape::Map { atomic: false } => {
                let (old, new) = (old.and_then(Value::as_object), new.and_then(Value::as_object));
                let empty = |m: Option<&Map<String, Value>>| m.is_none_or(Map::is_empty);
                if empty(old) && empty(new) {
                    return true;
                }
                self.maps(old, new, node);
                false
            }
            Shape::List(items @ (Items::Set | Items::Keyed(_))) => {
                let list = |v: Option<&Value>| -> Vec<Value> {
                    v.and_then(Value::as_array).cloned().unwrap_or_default()
                };
                let (old, new) = (list(old), list(new));
                if old.is_empty() && new.is_empty() {
                    return true;
                }
                self.lists(items, &old, &new, node);
                false
            }
            _ => true,
        }
    }

    fn maps(&mut self, old: Option<&Map<String, Value>>, new: Option<&Map<String, Value>>, node: Node<'_>) {
        let mut visit = |name: &str, old: Option<&Value>, new: Option<&Value>| {
            let child = node.child(name).map_or(Node::Deduced, |(n, _)| n);
            self.path.push(field_element(name));
            self.pair(old, new, child);
            self.path.pop();
        };
        for (name, value) in old.into_iter().flatten() {
            visit(name, Some(value), new.and_then(|m| m.get(name)));
        }
        for (name, value) in new.into_iter().flatten() {
            if old.is_none_or(|m| !m.contains_key(name)) {
                visit(name, None, Some(value));
            }
        }
    }

    fn lists(&mut self, items: Items<'_>, old: &[Value], new: &[Value], node: Node<'_>) {
        let mut order: Vec<Box<str>> = Vec::new();
        let mut pairs: HashMap<Box<str>, (Vec<&Value>, Vec<&Value>)> = HashMap::new();
        for (list, is_new) in [(old, false), (new, true)] {
            for item in list {
                let Ok(element) = item_element(items, node, item) else { continue };
                let pair = pairs.entry(element.clone()).or_insert_with(|| {
                    order.push(element);
                    Default::default()
                });
                if is_new { pair.1.push(item) } else { pair.0.push(item) }
            }
        }
        for element in order {
            let (old, new) = &pairs[&element];
            self.path.push(element);
            self.items(old, new, node.item());
            self.path.pop();
        }
    }

    // Duplicates are compared as one atomic group.
    fn items(&mut self, old: &[&Value], new: &[&Value], node: Node<'_>) {
        match (old.len(), new.len()) {
            (0 | 1, 0 | 1) => self.pair(old.first().copied(), new.first().copied(), node),
            (2.., 2..) => {
                if old != new {
                    self.found.modified.insert(&self.path);
                }
            }
            (2.., _) => {
                if let Some(new) = new.first() {
                    self.pair(None, Some(new), node);
                }
                self.found.removed.insert(&self.path);
            }
            _ => {
                if let Some(old) = old.first() {
                    self.pair(Some(old), None, node);
                }
                self.found.added.insert(&self.path);
            }
        }
    }
}

fn node_is_open(node: Node<'_>) -> bool {
    matches!(node.shape(), Shape::Unknown)
}

fn kind(value: &Value) -> u8 {
    match value {
        Value::Object(_) => 2,
        Value::Array(_) => 1,
        _ => 0,
    }
}
