//! Layouts: the reference time `Mon Jan 2 15:04:05 MST 2006`, taken apart.

/// A part of a layout that stands for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    LongMonth,
    Month,
    NumberMonth,
    ZeroMonth,
    LongWeekday,
    Weekday,
    Day,
    UnderDay,
    ZeroDay,
    UnderYearDay,
    ZeroYearDay,
    Hour,
    Hour12,
    ZeroHour12,
    Minute,
    ZeroMinute,
    Second,
    ZeroSecond,
    LongYear,
    Year,
    UpperHalf,
    LowerHalf,
    Abbreviation,
    Offset {
        z_for_zero: bool,
        form: OffsetForm,
    },
    /// Exactly so many digits after the separator, or up to so many without zeros at the end.
    Fraction {
        digits: usize,
        exact: bool,
        separator: u8,
    },
}

/// How an offset is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OffsetForm {
    /// `-0700`
    Minutes,
    /// `-07:00`
    ColonMinutes,
    /// `-070000`
    Seconds,
    /// `-07:00:00`
    ColonSeconds,
    /// `-07`
    Hours,
}

/// Splits a layout at its first element: what is before, the element, its text, and what follows.
pub(super) fn split(layout: &str) -> Option<(&str, Element, &str, &str)> {
    layout.bytes().enumerate().find_map(|(start, _)| {
        let (skip, element, length) = element_at(layout.as_bytes(), start)?;
        let start = start + skip;
        Some((&layout[..start], element, &layout[start..start + length], &layout[start + length..]))
    })
}

/// The element that starts here: how many bytes belong to the text before, what it is, and its length.
fn element_at(layout: &[u8], start: usize) -> Option<(usize, Element, usize)> {
    use Element::{Fraction, Offset};
    let rest = &layout[start..];
    let simple = |element, length| Some((0, element, length));
    let lower_after = |length: usize| rest.get(length).is_some_and(u8::is_ascii_lowercase);
    let offset = |z_for_zero, form, length| simple(Offset { z_for_zero, form }, length);
    match rest {
        [b'J', b'a', b'n', b'u', b'a', b'r', b'y', ..] => simple(Element::LongMonth, 7),
        [b'J', b'a', b'n', ..] if !lower_after(3) => simple(Element::Month, 3),
        [b'M', b'o', b'n', b'd', b'a', b'y', ..] => simple(Element::LongWeekday, 6),
        [b'M', b'o', b'n', ..] if !lower_after(3) => simple(Element::Weekday, 3),
        [b'M', b'S', b'T', ..] => simple(Element::Abbreviation, 3),
        [b'0', b'1', ..] => simple(Element::ZeroMonth, 2),
        [b'0', b'2', ..] => simple(Element::ZeroDay, 2),
        [b'0', b'3', ..] => simple(Element::ZeroHour12, 2),
        [b'0', b'4', ..] => simple(Element::ZeroMinute, 2),
        [b'0', b'5', ..] => simple(Element::ZeroSecond, 2),
        [b'0', b'6', ..] => simple(Element::Year, 2),
        [b'0', b'0', b'2', ..] => simple(Element::ZeroYearDay, 3),
        [b'1', b'5', ..] => simple(Element::Hour, 2),
        [b'1', ..] => simple(Element::NumberMonth, 1),
        [b'2', b'0', b'0', b'6', ..] => simple(Element::LongYear, 4),
        [b'2', ..] => simple(Element::Day, 1),
        // Go: the underscore of `_2006` is text.
        [b'_', b'2', b'0', b'0', b'6', ..] => Some((1, Element::LongYear, 4)),
        [b'_', b'2', ..] => simple(Element::UnderDay, 2),
        [b'_', b'_', b'2', ..] => simple(Element::UnderYearDay, 3),
        [b'3', ..] => simple(Element::Hour12, 1),
        [b'4', ..] => simple(Element::Minute, 1),
        [b'5', ..] => simple(Element::Second, 1),
        [b'P', b'M', ..] => simple(Element::UpperHalf, 2),
        [b'p', b'm', ..] => simple(Element::LowerHalf, 2),
        [sign @ (b'-' | b'Z'), digits @ ..] => {
            let z = *sign == b'Z';
            match digits {
                [b'0', b'7', b'0', b'0', b'0', b'0', ..] => offset(z, OffsetForm::Seconds, 7),
                [b'0', b'7', b':', b'0', b'0', b':', b'0', b'0', ..] => {
                    offset(z, OffsetForm::ColonSeconds, 9)
                }
                [b'0', b'7', b'0', b'0', ..] => offset(z, OffsetForm::Minutes, 5),
                [b'0', b'7', b':', b'0', b'0', ..] => offset(z, OffsetForm::ColonMinutes, 6),
                [b'0', b'7', ..] => offset(z, OffsetForm::Hours, 3),
                _ => None,
            }
        }
        [separator @ (b'.' | b','), digit @ (b'0' | b'9'), ..] => {
            let digits = rest[1..].iter().take_while(|byte| *byte == digit).count();
            let more = rest.get(1 + digits).is_some_and(u8::is_ascii_digit);
            let fraction = Fraction { digits, exact: *digit == b'0', separator: *separator };
            if more { None } else { simple(fraction, 1 + digits) }
        }
        _ => None,
    }
}

pub(crate) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub(crate) const WEEKDAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
