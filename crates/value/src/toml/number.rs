//! Numbers and dates: first cut out by their characters, then checked.

use super::cursor::{Cursor, Problem};
use crate::Value;
use crate::gofmt::quoted;

/// A piece of text that looks like a number or a date.
pub(super) enum Scalar<'a> {
    Integer(&'a [u8]),
    Float(&'a [u8]),
    Date(&'a [u8]),
}

/// Cuts out a number or date; its first character, a digit, has not been read.
pub(super) fn scan_unsigned<'a>(cursor: &mut Cursor<'a>) -> Result<Scalar<'a>, Problem> {
    let start = cursor.position();
    if cursor.next()? != '0' {
        return scan_number_or_date(cursor, start);
    }
    let mark = cursor.mark();
    let (name, radix) = match cursor.next()? {
        c if c.is_ascii_digit() => return scan_number_or_date(cursor, start),
        '_' => return scan_decimal(cursor, start),
        '.' | 'e' | 'E' => return scan_float(cursor, start),
        'b' => ("a binary", 2),
        'o' => ("an octal", 8),
        'x' => ("a hexadecimal", 16),
        _ => {
            cursor.go_back(mark);
            return Ok(Scalar::Integer(cursor.since(start)));
        }
    };
    let next = cursor.peek()?;
    if !next.is_digit(radix) {
        let found = String::from_utf8_lossy(cursor.since(start));
        return Err(cursor.problem(format!("not {name} number: '{found}{next}'")));
    }
    cursor.skip(|c| c == '_' || c.is_digit(radix))?;
    Ok(Scalar::Integer(cursor.since(start)))
}

fn scan_number_or_date<'a>(cursor: &mut Cursor<'a>, start: usize) -> Result<Scalar<'a>, Problem> {
    cursor.skip(|c| c.is_ascii_digit())?;
    let mark = cursor.mark();
    match cursor.next()? {
        '-' | ':' => {
            cursor.skip(|c| c.is_ascii_digit() || "-:Tt .Zz+".contains(c))?;
            Ok(Scalar::Date(cursor.since(start).trim_ascii()))
        }
        '_' => scan_decimal(cursor, start),
        '.' | 'e' | 'E' => scan_float(cursor, start),
        _ => {
            cursor.go_back(mark);
            Ok(Scalar::Integer(cursor.since(start)))
        }
    }
}

fn scan_decimal<'a>(cursor: &mut Cursor<'a>, start: usize) -> Result<Scalar<'a>, Problem> {
    cursor.skip(|c| c == '_' || c.is_ascii_digit())?;
    let mark = cursor.mark();
    if matches!(cursor.next()?, '.' | 'e' | 'E') {
        return scan_float(cursor, start);
    }
    cursor.go_back(mark);
    Ok(Scalar::Integer(cursor.since(start)))
}

fn scan_float<'a>(cursor: &mut Cursor<'a>, start: usize) -> Result<Scalar<'a>, Problem> {
    cursor.skip(|c| c.is_ascii_digit() || "_.-+eE".contains(c))?;
    Ok(Scalar::Float(cursor.since(start)))
}

/// Cuts out a number whose sign, at `start`, has been read.
pub(super) fn scan_signed<'a>(cursor: &mut Cursor<'a>, start: usize) -> Result<Scalar<'a>, Problem> {
    let first = cursor.next()?;
    let rest = match first {
        'i' => ['n', 'f'],
        'n' => ['a', 'n'],
        '0' => {
            let next = cursor.peek()?;
            if matches!(next, 'b' | 'o' | 'x') {
                let found = String::from_utf8_lossy(cursor.since(start));
                return Err(
                    cursor.problem(format!("cannot use sign with non-decimal numbers: '{found}{next}'"))
                );
            }
            return scan_decimal(cursor, start);
        }
        '.' => return Err(cursor.problem("floats must start with a digit, not '.'")),
        c if c.is_ascii_digit() => return scan_decimal(cursor, start),
        c => {
            return Err(cursor.problem(format!("expected a digit but got {}", super::cursor::quoted_char(c))));
        }
    };
    for wanted in rest {
        if !cursor.accept(wanted)? {
            let found = String::from_utf8_lossy(cursor.since(start));
            return Err(cursor.problem(format!("invalid float: '{found}'")));
        }
    }
    Ok(Scalar::Float(cursor.since(start)))
}

/// Reads an integer: decimal, or with `0x`, `0o`, `0b`.
pub(super) fn integer(text: &[u8]) -> Result<Value, String> {
    if !underscores_are_inside(text) {
        return Err(format!("Invalid integer {}: underscores must be surrounded by digits", quoted(text)));
    }
    if has_leading_zero(text) {
        return Err(format!("Invalid integer {}: cannot have leading zeroes", quoted(text)));
    }
    let plain: String = text.iter().filter(|&&byte| byte != b'_').map(|&byte| char::from(byte)).collect();
    let (radix, digits) = match plain.get(..2) {
        Some("0x") => (16, plain.get(2..)),
        Some("0o") => (8, plain.get(2..)),
        Some("0b") => (2, plain.get(2..)),
        _ => (10, Some(plain.as_str())),
    };
    i64::from_str_radix(digits.unwrap_or_default(), radix)
        .map(Value::Int64)
        .map_err(|_| format!("{} is out of range for int64", String::from_utf8_lossy(text)))
}

/// Reads a decimal float, `inf` or `nan`.
pub(super) fn float(text: &[u8]) -> Result<Value, String> {
    let name = || quoted(text);
    let mut parts = text.split(|byte| b".eE".contains(byte)).filter(|part| !part.is_empty());
    let first = parts.clone().next().unwrap_or_default();
    if !parts.all(underscores_are_inside) {
        return Err(format!("Invalid float {}: underscores must be surrounded by digits", name()));
    }
    if has_leading_zero(first) {
        return Err(format!("Invalid float {}: cannot have leading zeroes", name()));
    }
    if !points_have_digits(text) {
        return Err(format!("Invalid float {}: '.' must be followed by one or more digits", name()));
    }
    let plain: String = text.iter().filter(|&&byte| byte != b'_').map(|&byte| char::from(byte)).collect();
    let number = match plain.as_str() {
        "nan" | "+nan" => f64::NAN,
        "-nan" => -f64::NAN,
        "inf" | "+inf" => f64::INFINITY,
        "-inf" => f64::NEG_INFINITY,
        plain => match plain.parse::<f64>() {
            Ok(number) if number.is_infinite() => {
                return Err(format!("{} is out of range for float64", String::from_utf8_lossy(text)));
            }
            Ok(number) if plain.bytes().all(|byte| b"0123456789.eE+-".contains(&byte)) => number,
            _ => return Err(format!("Invalid float value: {}", name())),
        },
    };
    Ok(Value::Float64(number))
}

/// Returns whether every underscore stands between characters that may be digits.
fn underscores_are_inside(text: &[u8]) -> bool {
    if matches!(text, b"nan" | b"+nan" | b"-nan" | b"inf" | b"-inf" | b"+inf") {
        return true;
    }
    let mut accept = false;
    for &byte in text {
        if byte == b'_' && !accept {
            return false;
        }
        accept = byte.is_ascii_hexdigit();
    }
    accept
}

fn has_leading_zero(text: &[u8]) -> bool {
    match text {
        [b'0', second, ..] => !matches!(second, b'b' | b'o' | b'x'),
        [b'-' | b'+', b'0', _, ..] => true,
        _ => false,
    }
}

fn points_have_digits(text: &[u8]) -> bool {
    let is_digit = |index: usize| text.get(index + 1).is_some_and(u8::is_ascii_digit);
    text.iter().enumerate().all(|(index, &byte)| byte != b'.' || is_digit(index))
}
