//! A point in time with the offset of the zone it was taken in, written as Go writes `time.Time`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Error, ErrorKind};

/// A point in time and the zone offset it is written with.
///
/// Equality and order compare the offset too, after the instant; years are 0 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time {
    /// Seconds since 1970-01-01T00:00:00Z.
    pub unix_seconds: i64,
    /// Nanoseconds of the second, below 10⁹.
    pub nanoseconds: u32,
    /// Offset of local time from UTC in seconds.
    pub offset_seconds: i32,
}

/// The date and time of day shown on a clock in the time's own zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Civil {
    /// Year of the Gregorian calendar.
    pub year: i64,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, 1 to 31.
    pub day: u8,
    /// Hour, 0 to 23.
    pub hour: u8,
    /// Minute, 0 to 59.
    pub minute: u8,
    /// Second, 0 to 59.
    pub second: u8,
    /// Day of the week, 0 for Sunday.
    pub weekday: u8,
}

impl Time {
    /// Go's zero time, `0001-01-01T00:00:00Z`.
    pub const ZERO: Time = Time { unix_seconds: -62_135_596_800, nanoseconds: 0, offset_seconds: 0 };

    /// Returns the time in UTC.
    pub fn utc(unix_seconds: i64, nanoseconds: u32) -> Time {
        Time { unix_seconds, nanoseconds, offset_seconds: 0 }
    }

    /// Returns whether this is Go's zero time (`Time.IsZero`).
    pub fn is_zero(&self) -> bool {
        self.unix_seconds == Time::ZERO.unix_seconds && self.nanoseconds == 0
    }

    /// Returns the calendar date and time of day in the time's own zone.
    pub fn civil(&self) -> Civil {
        let local = self.unix_seconds.saturating_add(i64::from(self.offset_seconds));
        let days = local.div_euclid(86_400);
        let second_of_day = local.rem_euclid(86_400) as u32;
        let (year, month, day) = civil_from_days(days);
        Civil {
            year,
            month,
            day,
            hour: (second_of_day / 3600) as u8,
            minute: (second_of_day / 60 % 60) as u8,
            second: (second_of_day % 60) as u8,
            weekday: (days + 4).rem_euclid(7) as u8,
        }
    }
}

impl fmt::Display for Time {
    /// Writes RFC 3339 with as many digits of the second as needed (`time.RFC3339Nano`).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Civil { year, month, day, hour, minute, second, .. } = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        if self.nanoseconds > 0 {
            write!(f, ".{}", format!("{:09}", self.nanoseconds).trim_end_matches('0'))?;
        }
        let minutes = self.offset_seconds / 60;
        if minutes == 0 {
            return f.write_str("Z");
        }
        let sign = if minutes < 0 { '-' } else { '+' };
        write!(f, "{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
    }
}

impl FromStr for Time {
    type Err = Error;

    /// Reads RFC 3339 with an optional fraction of a second.
    fn from_str(text: &str) -> Result<Time, Error> {
        parse(text).ok_or_else(|| ErrorKind::Time(text.to_owned()).into())
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

fn parse(text: &str) -> Option<Time> {
    let bytes = text.as_bytes();
    let digits = |from: usize, to: usize| -> Option<i64> {
        let part = bytes.get(from..to)?;
        part.iter().try_fold(0i64, |sum, &b| b.is_ascii_digit().then(|| sum * 10 + i64::from(b - b'0')))
    };
    let is = |at: usize, byte: u8| bytes.get(at) == Some(&byte);
    if !(is(4, b'-') && is(7, b'-') && (is(10, b'T')) && is(13, b':') && is(16, b':')) {
        return None;
    }
    let (year, month, day) = (digits(0, 4)?, digits(5, 7)?, digits(8, 10)?);
    let (hour, minute, second) = (digits(11, 13)?, digits(14, 16)?, digits(17, 19)?);
    if !(1..=12).contains(&month) || !(1..=days_in_month(year, month)).contains(&day) {
        return None;
    }
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let (nanoseconds, zone) = fraction(&bytes[19..])?;
    let offset = offset(zone)?;
    let local = days_from_civil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    Some(Time { unix_seconds: local - i64::from(offset), nanoseconds, offset_seconds: offset })
}

fn fraction(rest: &[u8]) -> Option<(u32, &[u8])> {
    if rest.first() != Some(&b'.') {
        return Some((0, rest));
    }
    let length = rest[1..].iter().take_while(|b| b.is_ascii_digit()).count();
    if length == 0 {
        return None;
    }
    let mut nanoseconds = 0;
    for place in 0..9 {
        let digit = if place < length { u32::from(rest[1 + place] - b'0') } else { 0 };
        nanoseconds = nanoseconds * 10 + digit;
    }
    Some((nanoseconds, &rest[1 + length..]))
}

fn offset(zone: &[u8]) -> Option<i32> {
    match zone {
        [b'Z'] => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2]
            if [h1, h2, m1, m2].iter().all(|b| b.is_ascii_digit()) =>
        {
            let number = |tens: u8, ones: u8| i32::from(tens - b'0') * 10 + i32::from(ones - b'0');
            let seconds = number(*h1, *h2) * 3600 + number(*m1, *m2) * 60;
            Some(if *sign == b'-' { -seconds } else { seconds })
        }
        _ => None,
    }
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Howard Hinnant's `days_from_civil`: days since 1970-01-01.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Howard Hinnant's `civil_from_days`.
fn civil_from_days(days: i64) -> (i64, u8, u8) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * shifted + 2) / 5 + 1) as u8;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month as u8, day)
}

#[cfg(test)]
mod tests {
    use super::Time;

    #[test]
    fn times_survive_reading_and_writing() {
        for text in [
            "2024-02-29T23:59:59.123456789+05:30",
            "1970-01-01T00:00:00Z",
            "0001-01-01T00:00:00Z",
            "2026-11-24T13:31:33.5-08:00",
            "9999-12-31T23:59:59.000000001Z",
        ] {
            assert_eq!(text.parse::<Time>().unwrap().to_string(), text);
        }
        assert!("0001-01-01T00:00:00Z".parse::<Time>().unwrap().is_zero());
        assert_eq!("1970-01-02T00:00:00+01:00".parse::<Time>().unwrap().unix_seconds, 82_800);
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "2024", "2023-02-29T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:00:00", "ü"]
        {
            assert!(text.parse::<Time>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_weekday_is_known() {
        assert_eq!("2026-11-24T12:00:00Z".parse::<Time>().unwrap().civil().weekday, 2);
    }
}
