//! One place in an object as structured merge sees it, whether its schema is built in, comes from a
//! CustomResourceDefinition, or is unknown (then lists are atomic and maps granular).

use super::table::{Field, Ty, TypeDef, definition};
use crate::kinds::{self, Kind};
use serde_json::Value;
use std::sync::OnceLock;

/// The schema at one place of an object.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Node<'s> {
    Struct(&'static TypeDef),
    Typed(&'static Ty, Option<&'static Field>),
    Custom(&'s Value),
    CustomRoot(&'s Value),
    Deduced,
}

/// What a node means for merging.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape<'s> {
    Scalar,
    List(Items<'s>),
    Map {
        atomic: bool,
    },
    /// Whatever the value is.
    Unknown,
}

/// How items of a list are told apart.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Items<'s> {
    Atomic,
    Set,
    Keyed(Keys<'s>),
}

/// The keys of an associative list.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Keys<'s> {
    Static(&'static [&'static str]),
    Custom(&'s [Value]),
}

impl<'s> Keys<'s> {
    pub(crate) fn iter(self) -> impl Iterator<Item = &'s str> {
        let (fixed, custom): (&'static [&'static str], &'s [Value]) = match self {
            Keys::Static(keys) => (keys, &[]),
            Keys::Custom(keys) => (&[], keys),
        };
        fixed.iter().copied().chain(custom.iter().filter_map(Value::as_str))
    }
}

impl<'s> Node<'s> {
    /// The node of a whole object of that kind.
    pub(crate) fn of(kind: &'s Kind) -> Node<'s> {
        match (&kind.custom, kind.type_index) {
            (Some(custom), _) => custom.schema.as_deref().map_or(Node::Deduced, Node::CustomRoot),
            (None, Some(index)) => Node::Struct(definition(index)),
            (None, None) => Node::Deduced,
        }
    }

    pub(crate) fn shape(self) -> Shape<'s> {
        match self {
            Node::Struct(def) if def.any => Shape::Unknown,
            Node::Struct(def) => Shape::Map { atomic: def.atomic },
            Node::Typed(ty, field) => typed_shape(ty, field),
            Node::CustomRoot(_) => Shape::Map { atomic: false },
            Node::Custom(schema) => custom_shape(schema),
            Node::Deduced => Shape::Unknown,
        }
    }

    /// The node of a field or map entry, and whether the schema names it as a field.
    pub(crate) fn child(self, name: &str) -> Option<(Node<'s>, bool)> {
        match self {
            Node::Struct(def) if def.any => Some((Node::Deduced, false)),
            Node::Struct(def) => def.field(name).map(|f| (Node::Typed(&f.ty, Some(f)), true)),
            Node::Typed(Ty::Map(item), _) => Some((Node::Typed(item, None), false)),
            Node::Typed(Ty::Ref(index), _) => Node::Struct(definition(*index)).child(name),
            Node::Typed(Ty::Any, _) => Some((Node::Deduced, false)),
            Node::Typed(..) => None,
            Node::CustomRoot(schema) => custom_root_child(schema, name),
            Node::Custom(schema) => custom_child(schema, name),
            Node::Deduced => Some((Node::Deduced, false)),
        }
    }

    /// The node of list items.
    pub(crate) fn item(self) -> Node<'s> {
        match self {
            Node::Typed(Ty::List(item), _) => Node::Typed(item, None),
            Node::Custom(schema) => schema.get("items").map_or(Node::Deduced, Node::Custom),
            _ => Node::Deduced,
        }
    }

    /// The schema's default for a field of this node, as far as keys of lists need it.
    pub(crate) fn default_of(self, name: &str) -> Option<Value> {
        match self {
            Node::Struct(def) => serde_json::from_str(def.field(name)?.default?).ok(),
            Node::Typed(Ty::Ref(index), _) => Node::Struct(definition(*index)).default_of(name),
            Node::Custom(schema) => schema.get("properties")?.get(name)?.get("default").cloned(),
            _ => None,
        }
    }

    pub(crate) fn scalar(self) -> Option<&'static Ty> {
        match self {
            Node::Typed(ty, _) if !matches!(ty, Ty::List(_) | Ty::Map(_) | Ty::Ref(_) | Ty::Any) => Some(ty),
            Node::Custom(schema) => match schema.get("type").and_then(Value::as_str)? {
                "string" => Some(&Ty::Str),
                "integer" | "number" => Some(&Ty::Float),
                "boolean" => Some(&Ty::Bool),
                _ => None,
            },
            _ => None,
        }
    }
}

fn typed_shape(ty: &'static Ty, field: Option<&'static Field>) -> Shape<'static> {
    match ty {
        Ty::List(_) => Shape::List(match field {
            Some(f) if f.set => Items::Set,
            Some(f) if !f.list_keys.is_empty() => Items::Keyed(Keys::Static(&f.list_keys)),
            _ => Items::Atomic,
        }),
        Ty::Map(_) => Shape::Map { atomic: field.is_some_and(|f| f.atomic) },
        Ty::Ref(index) if definition(*index).any => Shape::Unknown,
        Ty::Ref(index) => {
            let is_atomic = definition(*index).atomic && !field.is_some_and(|f| f.granular);
            Shape::Map { atomic: is_atomic || field.is_some_and(|f| f.atomic) }
        }
        Ty::Any => Shape::Unknown,
        _ => Shape::Scalar,
    }
}

fn custom_shape(schema: &Value) -> Shape<'_> {
    let text = |key: &str| schema.get(key).and_then(Value::as_str).unwrap_or_default();
    match text("type") {
        "array" => Shape::List(match text("x-kubernetes-list-type") {
            "set" => Items::Set,
            "map" => match schema.get("x-kubernetes-list-map-keys").and_then(Value::as_array) {
                Some(keys) => Items::Keyed(Keys::Custom(keys)),
                None => Items::Atomic,
            },
            _ => Items::Atomic,
        }),
        "object" => {
            let open = schema.get("x-kubernetes-preserve-unknown-fields") == Some(&Value::Bool(true));
            if open && schema.get("properties").is_none() {
                return Shape::Unknown;
            }
            Shape::Map { atomic: text("x-kubernetes-map-type") == "atomic" }
        }
        "" => Shape::Unknown,
        _ => Shape::Scalar,
    }
}

fn metadata_node() -> Node<'static> {
    static FIELD: OnceLock<Node<'static>> = OnceLock::new();
    *FIELD.get_or_init(|| {
        let config_map = Node::of(kinds::stored("/configmaps"));
        config_map.child("metadata").map_or(Node::Deduced, |(node, _)| node)
    })
}

fn custom_root_child<'s>(schema: &'s Value, name: &str) -> Option<(Node<'s>, bool)> {
    match name {
        "metadata" => Some((metadata_node(), true)),
        "apiVersion" | "kind" => Some((Node::Typed(&Ty::Str, None), true)),
        _ => custom_child(schema, name),
    }
}

fn custom_child<'s>(schema: &'s Value, name: &str) -> Option<(Node<'s>, bool)> {
    if let Some(child) = schema.get("properties").and_then(|p| p.get(name)) {
        return Some((Node::Custom(child), true));
    }
    if schema.get("x-kubernetes-embedded-resource") == Some(&Value::Bool(true)) {
        match name {
            "metadata" => return Some((metadata_node(), true)),
            "apiVersion" | "kind" => return Some((Node::Typed(&Ty::Str, None), true)),
            _ => {}
        }
    }
    match schema.get("additionalProperties") {
        Some(Value::Object(_)) => schema.get("additionalProperties").map(|s| (Node::Custom(s), false)),
        Some(Value::Bool(true)) => Some((Node::Deduced, false)),
        _ if schema.get("x-kubernetes-preserve-unknown-fields") == Some(&Value::Bool(true)) => {
            Some((Node::Deduced, false))
        }
        _ => None,
    }
}
