//! What a scalar means: YAML 1.1's implicit types as yaml.v2 resolves them, and explicit tags.

use std::borrow::Cow;

use super::problem::{Problem, Step};
use super::timestamp;
use crate::base64;

/// The meaning of a scalar.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar<'a> {
    /// Null.
    Nil,
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// An integer above the largest `int64`.
    Uint(u64),
    /// Any other number.
    Float(f64),
    /// A text.
    Str(Cow<'a, [u8]>),
}

/// The type that a scalar's text has by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Implicit {
    Nil,
    Bool(bool),
    Int,
    Float,
    Timestamp,
    Str,
}

const PREFIX: &[u8] = b"tag:yaml.org,2002:";

/// Returns what a scalar means.
///
/// # Errors
/// When its tag promises something else.
pub(super) fn resolve<'a>(
    tag: Option<&[u8]>,
    implicit: bool,
    text: Cow<'a, [u8]>,
    offset: usize,
) -> Step<Scalar<'a>> {
    match tag {
        None if !implicit => Ok(Scalar::Str(text)),
        None => Ok(resolve_plain(text)),
        Some(tag) => resolve_tagged(tag, text, offset),
    }
}

/// Returns what a plain scalar without a tag means.
#[inline]
pub(super) fn resolve_plain(text: Cow<'_, [u8]>) -> Scalar<'_> {
    if !may_be_special(&text) {
        return Scalar::Str(text);
    }
    match implicit_type(&text, false) {
        (Implicit::Nil, _) => Scalar::Nil,
        (Implicit::Bool(flag), _) => Scalar::Bool(flag),
        (Implicit::Int | Implicit::Float, Some(number)) => number,
        _ => Scalar::Str(text),
    }
}

/// Returns whether a string would be read as something else when it is written plainly (by yaml.v2 or yaml.v3).
pub(super) fn is_ambiguous(text: &[u8], is_v3: bool) -> bool {
    if !may_be_special(text) {
        // Only a key of exactly this form is a merge key, so the string is safe; go-yaml leaves it plain, too.
        return false;
    }
    let (found, _) = implicit_type(text, true);
    match found {
        Implicit::Str => is_v3 && is_octal_of_1_2(text),
        _ => true,
    }
}

/// Returns whether a string is a number in YAML 1.1's base 60, which go-yaml does not read but still quotes, matching
/// `^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$` (encode.go, `base60float`).
pub(super) fn is_base_60(text: &[u8]) -> bool {
    let (_, rest) = split_sign(text);
    let Some((whole, fraction)) = rest
        .iter()
        .position(|byte| *byte == b'.')
        .map_or(Some((rest, None)), |at| Some((rest.get(..at)?, Some(rest.get(at + 1..)?))))
    else {
        return false;
    };
    let is_digits = |part: &[u8]| part.iter().all(|byte| byte.is_ascii_digit() || *byte == b'_');
    let mut parts = whole.split(|byte| *byte == b':');
    let first_is_number =
        parts.next().is_some_and(|first| first.first().is_some_and(u8::is_ascii_digit) && is_digits(first));
    let mut count = 0;
    first_is_number
        && fraction.is_none_or(is_digits)
        && parts.all(|part| {
            count += 1;
            matches!(part, [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9'])
        })
        && count > 0
}

/// Returns whether yaml.v3 reads the text as an octal number of YAML 1.2 that yaml.v2 would not know.
fn is_octal_of_1_2(text: &[u8]) -> bool {
    let digits = text.strip_prefix(b"-0o").or_else(|| text.strip_prefix(b"0o"));
    digits.is_some_and(|digits| {
        let plain: Vec<u8> = digits.iter().copied().filter(|byte| *byte != b'_').collect();
        let signless = plain.strip_prefix(b"-").or_else(|| plain.strip_prefix(b"+")).unwrap_or(&plain);
        parse_digits(signless, 8).is_some()
    })
}

/// Returns whether the first byte allows anything but a string (resolve.go, `resolveTable`).
#[inline]
fn may_be_special(text: &[u8]) -> bool {
    match text.first() {
        None => true,
        Some(b'+' | b'-' | b'.' | b'~' | b'0'..=b'9') => true,
        Some(b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O') => text.len() <= 5,
        _ => false,
    }
}

/// Returns the type of a text by itself and, for numbers, the value.
fn implicit_type(text: &[u8], with_timestamps: bool) -> (Implicit, Option<Scalar<'static>>) {
    match text {
        b"" | b"~" | b"null" | b"Null" | b"NULL" => return (Implicit::Nil, None),
        b"y" | b"Y" | b"yes" | b"Yes" | b"YES" | b"true" | b"True" | b"TRUE" | b"on" | b"On" | b"ON" => {
            return (Implicit::Bool(true), None);
        }
        b"n" | b"N" | b"no" | b"No" | b"NO" | b"false" | b"False" | b"FALSE" | b"off" | b"Off" | b"OFF" => {
            return (Implicit::Bool(false), None);
        }
        b".nan" | b".NaN" | b".NAN" => return (Implicit::Float, Some(Scalar::Float(f64::NAN))),
        b".inf" | b".Inf" | b".INF" | b"+.inf" | b"+.Inf" | b"+.INF" => {
            return (Implicit::Float, Some(Scalar::Float(f64::INFINITY)));
        }
        b"-.inf" | b"-.Inf" | b"-.INF" => return (Implicit::Float, Some(Scalar::Float(f64::NEG_INFINITY))),
        _ => {}
    }
    let number = match text.first() {
        Some(b'.') => parse_float(text).map(Scalar::Float),
        Some(b'+' | b'-' | b'0'..=b'9') => {
            if with_timestamps && timestamp::is_timestamp(text) {
                return (Implicit::Timestamp, None);
            }
            parse_number(text)
        }
        _ => None,
    };
    match number {
        Some(Scalar::Float(_)) => (Implicit::Float, number),
        Some(_) => (Implicit::Int, number),
        None => (Implicit::Str, None),
    }
}

fn resolve_tagged<'a>(tag: &[u8], text: Cow<'a, [u8]>, offset: usize) -> Step<Scalar<'a>> {
    let name = match tag.strip_prefix(PREFIX) {
        Some(name @ (b"str" | b"bool" | b"int" | b"float" | b"null" | b"timestamp")) => name,
        Some(b"binary") => {
            return match base64::decode(&text) {
                Some(bytes) => Ok(Scalar::Str(Cow::Owned(bytes))),
                None => Err(Problem::anywhere("!!binary value contains invalid base64 data", offset)),
            };
        }
        _ => return Ok(Scalar::Str(text)),
    };
    if name == b"str" {
        return Ok(Scalar::Str(text));
    }
    let (found, number) = implicit_type(&text, name == b"timestamp");
    match (found, name) {
        (Implicit::Nil, b"null") => Ok(Scalar::Nil),
        (Implicit::Bool(flag), b"bool") => Ok(Scalar::Bool(flag)),
        (Implicit::Int, b"int") | (Implicit::Float, b"float") => Ok(number.unwrap_or(Scalar::Nil)),
        (Implicit::Int, b"float") if matches!(number, Some(Scalar::Int(_))) => match number {
            Some(Scalar::Int(n)) => Ok(Scalar::Float(n as f64)),
            _ => Ok(Scalar::Nil),
        },
        (Implicit::Timestamp, b"timestamp") => Ok(Scalar::Str(text)),
        _ => Err(cannot_decode(found, &text, name, offset)),
    }
}

fn cannot_decode(found: Implicit, text: &[u8], wanted: &[u8], offset: usize) -> Box<Problem> {
    let found = match found {
        Implicit::Nil => "!!null",
        Implicit::Bool(_) => "!!bool",
        Implicit::Int => "!!int",
        Implicit::Float => "!!float",
        Implicit::Timestamp => "!!timestamp",
        Implicit::Str => "!!str",
    };
    let (text, wanted) = (String::from_utf8_lossy(text), String::from_utf8_lossy(wanted));
    Problem::anywhere(format!("cannot decode {found} `{text}` as a !!{wanted}"), offset)
}

/// Parses an integer in any of Go's notations or a decimal fraction; underscores count for nothing.
fn parse_number(text: &[u8]) -> Option<Scalar<'static>> {
    let without;
    let plain = if text.contains(&b'_') {
        without = text.iter().copied().filter(|byte| *byte != b'_').collect::<Vec<u8>>();
        &without
    } else {
        text
    };
    if let Some(number) = parse_int(plain) {
        return Some(number);
    }
    if is_decimal(plain)
        && let Some(float) = parse_float(plain)
    {
        return Some(Scalar::Float(float));
    }
    // Left over from when Go's own parser knew no `0b`, but it still lets a sign pass behind it (resolve.go).
    let digits = plain.strip_prefix(b"0b")?;
    let (negative, digits) = split_sign(digits);
    signed(negative, parse_digits(digits, 2)?)
}

fn split_sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    }
}

/// Parses like Go's `strconv.ParseInt` and `ParseUint` with base 0.
fn parse_int(text: &[u8]) -> Option<Scalar<'static>> {
    let (negative, digits) = split_sign(text);
    let (base, rest) = match digits {
        [b'0', b'b' | b'B', rest @ ..] => (2, rest),
        [b'0', b'o' | b'O', rest @ ..] => (8, rest),
        [b'0', b'x' | b'X', rest @ ..] => (16, rest),
        [b'0', rest @ ..] if !rest.is_empty() => (8, rest),
        _ => (10, digits),
    };
    let value = parse_digits(rest, base)?;
    if text.len() != digits.len() && !negative && value > i64::MAX as u64 {
        // Go's ParseUint takes no sign.
        return None;
    }
    signed(negative, value)
}

fn signed(negative: bool, value: u64) -> Option<Scalar<'static>> {
    match (negative, i64::try_from(value)) {
        (false, Ok(value)) => Some(Scalar::Int(value)),
        (false, Err(_)) => Some(Scalar::Uint(value)),
        (true, Ok(value)) => Some(Scalar::Int(-value)),
        (true, Err(_)) if value == 1 << 63 => Some(Scalar::Int(i64::MIN)),
        (true, Err(_)) => None,
    }
}

fn parse_digits(digits: &[u8], base: u32) -> Option<u64> {
    let mut value = 0u64;
    for digit in digits {
        let digit = char::from(*digit).to_digit(base)?;
        value = value.checked_mul(u64::from(base))?.checked_add(u64::from(digit))?;
    }
    (!digits.is_empty()).then_some(value)
}

/// Matches `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$` (resolve.go, `yamlStyleFloat`).
fn is_decimal(text: &[u8]) -> bool {
    let (_, rest) = split_sign(text);
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let whole = digits(rest);
    let mut rest = rest.get(whole..).unwrap_or_default();
    if let [b'.', after @ ..] = rest {
        let fraction = digits(after);
        if whole == 0 && fraction == 0 {
            return false;
        }
        rest = after.get(fraction..).unwrap_or_default();
    } else if whole == 0 {
        return false;
    }
    match rest {
        [] => true,
        [b'e' | b'E', exponent @ ..] => {
            let (_, exponent) = split_sign(exponent);
            !exponent.is_empty() && digits(exponent) == exponent.len()
        }
        _ => false,
    }
}

/// Parses a decimal number; too large ones are none, as in Go.
fn parse_float(text: &[u8]) -> Option<f64> {
    if !is_decimal(text) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse::<f64>().ok().filter(|float| float.is_finite())
}
