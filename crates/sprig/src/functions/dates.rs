//! Dates and times.

use gotmpl::{CallError, Function, pure};
use value::objects::TIME;
use value::time::{Duration, Time, Zone, parse_in};
use value::{Ambient, Number, Type, Value};

use super::arguments::{Outcome, any, bytes, text};
use super::asking::{Asking, asking};
use crate::strconv::{NumberError, parse_int};

const TEXT_AND_TIME: &[Type] = &[Type::String, TIME];
const HTML: &str = "2006-01-02";

pub(super) const FUNCTIONS: &[Function] = &[
    pure("dateModify", TEXT_AND_TIME, date_modify),
    pure("date_modify", TEXT_AND_TIME, date_modify),
    pure("mustDateModify", TEXT_AND_TIME, must_date_modify),
    pure("must_date_modify", TEXT_AND_TIME, must_date_modify),
    pure("duration", &[Type::Any], duration),
    pure("unixEpoch", &[TIME], |arguments| Ok(Value::from(time(arguments, 0).seconds.to_string()))),
];

pub(super) const ASKING: &[Asking] = &[
    asking("now", &[], |ambient, _| Ok(Value::object(now(ambient)))),
    asking("date", &[Type::String, Type::Any], |ambient, arguments| {
        Ok(in_zone(ambient, &lossy(arguments, 0), any(arguments, 1), "Local"))
    }),
    asking("dateInZone", &[Type::String, Type::Any, Type::String], date_in_zone),
    asking("date_in_zone", &[Type::String, Type::Any, Type::String], date_in_zone),
    asking("htmlDate", &[Type::Any], |ambient, arguments| Ok(in_zone(ambient, HTML, any(arguments, 0), "Local"))),
    asking("htmlDateInZone", &[Type::Any, Type::String], |ambient, arguments| {
        Ok(in_zone(ambient, HTML, any(arguments, 0), &lossy(arguments, 1)))
    }),
    asking("ago", &[Type::Any], ago),
    asking("durationRound", &[Type::Any], duration_round),
    asking("toDate", &[Type::String, Type::String], |ambient, arguments| {
        Ok(Value::object(parse(ambient, arguments).unwrap_or(Time::ZERO)))
    }),
    asking("mustToDate", &[Type::String, Type::String], |ambient, arguments| {
        Ok(Value::object(parse(ambient, arguments)?))
    }),
];

fn lossy(arguments: &[Value], index: usize) -> String {
    text(arguments, index).to_string_lossy()
}

fn time(arguments: &[Value], index: usize) -> Time {
    any(arguments, index).downcast::<Time>().cloned().unwrap_or(Time::ZERO)
}

/// Returns the local zone: UTC is just that, every other has the name `Local` as in Go.
fn local_zone(ambient: &dyn Ambient) -> Zone {
    match Zone::load(&ambient.local_zone(), &Zone::Utc) {
        Ok(Zone::Region { rules, .. }) => Zone::local(rules),
        _ => Zone::Utc,
    }
}

fn now(ambient: &dyn Ambient) -> Time {
    Time::from_system(ambient.now(), local_zone(ambient))
}

/// Writes a time, or seconds since 1970 as an integer, or the present time for anything else; an unknown zone is UTC.
fn in_zone(ambient: &dyn Ambient, layout: &str, date: &Value, zone: &str) -> Value {
    let local = local_zone(ambient);
    let time = match date {
        Value::Int(seconds) | Value::Int64(seconds) => Time::from_unix(*seconds, Zone::Utc),
        Value::Number(Number::Int32(seconds)) => Time::from_unix((*seconds).into(), Zone::Utc),
        other => other.downcast::<Time>().cloned().unwrap_or_else(|| now(ambient)),
    };
    let zone = Zone::load(zone, &local).unwrap_or(Zone::Utc);
    Value::from(time.in_zone(zone).format(layout))
}

fn date_in_zone(ambient: &dyn Ambient, arguments: &mut [Value]) -> Outcome {
    Ok(in_zone(ambient, &lossy(arguments, 0), any(arguments, 1), &lossy(arguments, 2)))
}

fn parse(ambient: &dyn Ambient, arguments: &[Value]) -> Result<Time, CallError> {
    parse_in(&lossy(arguments, 0), &lossy(arguments, 1), &local_zone(ambient))
        .map_err(|error| CallError::message(error.to_string()))
}

fn date_modify(arguments: &mut [Value]) -> Outcome {
    let time = time(arguments, 1);
    Ok(Value::object(match Duration::parse(&lossy(arguments, 0)) {
        Ok(duration) => time.add(duration),
        Err(_) => time,
    }))
}

fn must_date_modify(arguments: &mut [Value]) -> Outcome {
    let duration =
        Duration::parse(&lossy(arguments, 0)).map_err(|error| CallError::message(error.to_string()))?;
    Ok(Value::object(time(arguments, 1).add(duration)))
}

fn ago(ambient: &dyn Ambient, arguments: &mut [Value]) -> Outcome {
    let now = now(ambient);
    let time = match any(arguments, 0) {
        Value::Int(seconds) | Value::Int64(seconds) => Time::from_unix(*seconds, Zone::Utc),
        other => other.downcast::<Time>().cloned().unwrap_or_else(|| now.clone()),
    };
    Ok(Value::from(now.since(&time).round(Duration::from_seconds(1)).to_string()))
}

/// Reads seconds from an `int64` or a text; an `int`, as constants are, counts as nothing.
fn duration(arguments: &mut [Value]) -> Outcome {
    let seconds = match any(arguments, 0) {
        Value::Int64(seconds) => *seconds,
        Value::String(_) => match parse_int(bytes(arguments, 0), 10) {
            Ok(seconds) | Err(NumberError::Range(seconds)) => seconds,
            Err(NumberError::Syntax) => 0,
        },
        _ => 0,
    };
    Ok(Value::from(Duration::from_seconds(seconds).to_string()))
}

/// Writes the largest whole unit of a duration, whatever its sign: `3mo`, `1d`; exactly one unit is not yet one.
fn duration_round(ambient: &dyn Ambient, arguments: &mut [Value]) -> Outcome {
    const HOUR: u64 = 3_600_000_000_000;
    const UNITS: [(u64, &str); 6] = [
        (HOUR * 24 * 365, "y"),
        (HOUR * 24 * 30, "mo"),
        (HOUR * 24, "d"),
        (HOUR, "h"),
        (HOUR / 60, "m"),
        (HOUR / 3600, "s"),
    ];
    let duration = match any(arguments, 0) {
        Value::Int64(nanoseconds) => Duration(*nanoseconds),
        Value::String(text) => Duration::parse(&text.to_str_lossy()).unwrap_or_default(),
        other => other.downcast::<Time>().map(|time| now(ambient).since(time)).unwrap_or_default(),
    };
    let size = duration.0.unsigned_abs();
    let unit = UNITS.iter().find(|(unit, _)| size > *unit);
    Ok(Value::from(unit.map_or_else(|| String::from("0s"), |(unit, name)| format!("{}{name}", size / unit))))
}
