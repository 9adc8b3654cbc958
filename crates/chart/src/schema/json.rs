//! JSON documents whose numbers keep the text they were written with: Helm prints the literal of an `enum` or
//! `const` as it stands in the schema. Does not hold the reader (`read.rs`).

use std::fmt;

/// One JSON value; objects are sorted by key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// The literal as written.
    Number(Box<str>),
    String(Box<str>),
    Array(Vec<Json>),
    Object(Object),
}

/// The members of an object, sorted by key, each key once.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Object(Vec<(Box<str>, Json)>);

impl Object {
    /// Sorts the members; of equal keys the last one stays, as in Go's map.
    pub(crate) fn from_members(mut members: Vec<(Box<str>, Json)>) -> Self {
        if !members.is_sorted_by(|a, b| a.0 < b.0) {
            members.sort_by(|a, b| a.0.cmp(&b.0));
            members.reverse();
            members.dedup_by(|a, b| a.0 == b.0);
            members.reverse();
        }
        Self(members)
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Json> {
        let at = self.0.binary_search_by(|(name, _)| name.as_ref().cmp(key)).ok()?;
        self.0.get(at).map(|(_, value)| value)
    }

    pub(crate) fn contains(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.0.iter().map(|(key, value)| (key.as_ref(), value))
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(key, _)| key.as_ref())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Json {
    pub(crate) fn get(&self, key: &str) -> Option<&Json> {
        self.as_object()?.get(key)
    }

    pub(crate) fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    pub(crate) fn as_array(&self) -> Option<&[Json]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// Returns the value a JSON pointer (`/a/0`, tokens escaped) leads to.
    pub(crate) fn pointer(&self, pointer: &str) -> Option<&Json> {
        let mut here = self;
        for token in pointer.split('/').skip(1) {
            let token = token.replace("~1", "/").replace("~0", "~");
            here = here.child(&token)?;
        }
        Some(here)
    }

    /// Returns the member or element a plain token names.
    pub(crate) fn child(&self, token: &str) -> Option<&Json> {
        match self {
            Self::Object(object) => object.get(token),
            Self::Array(items) => items.get(token.parse::<usize>().ok()?),
            _ => None,
        }
    }

    /// Returns the same value in serde's terms; numbers too large for it become the nearest float.
    pub(crate) fn to_value(&self) -> serde_json::Value {
        use serde_json::Value;
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Number(text) => Value::Number(number(text)),
            Self::String(text) => Value::String(text.to_string()),
            Self::Array(items) => Value::Array(items.iter().map(Self::to_value).collect()),
            Self::Object(object) => {
                Value::Object(object.iter().map(|(key, value)| (key.to_owned(), value.to_value())).collect())
            }
        }
    }
}

fn number(text: &str) -> serde_json::Number {
    if let Ok(value) = text.parse::<i64>() {
        return value.into();
    }
    if let Ok(value) = text.parse::<u64>() {
        return value.into();
    }
    let value = text.parse::<f64>().unwrap_or(0.0).clamp(f64::MIN, f64::MAX);
    serde_json::Number::from_f64(value).unwrap_or_else(|| 0.into())
}

impl From<&serde_json::Value> for Json {
    fn from(value: &serde_json::Value) -> Self {
        use serde_json::Value;
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => Self::Number(number.to_string().into()),
            Value::String(text) => Self::String(text.as_str().into()),
            Value::Array(items) => Self::Array(items.iter().map(Self::from).collect()),
            Value::Object(members) => Self::Object(Object::from_members(
                members.iter().map(|(key, value)| (key.as_str().into(), Self::from(value))).collect(),
            )),
        }
    }
}

impl fmt::Display for Json {
    /// Prints a primitive as Go's `%v` does; Helm never prints the others.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("<nil>"),
            Self::Bool(value) => value.fmt(f),
            Self::Number(text) | Self::String(text) => f.write_str(text),
            Self::Array(_) | Self::Object(_) => f.write_str("value"),
        }
    }
}
