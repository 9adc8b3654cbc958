//! Type conversion: `int`, `float64`, `atoi`, `toString`, … by the rules of spf13/cast 1.7, which never fails but gives zero.

use gotmpl::{Function, pure};
use value::strconv::read;
use value::{Number, Type, Value};

use super::arguments::{Outcome, any, bytes};
use super::text::{go_print, string_value};

pub(super) const FUNCTIONS: &[Function] = &[
    pure("atoi", &[Type::String], |arguments| Ok(Value::Int(atoi(bytes(arguments, 0))))),
    pure("int", &[Type::Any], |arguments| Ok(Value::Int(to_int(any(arguments, 0))))),
    pure("int64", &[Type::Any], |arguments| Ok(Value::Int64(to_int(any(arguments, 0))))),
    pure("float64", &[Type::Any], |arguments| Ok(Value::Float64(to_float(any(arguments, 0))))),
    pure("toDecimal", &[Type::Any], to_decimal),
    pure("toString", &[Type::Any], |arguments| Ok(Value::String(string_value(any(arguments, 0))))),
];

/// Returns Go's `strconv.Atoi` with its error dropped: the nearest number if the text is one but too large.
fn atoi(text: &[u8]) -> i64 {
    match read::int(text, 10) {
        Ok(number) | Err(read::NumberError::Range(number)) => number,
        Err(read::NumberError::Syntax) => 0,
    }
}

/// Returns cast's `ToInt64` (and `ToInt`).
pub(super) fn to_int(value: &Value) -> i64 {
    match value {
        Value::Int(number) | Value::Int64(number) => *number,
        Value::Float64(number) => truncate(*number),
        Value::Bool(flag) => i64::from(*flag),
        Value::String(text) => read::int(trim_zero_decimal(text), 0).unwrap_or(0),
        Value::Number(number) => number_to_int(number),
        Value::Object(object) if is_calendar_number(object.object_type()) => to_int(&object.as_plain()),
        Value::Nil | Value::List(_) | Value::Map(_) | Value::Object(_) => 0,
    }
}

/// Of named numbers cast knows months and days of the week.
fn is_calendar_number(object_type: Type) -> bool {
    matches!(object_type, Type::Named("time.Month" | "time.Weekday", _))
}

fn number_to_int(number: &Number) -> i64 {
    match number {
        Number::Int8(n) => i64::from(*n),
        Number::Int16(n) => i64::from(*n),
        Number::Int32(n) => i64::from(*n),
        Number::Uint(n) | Number::Uint64(n) => *n as i64,
        Number::Uint8(n) => i64::from(*n),
        Number::Uint16(n) => i64::from(*n),
        Number::Uint32(n) => i64::from(*n),
        Number::Float32(n) => truncate(f64::from(*n)),
        Number::Complex128(_) => 0,
    }
}

/// Returns cast's `ToFloat64`.
pub(super) fn to_float(value: &Value) -> f64 {
    match value {
        Value::Float64(number) => *number,
        Value::Int(number) | Value::Int64(number) => *number as f64,
        Value::Bool(flag) => f64::from(u8::from(*flag)),
        Value::String(text) => read::float(text).unwrap_or(0.0),
        Value::Number(Number::Float32(number)) => f64::from(*number),
        Value::Number(Number::Uint(number) | Number::Uint64(number)) => *number as f64,
        Value::Number(number) => number_to_int(number) as f64,
        Value::Object(object) if is_calendar_number(object.object_type()) => to_float(&object.as_plain()),
        Value::Nil | Value::List(_) | Value::Map(_) | Value::Object(_) => 0.0,
    }
}

/// Converts as amd64 does: what does not fit becomes the smallest number.
pub(super) fn truncate(number: f64) -> i64 {
    // 2^63 is exact as a float, and the first that does not fit.
    if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&number) {
        number as i64
    } else {
        i64::MIN
    }
}

/// Cuts a fraction of nothing but zeros, cast's `trimZeroDecimal`: `3.00` reads as `3`, `3.01` as no integer.
fn trim_zero_decimal(text: &[u8]) -> &[u8] {
    let without_zeros = text.iter().rposition(|&byte| byte != b'0').map_or(0, |last| last + 1);
    match text.get(..without_zeros) {
        Some([integer @ .., b'.']) if without_zeros < text.len() => integer,
        _ => text,
    }
}

/// Reads the printed value as an octal number, whatever the name says.
fn to_decimal(arguments: &mut [Value]) -> Outcome {
    let printed = go_print(any(arguments, 0));
    Ok(Value::Int64(read::int(&printed, 8).unwrap_or(0)))
}
