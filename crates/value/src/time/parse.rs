//! Times read in a layout, with Go's error texts.

use std::borrow::Cow;

use super::civil;
use super::layout::{self, Element, MONTHS, OffsetForm, WEEKDAYS};
use super::moment::Time;
use super::zone::Zone;
use crate::unspell;

/// Why a text is no time in a layout (Go's `time.ParseError`).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// A part of the text is not what the layout has there.
    #[error(
        "parsing time {} as {}: cannot parse {} as {}",
        quote(.text), quote(.layout), quote_bytes(.rest), quote(.element)
    )]
    Mismatch {
        /// The whole text.
        text: Box<str>,
        /// The whole layout.
        layout: Box<str>,
        /// What is left of the text.
        rest: Box<[u8]>,
        /// What the layout has there.
        element: Box<str>,
    },
    /// The layout ends before the text.
    #[error("parsing time {}: extra text: {}", quote(.text), quote_bytes(.rest))]
    ExtraText {
        /// The whole text.
        text: Box<str>,
        /// What is left of the text.
        rest: Box<[u8]>,
    },
    /// A number is too large or too small.
    #[error("parsing time {}: {what}{}", quote(.text), if .what.starts_with("day-of-year does") { "" } else { " out of range" })]
    OutOfRange {
        /// The whole text.
        text: Box<str>,
        /// Which number.
        what: &'static str,
    },
}

/// Reads a time; without an offset it is in UTC (`time.Parse`).
///
/// # Errors
/// As Go's.
pub fn parse(layout: &str, text: &str, local: &Zone) -> Result<Time, ParseError> {
    parse_with(layout, text, &Zone::Utc, local)
}

/// Reads a time; without an offset it is in `zone` (`time.ParseInLocation`).
///
/// # Errors
/// As Go's.
pub fn parse_in(layout: &str, text: &str, zone: &Zone) -> Result<Time, ParseError> {
    parse_with(layout, text, zone, zone)
}

/// What was read so far.
#[derive(Default)]
struct Fields {
    year: i64,
    month: Option<i64>,
    day: Option<i64>,
    day_of_year: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    nanoseconds: u32,
    morning: bool,
    afternoon: bool,
    is_utc: bool,
    offset: Option<i64>,
    abbreviation: String,
}

/// A part of the text could not be read.
enum Fault {
    Mismatch,
    OutOfRange(&'static str),
}

type Outcome<T> = Result<T, Fault>;

fn parse_with(layout: &str, text: &str, default: &Zone, local: &Zone) -> Result<Time, ParseError> {
    let mismatch = |element: &str, rest: &[u8]| ParseError::Mismatch {
        text: text.into(),
        layout: layout.into(),
        rest: rest.into(),
        element: element.into(),
    };
    let mut fields = Fields::default();
    let mut rest = text.as_bytes();
    let mut to_come = layout;
    while let Some((before, element, name, after)) = layout::split(to_come) {
        skip(&mut rest, before.as_bytes()).map_err(|left| mismatch(before, left))?;
        to_come = after;
        let held = rest;
        fields.read(element, &mut rest, after).map_err(|fault| match fault {
            Fault::Mismatch => mismatch(name, held),
            Fault::OutOfRange(what) => ParseError::OutOfRange { text: text.into(), what },
        })?;
    }
    skip(&mut rest, to_come.as_bytes()).map_err(|left| mismatch(to_come, left))?;
    if !rest.is_empty() {
        return Err(ParseError::ExtraText { text: text.into(), rest: rest.into() });
    }
    fields.time(default, local).map_err(|what| ParseError::OutOfRange { text: text.into(), what })
}

/// Skips text of the layout; blanks match any number of blanks. What is left when it does not match comes back.
fn skip<'a>(text: &mut &'a [u8], mut prefix: &[u8]) -> Result<(), &'a [u8]> {
    let without_blanks =
        |text: &mut &[u8]| *text = &text[text.iter().take_while(|byte| **byte == b' ').count()..];
    while let Some((&first, after)) = prefix.split_first() {
        if first == b' ' {
            if text.first().is_some_and(|&byte| byte != b' ') {
                return Err(text);
            }
            without_blanks(&mut prefix);
            let mut rest = *text;
            rest = &rest[rest.iter().take_while(|byte| **byte == b' ').count()..];
            *text = rest;
            continue;
        }
        match text.split_first() {
            Some((&byte, rest)) if byte == first => (*text, prefix) = (rest, after),
            _ => return Err(text),
        }
    }
    Ok(())
}

impl Fields {
    fn read(&mut self, element: Element, text: &mut &[u8], layout_after: &str) -> Outcome<()> {
        match element {
            Element::Year => {
                let year = signed(take(text, 2)?)?;
                self.year = year + if year >= 69 { 1900 } else { 2000 };
            }
            Element::LongYear => self.year = digits(take(text, 4)?)?,
            Element::Month => self.month = Some(name(text, &MONTHS, 3)? + 1),
            Element::LongMonth => self.month = Some(name(text, &MONTHS, usize::MAX)? + 1),
            Element::NumberMonth => self.month = Some(within(number(text, false)?, 1..=12, "month")?),
            Element::ZeroMonth => self.month = Some(within(number(text, true)?, 1..=12, "month")?),
            Element::Weekday => drop(name(text, &WEEKDAYS, 3)?),
            Element::LongWeekday => drop(name(text, &WEEKDAYS, usize::MAX)?),
            Element::Day => self.day = Some(number(text, false)?),
            Element::ZeroDay => self.day = Some(number(text, true)?),
            Element::UnderDay => {
                skip_one_blank(text);
                self.day = Some(number(text, false)?);
            }
            Element::UnderYearDay => {
                skip_one_blank(text);
                skip_one_blank(text);
                self.day_of_year = Some(three_digits(text, false)?);
            }
            Element::ZeroYearDay => self.day_of_year = Some(three_digits(text, true)?),
            Element::Hour => self.hour = within(number(text, false)?, 0..=23, "hour")?,
            Element::Hour12 => self.hour = within(number(text, false)?, 0..=12, "hour")?,
            Element::ZeroHour12 => self.hour = within(number(text, true)?, 0..=12, "hour")?,
            Element::Minute => self.minute = within(number(text, false)?, 0..=59, "minute")?,
            Element::ZeroMinute => self.minute = within(number(text, true)?, 0..=59, "minute")?,
            Element::Second => self.read_second(text, false, layout_after)?,
            Element::ZeroSecond => self.read_second(text, true, layout_after)?,
            Element::UpperHalf => self.read_half(take(text, 2)?, [b"AM", b"PM"])?,
            Element::LowerHalf => self.read_half(take(text, 2)?, [b"am", b"pm"])?,
            Element::Abbreviation => self.read_abbreviation(text)?,
            Element::Offset { z_for_zero: true, .. } if text.first() == Some(&b'Z') => {
                *text = &text[1..];
                self.is_utc = true;
            }
            Element::Offset { form, .. } => self.offset = Some(offset(text, form)?),
            Element::Fraction { digits, exact: true, .. } => {
                self.nanoseconds = fraction(take(text, 1 + digits)?)?;
            }
            // Any number of digits, also none.
            Element::Fraction { .. } => self.read_fraction(text)?,
        }
        Ok(())
    }

    /// A fraction may follow that the layout does not have.
    fn read_second(&mut self, text: &mut &[u8], fixed: bool, layout_after: &str) -> Outcome<()> {
        self.second = within(number(text, fixed)?, 0..=59, "second")?;
        let next = layout::split(layout_after).map(|(_, element, _, _)| element);
        if matches!(next, Some(Element::Fraction { .. })) {
            return Ok(());
        }
        self.read_fraction(text)
    }

    fn read_fraction(&mut self, text: &mut &[u8]) -> Outcome<()> {
        if let [b'.' | b',', digits @ ..] = text {
            let count = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if count > 0 {
                self.nanoseconds = fraction(take(text, 1 + count)?)?;
            }
        }
        Ok(())
    }

    fn read_half(&mut self, text: &[u8], [morning, afternoon]: [&[u8]; 2]) -> Outcome<()> {
        self.morning |= text == morning;
        self.afternoon |= text == afternoon;
        if text == morning || text == afternoon { Ok(()) } else { Err(Fault::Mismatch) }
    }

    fn read_abbreviation(&mut self, text: &mut &[u8]) -> Outcome<()> {
        if let Some(rest) = text.strip_prefix(b"UTC") {
            *text = rest;
            self.is_utc = true;
            return Ok(());
        }
        let length = abbreviation_length(text).ok_or(Fault::Mismatch)?;
        self.abbreviation = take(text, length)?.iter().copied().map(char::from).collect();
        Ok(())
    }

    /// Puts the time together, or names what is out of range.
    fn time(mut self, default: &Zone, local: &Zone) -> Result<Time, &'static str> {
        if self.afternoon && self.hour < 12 {
            self.hour += 12;
        } else if self.morning && self.hour == 12 {
            self.hour = 0;
        }
        let (month, day) = self.month_and_day()?;
        if day < 1 || day > i64::from(civil::days_in_month(self.year, month as u8)) {
            return Err("day");
        }
        let clock =
            civil::days(self.year, month, day) * 86_400 + self.hour * 3600 + self.minute * 60 + self.second;
        let time = |seconds, zone| Ok(Time { seconds, nanoseconds: self.nanoseconds, zone });
        if self.is_utc {
            return time(clock, Zone::Utc);
        }
        let fixed = |offset| Zone::Fixed { abbreviation: self.abbreviation.as_str().into(), offset };
        if let Some(offset) = self.offset {
            let seconds = clock - offset;
            let (local_offset, name) = local.at(seconds);
            let same_name = self.abbreviation.is_empty() || *name == *self.abbreviation;
            let is_local = i64::from(local_offset) == offset && same_name;
            return time(seconds, if is_local { local.clone() } else { fixed(offset as i32) });
        }
        if !self.abbreviation.is_empty() {
            if let Some(offset) = local.offset_of(&self.abbreviation, clock) {
                return time(clock - i64::from(offset), local.clone());
            }
            // Go: an abbreviation of unknown offset is kept with offset zero, but for GMT+3.
            let hours = self.abbreviation.strip_prefix("GMT").and_then(|hours| hours.parse::<i32>().ok());
            return time(clock, fixed(hours.unwrap_or(0) * 3600));
        }
        time(default.moment_of(clock), default.clone())
    }

    fn month_and_day(&self) -> Result<(i64, i64), &'static str> {
        let Some(day_of_year) = self.day_of_year else {
            return Ok((self.month.unwrap_or(1), self.day.unwrap_or(1)));
        };
        if day_of_year < 1 || day_of_year > 365 + i64::from(civil::is_leap(self.year)) {
            return Err("day-of-year");
        }
        let date = civil::date(civil::days(self.year, 1, day_of_year));
        let (month, day) = (i64::from(date.month), i64::from(date.day));
        if self.month.is_some_and(|given| given != month) {
            return Err("day-of-year does not match month");
        }
        if self.day.is_some_and(|given| given != day) {
            return Err("day-of-year does not match day");
        }
        Ok((month, day))
    }
}

fn take<'a>(text: &mut &'a [u8], count: usize) -> Outcome<&'a [u8]> {
    let (taken, rest) = text.split_at_checked(count).ok_or(Fault::Mismatch)?;
    *text = rest;
    Ok(taken)
}

fn skip_one_blank(text: &mut &[u8]) {
    *text = text.strip_prefix(b" ").unwrap_or(text);
}

fn within(number: i64, range: std::ops::RangeInclusive<i64>, what: &'static str) -> Outcome<i64> {
    if range.contains(&number) { Ok(number) } else { Err(Fault::OutOfRange(what)) }
}

fn digits(text: &[u8]) -> Outcome<i64> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return Err(Fault::Mismatch);
    }
    Ok(text.iter().fold(0, |number, &digit| number * 10 + i64::from(digit - b'0')))
}

fn signed(text: &[u8]) -> Outcome<i64> {
    match text {
        [b'-', rest @ ..] => digits(rest).map(|number| -number),
        [b'+', rest @ ..] => digits(rest),
        _ => digits(text),
    }
}

/// One digit or two; always two if `fixed`.
fn number(text: &mut &[u8], fixed: bool) -> Outcome<i64> {
    let count = text.iter().take(2).take_while(|byte| byte.is_ascii_digit()).count();
    if count == 0 || fixed && count != 2 { Err(Fault::Mismatch) } else { digits(take(text, count)?) }
}

fn three_digits(text: &mut &[u8], fixed: bool) -> Outcome<i64> {
    let count = text.iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
    if count == 0 || fixed && count != 3 { Err(Fault::Mismatch) } else { digits(take(text, count)?) }
}

/// Which of the names, cut to `length`, the text starts with, in any case.
fn name(text: &mut &[u8], names: &[&str], length: usize) -> Outcome<i64> {
    for (index, name) in names.iter().enumerate() {
        let name = &name.as_bytes()[..length.min(name.len())];
        if text.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            take(text, name.len())?;
            return Ok(index as i64);
        }
    }
    Err(Fault::Mismatch)
}

/// Separator and digits to nanoseconds; digits beyond the ninth are dropped.
fn fraction(text: &[u8]) -> Outcome<u32> {
    let [b'.' | b',', rest @ ..] = text else { return Err(Fault::Mismatch) };
    let shown = &rest[..rest.len().min(9)];
    Ok(digits(shown)? as u32 * 10_u32.pow(9 - shown.len() as u32))
}

fn offset(text: &mut &[u8], form: OffsetForm) -> Outcome<i64> {
    let (length, colons): (usize, &[usize]) = match form {
        OffsetForm::Hours => (3, &[]),
        OffsetForm::Minutes => (5, &[]),
        OffsetForm::ColonMinutes => (6, &[3]),
        OffsetForm::Seconds => (7, &[]),
        OffsetForm::ColonSeconds => (9, &[3, 6]),
    };
    let taken = take(text, length)?;
    if colons.iter().any(|&index| taken[index] != b':') {
        return Err(Fault::Mismatch);
    }
    let numbers: Vec<u8> = taken
        .iter()
        .enumerate()
        .skip(1)
        .filter(|(index, _)| !colons.contains(index))
        .map(|(_, byte)| *byte)
        .collect();
    let mut parts = [0; 3];
    let mut fault = None;
    for (part, pair) in parts.iter_mut().zip(numbers.chunks(2)) {
        match digits(pair) {
            Ok(number) => *part = number,
            Err(mismatch) => {
                fault = Some(mismatch);
                break;
            }
        }
    }
    let [hours, minutes, seconds] = parts;
    // Go: the last number out of range is the one that is named.
    within(seconds, 0..=60, "time zone offset second")?;
    within(minutes, 0..=60, "time zone offset minute")?;
    within(hours, 0..=24, "time zone offset hour")?;
    let size = hours * 3600 + minutes * 60 + seconds;
    match (fault, taken[0]) {
        (None, b'+') => Ok(size),
        (None, b'-') => Ok(-size),
        _ => Err(Fault::Mismatch),
    }
}

/// How much of the text looks like the abbreviation of a zone.
fn abbreviation_length(text: &[u8]) -> Option<usize> {
    if text.len() < 3 {
        return None;
    }
    if text.starts_with(b"ChST") || text.starts_with(b"MeST") {
        return Some(4);
    }
    if let Some(rest) = text.strip_prefix(b"GMT") {
        return Some(3 + signed_offset_length(rest));
    }
    if matches!(text[0], b'+' | b'-') {
        return Some(signed_offset_length(text)).filter(|&length| length > 0);
    }
    match text.iter().take(6).take_while(|byte| byte.is_ascii_uppercase()).count() {
        5 if text[4] == b'T' => Some(5),
        4 if text[3] == b'T' || text.starts_with(b"WITA") => Some(4),
        3 => Some(3),
        _ => None,
    }
}

/// The length of an offset such as `+3` of less than a day; 0 if it is none.
fn signed_offset_length(text: &[u8]) -> usize {
    let [b'+' | b'-', rest @ ..] = text else { return 0 };
    let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let significant = &rest[rest[..count].iter().take_while(|byte| **byte == b'0').count()..count];
    let hours = if significant.len() > 2 { None } else { Some(digits(significant).unwrap_or(0)) };
    if count > 0 && hours.is_some_and(|hours| hours <= 23) { 1 + count } else { 0 }
}

/// Quotes as Go's package time does: everything but printable ASCII byte by byte.
pub(super) fn quote(text: &str) -> String {
    quote_bytes(text.as_bytes())
}

/// Bytes of spelled texts are shown as they were.
fn quote_bytes(text: &[u8]) -> String {
    let bytes = std::str::from_utf8(text).map_or(Cow::Borrowed(text), unspell);
    let mut quoted = String::from("\"");
    for &byte in bytes.iter() {
        match byte {
            b'"' | b'\\' => quoted.extend(['\\', char::from(byte)]),
            b' '..=0x7f => quoted.push(char::from(byte)),
            _ => quoted.push_str(&format!("\\x{byte:02x}")),
        }
    }
    quoted.push('"');
    quoted
}
