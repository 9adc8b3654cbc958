//! Durations: nanoseconds, written `1h2m3.5s`.

use std::fmt;

use super::parse::quote;

const SECOND: u64 = 1_000_000_000;
const LIMIT: u64 = 1 << 63;

/// A length of time in nanoseconds, up to 292 years (Go's `time.Duration`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(pub i64);

/// Why a text is no duration, with Go's texts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// The form is wrong or the number too large.
    #[error("time: invalid duration {}", quote(.0))]
    Invalid(Box<str>),
    /// A number has no unit.
    #[error("time: missing unit in duration {}", quote(.0))]
    MissingUnit(Box<str>),
    /// A unit is unknown.
    #[error("time: unknown unit {} in duration {}", quote(.unit), quote(.text))]
    UnknownUnit {
        /// The unit.
        unit: Box<str>,
        /// The whole text.
        text: Box<str>,
    },
}

impl Duration {
    /// Makes a duration of seconds, which wraps beyond 292 years as Go's multiplication does.
    pub fn from_seconds(seconds: i64) -> Self {
        Self(seconds.wrapping_mul(SECOND as i64))
    }

    /// Reads a duration such as `-1.5h` or `1m30s` (`time.ParseDuration`).
    ///
    /// # Errors
    /// As Go's.
    pub fn parse(text: &str) -> Result<Self, DurationError> {
        let invalid = || DurationError::Invalid(text.into());
        let negative = text.starts_with('-');
        let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
        if rest == "0" {
            return Ok(Self(0));
        }
        if rest.is_empty() {
            return Err(invalid());
        }
        let mut total = 0_u64;
        while !rest.is_empty() {
            let part;
            (part, rest) = part_of(rest, text)?;
            total = total.checked_add(part).filter(|&total| total <= LIMIT).ok_or_else(invalid)?;
        }
        match i64::try_from(total) {
            Ok(total) => Ok(Self(if negative { -total } else { total })),
            Err(_) if negative => Ok(Self(i64::MIN)),
            Err(_) => Err(invalid()),
        }
    }

    /// Rounds to the nearest multiple, halves away from zero.
    pub fn round(self, multiple: Self) -> Self {
        if multiple.0 <= 0 {
            return self;
        }
        let (size, step) = (i128::from(self.0.unsigned_abs()), i128::from(multiple.0));
        let rest = size % step;
        let rounded = if rest * 2 < step { size - rest } else { size - rest + step };
        let signed = if self.0 < 0 { -rounded } else { rounded };
        Self(signed.clamp(i64::MIN.into(), i64::MAX.into()) as i64)
    }

    /// Rounds toward zero to a multiple.
    pub fn truncate(self, multiple: Self) -> Self {
        if multiple.0 <= 0 { self } else { Self(self.0 - self.0 % multiple.0) }
    }

    /// The length in seconds.
    pub fn seconds(self) -> f64 {
        self.in_units(SECOND as i64)
    }

    /// The length in minutes.
    pub fn minutes(self) -> f64 {
        self.in_units(60 * SECOND as i64)
    }

    /// The length in hours.
    pub fn hours(self) -> f64 {
        self.in_units(3600 * SECOND as i64)
    }

    /// Whole units and the rest apart, as Go divides.
    fn in_units(self, unit: i64) -> f64 {
        let scale = unit as f64;
        (self.0 / unit) as f64 + (self.0 % unit) as f64 / scale
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = self.0.unsigned_abs();
        if self.0 < 0 {
            f.write_str("-")?;
        }
        match total {
            0 => f.write_str("0s"),
            1..1000 => write!(f, "{total}ns"),
            1000..1_000_000 => write!(f, "{}µs", decimal(total, 1000)),
            1_000_000..SECOND => write!(f, "{}ms", decimal(total, 1_000_000)),
            _ => {
                let minutes = total / SECOND / 60;
                if minutes >= 60 {
                    write!(f, "{}h", minutes / 60)?;
                }
                if minutes > 0 {
                    write!(f, "{}m", minutes % 60)?;
                }
                write!(f, "{}s", decimal(total - minutes * 60 * SECOND, SECOND))
            }
        }
    }
}

/// Divides by a power of ten and drops zeros at the end.
fn decimal(number: u64, unit: u64) -> String {
    let digits = unit.ilog10() as usize;
    let text = format!("{}.{:0digits$}", number / unit, number % unit);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Reads one number and its unit: nanoseconds, and what follows.
fn part_of<'a>(part: &'a str, whole: &str) -> Result<(u64, &'a str), DurationError> {
    let invalid = || DurationError::Invalid(whole.into());
    if !part.starts_with(|letter: char| letter == '.' || letter.is_ascii_digit()) {
        return Err(invalid());
    }
    let (digits, rest) = split_digits(part);
    let whole_units = if digits.is_empty() { 0 } else { digits.parse::<u64>().map_err(|_| invalid())? };
    if whole_units > LIMIT {
        return Err(invalid());
    }
    let (fraction, rest) = rest.strip_prefix('.').map_or(("", rest), split_digits);
    if digits.is_empty() && fraction.is_empty() {
        return Err(invalid());
    }
    let end = rest.find(|letter: char| letter == '.' || letter.is_ascii_digit()).unwrap_or(rest.len());
    let (name, rest) = rest.split_at(end);
    let unit = match name {
        "" => return Err(DurationError::MissingUnit(whole.into())),
        "ns" => 1,
        "us" | "µs" | "μs" => 1000,
        "ms" => 1_000_000,
        "s" => SECOND,
        "m" => 60 * SECOND,
        "h" => 3600 * SECOND,
        _ => return Err(DurationError::UnknownUnit { unit: name.into(), text: whole.into() }),
    };
    let units = whole_units.checked_mul(unit).filter(|&units| units <= LIMIT).ok_or_else(invalid)?;
    let sum = units + fraction_of(fraction, unit);
    if sum > LIMIT { Err(invalid()) } else { Ok((sum, rest)) }
}

fn split_digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}

/// Go: digits that would overflow are dropped, then it reckons with floats.
fn fraction_of(digits: &str, unit: u64) -> u64 {
    let (mut number, mut scale) = (0_u64, 1_f64);
    for digit in digits.bytes() {
        if number > (LIMIT - 1) / 10 {
            break;
        }
        let next = number * 10 + u64::from(digit - b'0');
        if next > LIMIT {
            break;
        }
        number = next;
        scale *= 10.0;
    }
    (number as f64 * (unit as f64 / scale)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_in_the_largest_units() {
        for (nanoseconds, text) in [
            (0, "0s"),
            (1, "1ns"),
            (1100, "1.1µs"),
            (2_200_000, "2.2ms"),
            (3_300_000_000, "3.3s"),
            (60_000_000_000, "1m0s"),
            (-3_661_000_000_001, "-1h1m1.000000001s"),
            (i64::MIN, "-2562047h47m16.854775808s"),
            (i64::MAX, "2562047h47m16.854775807s"),
        ] {
            assert_eq!(Duration(nanoseconds).to_string(), text);
            assert_eq!(Duration::parse(text), Ok(Duration(nanoseconds)));
        }
    }

    #[test]
    fn durations_are_read() {
        for (text, nanoseconds) in [
            ("0", 0),
            ("-0", 0),
            ("1.5h", 5_400_000_000_000),
            (".5s", 500_000_000),
            ("1.s", 1_000_000_000),
            ("+1m-1s", -1),
            ("10us", 10_000),
            ("0.3333333333333333333h", 1_200_000_000_000),
            ("9007199254.740993ms", 9_007_199_254_740_993),
        ] {
            if nanoseconds < 0 {
                assert!(Duration::parse(text).is_err());
            } else {
                assert_eq!(Duration::parse(text), Ok(Duration(nanoseconds)), "{text}");
            }
        }
    }

    #[test]
    fn errors_have_gos_texts() {
        for (text, expected) in [
            ("", r#"time: invalid duration """#),
            ("3", r#"time: missing unit in duration "3""#),
            ("-", r#"time: invalid duration "-""#),
            (".s", r#"time: invalid duration ".s""#),
            ("1d", r#"time: unknown unit "d" in duration "1d""#),
            ("1é", r#"time: unknown unit "\xc3\xa9" in duration "1\xc3\xa9""#),
            ("9223372036854775810ns", r#"time: invalid duration "9223372036854775810ns""#),
            ("3000000h", r#"time: invalid duration "3000000h""#),
        ] {
            assert_eq!(Duration::parse(text).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn rounding_goes_to_the_nearest() {
        let round = |a: i64, b: i64| Duration(a).round(Duration(b)).0;
        assert_eq!([round(15, 10), round(14, 10), round(-15, 10), round(7, 0)], [20, 10, -20, 7]);
        assert_eq!(round(i64::MAX, 10), i64::MAX);
        assert_eq!(Duration(-15).truncate(Duration(10)).0, -10);
    }
}
