//! Times written in a layout.

use std::fmt::Write;

use super::layout::{self, Element, MONTHS, OffsetForm, WEEKDAYS};
use super::moment::{Clock, Time};

pub(super) fn format(time: &Time, layout: &str) -> String {
    let (clock, offset, abbreviation) = time.clock();
    let mut text = String::with_capacity(layout.len() + 10);
    let mut rest = layout;
    while let Some((before, element, _, after)) = layout::split(rest) {
        text.push_str(before);
        rest = after;
        match element {
            Element::Abbreviation if abbreviation.is_empty() => {
                push_offset(&mut text, offset, OffsetForm::Minutes)
            }
            Element::Abbreviation => text.push_str(&abbreviation),
            Element::Offset { z_for_zero: true, .. } if offset == 0 => text.push('Z'),
            Element::Offset { form, .. } => push_offset(&mut text, offset, form),
            Element::Fraction { digits, exact, separator } => {
                push_fraction(&mut text, time.nanoseconds, digits, exact, separator);
            }
            _ => push_clock(&mut text, &clock, element),
        }
    }
    text.push_str(rest);
    text
}

fn push_clock(text: &mut String, clock: &Clock, element: Element) {
    let date = clock.date;
    let month = MONTHS.get(usize::from(date.month) - 1).copied().unwrap_or("");
    let weekday = WEEKDAYS.get(clock.weekday).copied().unwrap_or("");
    let hour12 = match clock.hour % 12 {
        0 => 12,
        hour => hour,
    };
    let written = match element {
        Element::LongMonth => text.write_str(month),
        Element::Month => text.write_str(&month[..3]),
        Element::NumberMonth => write!(text, "{}", date.month),
        Element::ZeroMonth => write!(text, "{:02}", date.month),
        Element::LongWeekday => text.write_str(weekday),
        Element::Weekday => text.write_str(&weekday[..3]),
        Element::Day => write!(text, "{}", date.day),
        Element::UnderDay => write!(text, "{:2}", date.day),
        Element::ZeroDay => write!(text, "{:02}", date.day),
        Element::UnderYearDay => write!(text, "{:3}", clock.day_of_year),
        Element::ZeroYearDay => write!(text, "{:03}", clock.day_of_year),
        Element::Hour => write!(text, "{:02}", clock.hour),
        Element::Hour12 => write!(text, "{hour12}"),
        Element::ZeroHour12 => write!(text, "{hour12:02}"),
        Element::Minute => write!(text, "{}", clock.minute),
        Element::ZeroMinute => write!(text, "{:02}", clock.minute),
        Element::Second => write!(text, "{}", clock.second),
        Element::ZeroSecond => write!(text, "{:02}", clock.second),
        // Go pads the digits, not the sign.
        Element::LongYear if date.year < 0 => write!(text, "-{:04}", date.year.unsigned_abs()),
        Element::LongYear => write!(text, "{:04}", date.year),
        Element::Year => write!(text, "{:02}", date.year.unsigned_abs() % 100),
        Element::UpperHalf => text.write_str(if clock.hour >= 12 { "PM" } else { "AM" }),
        Element::LowerHalf => text.write_str(if clock.hour >= 12 { "pm" } else { "am" }),
        Element::Abbreviation | Element::Offset { .. } | Element::Fraction { .. } => Ok(()),
    };
    written.expect("writing to a string cannot fail");
}

fn push_offset(text: &mut String, offset: i32, form: OffsetForm) {
    // Go: the sign is that of whole minutes.
    let sign = if offset / 60 < 0 { '-' } else { '+' };
    let size = offset.unsigned_abs();
    let (hours, minutes, seconds) = (size / 3600, size / 60 % 60, size % 60);
    text.push_str(&match form {
        OffsetForm::Minutes => format!("{sign}{hours:02}{minutes:02}"),
        OffsetForm::ColonMinutes => format!("{sign}{hours:02}:{minutes:02}"),
        OffsetForm::Seconds => format!("{sign}{hours:02}{minutes:02}{seconds:02}"),
        OffsetForm::ColonSeconds => format!("{sign}{hours:02}:{minutes:02}:{seconds:02}"),
        OffsetForm::Hours => format!("{sign}{hours:02}"),
    });
}

fn push_fraction(text: &mut String, nanoseconds: u32, digits: usize, exact: bool, separator: u8) {
    let all = format!("{nanoseconds:09}");
    let shown = &all[..digits.min(all.len())];
    let shown = if exact { shown } else { shown.trim_end_matches('0') };
    if exact || !shown.is_empty() {
        text.push(char::from(separator));
        text.push_str(shown);
    }
}
