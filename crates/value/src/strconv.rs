//! Texts to numbers and booleans as Go's `strconv` reads them, errors included.

pub mod read;

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
    let error = |kind| NumError { function: "ParseUint", text: text.to_owned(), kind };
    let number = read::uint(text.as_bytes(), base).map_err(|problem| error(problem.kind()))?;
    let fits = bits == 0 || bits >= 64 || number >> bits == 0;
    if fits { Ok(number) } else { Err(error(NumErrorKind::Range)) }
}

/// Reads an integer (Go's `ParseInt`); see [`parse_uint`].
///
/// # Errors
/// Syntax and range, with Go's text.
pub fn parse_int(text: &str, base: u32, bits: u32) -> Result<i64, NumError> {
    let error = |kind| NumError { function: "ParseInt", text: text.to_owned(), kind };
    let number = read::int(text.as_bytes(), base).map_err(|problem| error(problem.kind()))?;
    let spare = 64 - if bits == 0 { 64 } else { bits.min(64) };
    let fits = number << spare >> spare == number;
    if fits { Ok(number) } else { Err(error(NumErrorKind::Range)) }
}

/// Reads a decimal integer (Go's `Atoi`).
///
/// # Errors
/// Syntax and range, with Go's text.
pub fn atoi(text: &str) -> Result<i64, NumError> {
    parse_int(text, 10, 64).map_err(|error| NumError { function: "Atoi", ..error })
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

/// Reads a 64-bit float (Go's `ParseFloat`): decimal or hexadecimal, underscores between digits, `inf`, `infinity` and
/// `nan` in any case.
///
/// # Errors
/// Syntax, and range for what is finite in the text but not as a float.
pub fn parse_float(text: &str) -> Result<f64, NumError> {
    read::float(text.as_bytes()).map_err(|problem| NumError {
        function: "ParseFloat",
        text: text.to_owned(),
        kind: problem.kind(),
    })
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
        assert_eq!(parse_int("-128", 10, 8), Ok(-128));
        assert_eq!(
            text(parse_int("99999999999999999999x", 10, 64)).rsplit(": ").next(),
            Some("value out of range")
        );
    }

    #[test]
    fn floats_are_read_as_go_reads_them() {
        assert_eq!(parse_float("1e3"), Ok(1000.0));
        assert_eq!(parse_float("0x1.8p3"), Ok(12.0));
        assert_eq!(parse_float("-Inf"), Ok(f64::NEG_INFINITY));
        assert_eq!(parse_float("1e400").unwrap_err().kind, NumErrorKind::Range);
        assert_eq!(parse_float("1_0"), Ok(10.0));
        assert!(parse_float("1__0").is_err());
        assert!(parse_float("").is_err());
    }
}
