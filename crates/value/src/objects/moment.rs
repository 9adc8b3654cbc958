//! `time.Time`: what `now`, `toDate` and TOML's dates give.

use std::any::Any;

use super::duration::{DURATION, from_value};
use super::names::{LOCATION, Location, Named};
use crate::json::bytes_of;
use crate::time::{Duration, MONTHS, Time, Zone, civil};
use crate::{Error, Kind, List, Member, Number, Object, Str, Type, Value, gofmt};

/// Go's type `time.Time`.
pub const TIME: Type = Type::Named("time.Time", Kind::Struct);

/// The form of times in JSON: RFC 3339 with as much of the second as there is.
const RFC3339_NANO: &str = "2006-01-02T15:04:05.999999999Z07:00";

const DAY: i64 = 86_400;

impl Object for Time {
    fn object_type(&self) -> Type {
        TIME
    }

    fn member(&self, name: &str) -> Option<Member> {
        let parameters: &'static [Type] = match name {
            "Day" | "GobEncode" | "GoString" | "Hour" | "IsDST" | "IsZero" | "Local" | "Location"
            | "MarshalBinary" | "MarshalJSON" | "MarshalText" | "Minute" | "Month" | "Nanosecond"
            | "Second" | "String" | "UTC" | "Unix" | "UnixMicro" | "UnixMilli" | "UnixNano" | "Weekday"
            | "Year" | "YearDay" => &[],
            "Add" | "Round" | "Truncate" => &[DURATION],
            "AddDate" => &[Type::Int, Type::Int, Type::Int],
            "After" | "Before" | "Compare" | "Equal" | "Sub" => &[TIME],
            "Format" => &[Type::String],
            "In" => &[LOCATION],
            "AppendFormat" => &[Type::Bytes, Type::String],
            "AppendBinary" | "AppendText" => &[Type::Bytes],
            "Clock" => {
                return Some(Member::Uncallable("function Clock has 3 return values; should be 1 or 2"));
            }
            "Date" => return Some(Member::Uncallable("function Date has 3 return values; should be 1 or 2")),
            "ISOWeek" => {
                return Some(Member::Uncallable(
                    "invalid function signature for ISOWeek: second return value should be error; is int",
                ));
            }
            "Zone" => {
                return Some(Member::Uncallable(
                    "invalid function signature for Zone: second return value should be error; is int",
                ));
            }
            "ZoneBounds" => {
                return Some(Member::Uncallable(
                    "invalid function signature for ZoneBounds: second return value should be error; is time.Time",
                ));
            }
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
            "AppendBinary" | "AppendFormat" | "AppendText" => self.appended(name, arguments),
            _ => self.part(name),
        })
    }

    fn print(&self) -> String {
        self.to_string()
    }

    fn is_stringer(&self) -> bool {
        true
    }

    fn go_string(&self) -> Option<String> {
        Some(self.go_syntax())
    }

    fn go_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        Some(vec![
            ("wall", Value::Number(Number::Uint64(self.nanoseconds.into()))),
            ("ext", Value::Int64(self.seconds.wrapping_sub(Time::ZERO.seconds))),
            ("loc", Value::object(Location(self.zone.clone()))),
        ])
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
        let (days, second) = self.days_and_seconds(self.zone.at(self.seconds).0);
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
            "MarshalText" => byte_list(self.format(RFC3339_NANO).as_bytes()),
            "GobEncode" | "MarshalBinary" => byte_list(&self.binary()),
            "GoString" => Value::from(self.go_syntax()),
            "MarshalJSON" => byte_list(format!("\"{}\"", self.format(RFC3339_NANO)).as_bytes()),
            _ => Value::from(self.to_string()),
        }
    }

    /// Returns the bytes of the first argument with the time behind them.
    fn appended(&self, name: &str, arguments: &[Value]) -> Value {
        let mut bytes = arguments.first().and_then(Value::as_list).map(bytes_of).unwrap_or_default();
        match (name, arguments.get(1).and_then(Value::as_str)) {
            ("AppendBinary", _) => bytes.extend(self.binary()),
            (_, Some(layout)) => bytes.extend(self.format(&layout.to_string_lossy()).into_bytes()),
            _ => bytes.extend(self.format(RFC3339_NANO).into_bytes()),
        }
        byte_list(&bytes)
    }

    /// Returns the call that makes the time (`Time.GoString`).
    fn go_syntax(&self) -> String {
        let (days, second) = self.days_and_seconds(self.zone.at(self.seconds).0);
        let civil::Date { year, month, day } = civil::date(days);
        let month = MONTHS.get(usize::from(month) - 1).copied().unwrap_or_default();
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        let zone = match &self.zone {
            Zone::Utc => "time.UTC".to_owned(),
            Zone::Region { name, .. } if **name == *"Local" => "time.Local".to_owned(),
            Zone::Region { name, .. } => format!("time.Location({})", gofmt::quoted(name.as_bytes())),
            Zone::Fixed { abbreviation, .. } => {
                format!("time.Location({})", gofmt::quoted(abbreviation.as_bytes()))
            }
        };
        let nanoseconds = self.nanoseconds;
        format!("time.Date({year}, time.{month}, {day}, {hour}, {minute}, {second}, {nanoseconds}, {zone})")
    }

    /// Returns the time as `Time.MarshalBinary` does: a version, seconds since the year 1, nanoseconds, and the minutes of
    /// the zone, with seconds in the second version; -1 for UTC.
    fn binary(&self) -> Vec<u8> {
        let (offset, _) = self.zone.at(self.seconds);
        let (minutes, rest) = if self.zone == Zone::Utc { (-1, 0) } else { (offset / 60, offset % 60) };
        let mut bytes = vec![if rest == 0 { 1 } else { 2 }];
        bytes.extend(self.seconds.wrapping_sub(Time::ZERO.seconds).to_be_bytes());
        bytes.extend(self.nanoseconds.to_be_bytes());
        bytes.extend((minutes as i16).to_be_bytes());
        if rest != 0 {
            bytes.push(rest as u8);
        }
        bytes
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
        let (days, second) = self.days_and_seconds(self.zone.at(self.seconds).0);
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

fn byte_list(bytes: &[u8]) -> Value {
    Value::List(List::of_bytes(Str::from(bytes)))
}
