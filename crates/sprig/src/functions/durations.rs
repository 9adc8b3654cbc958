//! Helm's own functions on durations (engine/funcs.go): `mustToDuration`, `durationSeconds`, `durationRoundTo`, …

use gotmpl::{CallError, Function, pure};
use value::gofmt::float::format_general;
use value::gofmt::quoted;
use value::strconv::read;
use value::time::Duration;
use value::{Kind, Number, Type, Value};

use super::arguments::{Outcome, any};
use super::conversion::truncate;

const ANY: &[Type] = &[Type::Any];
const SECOND: i64 = 1_000_000_000;
/// The longest duration, in seconds.
const MAX_SECONDS: i64 = i64::MAX / SECOND;

pub(super) const FUNCTIONS: &[Function] = &[
    pure("mustToDuration", ANY, |arguments| {
        as_duration(any(arguments, 0)).map(Value::object).map_err(CallError::message)
    }),
    pure("durationSeconds", ANY, |arguments| float(arguments, Duration::seconds)),
    pure("durationMinutes", ANY, |arguments| float(arguments, Duration::minutes)),
    pure("durationHours", ANY, |arguments| float(arguments, Duration::hours)),
    pure("durationDays", ANY, |arguments| float(arguments, |duration| duration.hours() / 24.0)),
    pure("durationWeeks", ANY, |arguments| float(arguments, |duration| duration.hours() / 24.0 / 7.0)),
    pure("durationMilliseconds", ANY, |arguments| integer(arguments, 1_000_000)),
    pure("durationMicroseconds", ANY, |arguments| integer(arguments, 1_000)),
    pure("durationNanoseconds", ANY, |arguments| integer(arguments, 1)),
    pure("durationRoundTo", &[Type::Any, Type::Any], |arguments| Ok(to_multiple(arguments, Duration::round))),
    pure("durationTruncateTo", &[Type::Any, Type::Any], |arguments| {
        Ok(to_multiple(arguments, Duration::truncate))
    }),
];

fn float(arguments: &[Value], unit: fn(Duration) -> f64) -> Outcome {
    Ok(Value::Float64(as_duration(any(arguments, 0)).map_or(0.0, unit)))
}

fn integer(arguments: &[Value], unit: i64) -> Outcome {
    Ok(Value::Int64(as_duration(any(arguments, 0)).map_or(0, |duration| duration.0 / unit)))
}

/// Returns zero for what is no duration, the duration as it is for a bad multiple.
fn to_multiple(arguments: &[Value], rule: fn(Duration, Duration) -> Duration) -> Value {
    let Ok(duration) = as_duration(any(arguments, 0)) else { return Value::object(Duration(0)) };
    Value::object(match as_duration(any(arguments, 1)) {
        Ok(multiple) => rule(duration, multiple),
        Err(_) => duration,
    })
}

/// Returns a duration of a text (`1h30m`, or seconds) or a number of seconds.
fn as_duration(value: &Value) -> Result<Duration, String> {
    match value {
        Value::Nil => Err(String::from("invalid duration")),
        Value::String(text) => from_text(&value::spell(text)),
        Value::Int(seconds) | Value::Int64(seconds) => from_integer(*seconds),
        Value::Float64(seconds) => from_float(*seconds),
        Value::Number(number) => from_number(number, value),
        Value::Object(object) => match value.downcast::<Duration>() {
            Some(duration) => Ok(*duration),
            None if matches!(object.object_type().kind(), Kind::Int | Kind::Int64) => match object.as_plain()
            {
                Value::Int(seconds) | Value::Int64(seconds) => from_integer(seconds),
                _ => Err(unsupported(value)),
            },
            None => Err(unsupported(value)),
        },
        _ => Err(unsupported(value)),
    }
}

fn unsupported(value: &Value) -> String {
    format!("unsupported duration type {}", value.type_name())
}

fn from_text(text: &str) -> Result<Duration, String> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(String::from("empty duration"));
    }
    if let Ok(duration) = Duration::parse(trimmed) {
        return Ok(duration);
    }
    match read::float(trimmed.as_bytes()) {
        Ok(seconds) => from_float(seconds),
        Err(_) => Err(format!("could not parse duration {}", quoted(&value::unspell(text)))),
    }
}

fn from_integer(seconds: i64) -> Result<Duration, String> {
    if (-MAX_SECONDS..=MAX_SECONDS).contains(&seconds) {
        Ok(Duration::from_seconds(seconds))
    } else {
        Err(format!("duration seconds overflow: {seconds}"))
    }
}

fn from_number(number: &Number, value: &Value) -> Result<Duration, String> {
    match number {
        Number::Int8(n) => from_integer((*n).into()),
        Number::Int16(n) => from_integer((*n).into()),
        Number::Int32(n) => from_integer((*n).into()),
        Number::Uint8(n) => from_integer((*n).into()),
        Number::Uint16(n) => from_integer((*n).into()),
        Number::Uint32(n) => from_integer((*n).into()),
        Number::Uint(n) | Number::Uint64(n) => match i64::try_from(*n) {
            Ok(seconds) => from_integer(seconds),
            Err(_) => Err(format!("duration seconds overflow: {n}")),
        },
        Number::Float32(n) => from_float((*n).into()),
        Number::Complex128(_) => Err(unsupported(value)),
    }
}

fn from_float(seconds: f64) -> Result<Duration, String> {
    const MAX: f64 = i64::MAX as f64 / SECOND as f64;
    if !seconds.is_finite() {
        return Err(format!("invalid duration seconds: {}", format_general(seconds)));
    }
    if seconds.abs() > MAX {
        return Err(format!("duration seconds overflow: {}", format_general(seconds)));
    }
    let nanoseconds = seconds * SECOND as f64;
    if nanoseconds.abs() > i64::MAX as f64 {
        return Err(format!("duration nanoseconds overflow: {}", format_general(nanoseconds)));
    }
    Ok(Duration(truncate(nanoseconds)))
}
