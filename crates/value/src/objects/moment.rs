//! `time.Time`: what `now`, `toDate` and TOML's dates give.

use std::any::Any;

use super::duration::{DURATION, from_value};
use super::names::{LOCATION, Location, Named};
use crate::time::{Duration, Time, Zone, civil};
use crate::{Error, Kind, List, Member, Number, Object, Type, Value};

/// Go's type `time.Time`.
pub const TIME: Type = Type::Named("time.Time", Kind::Struct);

/// The form of times in JSON: RFC 3339 with as much of the second as there is.
const RFC3339_NANO: &str = "2006-01-02T15:04:05.999999999Z07:00";

const DAY: i64 = 86_400;

impl Object for Time {
    fn object_type(&self) -> Type {
        TIME
    }

    /// Methods that return several values, which templates cannot call, are left out.
    fn member(&self, name: &str) -> Option<Member> {
        let parameters: &'static [Type] = match name {
            "Day" | "GoString" | "Hour" | "IsDST" | "IsZero" | "Local" | "Location" | "MarshalJSON"
            | "MarshalText" | "Minute" | "Month" | "Nanosecond" | "Second" | "String" | "UTC" | "Unix"
            | "UnixMicro" | "UnixMilli" | "UnixNano" | "Weekday" | "Year" | "YearDay" => &[],
            "Add" | "Round" | "Truncate" => &[DURATION],
            "AddDate" => &[Type::Int, Type::Int, Type::Int],
            "After" | "Before" | "Compare" | "Equal" | "Sub" => &[TIME],
            "Format" => &[Type::String],
            "In" => &[LOCATION],
            _ => return None,
        };
        Some(Member::Method(parameters, false))
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Result<Value, Error> {
        let argument = arguments.first().unwrap_or(&Value::Nil);
        if let Some(other) = argument.downcast::<Time>() {
            return Ok(self.call_with_time(name, other));
        }
        let duration = from_value(argument).unwrap_or_default();
        Ok(match name {
            "Add" => Value::object(self.add(duration)),
            "Round" => Value::object(self.rounded(duration, Duration::round)),
            "Truncate" => Value::object(self.rounded(duration, Duration::truncate)),
            "AddDate" => Value::object(self.add_date(arguments)),
            "Format" => Value::from(
                self.format(&argument.as_str().map(crate::Str::to_string_lossy).unwrap_or_default()),
            ),
            "In" => match argument.downcast::<Location>() {
                Some(location) => Value::object(self.clone().in_zone(location.0.clone())),
                None => return Err(Error::message("time: missing Location in call to Time.In")),
            },
            _ => self.part(name),
        })
    }

    fn print(&self) -> String {
        self.to_string()
    }

    fn as_plain(&self) -> Value {
        Value::from(self.format(RFC3339_NANO))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Time {
    fn call_with_time(&self, name: &str, other: &Time) -> Value {
        let (own, its) = ((self.seconds, self.nanoseconds), (other.seconds, other.nanoseconds));
        match name {
            "After" => Value::Bool(own > its),
            "Before" => Value::Bool(own < its),
            "Compare" => Value::Int(own.cmp(&its) as i64),
            "Equal" => Value::Bool(own == its),
            _ => Value::object(self.since(other)),
        }
    }

    /// Returns what a method without parameters returns.
    fn part(&self, name: &str) -> Value {
        let (offset, _) = self.zone.at(self.seconds);
        let shown = self.seconds.saturating_add(offset.into());
        let (days, second) = (shown.div_euclid(DAY), shown.rem_euclid(DAY));
        let date = civil::date(days);
        let nanoseconds = i64::from(self.nanoseconds);
        let unix = |unit: i64| {
            Value::Int64(self.seconds.wrapping_mul(unit).wrapping_add(nanoseconds / (1_000_000_000 / unit)))
        };
        match name {
            "Year" => Value::Int(date.year),
            "Month" => Named::month(date.month),
            "Day" => Value::Int(date.day.into()),
            "YearDay" => Value::Int(days - civil::days(date.year, 1, 1) + 1),
            // 1970-01-01 was a Thursday.
            "Weekday" => Named::weekday((days.rem_euclid(7) as usize + 4) % 7),
            "Hour" => Value::Int(second / 3600),
            "Minute" => Value::Int(second / 60 % 60),
            "Second" => Value::Int(second % 60),
            "Nanosecond" => Value::Int(nanoseconds),
            "IsZero" => Value::Bool(self.is_zero()),
            "IsDST" => Value::Bool(self.is_dst()),
            "UTC" => Value::object(self.clone().in_zone(Zone::Utc)),
            // A time made here is in the local zone already, or in one that was asked for.
            "Local" => Value::object(self.clone()),
            "Location" => Value::object(Location(self.zone.clone())),
            "Unix" => Value::Int64(self.seconds),
            "UnixMilli" => unix(1_000),
            "UnixMicro" => unix(1_000_000),
            "UnixNano" => unix(1_000_000_000),
            "MarshalText" => byte_list(&self.format(RFC3339_NANO)),
            "MarshalJSON" => byte_list(&format!("\"{}\"", self.format(RFC3339_NANO))),
            _ => Value::from(self.to_string()),
        }
    }

    fn is_dst(&self) -> bool {
        match &self.zone {
            Zone::Region { rules, .. } => jiff::Timestamp::from_second(self.seconds)
                .is_ok_and(|moment| rules.to_offset_info(moment).dst().is_dst()),
            _ => false,
        }
    }

    /// Rounds the time since the zero time, as Go does, by the given rule.
    fn rounded(&self, multiple: Duration, rule: fn(Duration, Duration) -> Duration) -> Time {
        let step = i128::from(multiple.0);
        if step <= 0 {
            return self.clone();
        }
        let since_zero = i128::from(self.seconds) - i128::from(Time::ZERO.seconds);
        let rest = (since_zero * 1_000_000_000 + i128::from(self.nanoseconds)).rem_euclid(step);
        let rest = Duration(i64::try_from(rest).unwrap_or_default());
        self.add(Duration(rule(rest, multiple).0.wrapping_sub(rest.0)))
    }

    fn add_date(&self, arguments: &[Value]) -> Time {
        let number = |index: usize| match arguments.get(index) {
            Some(Value::Int(number)) => *number,
            _ => 0,
        };
        let (offset, _) = self.zone.at(self.seconds);
        let shown = self.seconds.saturating_add(offset.into());
        let (days, second) = (shown.div_euclid(DAY), shown.rem_euclid(DAY));
        let date = civil::date(days);
        let months = i64::from(date.month).saturating_add(number(1));
        let days = civil::days(
            date.year.saturating_add(number(0)),
            months,
            i64::from(date.day).saturating_add(number(2)),
        );
        let clock = days.saturating_mul(DAY).saturating_add(second);
        Time { seconds: self.zone.moment_of(clock), ..self.clone() }
    }
}

fn byte_list(text: &str) -> Value {
    Value::List(List::typed(
        Type::Bytes,
        text.bytes().map(|byte| Value::Number(Number::Uint8(byte))).collect(),
    ))
}
