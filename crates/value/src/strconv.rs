//! Texts to numbers and booleans as Go's `strconv` reads them, errors included.

use std::fmt;

/// Why a text is not a number or boolean; displays as Go's `*strconv.NumError` does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumError {
    function: &'static str,
    text: String,
    /// What is wrong.
    pub kind: NumErrorKind,
}

/// What is wrong with a number's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumErrorKind {
    /// It is no number at all.
    Syntax,
    /// It does not fit; the nearest number that does is what Go returns with the error.
    Range,
}

impl fmt::Display for NumError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            NumErrorKind::Syntax => "invalid syntax",
            NumErrorKind::Range => "value out of range",
        };
        write!(f, "strconv.{}: parsing {}: {what}", self.function, crate::gofmt::quoted(self.text.as_bytes()))
    }
}

impl std::error::Error for NumError {}

/// Reads an unsigned integer (Go's `ParseUint`): base 2 to 36, or 0 for a prefix (`0x`, `0o`, `0b`, `0`) with underscores
/// allowed; `bits` 0 means 64.
///
/// # Errors
/// Syntax and range, with Go's text.
pub fn parse_uint(text: &str, base: u32, bits: u32) -> Result<u64, NumError> {
    unsigned(text, base, bits).map_err(|kind| NumError { function: "ParseUint", text: text.to_owned(), kind })
}

/// Reads an integer (Go's `ParseInt`); see [`parse_uint`].
///
/// # Errors
/// Syntax and range, with Go's text.
pub fn parse_int(text: &str, base: u32, bits: u32) -> Result<i64, NumError> {
    let error = |kind| NumError { function: "ParseInt", text: text.to_owned(), kind };
    let (is_negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, text.get(1..).unwrap_or_default()),
        Some(b'+') => (false, text.get(1..).unwrap_or_default()),
        _ => (false, text),
    };
    let bits = if bits == 0 { 64 } else { bits };
    let magnitude = unsigned(digits, base, 64).map_err(error)?;
    let limit = 1u64 << (bits - 1);
    match (is_negative, magnitude) {
        (false, n) if n < limit => Ok(n as i64),
        (true, n) if n <= limit => Ok((n as i64).wrapping_neg()),
        _ => Err(error(NumErrorKind::Range)),
    }
}

/// Reads a decimal integer (Go's `Atoi`).
///
/// # Errors
/// Syntax and range, with Go's text.
pub fn atoi(text: &str) -> Result<i64, NumError> {
    parse_int(text, 10, 64).map_err(|error| NumError { function: "Atoi", ..error })
}

/// Returns the number that Go returns along with a range error of [`parse_int`] with 64 bits.
pub fn saturated(text: &str) -> i64 {
    if text.starts_with('-') { i64::MIN } else { i64::MAX }
}

fn unsigned(text: &str, base: u32, bits: u32) -> Result<u64, NumErrorKind> {
    let (digits, radix) = match base {
        0 => prefixed(text),
        2..=36 => (text, base),
        _ => return Err(NumErrorKind::Syntax),
    };
    let allows_underscores = base == 0;
    if digits.is_empty() || (allows_underscores && text.contains('_') && !underscores_are_fine(text)) {
        return Err(NumErrorKind::Syntax);
    }
    let mut number = 0u64;
    let mut overflows = false;
    for c in digits.chars().filter(|c| !(allows_underscores && *c == '_')) {
        let digit = c.to_digit(radix).ok_or(NumErrorKind::Syntax)?;
        match number.checked_mul(u64::from(radix)).and_then(|n| n.checked_add(u64::from(digit))) {
            Some(next) => number = next,
            None => overflows = true,
        }
    }
    let fits = bits == 0 || bits >= 64 || number >> bits == 0;
    if overflows || !fits { Err(NumErrorKind::Range) } else { Ok(number) }
}

fn prefixed(text: &str) -> (&str, u32) {
    let lower = text.as_bytes().get(1).map(u8::to_ascii_lowercase);
    let radix = match (text.as_bytes().first(), lower) {
        (Some(b'0'), Some(b'x')) if text.len() > 2 => 16,
        (Some(b'0'), Some(b'o')) if text.len() > 2 => 8,
        (Some(b'0'), Some(b'b')) if text.len() > 2 => 2,
        (Some(b'0'), Some(_)) => return (text.get(1..).unwrap_or_default(), 8),
        _ => return (text, 10),
    };
    (text.get(2..).unwrap_or_default(), radix)
}

/// Returns whether each underscore stands between digits, or between prefix and digits (Go: strconv, underscoreOK).
fn underscores_are_fine(text: &str) -> bool {
    let bytes = text.strip_prefix(['+', '-']).unwrap_or(text).as_bytes();
    let has_prefix = bytes.len() >= 2
        && bytes.first() == Some(&b'0')
        && matches!(bytes.get(1).map(u8::to_ascii_lowercase), Some(b'b' | b'o' | b'x'));
    let mut before = if has_prefix { b'0' } else { b'^' };
    let is_hex = has_prefix && bytes.get(1).map(u8::to_ascii_lowercase) == Some(b'x');
    for byte in bytes.iter().skip(if has_prefix { 2 } else { 0 }) {
        let kind = match byte {
            b'0'..=b'9' => b'0',
            b'a'..=b'f' | b'A'..=b'F' if is_hex => b'0',
            b'_' if before == b'0' => b'_',
            b'_' => return false,
            _ if before == b'_' => return false,
            _ => b'!',
        };
        before = kind;
    }
    before != b'_'
}

/// Reads a boolean (Go's `ParseBool`).
///
/// # Errors
/// Syntax, with Go's text.
pub fn parse_bool(text: &str) -> Result<bool, NumError> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err(NumError { function: "ParseBool", text: text.to_owned(), kind: NumErrorKind::Syntax }),
    }
}

/// Reads a 64-bit float (Go's `ParseFloat`): decimal or hexadecimal, underscores only with a base prefix, `inf`,
/// `infinity` and `nan` in any case.
///
/// # Errors
/// Syntax, and range for what is finite in the text but not as a float.
pub fn parse_float(text: &str) -> Result<f64, NumError> {
    let error = |kind| NumError { function: "ParseFloat", text: text.to_owned(), kind };
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    match unsigned.to_ascii_lowercase().as_str() {
        "inf" | "infinity" => return Ok(sign * f64::INFINITY),
        // Go takes a signed nan for a syntax error.
        "nan" if unsigned.len() == text.len() => return Ok(f64::NAN),
        _ => {}
    }
    let number = if unsigned.get(..2).is_some_and(|prefix| prefix.eq_ignore_ascii_case("0x")) {
        hexadecimal(unsigned).ok_or(error(NumErrorKind::Syntax))?
    } else {
        let is_decimal =
            unsigned.bytes().all(|b| matches!(b, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
        if !is_decimal {
            return Err(error(NumErrorKind::Syntax));
        }
        unsigned.parse::<f64>().map_err(|_| error(NumErrorKind::Syntax))?
    };
    if number.is_infinite() { Err(error(NumErrorKind::Range)) } else { Ok(sign * number) }
}

/// Reads `0x1.8p3`. The mantissa is taken as exact up to 64 bits; further digits only round.
fn hexadecimal(text: &str) -> Option<f64> {
    if text.contains('_') && !underscores_are_fine(text) {
        return None;
    }
    let body: String = text.get(2..)?.chars().filter(|c| *c != '_').collect();
    let (mantissa, exponent) = body.split_once(['p', 'P'])?;
    let digits_of_exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if digits_of_exponent.is_empty() || !digits_of_exponent.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let exponent: i64 =
        exponent.parse().unwrap_or(if exponent.starts_with('-') { -100_000 } else { 100_000 });
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut number = 0f64;
    for c in whole.chars() {
        number = number * 16.0 + f64::from(c.to_digit(16)?);
    }
    let mut scale = 1.0 / 16.0;
    for c in fraction.chars() {
        number += f64::from(c.to_digit(16)?) * scale;
        scale /= 16.0;
    }
    Some(number * 2f64.powi(exponent.clamp(-5000, 5000) as i32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_zero_reads_prefixes_and_underscores() {
        assert_eq!(parse_int("0x1F", 0, 64), Ok(31));
        assert_eq!(parse_int("-0b11", 0, 64), Ok(-3));
        assert_eq!(parse_int("042", 0, 64), Ok(34));
        assert_eq!(parse_int("1_000", 0, 64), Ok(1000));
        assert!(parse_int("1__0", 0, 64).is_err());
        assert!(parse_int("08", 0, 64).is_err());
        assert!(parse_int("1_000", 10, 64).is_err());
    }

    #[test]
    fn errors_are_gos() {
        let text = |result: Result<i64, NumError>| result.unwrap_err().to_string();
        assert_eq!(text(parse_int("x", 10, 64)), "strconv.ParseInt: parsing \"x\": invalid syntax");
        assert_eq!(
            text(atoi("99999999999999999999")),
            "strconv.Atoi: parsing \"99999999999999999999\": value out of range"
        );
        assert_eq!(parse_int("9223372036854775807", 10, 64), Ok(i64::MAX));
        assert_eq!(parse_int("-9223372036854775808", 10, 64), Ok(i64::MIN));
        assert!(parse_int("9223372036854775808", 10, 64).is_err());
        assert!(parse_int("300", 10, 8).is_err());
    }

    #[test]
    fn floats_are_read_as_go_reads_them() {
        assert_eq!(parse_float("1e3"), Ok(1000.0));
        assert_eq!(parse_float("0x1.8p3"), Ok(12.0));
        assert_eq!(parse_float("-Inf"), Ok(f64::NEG_INFINITY));
        assert_eq!(parse_float("1e400").unwrap_err().kind, NumErrorKind::Range);
        assert!(parse_float("1_0").is_err());
        assert!(parse_float("").is_err());
    }
}
