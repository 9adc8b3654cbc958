//! Go's comparisons `eq`, `lt` and `le` (`text/template/funcs.go`); the others are made of these.

use std::rc::Rc;

use value::{Kind, Number, Str, Value, go_lossy, gofmt};

use crate::CallError;
use crate::ast::Builtin;

/// A value as comparisons see it: by Go's basic kinds.
enum Basic<'v> {
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    Complex(f64, f64),
    Text(&'v Str),
    /// Nil, lists, maps, objects.
    Other,
}

fn basic(value: &Value) -> Basic<'_> {
    match value {
        Value::Bool(flag) => Basic::Bool(*flag),
        Value::Int(int) | Value::Int64(int) => Basic::Int(*int),
        Value::Float64(float) => Basic::Float(*float),
        Value::String(text) => Basic::Text(text),
        Value::Number(number) => match number {
            Number::Int8(int) => Basic::Int(i64::from(*int)),
            Number::Int16(int) => Basic::Int(i64::from(*int)),
            Number::Int32(int) => Basic::Int(i64::from(*int)),
            Number::Uint(uint) | Number::Uint64(uint) => Basic::Uint(*uint),
            Number::Uint8(uint) => Basic::Uint(u64::from(*uint)),
            Number::Uint16(uint) => Basic::Uint(u64::from(*uint)),
            Number::Uint32(uint) => Basic::Uint(u64::from(*uint)),
            Number::Float32(float) => Basic::Float(f64::from(*float)),
            Number::Complex128(pair) => Basic::Complex(pair.0, pair.1),
        },
        Value::Nil | Value::List(_) | Value::Map(_) | Value::Object(_) => Basic::Other,
    }
}

/// Returns the value below a named basic type (`time.Duration`), every other value as it is.
fn underlying(value: &Value) -> Value {
    match value {
        Value::Object(object) => match object.object_type().kind() {
            Kind::Slice | Kind::Map | Kind::Struct | Kind::Ptr | Kind::Func | Kind::Interface => {
                value.clone()
            }
            _ => object.as_plain(),
        },
        other => other.clone(),
    }
}

/// Returns the outcome of a comparison of two values.
pub(crate) fn compare(builtin: Builtin, left: &Value, right: &Value) -> Result<bool, CallError> {
    match builtin {
        Builtin::Ne => Ok(!equals(left, right)?),
        Builtin::Lt => lt(left, right),
        Builtin::Le => le(left, right),
        Builtin::Gt => Ok(!le(left, right)?),
        Builtin::Ge => Ok(!lt(left, right)?),
        _ => equals(left, right),
    }
}

/// Returns whether the first value equals any of the others.
pub(crate) fn eq(first: &Value, others: &[Value]) -> Result<bool, CallError> {
    if others.is_empty() {
        return Err(CallError::message("missing argument for comparison"));
    }
    for other in others {
        if equals(first, other)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn equals(left: &Value, right: &Value) -> Result<bool, CallError> {
    if matches!(left, Value::Object(_)) || matches!(right, Value::Object(_)) {
        let (plain_left, plain_right) = (underlying(left), underlying(right));
        return equals_plain(&plain_left, &plain_right, left, right);
    }
    equals_plain(left, right, left, right)
}

/// Compares; `left` and `right` are what errors name.
fn equals_plain(a: &Value, b: &Value, left: &Value, right: &Value) -> Result<bool, CallError> {
    Ok(match (basic(a), basic(b)) {
        (Basic::Bool(a), Basic::Bool(b)) => a == b,
        (Basic::Complex(a, b), Basic::Complex(c, d)) => (a, b) == (c, d),
        (Basic::Float(a), Basic::Float(b)) => a == b,
        (Basic::Int(a), Basic::Int(b)) => a == b,
        (Basic::Text(a), Basic::Text(b)) => a == b,
        (Basic::Uint(a), Basic::Uint(b)) => a == b,
        (Basic::Int(int), Basic::Uint(uint)) | (Basic::Uint(uint), Basic::Int(int)) => {
            u64::try_from(int) == Ok(uint)
        }
        (Basic::Other, Basic::Other) => return equals_other(left, right),
        _ if left.is_nil() || right.is_nil() => false,
        _ => return Err(incompatible(left, right)),
    })
}

fn equals_other(left: &Value, right: &Value) -> Result<bool, CallError> {
    if left.kind() != right.kind() && !left.is_nil() && !right.is_nil() {
        return Err(CallError::message(format!(
            "non-comparable types {}: {}, {}: {}",
            text_of(b"%s", left),
            left.type_name(),
            right.type_name(),
            text_of(b"%v", right)
        )));
    }
    if is_nil(left) || is_nil(right) {
        return Ok(is_nil(left) == is_nil(right));
    }
    match (left, right) {
        (Value::Object(a), Value::Object(b))
            if !matches!(b.object_type().kind(), Kind::Map | Kind::Slice) =>
        {
            // Structs are equal by their fields, which is what they print; pointers by what they point to.
            let is_struct = b.object_type().kind() == Kind::Struct;
            Ok(Rc::ptr_eq(a, b) || is_struct && a.object_type() == b.object_type() && a.print() == b.print())
        }
        _ => Err(CallError::message(format!(
            "non-comparable type {}: {}",
            text_of(b"%s", right),
            right.type_name()
        ))),
    }
}

fn is_nil(value: &Value) -> bool {
    match value {
        Value::Nil => true,
        Value::List(list) => list.is_nil(),
        Value::Map(map) => map.is_nil(),
        Value::Object(object) => object.object_type().kind() == Kind::Ptr && !object.is_true(),
        _ => false,
    }
}

/// Returns whether the first value is less than the second.
fn lt(left: &Value, right: &Value) -> Result<bool, CallError> {
    if matches!(left, Value::Object(_)) || matches!(right, Value::Object(_)) {
        return less(&underlying(left), &underlying(right), left, right);
    }
    less(left, right, left, right)
}

/// Compares; `left` and `right` are what errors name.
fn less(a: &Value, b: &Value, left: &Value, right: &Value) -> Result<bool, CallError> {
    let (a, b) = (basic(a), basic(b));
    if matches!(a, Basic::Other) || matches!(b, Basic::Other) {
        return Err(bad_type());
    }
    Ok(match (a, b) {
        (Basic::Float(a), Basic::Float(b)) => a < b,
        (Basic::Int(a), Basic::Int(b)) => a < b,
        (Basic::Text(a), Basic::Text(b)) => a < b,
        (Basic::Uint(a), Basic::Uint(b)) => a < b,
        (Basic::Int(int), Basic::Uint(uint)) => u64::try_from(int).is_ok_and(|int| int < uint) || int < 0,
        (Basic::Uint(uint), Basic::Int(int)) => u64::try_from(int).is_ok_and(|int| uint < int),
        (Basic::Bool(_), Basic::Bool(_)) | (Basic::Complex(..), Basic::Complex(..)) => {
            return Err(bad_type());
        }
        _ => return Err(incompatible(left, right)),
    })
}

/// Returns whether the first value is not greater than the second.
fn le(left: &Value, right: &Value) -> Result<bool, CallError> {
    Ok(lt(left, right)? || equals(left, right)?)
}

fn bad_type() -> CallError {
    CallError::message("invalid type for comparison")
}

fn incompatible(left: &Value, right: &Value) -> CallError {
    let (left, right) = (left.type_name(), right.type_name());
    CallError::message(format!("incompatible types for comparison: {left} and {right}"))
}

fn text_of(format: &[u8], value: &Value) -> String {
    go_lossy(&gofmt::sprintf(format, std::slice::from_ref(value))).into_owned()
}
