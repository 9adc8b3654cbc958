//! Strategic merge patch (apimachinery, `util/strategicpatch`): merge keys, `$patch`, `$retainKeys`,
//! `$setElementOrder`, `$deleteFromPrimitiveList`.

use crate::schema::{Node, Shape};
use serde_json::{Map, Value};

/// Why a patch cannot be applied.
#[derive(Debug, PartialEq)]
pub(crate) enum Error {
    /// A directive that does not fit: 500.
    Directive(String),
    /// 400.
    BadRequest(String),
}

const PATCH: &str = "$patch";
const RETAIN: &str = "$retainKeys";
const ORDER: &str = "$setElementOrder/";
const DELETE: &str = "$deleteFromPrimitiveList/";
const MAX_DEPTH: usize = 200;

/// Returns `live` changed by `patch`.
///
/// # Errors
/// If a directive is not understood.
pub(crate) fn apply(live: &Value, patch: Value, node: Node<'_>) -> Result<Value, Error> {
    let (Value::Object(live), Value::Object(patch)) = (live.clone(), patch) else { return Ok(live.clone()) };
    maps(live, patch, node, 0).map(Value::Object)
}

type Object = Map<String, Value>;

fn maps(mut live: Object, mut patch: Object, node: Node<'_>, depth: usize) -> Result<Object, Error> {
    if depth > MAX_DEPTH {
        return Err(Error::BadRequest("patch is nested too deeply".into()));
    }
    if let Some(directive) = patch.remove(PATCH) {
        return match directive.as_str() {
            Some("replace") => Ok(patch),
            Some("delete") => Ok(Object::new()),
            _ => {
                let shown = crate::go_text::value(&Value::Object(patch));
                let directive = crate::go_text::value(&directive);
                Err(Error::Directive(format!("unknown patch type: {directive} in map: {shown}")))
            }
        };
    }
    if let Some(keys) = patch.remove(RETAIN) {
        retain_keys(&mut live, &patch, &keys)?;
    }
    let orders = take_prefixed(&mut patch, ORDER);
    let deletions = take_prefixed(&mut patch, DELETE);
    for (name, order) in orders {
        ordered_list(&mut live, &mut patch, &name, order, node, depth)?;
    }
    for (name, deleted) in deletions {
        if let (Some(Value::Array(list)), Value::Array(deleted)) = (live.get_mut(&name), deleted) {
            list.retain(|item| !deleted.contains(item));
        }
    }
    for (name, value) in patch {
        let child = node.child(&name).map_or(Node::Deduced, |(n, _)| n);
        let merged = match (live.remove(&name), value) {
            (_, Value::Null) => continue,
            (Some(Value::Object(old)), Value::Object(new)) if !is_replaced(child) => {
                Value::Object(maps(old, new, child, depth + 1)?)
            }
            (Some(Value::Array(old)), Value::Array(new)) => match merge_key(child) {
                Some(key) => Value::Array(lists(old, new, key, child, None, depth)?),
                None => Value::Array(new),
            },
            (_, Value::Array(new)) => match merge_key(child) {
                Some(key) => Value::Array(lists(Vec::new(), new, key, child, None, depth)?),
                None => Value::Array(new),
            },
            (_, Value::Object(new)) if !is_replaced(child) => {
                Value::Object(maps(Object::new(), new, child, depth + 1)?)
            }
            (_, value) => value,
        };
        live.insert(name, merged);
    }
    Ok(live)
}

fn take_prefixed(patch: &mut Object, prefix: &str) -> Vec<(String, Value)> {
    let names: Vec<String> = patch.keys().filter(|k| k.starts_with(prefix)).cloned().collect();
    names.into_iter().filter_map(|k| patch.remove(&k).map(|v| (k[prefix.len()..].to_owned(), v))).collect()
}

// Lists that merge have a key; `""` for lists of scalars.
fn merge_key(node: Node<'_>) -> Option<&'static str> {
    match node {
        Node::Typed(_, Some(field)) => field.merge_key,
        _ => None,
    }
}

fn is_replaced(node: Node<'_>) -> bool {
    matches!(node.shape(), Shape::Scalar | Shape::List(_))
}

fn retain_keys(live: &mut Object, patch: &Object, keys: &Value) -> Result<(), Error> {
    let bad = || Error::BadRequest("invalid patch format of retainKeys".into());
    let keys: Vec<&str> = keys.as_array().ok_or_else(bad)?.iter().filter_map(Value::as_str).collect();
    let named = |name: &String| keys.contains(&name.as_str());
    if patch.keys().any(|name| !named(name) && !name.starts_with('$')) {
        return Err(bad());
    }
    live.retain(|name, _| named(name));
    Ok(())
}

fn same(a: &Value, b: &Value, key: &str) -> bool {
    if key.is_empty() { a == b } else { a.get(key).is_some() && a.get(key) == b.get(key) }
}

fn index(list: &[Value], item: &Value, key: &str) -> Option<usize> {
    list.iter().position(|other| same(other, item, key))
}

// A list whose order the patch gives.
fn ordered_list(
    live: &mut Object,
    patch: &mut Object,
    name: &str,
    order: Value,
    node: Node<'_>,
    depth: usize,
) -> Result<(), Error> {
    let child = node.child(name).map_or(Node::Deduced, |(n, _)| n);
    let key = merge_key(child).unwrap_or_default();
    let Value::Array(order) = order else {
        return Err(Error::BadRequest("invalid patch format of setElementOrder list".into()));
    };
    let new = match patch.remove(name) {
        Some(Value::Array(new)) => new,
        Some(Value::Null) => {
            live.remove(name);
            return Ok(());
        }
        Some(_) => return Err(Error::BadRequest("invalid patch format of setElementOrder list".into())),
        None => Vec::new(),
    };
    check_order(&new, &order, key)?;
    let old = match live.remove(name) {
        Some(Value::Array(old)) => old,
        _ => Vec::new(),
    };
    let merged = lists(old, new, key, child, Some(&order), depth)?;
    if !merged.is_empty() {
        live.insert(name.to_owned(), Value::Array(merged));
    }
    Ok(())
}

fn check_order(new: &[Value], order: &[Value], key: &str) -> Result<(), Error> {
    if new.is_empty() || order.is_empty() {
        return Ok(());
    }
    let kept: Vec<Value> =
        new.iter().filter(|i| i.get(PATCH).and_then(Value::as_str) != Some("delete")).cloned().collect();
    let mut matched = 0;
    for item in order {
        if kept.get(matched).is_some_and(|k| same(k, item, key)) {
            matched += 1;
        }
    }
    if matched == kept.len() {
        return Ok(());
    }
    let (kept, order) =
        (crate::go_text::value(&Value::Array(kept)), crate::go_text::value(&Value::Array(order.to_vec())));
    Err(Error::Directive(format!(
        "The order in patch list:\n{kept}\n doesn't match $setElementOrder list:\n{order}\n"
    )))
}

fn lists(
    old: Vec<Value>,
    new: Vec<Value>,
    key: &str,
    node: Node<'_>,
    order: Option<&[Value]>,
    depth: usize,
) -> Result<Vec<Value>, Error> {
    let original = old.clone();
    let (merged, sent) =
        if key.is_empty() { scalars(old, new) } else { objects(old, new, key, node, depth)? };
    let Some(sent) = sent else { return Ok(merged) };
    let order = order.unwrap_or(&sent);
    let (mut in_order, server_only): (Vec<Value>, Vec<Value>) =
        merged.into_iter().partition(|item| index(order, item, key).is_some());
    in_order.sort_by_key(|item| index(order, item, key));
    Ok(interleave(server_only, in_order, &original, key))
}

fn scalars(mut old: Vec<Value>, new: Vec<Value>) -> (Vec<Value>, Option<Vec<Value>>) {
    for item in &new {
        if !old.contains(item) {
            old.push(item.clone());
        }
    }
    (old, Some(new))
}

// Second value: the items sent, which give the order; none if the whole list was replaced.
fn objects(
    mut old: Vec<Value>,
    new: Vec<Value>,
    key: &str,
    node: Node<'_>,
    depth: usize,
) -> Result<(Vec<Value>, Option<Vec<Value>>), Error> {
    let mut sent = Vec::new();
    let mut replaced = false;
    for item in new {
        match item.get(PATCH).and_then(Value::as_str) {
            None => sent.push(item),
            Some("replace") => replaced = true,
            Some("delete") => {
                require_key(&item, key)?;
                old.retain(|other| !same(other, &item, key));
            }
            Some(other) => {
                let text = format!("unknown patch type: {other} in map: {}", crate::go_text::value(&item));
                return Err(Error::Directive(text));
            }
        }
    }
    if replaced {
        return Ok((sent, None));
    }
    for item in &sent {
        require_key(item, key)?;
        let Value::Object(patch) = item.clone() else { continue };
        match index(&old, item, key) {
            Some(at) => {
                let Value::Object(live) = std::mem::take(&mut old[at]) else { continue };
                old[at] = Value::Object(maps(live, patch, node.item(), depth + 1)?);
            }
            None => old.push(Value::Object(maps(Object::new(), patch, node.item(), depth + 1)?)),
        }
    }
    Ok((old, Some(sent)))
}

fn require_key(item: &Value, key: &str) -> Result<(), Error> {
    if item.get(key).is_some() {
        return Ok(());
    }
    let text = format!("map: {} does not contain declared merge key: {key}", crate::go_text::value(item));
    Err(Error::Directive(text))
}

// `mergeSortedSlice`: items the patch does not order keep their place relative to those of the live list.
fn interleave(left: Vec<Value>, right: Vec<Value>, original: &[Value], key: &str) -> Vec<Value> {
    let mut out = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    loop {
        let take_left = match (left.peek(), right.peek()) {
            (None, None) => return out,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (Some(l), Some(r)) => match (index(original, l, key), index(original, r, key)) {
                (Some(l), Some(r)) => l < r,
                _ => false,
            },
        };
        out.extend(if take_left { left.next() } else { right.next() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds;
    use serde_json::json;

    fn patched(live: Value, patch: Value) -> Result<Value, Error> {
        let kind = kinds::stored("/podtemplates");
        let wrap = |spec: Value| json!({"template": {"spec": spec}});
        apply(&wrap(live), wrap(patch), Node::of(kind)).map(|v| v["template"]["spec"].clone())
    }

    #[test]
    fn containers_merge_by_name() {
        let live = json!({"containers": [{"name": "a", "image": "1", "args": ["x"]}, {"name": "b"}]});
        let patch = json!({"containers": [{"name": "a", "image": "2", "args": ["y"]}, {"name": "b", "$patch": "delete"}]});
        assert_eq!(
            patched(live, patch),
            Ok(json!({"containers": [{"name": "a", "image": "2", "args": ["y"]}]}))
        );
    }

    #[test]
    fn a_replace_item_replaces_the_list() {
        let live = json!({"containers": [{"name": "a"}, {"name": "b"}]});
        let patch = json!({"containers": [{"name": "c"}, {"$patch": "replace"}]});
        assert_eq!(patched(live, patch), Ok(json!({"containers": [{"name": "c"}]})));
    }

    #[test]
    fn items_follow_the_given_order() {
        let live = json!({"containers": [{"name": "a"}, {"name": "s"}, {"name": "b"}]});
        let patch = json!({"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}]});
        // What the patch does not name keeps its place before what stood behind it.
        let names = json!({"containers": [{"name": "s"}, {"name": "b"}, {"name": "a"}]});
        assert_eq!(patched(live, patch), Ok(names));
    }

    #[test]
    fn a_missing_merge_key_is_an_error() {
        let result = patched(json!({"containers": []}), json!({"containers": [{"image": "x"}]}));
        assert!(matches!(result, Err(Error::Directive(text)) if text.contains("merge key: name")));
    }
}
