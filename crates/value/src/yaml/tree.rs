//! What the nodes of a document become: values, JSON, or nothing.

use std::borrow::Cow;

use super::Numbers;
use super::resolve::Scalar;
use crate::{Entries, List, Map, Str, Value, go_lossy};

/// Makes trees of one kind. Where a method returns nothing, the node has no plain JSON form and must be looked at
/// with more care (`exact.rs`).
pub(super) trait Tree {
    /// A node.
    type Node;
    /// A key of a mapping.
    type Key;
    /// Whether keys keep their YAML types, so that nothing is ever refused.
    const EXACT: bool = false;
    /// Whether a copy costs as much as the original, so that collections with anchors are better read exactly first.
    const COPIES_ALL: bool = false;

    fn scalar(&self, scalar: Scalar<'_>) -> Option<Self::Node>;
    fn key(&self, scalar: Scalar<'_>, line: u32) -> Option<Self::Key>;
    /// Returns a node as Go's `%#v` prints it; only exact trees can.
    fn go_syntax(&self, _node: &Self::Node) -> Option<String> {
        None
    }
    fn list(&self, items: Vec<Self::Node>) -> Self::Node;
    fn map(&self, pairs: Vec<(Self::Key, Self::Node)>) -> Option<Self::Node>;
    /// Returns an independent copy.
    fn copy(&self, node: &Self::Node) -> Self::Node;
    /// Returns a copy to take further copies of, which may share what the original holds.
    fn share(&self, node: &Self::Node) -> Self::Node {
        self.copy(node)
    }
    /// Appends copies of a mapping's pairs.
    fn append_pairs(&self, node: &Self::Node, pairs: &mut Vec<(Self::Key, Self::Node)>);
    /// Notes on which line the value of a key begins.
    fn set_line(&self, _key: &mut Self::Key, _line: u32) {}
}

/// Returns the string that sigs.k8s.io/yaml makes of a key; null and integers above `int64` have none.
pub(super) fn key_text<'a>(scalar: Scalar<'a>) -> Option<Cow<'a, [u8]>> {
    let text = match scalar {
        Scalar::Str(text) => return Some(valid(text)),
        Scalar::Bool(true) => "true".to_string(),
        Scalar::Bool(false) => "false".to_string(),
        Scalar::Int(number) => number.to_string(),
        Scalar::Float(number) => crate::json::yaml_float(number as f32),
        Scalar::Nil | Scalar::Uint(_) => return None,
    };
    Some(Cow::Owned(text.into_bytes()))
}

/// Returns the text as JSON can hold it: `!!binary` may have brought bytes that are not UTF-8.
pub(super) fn valid(text: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    match &text {
        Cow::Borrowed(_) => text,
        Cow::Owned(bytes) => match go_lossy(bytes) {
            Cow::Borrowed(_) => text,
            Cow::Owned(lossy) => Cow::Owned(lossy.into_bytes()),
        },
    }
}

fn to_str(text: Cow<'_, [u8]>) -> Str {
    match text {
        Cow::Borrowed(bytes) => Str::from(bytes),
        Cow::Owned(bytes) => Str::from(bytes),
    }
}

/// Makes template values.
pub(super) struct Values {
    pub(super) numbers: Numbers,
    /// Whether a mapping with a key twice is refused.
    pub(super) unique: bool,
}

impl Tree for Values {
    type Node = Value;
    type Key = Str;

    #[inline]
    fn scalar(&self, scalar: Scalar<'_>) -> Option<Value> {
        Some(match (scalar, self.numbers) {
            (Scalar::Nil, _) => Value::Nil,
            (Scalar::Bool(flag), _) => Value::Bool(flag),
            (Scalar::Int(number), Numbers::Float64) => Value::Float64(number as f64),
            (Scalar::Int(number), Numbers::IntOrFloat) => Value::Int64(number),
            (Scalar::Uint(number), _) => Value::Float64(number as f64),
            (Scalar::Float(number), _) if !number.is_finite() => return None,
            // Through JSON a whole float below 1e21 is written without a point and read as an integer again.
            (Scalar::Float(number), Numbers::IntOrFloat) => match crate::json::whole(number) {
                Some(number) => Value::Int64(number),
                None => Value::Float64(number),
            },
            (Scalar::Float(number), Numbers::Float64) => Value::Float64(number),
            (Scalar::Str(text), _) => Value::String(to_str(valid(text))),
        })
    }

    #[inline]
    fn key(&self, scalar: Scalar<'_>, _line: u32) -> Option<Str> {
        key_text(scalar).map(to_str)
    }

    fn list(&self, items: Vec<Value>) -> Value {
        Value::List(List::grown(items))
    }

    fn map(&self, mut pairs: Vec<(Str, Value)>) -> Option<Value> {
        if self.unique {
            pairs.sort_by(|a, b| a.0.cmp(&b.0));
            if pairs.windows(2).any(|pair| matches!(pair, [a, b] if a.0 == b.0)) {
                return None;
            }
        }
        Some(Value::Map(Map::from(Entries::from_pairs(pairs))))
    }

    fn copy(&self, node: &Value) -> Value {
        node.deep_copy()
    }

    fn share(&self, node: &Value) -> Value {
        node.clone()
    }

    fn append_pairs(&self, node: &Value, pairs: &mut Vec<(Str, Value)>) {
        if let Value::Map(map) = node {
            pairs.extend(map.borrow().iter().map(|(key, value)| (key.clone(), value.deep_copy())));
        }
    }
}

/// Makes JSON.
pub(super) struct Json {
    /// Whether a mapping with a key twice is refused.
    pub(super) unique: bool,
}

fn to_string(text: Cow<'_, [u8]>) -> String {
    match text {
        Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Cow::Owned(bytes) => {
            String::from_utf8(bytes).unwrap_or_else(|error| go_lossy(error.as_bytes()).into_owned())
        }
    }
}

impl Tree for Json {
    type Node = serde_json::Value;
    type Key = String;
    const COPIES_ALL: bool = true;

    fn scalar(&self, scalar: Scalar<'_>) -> Option<serde_json::Value> {
        Some(match scalar {
            Scalar::Nil => serde_json::Value::Null,
            Scalar::Bool(flag) => serde_json::Value::Bool(flag),
            Scalar::Int(number) => number.into(),
            Scalar::Uint(number) => number.into(),
            Scalar::Float(number) if !number.is_finite() => return None,
            Scalar::Float(number) => match crate::json::whole(number) {
                Some(number) => number.into(),
                None => number.into(),
            },
            Scalar::Str(text) => serde_json::Value::String(to_string(text)),
        })
    }

    fn key(&self, scalar: Scalar<'_>, _line: u32) -> Option<String> {
        key_text(scalar).map(to_string)
    }

    fn list(&self, items: Vec<serde_json::Value>) -> serde_json::Value {
        serde_json::Value::Array(items)
    }

    fn map(&self, pairs: Vec<(String, serde_json::Value)>) -> Option<serde_json::Value> {
        let count = pairs.len();
        let map: serde_json::Map<_, _> = pairs.into_iter().collect();
        (!self.unique || map.len() == count).then_some(serde_json::Value::Object(map))
    }

    fn copy(&self, node: &serde_json::Value) -> serde_json::Value {
        node.clone()
    }

    fn append_pairs(&self, node: &serde_json::Value, pairs: &mut Vec<(String, serde_json::Value)>) {
        if let serde_json::Value::Object(map) = node {
            pairs.extend(map.iter().map(|(key, value)| (key.clone(), value.clone())));
        }
    }
}

/// Makes nothing: the document is only checked.
pub(super) struct Nothing;

impl Tree for Nothing {
    type Node = ();
    type Key = ();

    #[inline]
    fn scalar(&self, scalar: Scalar<'_>) -> Option<()> {
        match scalar {
            Scalar::Float(number) => number.is_finite().then_some(()),
            _ => Some(()),
        }
    }

    #[inline]
    fn key(&self, scalar: Scalar<'_>, _line: u32) -> Option<()> {
        match scalar {
            Scalar::Nil | Scalar::Uint(_) => None,
            _ => Some(()),
        }
    }

    fn list(&self, _items: Vec<()>) {}

    fn map(&self, _pairs: Vec<((), ())>) -> Option<()> {
        Some(())
    }

    fn copy(&self, _node: &()) {}

    fn append_pairs(&self, _node: &(), _pairs: &mut Vec<((), ())>) {}
}
