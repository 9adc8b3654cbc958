//! Documents with everything YAML can say and JSON cannot: keys that are no strings, infinite numbers.
//!
//! Read only when a plain reading met one of these, to see whether it survives (a later pair may replace it) and to
//! complain in the words of sigs.k8s.io/yaml.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::rc::Rc;

use super::resolve::Scalar;
use super::tree::{self, Tree};
use crate::{Error, ErrorKind, go_lossy, json};

/// A node with yaml.v2's types; copies share what they hold.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Exact {
    Scalar(Scalar<'static>),
    List(Rc<Vec<Exact>>),
    Map(Rc<Vec<(ExactKey, Exact)>>),
}

/// A key with its type, and the line on which its value begins.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ExactKey {
    scalar: Scalar<'static>,
    line: u32,
}

impl ExactKey {
    /// Returns the string that JSON has for the key.
    pub(super) fn text(&self) -> Option<Cow<'static, [u8]>> {
        tree::key_text(self.scalar.clone())
    }
}

/// Makes exact trees.
pub(super) struct ExactTree;

impl Tree for ExactTree {
    type Node = Exact;
    type Key = ExactKey;
    const EXACT: bool = true;

    fn scalar(&self, scalar: Scalar<'_>) -> Option<Exact> {
        Some(Exact::Scalar(to_owned(scalar)))
    }

    fn key(&self, scalar: Scalar<'_>, line: u32) -> Option<ExactKey> {
        Some(ExactKey { scalar: to_owned(scalar), line })
    }

    fn list(&self, items: Vec<Exact>) -> Exact {
        Exact::List(Rc::new(items))
    }

    fn map(&self, pairs: Vec<(ExactKey, Exact)>) -> Option<Exact> {
        let mut places = HashMap::new();
        let mut unique: Vec<(ExactKey, Exact)> = Vec::with_capacity(pairs.len());
        for (key, node) in pairs {
            let place = *places.entry(identity(&key.scalar)).or_insert(unique.len());
            match unique.get_mut(place) {
                Some(pair) => pair.1 = node,
                None => unique.push((key, node)),
            }
        }
        Some(Exact::Map(Rc::new(unique)))
    }

    fn copy(&self, node: &Exact) -> Exact {
        node.clone()
    }

    fn append_pairs(&self, node: &Exact, pairs: &mut Vec<(ExactKey, Exact)>) {
        if let Exact::Map(own) = node {
            pairs.extend(own.iter().cloned());
        }
    }

    fn set_line(&self, key: &mut ExactKey, line: u32) {
        key.line = line;
    }

    fn go_syntax(&self, node: &Exact) -> Option<String> {
        let mut out = String::new();
        write_go(node, &mut out);
        Some(out)
    }
}

fn to_owned(scalar: Scalar<'_>) -> Scalar<'static> {
    match scalar {
        Scalar::Nil => Scalar::Nil,
        Scalar::Bool(flag) => Scalar::Bool(flag),
        Scalar::Int(number) => Scalar::Int(number),
        Scalar::Uint(number) => Scalar::Uint(number),
        Scalar::Float(number) => Scalar::Float(number),
        Scalar::Str(text) => Scalar::Str(Cow::Owned(text.into_owned())),
    }
}

/// Returns bytes that are equal for keys that are one key of a Go map.
fn identity(key: &Scalar<'_>) -> Vec<u8> {
    match key {
        Scalar::Str(text) => [b"s", &**text].concat(),
        other => go_scalar(other).into_bytes(),
    }
}

/// Returns what tells a key from others, its text in a complaint, and the line that names it.
pub(super) fn describe_key(key: &ExactKey) -> (Vec<u8>, String, u32) {
    (identity(&key.scalar), go_scalar(&key.scalar), key.line)
}

/// Makes the tree that was asked for, if JSON can hold it after all.
///
/// # Errors
/// The complaints of sigs.k8s.io/yaml's conversion, then those of `encoding/json`.
pub(super) fn convert<T: Tree>(node: Exact, tree: &T) -> Result<T::Node, Error> {
    check(&node)?;
    rebuild(&node, tree).ok_or_else(|| Error::message("a mapping has no JSON form"))
}

/// Complains about what JSON cannot hold.
///
/// # Errors
/// As [`convert`].
pub(super) fn check(node: &Exact) -> Result<(), Error> {
    check_keys(node)?;
    check_numbers(node, 0)
}

fn complaint(text: String) -> Error {
    ErrorKind::Yaml { text, offset: 0 }.into()
}

fn check_keys(node: &Exact) -> Result<(), Error> {
    match node {
        Exact::Scalar(_) => Ok(()),
        Exact::List(items) => items.iter().try_for_each(check_keys),
        Exact::Map(pairs) => pairs.iter().try_for_each(|(key, value)| match &key.scalar {
            Scalar::Nil | Scalar::Uint(_) => {
                let type_name = if key.scalar == Scalar::Nil { "%!s(<nil>)" } else { "uint64" };
                let mut text = format!(
                    "unsupported map key of type: {type_name}, key: {}, value: ",
                    go_scalar(&key.scalar)
                );
                match value {
                    Exact::Scalar(scalar) => text.push_str(&go_scalar(scalar)),
                    _ => write_go(value, &mut text),
                }
                Err(complaint(text))
            }
            _ => check_keys(value),
        }),
    }
}

/// Complains about the first number, in the order in which JSON is written, that JSON cannot write, and about too many
/// collections inside each other.
fn check_numbers(node: &Exact, depth: usize) -> Result<(), Error> {
    match node {
        Exact::List(_) | Exact::Map(_) if depth >= json::MAX_DEPTH => {
            Err(complaint("exceeded max depth".to_string()))
        }
        Exact::Scalar(Scalar::Float(number)) if !number.is_finite() => {
            Err(complaint(json::unsupported_number(*number)))
        }
        Exact::Scalar(_) => Ok(()),
        Exact::List(items) => items.iter().try_for_each(|item| check_numbers(item, depth + 1)),
        Exact::Map(pairs) => {
            let mut sorted: Vec<_> =
                pairs.iter().map(|(key, value)| (tree::key_text(key.scalar.clone()), value)).collect();
            sorted.sort_by(|a, b| a.0.cmp(&b.0));
            sorted.into_iter().try_for_each(|(_, value)| check_numbers(value, depth + 1))
        }
    }
}

fn rebuild<T: Tree>(node: &Exact, tree: &T) -> Option<T::Node> {
    match node {
        Exact::Scalar(scalar) => tree.scalar(scalar.clone()),
        Exact::List(items) => {
            Some(tree.list(items.iter().map(|item| rebuild(item, tree)).collect::<Option<Vec<_>>>()?))
        }
        Exact::Map(pairs) => {
            let pairs = pairs
                .iter()
                .map(|(key, value)| Some((tree.key(key.scalar.clone(), key.line)?, rebuild(value, tree)?)))
                .collect::<Option<Vec<_>>>()?;
            tree.map(pairs)
        }
    }
}

/// Writes a node as Go's `%#v` does.
fn write_go(node: &Exact, out: &mut String) {
    match node {
        // Inside an interface, nil shows its type.
        Exact::Scalar(Scalar::Nil) => out.push_str("interface {}(nil)"),
        Exact::Scalar(scalar) => out.push_str(&go_scalar(scalar)),
        Exact::List(items) => {
            out.push_str("[]interface {}{");
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                write_go(item, out);
            }
            out.push('}');
        }
        Exact::Map(pairs) => {
            let mut sorted: Vec<_> = pairs.iter().collect();
            sorted.sort_by(|a, b| {
                go_order(&a.0.scalar).partial_cmp(&go_order(&b.0.scalar)).unwrap_or(std::cmp::Ordering::Equal)
            });
            out.push_str("map[interface {}]interface {}{");
            for (index, (key, value)) in sorted.into_iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                write_go(&Exact::Scalar(key.scalar.clone()), out);
                out.push(':');
                write_go(value, out);
            }
            out.push('}');
        }
    }
}

/// Returns the order of keys in Go's printed maps; that of different types is not defined.
fn go_order<'a>(key: &'a Scalar<'_>) -> (u8, f64, &'a [u8]) {
    match key {
        Scalar::Nil => (0, 0.0, b""),
        Scalar::Bool(flag) => (2, f64::from(u8::from(*flag)), b""),
        Scalar::Int(number) => (3, *number as f64, b""),
        Scalar::Uint(number) => (4, *number as f64, b""),
        Scalar::Float(number) => (5, *number, b""),
        Scalar::Str(text) => (1, 0.0, text),
    }
}

/// Returns a scalar as Go's `%#v` prints it by itself.
fn go_scalar(scalar: &Scalar<'_>) -> String {
    match scalar {
        Scalar::Nil => "<nil>".to_string(),
        Scalar::Bool(flag) => flag.to_string(),
        Scalar::Int(number) => number.to_string(),
        Scalar::Uint(number) => format!("{number:#x}"),
        Scalar::Float(number) => json::go_float(*number),
        Scalar::Str(text) => quote(text),
    }
}

/// Quotes a string as Go's `strconv.Quote` does.
fn quote(text: &[u8]) -> String {
    let mut out = String::from("\"");
    for character in go_lossy(text).chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{C}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{B}' => out.push_str("\\v"),
            '\'' | ' '..='~' => out.push(character),
            '\0'..='\u{7F}' => _ = write!(out, "\\x{:02x}", character as u32),
            _ if character.escape_debug().len() == 1 => out.push(character),
            '\0'..='\u{FFFF}' => _ = write!(out, "\\u{:04x}", character as u32),
            _ => _ = write!(out, "\\U{:08x}", character as u32),
        }
    }
    out.push('"');
    out
}
