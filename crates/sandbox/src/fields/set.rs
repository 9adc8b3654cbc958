//! A set of field paths as a tree, in the notation of `FieldsV1` (`f:name`, `k:{"name":"x"}`, `v:"x"`, `.`).

use crate::schema::{Node, Shape};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Paths of fields. An element is kept as its `FieldsV1` text.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct FieldSet(BTreeMap<Box<str>, Entry>);

#[derive(Debug, Clone, Default, PartialEq)]
struct Entry {
    member: bool,
    children: FieldSet,
}

impl Entry {
    fn is_empty(&self) -> bool {
        !self.member && self.children.is_empty()
    }
}

impl FieldSet {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn insert(&mut self, path: &[Box<str>]) {
        let Some((last, parents)) = path.split_last() else { return };
        let mut set = self;
        for element in parents {
            set = &mut set.0.entry(element.clone()).or_default().children;
        }
        set.0.entry(last.clone()).or_default().member = true;
    }

    pub(crate) fn has(&self, element: &str) -> bool {
        self.0.get(element).is_some_and(|e| e.member)
    }

    pub(crate) fn below(&self, element: &str) -> Option<&FieldSet> {
        self.0.get(element).map(|e| &e.children).filter(|s| !s.is_empty())
    }

    pub(crate) fn union(&mut self, other: &FieldSet) {
        for (element, theirs) in &other.0 {
            let ours = self.0.entry(element.clone()).or_default();
            ours.member |= theirs.member;
            ours.children.union(&theirs.children);
        }
    }

    pub(crate) fn difference(&self, other: &FieldSet) -> FieldSet {
        self.combine(other, |ours, theirs| match theirs {
            Some(theirs) => Entry {
                member: ours.member && !theirs.member,
                children: ours.children.difference(&theirs.children),
            },
            None => ours.clone(),
        })
    }

    pub(crate) fn intersection(&self, other: &FieldSet) -> FieldSet {
        self.combine(other, |ours, theirs| match theirs {
            Some(theirs) => Entry {
                member: ours.member && theirs.member,
                children: ours.children.intersection(&theirs.children),
            },
            None => Entry::default(),
        })
    }

    fn combine(&self, other: &FieldSet, rule: impl Fn(&Entry, Option<&Entry>) -> Entry) -> FieldSet {
        let entries = self.0.iter().map(|(k, ours)| (k.clone(), rule(ours, other.0.get(k))));
        FieldSet(entries.filter(|(_, e)| !e.is_empty()).collect())
    }

    /// Drops `path` and everything below it.
    pub(crate) fn remove_tree(&mut self, path: &[&str]) {
        let Some((first, rest)) = path.split_first() else { return };
        if rest.is_empty() {
            self.0.remove(*first);
        } else if let Some(entry) = self.0.get_mut(*first) {
            entry.children.remove_tree(rest);
            if entry.is_empty() {
                self.0.remove(*first);
            }
        }
    }

    /// Drops the one path, not what is below it.
    pub(crate) fn remove(&mut self, path: &[&str]) {
        let Some((first, rest)) = path.split_first() else { return };
        let Some(entry) = self.0.get_mut(*first) else { return };
        if rest.is_empty() {
            entry.member = false;
        } else {
            entry.children.remove(rest);
        }
        if entry.is_empty() {
            self.0.remove(*first);
        }
    }

    /// Keeps only what lies below one of the top-level fields.
    pub(crate) fn keep_only(&mut self, keep: impl Fn(&str) -> bool) {
        self.0.retain(|element, _| keep(element));
    }

    /// Makes fields that only have children members too, where the schema names them
    /// (structured-merge-diff, `EnsureNamedFieldsAreMembers`).
    pub(crate) fn with_named_fields(&self, node: Node<'_>) -> FieldSet {
        let is_list = matches!(node.shape(), Shape::List(_));
        let entries = self.0.iter().map(|(element, entry)| {
            let (child, named) = match element.strip_prefix("f:") {
                Some(name) if !is_list => node.child(name).unwrap_or((Node::Deduced, false)),
                _ => (node.item(), false),
            };
            let member = entry.member || (named && !entry.children.is_empty());
            (element.clone(), Entry { member, children: entry.children.with_named_fields(child) })
        });
        FieldSet(entries.collect())
    }

    /// Calls `visit` with each path of the set, in order.
    pub(crate) fn each<'a>(&'a self, prefix: &mut Vec<&'a str>, visit: &mut impl FnMut(&[&'a str])) {
        for (element, entry) in &self.0 {
            prefix.push(element);
            if entry.member {
                visit(prefix);
            }
            entry.children.each(prefix, visit);
            prefix.pop();
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        let mut map = Map::new();
        for (element, entry) in &self.0 {
            let mut child = match entry.children.to_json() {
                Value::Object(child) => child,
                _ => Map::new(),
            };
            if entry.member && !child.is_empty() {
                child.insert(".".into(), Value::Object(Map::new()));
            }
            map.insert(element.to_string(), Value::Object(child));
        }
        Value::Object(map)
    }

    /// Reads `FieldsV1`; `None` if it is not of that form.
    pub(crate) fn from_json(value: &Value) -> Option<FieldSet> {
        let mut set = FieldSet::default();
        for (element, child) in value.as_object()? {
            if element == "." {
                continue;
            }
            if !["f:", "k:", "v:", "i:"].iter().any(|p| element.starts_with(p)) {
                return None;
            }
            let fields = child.as_object()?;
            let member = fields.is_empty() || fields.contains_key(".");
            set.0.insert(element.as_str().into(), Entry { member, children: FieldSet::from_json(child)? });
        }
        Some(set)
    }
}

/// Writes a path as messages do: `.spec.ports[port=80,protocol="TCP"].name`.
pub(crate) fn path_text(path: &[&str]) -> String {
    path.iter().map(|e| element_text(e)).collect()
}

pub(crate) fn element_text(element: &str) -> String {
    let (kind, rest) = element.split_at_checked(2).unwrap_or((element, ""));
    match kind {
        "f:" => format!(".{rest}"),
        "v:" => format!("[={rest}]"),
        "k:" => {
            let keys: Map<String, Value> = serde_json::from_str(rest).unwrap_or_default();
            let keys: Vec<String> = keys.iter().map(|(k, v)| format!("{k}={v}")).collect();
            format!("[{}]", keys.join(","))
        }
        _ => format!("[{rest}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn difference_keeps_children_of_a_removed_member() {
        let fields = json!({"f:data": {".": {}, "f:a": {}, "f:b": {}}});
        let set = FieldSet::from_json(&fields).unwrap();
        let other = FieldSet::from_json(&json!({"f:data": {".": {}, "f:a": {}}})).unwrap();
        assert_eq!(set.difference(&other).to_json(), json!({"f:data": {"f:b": {}}}));
        assert_eq!(set.to_json(), fields);
    }

    #[test]
    fn keyed_items_are_printed_with_their_keys() {
        let path = ["f:spec", "f:ports", r#"k:{"port":80,"protocol":"TCP"}"#, "f:name"];
        assert_eq!(path_text(&path), r#".spec.ports[port=80,protocol="TCP"].name"#);
    }
}
