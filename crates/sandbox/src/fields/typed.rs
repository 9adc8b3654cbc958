//! Objects seen through a schema: the element names of list items, the set of fields an object has, and the check
//! that an applied object fits its schema (structured-merge-diff, `typed` package; its error texts).

use super::set::{FieldSet, element_text};
use crate::go_text::value as go_value;
use crate::schema::{Items, Keys, Node, Shape, Ty};
use serde_json::{Map, Value};
use std::collections::HashSet;

/// Deeper objects are refused before they get here; this only keeps recursion bounded.
pub(crate) const MAX_DEPTH: usize = 200;

/// The shape of `value` at `node`: unknown schemas take the value's own shape.
pub(crate) fn shape_of<'s>(node: Node<'s>, value: &Value) -> Shape<'s> {
    match node.shape() {
        Shape::Unknown => match value {
            Value::Object(_) => Shape::Map { atomic: false },
            Value::Array(_) => Shape::List(Items::Atomic),
            _ => Shape::Scalar,
        },
        shape => shape,
    }
}

pub(crate) fn field_element(name: &str) -> Box<str> {
    format!("f:{name}").into()
}

/// Names a list item by its keys or its value.
pub(crate) fn item_element(items: Items<'_>, node: Node<'_>, item: &Value) -> Result<Box<str>, String> {
    match items {
        Items::Keyed(keys) => keyed_element(keys, node.item(), item),
        Items::Set | Items::Atomic => match item {
            Value::Array(_) => Err("associative list without keys has an element that's a list type".into()),
            Value::Object(_) => Err("associative list without keys has an element that's a map type".into()),
            Value::Null => Err("associative list without keys has an element that's an explicit null".into()),
            item => Ok(format!("v:{item}").into()),
        },
    }
}

fn keyed_element(keys: Keys<'_>, item_node: Node<'_>, item: &Value) -> Result<Box<str>, String> {
    let item = match item {
        Value::Null => return Err("associative list with keys may not have a null element".into()),
        Value::Object(item) => item,
        _ => return Err("associative list with keys may not have non-map elements".into()),
    };
    let mut found = Map::new();
    for key in keys.iter() {
        if let Some(value) = item.get(key).cloned().or_else(|| item_node.default_of(key)) {
            found.insert(key.to_owned(), value);
        }
    }
    if found.is_empty() {
        let keys: Vec<String> = keys.iter().map(|k| format!("{k:?}")).collect();
        return Err(format!(
            "associative list with keys has an element that omits all key fields [{}] (and doesn't have default \
             values for any key fields)",
            keys.join(" ")
        ));
    }
    Ok(format!("k:{}", Value::Object(found)).into())
}

/// Returns the fields of `value`, as an applier of it would own them.
pub(crate) fn field_set(value: &Value, node: Node<'_>) -> FieldSet {
    let mut set = FieldSet::default();
    collect(value, node, &mut Vec::new(), &mut set);
    set
}

fn collect(value: &Value, node: Node<'_>, path: &mut Vec<Box<str>>, set: &mut FieldSet) {
    if path.len() > MAX_DEPTH {
        return;
    }
    match shape_of(node, value) {
        Shape::Map { atomic: false } => {
            let Value::Object(map) = value else { return };
            for (name, child) in map {
                let (child_node, named) = node.child(name).unwrap_or((Node::Deduced, false));
                path.push(field_element(name));
                collect(child, child_node, path, set);
                let empty = child.is_null() || child.as_object().is_some_and(Map::is_empty);
                if empty || !named {
                    set.insert(path);
                }
                path.pop();
            }
        }
        Shape::List(items @ (Items::Set | Items::Keyed(_))) => collect_items(items, value, node, path, set),
        _ => set.insert(path),
    }
}

fn collect_items(
    items: Items<'_>,
    value: &Value,
    node: Node<'_>,
    path: &mut Vec<Box<str>>,
    set: &mut FieldSet,
) {
    let Value::Array(list) = value else { return };
    let elements: Vec<Box<str>> =
        list.iter().map(|item| item_element(items, node, item).unwrap_or_default()).collect();
    let (mut seen, mut twice) = (HashSet::new(), HashSet::new());
    for element in &elements {
        if !seen.insert(element) {
            twice.insert(element);
        }
    }
    for (element, item) in elements.iter().zip(list) {
        path.push(element.clone());
        if !twice.contains(element) {
            collect(item, node.item(), path, set);
        }
        set.insert(path);
        path.pop();
    }
}

/// Checks an applied object against its schema.
///
/// # Errors
/// The text of structured-merge-diff's validation errors.
pub(crate) fn check(value: &Value, node: Node<'_>) -> Result<(), String> {
    let mut errors = Vec::new();
    validate(value, node, &mut Vec::new(), &mut errors);
    match errors.as_slice() {
        [] => Ok(()),
        [one] => Err(one.clone()),
        many => Err(many.iter().fold("errors:".to_owned(), |text, e| text + "\n  " + e)),
    }
}

fn validate(value: &Value, node: Node<'_>, path: &mut Vec<Box<str>>, errors: &mut Vec<String>) {
    if path.len() > MAX_DEPTH {
        errors.push(at(path, "object is nested too deeply"));
        return;
    }
    match shape_of(node, value) {
        Shape::Scalar => {
            if let Some(error) = scalar_error(value, node.scalar()) {
                errors.push(at(path, &error));
            }
        }
        Shape::List(items) => match value {
            Value::Array(list) => validate_items(items, list, node, path, errors),
            Value::Null => {}
            other => errors.push(at(path, &format!("expected list, got &{{{}}}", go_value(other)))),
        },
        Shape::Map { .. } => match value {
            Value::Object(map) => validate_fields(map, node, path, errors),
            Value::Null => {}
            other => errors.push(at(path, &format!("expected map, got &{{{}}}", go_value(other)))),
        },
        Shape::Unknown => {}
    }
}

fn validate_fields(
    map: &Map<String, Value>,
    node: Node<'_>,
    path: &mut Vec<Box<str>>,
    errors: &mut Vec<String>,
) {
    for (name, child) in map {
        path.push(field_element(name));
        let Some((child_node, _)) = node.child(name) else {
            errors.push(at(path, "field not declared in schema"));
            path.pop();
            return;
        };
        validate(child, child_node, path, errors);
        path.pop();
    }
}

fn validate_items(
    items: Items<'_>,
    list: &[Value],
    node: Node<'_>,
    path: &mut Vec<Box<str>>,
    errors: &mut Vec<String>,
) {
    let mut seen = HashSet::new();
    for (index, item) in list.iter().enumerate() {
        let element = match items {
            Items::Atomic => format!("i:{index}").into(),
            _ => match item_element(items, node, item) {
                Ok(element) => element,
                Err(error) => {
                    errors.push(at(path, &format!("element {index}: {error}")));
                    return;
                }
            },
        };
        if !seen.insert(element.clone()) {
            errors.push(at(path, &format!("duplicate entries for key {}", element_text(&element))));
        }
        path.push(element);
        validate(item, node.item(), path, errors);
        path.pop();
    }
}

fn at(path: &[Box<str>], error: &str) -> String {
    let path: String = path.iter().map(|e| element_text(e)).collect();
    if path.is_empty() { error.to_owned() } else { format!("{path}: {error}") }
}

fn scalar_error(value: &Value, ty: Option<&Ty>) -> Option<String> {
    if value.is_null() {
        return None;
    }
    let wrapped = || format!("&value.valueUnstructured{{Value:{}}}", go_syntax(value));
    match ty? {
        Ty::Str | Ty::Time | Ty::MicroTime | Ty::Bytes if !value.is_string() => {
            Some(format!("expected string, got {}", wrapped()))
        }
        Ty::I32 | Ty::I64 | Ty::Float if !value.is_number() => {
            Some(format!("expected numeric (int or float), got {}", go_type(value)))
        }
        Ty::Bool if !value.is_boolean() => Some(format!("expected boolean, got &{{{}}}", go_value(value))),
        Ty::Quantity | Ty::IntOrString if value.is_array() || value.is_object() => {
            Some(format!("expected any scalar, got &{{{}}}", go_value(value)))
        }
        _ => None,
    }
}

// `%#v` of decoded JSON.
fn go_syntax(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            format!("[]interface {{}}{{{}}}", items.iter().map(go_syntax).collect::<Vec<_>>().join(", "))
        }
        Value::Object(map) => {
            let fields: Vec<String> = map.iter().map(|(k, v)| format!("{k:?}:{}", go_syntax(v))).collect();
            format!("map[string]interface {{}}{{{}}}", fields.join(", "))
        }
        other => other.to_string(),
    }
}

fn go_type(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "string",
        Value::Bool(_) => "bool",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
        _ => "<nil>",
    }
}
