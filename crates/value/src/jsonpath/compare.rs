//! Comparisons in filters: as in Go's templates, only values of one kind compare.

use std::cmp::Ordering;

use crate::{Number, Value};

/// What a comparison knows of a value.
#[derive(PartialEq)]
enum Basic<'a> {
    Bool(bool),
    Int(i128),
    Float(f64),
    Text(&'a [u8]),
}

/// Returns whether a comparison holds; nothing when the operator or the kinds of the values are not fit for it.
pub(super) fn holds(left: &Value, operator: &str, right: &Value) -> Option<bool> {
    let (left, right) = (basic(left)?, basic(right)?);
    if std::mem::discriminant(&left) != std::mem::discriminant(&right) {
        return None;
    }
    match operator {
        "==" => return Some(left == right),
        "!=" => return Some(left != right),
        _ => {}
    }
    let order = match (&left, &right) {
        (Basic::Int(left), Basic::Int(right)) => Some(left.cmp(right)),
        (Basic::Float(left), Basic::Float(right)) => left.partial_cmp(right),
        (Basic::Text(left), Basic::Text(right)) => Some(left.cmp(right)),
        _ => return None,
    };
    // Go: greater is not less or equal, so what does not compare is greater.
    let is_less = order == Some(Ordering::Less);
    let is_equal = order == Some(Ordering::Equal);
    match operator {
        "<" => Some(is_less),
        "<=" => Some(is_less || is_equal),
        ">" => Some(!is_less && !is_equal),
        ">=" => Some(!is_less),
        _ => None,
    }
}

fn basic(value: &Value) -> Option<Basic<'_>> {
    Some(match value {
        Value::Bool(flag) => Basic::Bool(*flag),
        Value::Int(number) | Value::Int64(number) => Basic::Int((*number).into()),
        Value::Float64(number) => Basic::Float(*number),
        Value::Number(Number::Uint64(number)) => Basic::Int((*number).into()),
        Value::Number(Number::Uint8(number)) => Basic::Int((*number).into()),
        Value::String(text) => Basic::Text(text.as_bytes()),
        _ => return None,
    })
}
