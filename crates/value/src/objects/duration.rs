//! `time.Duration`: prints as `1h30m0s`, counts as the `int64` of its nanoseconds.

use std::any::Any;

use crate::time::Duration;
use crate::{Error, Kind, Member, Object, Type, Value};

/// Go's type `time.Duration`.
pub const DURATION: Type = Type::Named("time.Duration", Kind::Int64);

impl Object for Duration {
    fn object_type(&self) -> Type {
        DURATION
    }

    fn member(&self, name: &str) -> Option<Member> {
        match name {
            "Abs" | "Hours" | "Microseconds" | "Milliseconds" | "Minutes" | "Nanoseconds" | "Seconds"
            | "String" => Some(Member::Method(&[], false)),
            "Round" | "Truncate" => Some(Member::Method(&[DURATION], false)),
            _ => None,
        }
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Result<Value, Error> {
        let argument = arguments.first().and_then(from_value).unwrap_or_default();
        Ok(match name {
            "Abs" => Value::object(Duration(self.0.checked_abs().unwrap_or(i64::MAX))),
            "Hours" => Value::Float64(self.hours()),
            "Minutes" => Value::Float64(self.minutes()),
            "Seconds" => Value::Float64(self.seconds()),
            "Milliseconds" => Value::Int64(self.0 / 1_000_000),
            "Microseconds" => Value::Int64(self.0 / 1_000),
            "Nanoseconds" => Value::Int64(self.0),
            "Round" => Value::object(self.round(argument)),
            "Truncate" => Value::object(self.truncate(argument)),
            _ => Value::from(self.to_string()),
        })
    }

    fn print(&self) -> String {
        self.to_string()
    }

    fn is_stringer(&self) -> bool {
        true
    }

    fn with_number(&self, number: i64) -> Option<Value> {
        Some(Value::object(Duration(number)))
    }

    fn is_true(&self) -> bool {
        self.0 != 0
    }

    fn as_plain(&self) -> Value {
        Value::Int64(self.0)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Returns the duration an argument is: one itself, or a constant number of nanoseconds.
pub(super) fn from_value(value: &Value) -> Option<Duration> {
    match value {
        Value::Int(nanoseconds) | Value::Int64(nanoseconds) => Some(Duration(*nanoseconds)),
        other => other.downcast::<Duration>().copied(),
    }
}
