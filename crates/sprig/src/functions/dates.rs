//! Dates and times, bound to their cores in [`crate::dates`].

use gotmpl::{CallError, Function, pure};
use value::objects::TIME;
use value::time::{Duration, Time, Zone};
use value::{Ambient, Number, Type, Value};

use super::arguments::{Outcome, any, text};
use super::asking::{Asking, asking};
use crate::dates;

const TEXT_AND_TIME: &[Type] = &[Type::String, TIME];
const HTML: &str = "2006-01-02";

pub(super) const FUNCTIONS: &[Function] = &[
    pure("dateModify", TEXT_AND_TIME, date_modify),
    pure("date_modify", TEXT_AND_TIME, date_modify),
    pure("mustDateModify", TEXT_AND_TIME, must_date_modify),
    pure("must_date_modify", TEXT_AND_TIME, must_date_modify),
    pure("duration", &[Type::Any], duration),
    pure("unixEpoch", &[TIME], |arguments| Ok(Value::from(dates::unix_epoch(&time(arguments, 0))))),
];

pub(super) const ASKING: &[Asking] = &[
    asking("now", &[], |ambient, _| Ok(Value::object(now(ambient)))),
    asking("date", &[Type::String, Type::Any], |ambient, arguments| {
        Ok(in_zone(ambient, &spelled(arguments, 0), any(arguments, 1), "Local"))
    }),
    asking("dateInZone", &[Type::String, Type::Any, Type::String], date_in_zone),
    asking("date_in_zone", &[Type::String, Type::Any, Type::String], date_in_zone),
    asking("htmlDate", &[Type::Any], |ambient, arguments| {
        Ok(in_zone(ambient, HTML, any(arguments, 0), "Local"))
    }),
    asking("htmlDateInZone", &[Type::Any, Type::String], |ambient, arguments| {
        Ok(in_zone(ambient, HTML, any(arguments, 0), &spelled(arguments, 1)))
    }),
    asking("ago", &[Type::Any], ago),
    asking("durationRound", &[Type::Any], duration_round),
    asking("toDate", &[Type::String, Type::String], |ambient, arguments| {
        Ok(Value::object(dates::to_date(
            &spelled(arguments, 0),
            &spelled(arguments, 1),
            &local_zone(ambient),
        )))
    }),
    asking("mustToDate", &[Type::String, Type::String], must_to_date),
];

fn spelled(arguments: &[Value], index: usize) -> String {
    value::spell(&text(arguments, index)).into_owned()
}

fn time(arguments: &[Value], index: usize) -> Time {
    any(arguments, index).downcast::<Time>().cloned().unwrap_or(Time::ZERO)
}

fn local_zone(ambient: &dyn Ambient) -> Zone {
    Zone::local_named(&ambient.local_zone())
}

fn now(ambient: &dyn Ambient) -> Time {
    dates::now(ambient.now(), &local_zone(ambient))
}

/// Writes a time, or seconds since 1970 as an integer, or the present time for anything else; an unknown zone is UTC.
fn in_zone(ambient: &dyn Ambient, layout: &str, date: &Value, zone: &str) -> Value {
    let time = match date {
        Value::Int(seconds) | Value::Int64(seconds) => Time::from_unix(*seconds, Zone::Utc),
        Value::Number(Number::Int32(seconds)) => Time::from_unix((*seconds).into(), Zone::Utc),
        other => other.downcast::<Time>().cloned().unwrap_or_else(|| now(ambient)),
    };
    let text = dates::date_in_zone(layout, time, zone, &local_zone(ambient));
    Value::string(value::unspell(&text).into_owned())
}

fn date_in_zone(ambient: &dyn Ambient, arguments: &mut [Value]) -> Outcome {
    Ok(in_zone(ambient, &spelled(arguments, 0), any(arguments, 1), &spelled(arguments, 2)))
}

fn date_modify(arguments: &mut [Value]) -> Outcome {
    Ok(Value::object(dates::modify(&spelled(arguments, 0), &time(arguments, 1))))
}

fn must_date_modify(arguments: &mut [Value]) -> Outcome {
    dates::must_modify(&spelled(arguments, 0), &time(arguments, 1))
        .map(Value::object)
        .map_err(|error| CallError::message(error.to_string()))
}

fn must_to_date(ambient: &dyn Ambient, arguments: &mut [Value]) -> Outcome {
    dates::must_to_date(&spelled(arguments, 0), &spelled(arguments, 1), &local_zone(ambient))
        .map(Value::object)
        .map_err(|error| CallError::message(error.to_string()))
}

fn ago(ambient: &dyn Ambient, arguments: &mut [Value]) -> Outcome {
    let now = now(ambient);
    let time = match any(arguments, 0) {
        Value::Int(seconds) | Value::Int64(seconds) => Time::from_unix(*seconds, Zone::Utc),
        other => other.downcast::<Time>().cloned().unwrap_or_else(|| now.clone()),
    };
    Ok(Value::from(dates::ago(&time, &now)))
}

/// Reads seconds from an `int64` or a text; an `int`, as constants are, counts as nothing.
fn duration(arguments: &mut [Value]) -> Outcome {
    Ok(Value::from(match any(arguments, 0) {
        Value::Int64(seconds) => dates::duration_of_seconds(*seconds),
        Value::String(text) => dates::duration_of_text(&text.to_str_lossy()),
        _ => dates::duration_of_seconds(0),
    }))
}

fn duration_round(ambient: &dyn Ambient, arguments: &mut [Value]) -> Outcome {
    let duration = match any(arguments, 0) {
        Value::Int64(nanoseconds) => Duration(*nanoseconds),
        Value::String(text) => dates::parse_or_zero(&text.to_str_lossy()),
        other => other.downcast::<Time>().map(|time| now(ambient).since(time)).unwrap_or_default(),
    };
    Ok(Value::from(dates::round(duration)))
}
