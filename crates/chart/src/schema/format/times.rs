//! Dates, times, durations and periods (RFC 3339), in the words of the validator and of Go's `time.Parse`.

use std::fmt::Write;

/// Checks `2006-01-02` as Go's `time.Parse` does.
pub(crate) fn date(text: &str) -> Result<(), String> {
    let cannot = |rest: &str, wanted: &str| {
        let (shown, rest) = (quote(text), quote(rest));
        Err(format!("parsing time {shown} as \"2006-01-02\": cannot parse {rest} as \"{wanted}\""))
    };
    let fault = |what: &str| Err(format!("parsing time {}: {what}", quote(text)));
    let Some((year, rest)) = digits(text, 4) else { return cannot(text, "2006") };
    let Some(rest) = rest.strip_prefix('-') else { return cannot(rest, "-") };
    let Some((month, after)) = digits(rest, 2) else { return cannot(rest, "01") };
    if !(1..=12).contains(&month) {
        return fault("month out of range");
    }
    let Some(rest) = after.strip_prefix('-') else { return cannot(after, "-") };
    let Some((day, rest)) = digits(rest, 2) else { return cannot(rest, "02") };
    if !rest.is_empty() {
        return fault(&format!("extra text: {}", quote(rest)));
    }
    if day < 1 || day > days_in(month, year) {
        return fault("day out of range");
    }
    Ok(())
}

fn digits(text: &str, count: usize) -> Option<(u32, &str)> {
    let found = text.get(..count)?;
    if !found.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((found.parse().ok()?, text.get(count..)?))
}

fn days_in(month: u32, year: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Quotes as Go's package `time` does: bytes beyond ASCII are escaped one by one.
fn quote(text: &str) -> String {
    let mut out = String::from('"');
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => {
                out.push('\\');
                out.push(char::from(byte));
            }
            b' '..0x80 => out.push(char::from(byte)),
            _ => write!(out, "\\x{byte:02x}").expect("a string takes all text"),
        }
    }
    out.push('"');
    out
}

/// Checks `hh:mm:ss[.f](Z|±hh:mm)`.
pub(crate) fn time(text: &str) -> Result<(), String> {
    let bytes = text.as_bytes();
    if bytes.len() < 9 {
        return Err("less than 9 characters long".to_owned());
    }
    if bytes.get(2) != Some(&b':') || bytes.get(5) != Some(&b':') {
        return Err("missing colon in correct place".to_owned());
    }
    let read = |from: usize| {
        let part = bytes.get(from..from + 2).and_then(|part| std::str::from_utf8(part).ok()).unwrap_or("?");
        clock_number(part, "hour/min/sec")
    };
    let (hour, minute, second) = (read(0)?, read(3)?, read(6)?);
    if hour > 23 || minute > 59 || second > 60 {
        return Err("hour/min/sec out of range".to_owned());
    }
    let rest = String::from_utf8_lossy(bytes.get(8..).unwrap_or_default());
    let mut rest = rest.as_ref();
    if let Some(fraction) = rest.strip_prefix('.') {
        rest = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
        if rest.len() == fraction.len() {
            return Err("no digits in second fraction".to_owned());
        }
    }
    let offset = if rest == "z" || rest == "Z" { 0 } else { self::offset(rest)? };
    let mut at = hour * 60 + minute - offset;
    if at < 0 {
        at += 24 * 60;
    }
    if second >= 60 && (at / 60, at % 60) != (23, 59) {
        return Err("invalid leap second".to_owned());
    }
    Ok(())
}

fn clock_number(digits: &str, what: &str) -> Result<i32, String> {
    match digits.parse::<i32>() {
        Ok(number) if number < 0 => Err(format!("non-positive {what}")),
        Ok(number) => Ok(number),
        Err(_) => Err(format!("invalid {what}")),
    }
}

/// Reads `±hh:mm` as minutes.
fn offset(text: &str) -> Result<i32, String> {
    if text.len() != 6 {
        return Err("offset must be 6 characters long".to_owned());
    }
    let (sign, rest) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
        (Some(rest), _) => (1, rest),
        (_, Some(rest)) => (-1, rest),
        _ => return Err("offset must begin with plus/minus".to_owned()),
    };
    if rest.as_bytes().get(2) != Some(&b':') {
        return Err("missing colon in offset in correct place".to_owned());
    }
    let (hours, minutes) = rest.split_once(':').unwrap_or((rest, ""));
    let hours = clock_number(hours, "hour/min in offset")?;
    let minutes = clock_number(minutes, "hour/min in offset")?;
    if hours > 23 || minutes > 59 {
        return Err("hour/min in offset out of range".to_owned());
    }
    Ok(sign * (hours * 60 + minutes))
}

/// Checks a date and a time with `T` between them.
pub(crate) fn date_time(text: &str) -> Result<(), String> {
    if text.len() < 20 {
        return Err("less than 20 characters long".to_owned());
    }
    if !matches!(text.as_bytes().get(10), Some(b't' | b'T')) {
        return Err("11th character must be t or T".to_owned());
    }
    // An ASCII letter is a border of characters on both sides.
    let (before, after) = (text.get(..10).unwrap_or_default(), text.get(11..).unwrap_or_default());
    date(before).map_err(|fault| format!("invalid date element: {fault}"))?;
    time(after).map_err(|fault| format!("invalid time element: {fault}"))
}

/// Checks `P1Y2M3DT4H5M6S` or `P1W`.
pub(crate) fn duration(text: &str) -> Result<(), String> {
    let fault = |what: &str| Err(what.to_owned());
    let Some(text) = text.strip_prefix('P') else { return fault("must start with P") };
    if text.is_empty() {
        return fault("nothing after P");
    }
    if let Some(weeks) = text.strip_suffix('W') {
        return match weeks {
            "" => fault("no number in week"),
            _ if weeks.bytes().all(|byte| byte.is_ascii_digit()) => Ok(()),
            _ => fault("invalid week"),
        };
    }
    for (at, part) in text.split('T').enumerate() {
        if at > 0 && part.is_empty() {
            return fault("no time elements");
        }
        match at {
            0 => elements(part, "YMD")?,
            1 => elements(part, "HMS")?,
            _ => return fault("more than one T"),
        }
    }
    Ok(())
}

fn elements(mut text: &str, units: &str) -> Result<(), String> {
    let mut left = units;
    while !text.is_empty() {
        let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
        if rest.len() == text.len() {
            return Err("missing number".to_owned());
        }
        // Go looks at one byte.
        let Some(unit) = rest.bytes().next().map(char::from) else {
            return Err("missing unit".to_owned());
        };
        let Some((_, after)) = left.split_once(unit) else {
            let shown = super::super::text::quote_char(unit);
            let known = units.contains(unit);
            return Err(if known {
                format!("unit {shown} out of order")
            } else {
                format!("invalid unit {shown}")
            });
        };
        left = after;
        text = rest.get(1..).unwrap_or_default();
    }
    Ok(())
}

/// Checks two date-times, or one with a duration, with a slash between.
pub(crate) fn period(text: &str) -> Result<(), String> {
    let Some((start, end)) = text.split_once('/') else {
        return Err("missing slash".to_owned());
    };
    if start.starts_with('P') {
        duration(start).map_err(|fault| format!("invalid start duration: {fault}"))?;
        return date_time(end).map_err(|fault| format!("invalid end date-time: {fault}"));
    }
    date_time(start).map_err(|fault| format!("invalid start date-time: {fault}"))?;
    if end.starts_with('P') {
        return duration(end).map_err(|fault| format!("invalid end duration: {fault}"));
    }
    date_time(end).map_err(|fault| format!("invalid end date-time: {fault}"))
}
