//! The one value type that templates, values files and functions share.

use std::fmt;
use std::rc::Rc;

use crate::{Kind, List, Map, Object, Str, Type};

/// A Go value as templates see it.
///
/// Clones are cheap (24 bytes, at most one counter): lists, maps and objects are shared, and a change of a map is
/// seen by every holder, as in Go. Values belong to one thread.
#[derive(Clone, Default)]
pub enum Value {
    /// Go's untyped nil.
    #[default]
    Nil,
    /// `bool`
    Bool(bool),
    /// `int`
    Int(i64),
    /// `int64`
    Int64(i64),
    /// `float64`
    Float64(f64),
    /// A number of a rarer type.
    Number(Number),
    /// `string`
    String(Str),
    /// A slice.
    List(List),
    /// A map with string keys.
    Map(Map),
    /// A value of a named type with methods or fields.
    Object(Rc<dyn Object>),
}

/// A number of one of the types that templates rarely meet.
#[derive(Clone, PartialEq, Debug)]
pub enum Number {
    /// `int8`
    Int8(i8),
    /// `int16`
    Int16(i16),
    /// `int32`
    Int32(i32),
    /// `uint`
    Uint(u64),
    /// `uint8`: what indexing a string gives.
    Uint8(u8),
    /// `uint16`
    Uint16(u16),
    /// `uint32`
    Uint32(u32),
    /// `uint64`: the parts of a semantic version.
    Uint64(u64),
    /// `float32`
    Float32(f32),
    /// `complex128`: a constant such as `1i`.
    Complex128(Rc<(f64, f64)>),
}

impl Value {
    /// Returns a string value.
    pub fn string(text: impl Into<Str>) -> Self {
        Value::String(text.into())
    }

    /// Returns a `[]interface {}`.
    pub fn list(items: Vec<Value>) -> Self {
        Value::List(List::new(items))
    }

    /// Returns an object value.
    pub fn object(object: impl Object) -> Self {
        Value::Object(Rc::new(object))
    }

    /// Returns whether this is untyped nil (a nil slice or map is not).
    pub fn is_nil(&self) -> bool {
        matches!(self, Value::Nil)
    }

    /// Returns the Go type; nil has none.
    pub fn value_type(&self) -> Option<Type> {
        Some(match self {
            Value::Nil => return None,
            Value::Bool(_) => Type::Bool,
            Value::Int(_) => Type::Int,
            Value::Int64(_) => Type::Int64,
            Value::Float64(_) => Type::Float64,
            Value::Number(number) => number.number_type(),
            Value::String(_) => Type::String,
            Value::List(list) => list.list_type(),
            Value::Map(map) => map.map_type(),
            Value::Object(object) => object.object_type(),
        })
    }

    /// Returns the type's name as `%T` prints it, `<nil>` for nil.
    pub fn type_name(&self) -> &'static str {
        self.value_type().map_or("<nil>", Type::name)
    }

    /// Returns the kind as `kindOf` prints it.
    pub fn kind(&self) -> Kind {
        self.value_type().map_or(Kind::Invalid, Type::kind)
    }

    /// Returns the text of a string value.
    pub fn as_str(&self) -> Option<&Str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the map of a map value.
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Returns the list of a list value.
    pub fn as_list(&self) -> Option<&List> {
        match self {
            Value::List(list) => Some(list),
            _ => None,
        }
    }

    /// Returns the boolean of a boolean value.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    /// Returns the object behind the value, if it is one of type `T`.
    pub fn downcast<T: Object>(&self) -> Option<&T> {
        match self {
            Value::Object(object) => object.as_any().downcast_ref(),
            _ => None,
        }
    }

    /// Returns the truth of a value as `if` sees it (Go's `template.IsTrue`).
    pub fn is_true(&self) -> bool {
        match self {
            Value::Nil => false,
            Value::Bool(flag) => *flag,
            Value::Int(number) | Value::Int64(number) => *number != 0,
            Value::Float64(number) => *number != 0.0,
            Value::Number(number) => !number.is_zero(),
            Value::String(text) => !text.is_empty(),
            Value::List(list) => !list.is_empty(),
            Value::Map(map) => !map.is_empty(),
            Value::Object(object) => object.is_true(),
        }
    }

    /// Returns a copy in which every map and list is new: changes of one are not seen in the other.
    pub fn deep_copy(&self) -> Value {
        match self {
            Value::List(list) if !list.is_nil() => {
                Value::List(list.with_items(list.iter().map(Value::deep_copy).collect()))
            }
            Value::Map(map) if !map.is_nil() => Value::Map(Map::typed(
                map.map_type(),
                map.borrow().iter().map(|(key, value)| (key.clone(), value.deep_copy())).collect(),
            )),
            other => other.clone(),
        }
    }
}

impl Number {
    /// Returns the number's Go type.
    pub fn number_type(&self) -> Type {
        match self {
            Number::Int8(_) => Type::Int8,
            Number::Int16(_) => Type::Int16,
            Number::Int32(_) => Type::Int32,
            Number::Uint(_) => Type::Uint,
            Number::Uint8(_) => Type::Uint8,
            Number::Uint16(_) => Type::Uint16,
            Number::Uint32(_) => Type::Uint32,
            Number::Uint64(_) => Type::Uint64,
            Number::Float32(_) => Type::Float32,
            Number::Complex128(_) => Type::Complex128,
        }
    }

    /// Returns whether the number is zero.
    pub fn is_zero(&self) -> bool {
        match self {
            Number::Int8(n) => *n == 0,
            Number::Int16(n) => *n == 0,
            Number::Int32(n) => *n == 0,
            Number::Uint(n) | Number::Uint64(n) => *n == 0,
            Number::Uint8(n) => *n == 0,
            Number::Uint16(n) => *n == 0,
            Number::Uint32(n) => *n == 0,
            Number::Float32(n) => *n == 0.0,
            Number::Complex128(n) => **n == (0.0, 0.0),
        }
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Value::Bool(flag)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Value::Float64(number)
    }
}

impl From<Str> for Value {
    fn from(text: Str) -> Self {
        Value::String(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::String(Str::from(text))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::String(Str::from(text))
    }
}

impl From<List> for Value {
    fn from(list: List) -> Self {
        Value::List(list)
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Value::Map(map)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Nil => f.write_str("nil"),
            Value::Bool(flag) => write!(f, "{flag}"),
            Value::Int(number) => write!(f, "{number}"),
            Value::Int64(number) => write!(f, "{number}i64"),
            Value::Float64(number) => write!(f, "{number:?}"),
            Value::Number(number) => write!(f, "{number:?}"),
            Value::String(text) => write!(f, "{text:?}"),
            Value::List(list) => f.debug_list().entries(list.iter()).finish(),
            Value::Map(map) => f.debug_map().entries(map.borrow().iter()).finish(),
            Value::Object(object) => f.write_str(&object.print()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_three_words() {
        assert_eq!(std::mem::size_of::<Value>(), 24);
        assert_eq!(std::mem::size_of::<Str>(), 24);
    }

    #[test]
    fn a_change_of_a_map_is_seen_by_every_holder() {
        let map = Map::new();
        let other = Value::Map(map.clone());
        map.insert("a", Value::Int(1));
        assert!(matches!(other.as_map().and_then(|m| m.get("a")), Some(Value::Int(1))));
    }

    #[test]
    fn entries_stay_sorted_beyond_the_threshold_and_the_last_of_equal_keys_wins() {
        let map = Map::new();
        for n in (0..1000).rev() {
            map.insert(format!("k{n:04}"), Value::Int(n));
        }
        assert!(map.keys().is_sorted());
        let pairs = vec![("b", Value::Int(1)), ("a", Value::Int(2)), ("b", Value::Int(3))];
        let map: Map = pairs.into_iter().collect();
        assert_eq!(map.len(), 2);
        assert!(matches!(map.get("b"), Some(Value::Int(3))));
    }
}
