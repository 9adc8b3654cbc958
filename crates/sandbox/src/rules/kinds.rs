//! The types that rules see: those of the schema, and those that CEL makes of them (apiserver, `cel/common/schemas.go`).

use serde_json::{Value, json};
use std::fmt;
use std::sync::OnceLock;

/// A type of CEL. Objects are their schema.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind<'s> {
    /// Not known before the rule runs.
    Any,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Duration,
    Timestamp,
    List(Box<Kind<'s>>),
    Map(Box<Kind<'s>>),
    Object(&'s Value, Level),
    Optional(Box<Kind<'s>>),
    Type,
}

/// Where a schema stands: the root of a resource has fields of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Resource,
    Within,
}

const RESERVED: [&str; 22] = [
    "true",
    "false",
    "null",
    "in",
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
    "self",
];

/// The name under which a rule finds a property; `None` if it cannot.
pub(super) fn escaped(name: &str) -> Option<String> {
    if RESERVED[..21].contains(&name) {
        return Some(format!("__{name}__"));
    }
    let first = name.chars().next()?;
    if first.is_ascii_digit() || !name.chars().all(|c| c.is_ascii_alphanumeric() || "_.-/".contains(c)) {
        return None;
    }
    let name = name.replace("__", "__underscores__");
    Some(name.replace('.', "__dot__").replace('-', "__dash__").replace('/', "__slash__"))
}

fn text<'s>(schema: &'s Value, key: &str) -> &'s str {
    schema.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn is_true(schema: &Value, key: &str) -> bool {
    schema.get(key) == Some(&Value::Bool(true))
}

fn text_schema() -> &'static Value {
    static TEXT: OnceLock<Value> = OnceLock::new();
    TEXT.get_or_init(|| json!({"type": "string"}))
}

fn metadata_schema() -> &'static Value {
    static METADATA: OnceLock<Value> = OnceLock::new();
    METADATA.get_or_init(|| {
        json!({"type": "object", "properties": {"name": {"type": "string"}, "generateName": {"type": "string"}}})
    })
}

impl<'s> Kind<'s> {
    /// The type of values of `schema`; `None` if rules cannot see them.
    pub(super) fn of(schema: &'s Value, level: Level) -> Option<Kind<'s>> {
        if is_true(schema, "x-kubernetes-int-or-string") {
            return Some(Kind::Any);
        }
        let level = if is_true(schema, "x-kubernetes-embedded-resource") { Level::Resource } else { level };
        match text(schema, "type") {
            "array" => {
                let item = Kind::of(schema.get("items")?, Level::Within)?;
                Some(Kind::List(Box::new(item)))
            }
            "object" => match schema.get("additionalProperties") {
                Some(value @ Value::Object(_)) => Some(Kind::Map(Box::new(Kind::of(value, Level::Within)?))),
                _ => Some(Kind::Object(schema, level)),
            },
            "string" => Some(match text(schema, "format") {
                "byte" => Kind::Bytes,
                "duration" => Kind::Duration,
                "date" | "date-time" => Kind::Timestamp,
                _ => Kind::String,
            }),
            "boolean" => Some(Kind::Bool),
            "number" => Some(Kind::Double),
            "integer" => Some(Kind::Int),
            _ => None,
        }
    }

    /// The type of a field; `None` if there is no such field.
    pub(super) fn field(&self, name: &str) -> Option<Kind<'s>> {
        match self {
            Kind::Any => Some(Kind::Any),
            Kind::Map(value) => Some((**value).clone()),
            Kind::Object(schema, level) => object_field(schema, *level, name),
            Kind::Optional(inner) => inner.field(name).map(|kind| Kind::Optional(Box::new(kind))),
            _ => None,
        }
    }

    pub(super) fn is_any(&self) -> bool {
        matches!(self, Kind::Any)
    }

    /// Whether values of both can stand for each other.
    pub(super) fn agrees(&self, other: &Kind<'_>) -> bool {
        match (self, other) {
            (Kind::Any, _) | (_, Kind::Any) => true,
            (Kind::Null, other) | (other, Kind::Null) => !matches!(
                other,
                Kind::Bool | Kind::Int | Kind::Uint | Kind::Double | Kind::String | Kind::Bytes
            ),
            (Kind::List(a), Kind::List(b))
            | (Kind::Map(a), Kind::Map(b))
            | (Kind::Optional(a), Kind::Optional(b)) => a.agrees(b),
            (Kind::Object(a, _), Kind::Object(b, _)) => std::ptr::eq(*a, *b) || a == b,
            (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
        }
    }
}

fn object_field<'s>(schema: &'s Value, level: Level, name: &str) -> Option<Kind<'s>> {
    if level == Level::Resource {
        match name {
            "apiVersion" | "kind" => return Kind::of(text_schema(), Level::Within),
            "metadata" => return Kind::of(metadata_schema(), Level::Within),
            _ => {}
        }
    }
    let properties = schema.get("properties").and_then(Value::as_object)?;
    let child = properties.get(name).filter(|_| escaped(name).as_deref() == Some(name));
    let child = child
        .or_else(|| properties.iter().find(|(own, _)| escaped(own).as_deref() == Some(name)).map(|(_, s)| s));
    Kind::of(child?, Level::Within)
}

impl fmt::Display for Kind<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Any => "dyn",
            Kind::Null => "null",
            Kind::Bool => "bool",
            Kind::Int => "int",
            Kind::Uint => "uint",
            Kind::Double => "double",
            Kind::String => "string",
            Kind::Bytes => "bytes",
            Kind::Duration => "google.protobuf.Duration",
            Kind::Timestamp => "google.protobuf.Timestamp",
            Kind::Object(..) => "object",
            Kind::Type => "type",
            Kind::List(item) => return write!(f, "list({item})"),
            Kind::Map(value) => return write!(f, "map(string, {value})"),
            Kind::Optional(inner) => return write!(f, "optional_type({inner})"),
        })
    }
}
