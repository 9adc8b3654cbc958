//! Number constants: Go's `NumberNode`, with the number forms of `strconv`.

use std::rc::Rc;

use value::Value;
use value::gofmt::quote::{self, Unit};

use crate::ast::Number;
use crate::lex::Kind;

impl Number {
    /// Reads a number or character constant.
    pub(crate) fn parse(text: &[u8], kind: Kind) -> Result<Number, String> {
        let mut number = Number { text: value::go_lossy(text).into(), ..Number::default() };
        match kind {
            Kind::CharConstant => number.set_char(text)?,
            Kind::Complex => {
                let pair = parse_complex(text).ok_or("syntax error scanning complex number")?;
                number.set_complex(pair);
            }
            _ => number.set_plain(text)?,
        }
        Ok(number)
    }

    /// Go's `idealConstant`: the syntax tells the type. There are no unsigned constants without context.
    pub(crate) fn ideal_constant(&self) -> Option<Value> {
        if let Some(pair) = self.complex {
            return Some(Value::Number(value::Number::Complex128(Rc::new(pair))));
        }
        let text = self.text.as_bytes();
        let is_hex_int = matches!(text, [b'0', b'x' | b'X', _, ..]) && !self.text.contains(['p', 'P']);
        let is_char = text.first() == Some(&b'\'');
        match self.float {
            Some(float) if !is_hex_int && !is_char && self.text.contains(['.', 'e', 'E', 'p', 'P']) => {
                Some(Value::Float64(float))
            }
            _ => self.int.map(Value::Int),
        }
    }

    fn set_char(&mut self, text: &[u8]) -> Result<(), String> {
        let (unit, tail) =
            text.get(1..).and_then(|inner| quote::unquote_char(inner, b'\'')).ok_or("invalid syntax")?;
        if tail != b"'" {
            return Err(format!("malformed character constant: {}", self.text));
        }
        let code = match unit {
            Unit::Byte(byte) => u32::from(byte),
            Unit::Char(c) => c as u32,
        };
        self.int = Some(i64::from(code));
        self.uint = Some(u64::from(code));
        self.float = Some(f64::from(code));
        Ok(())
    }

    fn set_complex(&mut self, (real, imaginary): (f64, f64)) {
        self.complex = Some((real, imaginary));
        if imaginary == 0.0 {
            self.float = Some(real);
            self.int = exact_int(real);
            self.uint = exact_uint(real);
        }
    }

    fn set_plain(&mut self, text: &[u8]) -> Result<(), String> {
        if let Some(imaginary) = text.strip_suffix(b"i").and_then(parse_float) {
            self.set_complex((0.0, imaginary));
            return Ok(());
        }
        self.uint = parse_uint(text);
        self.int = parse_int(text);
        if self.int == Some(0) {
            self.uint = Some(0);
        }
        if let Some(int) = self.int {
            self.float = Some(int as f64);
        } else if let Some(uint) = self.uint {
            self.float = Some(uint as f64);
        } else if let Some(float) = parse_float(text) {
            if !self.text.contains(['.', 'e', 'E', 'p', 'P']) {
                return Err(format!("integer overflow: {}", quote::quoted(text)));
            }
            self.float = Some(float);
            self.int = exact_int(float);
            self.uint = exact_uint(float);
        } else {
            return Err(format!("illegal number syntax: {}", quote::quoted(text)));
        }
        Ok(())
    }
}

fn exact_int(float: f64) -> Option<i64> {
    let in_range = (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&float);
    (in_range && float.trunc() == float).then_some(float as i64)
}

fn exact_uint(float: f64) -> Option<u64> {
    let in_range = (0.0..18_446_744_073_709_551_616.0).contains(&float);
    (in_range && float.trunc() == float).then_some(float as u64)
}

/// Go's `strconv.ParseUint(text, 0, 64)`.
fn parse_uint(text: &[u8]) -> Option<u64> {
    let (radix, digits) = match text {
        [] => return None,
        [b'0', b'b' | b'B', _, ..] => (2, text.get(2..)?),
        [b'0', b'o' | b'O', _, ..] => (8, text.get(2..)?),
        [b'0', b'x' | b'X', _, ..] => (16, text.get(2..)?),
        [b'0', ..] => (8, text.get(1..)?),
        _ => (10, text),
    };
    let mut number: u64 = 0;
    for byte in digits.iter().filter(|byte| **byte != b'_') {
        let digit = char::from(*byte).to_digit(radix)?;
        number = number.checked_mul(u64::from(radix))?.checked_add(u64::from(digit))?;
    }
    underscores_are_placed_well(text).then_some(number)
}

/// Go's `strconv.ParseInt(text, 0, 64)`.
fn parse_int(text: &[u8]) -> Option<i64> {
    match text.split_first()? {
        (b'+', digits) => i64::try_from(parse_uint(digits)?).ok(),
        (b'-', digits) => 0i64.checked_sub_unsigned(parse_uint(digits)?),
        _ => i64::try_from(parse_uint(text)?).ok(),
    }
}

/// Go's `strconv.ParseFloat(text, 64)` of what the lexer can take for a number.
fn parse_float(text: &[u8]) -> Option<f64> {
    if text.contains(&b'_') && !underscores_are_placed_well(text) {
        return None;
    }
    let text: Vec<u8> = text.iter().copied().filter(|byte| *byte != b'_').collect();
    let unsigned = text.strip_prefix(b"+").or_else(|| text.strip_prefix(b"-")).unwrap_or(&text);
    if let Some(digits) = unsigned.strip_prefix(b"0x").or_else(|| unsigned.strip_prefix(b"0X")) {
        let number = parse_hex_float(digits)?;
        return Some(if text.starts_with(b"-") { -number } else { number });
    }
    if !unsigned.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-')) {
        return None;
    }
    let number: f64 = std::str::from_utf8(&text).ok()?.parse().ok()?;
    number.is_finite().then_some(number)
}

/// Reads what follows `0x`; the exponent is required.
fn parse_hex_float(text: &[u8]) -> Option<f64> {
    let exponent_at = text.iter().position(|byte| matches!(byte, b'p' | b'P'))?;
    let (digits, exponent) = text.split_at(exponent_at);
    let mut exponent: i64 = std::str::from_utf8(exponent.get(1..)?).ok()?.parse().ok()?;
    let (mut mantissa, mut seen_point, mut seen_digit) = (0u64, false, false);
    for byte in digits {
        if *byte == b'.' && !seen_point {
            seen_point = true;
            continue;
        }
        let digit = u64::from(char::from(*byte).to_digit(16)?);
        seen_digit = true;
        if mantissa >> 60 == 0 {
            mantissa = mantissa << 4 | digit;
            exponent -= if seen_point { 4 } else { 0 };
        } else {
            // Too many digits to hold: only whether anything was cut off matters for rounding.
            mantissa |= u64::from(digit != 0);
            exponent += if seen_point { 0 } else { 4 };
        }
    }
    if !seen_digit {
        return None;
    }
    let exponent = exponent.clamp(-4000, 4000) as i32;
    // Two steps, so that neither power leaves the range while the result is in it.
    let number = mantissa as f64 * 2f64.powi(exponent / 2) * 2f64.powi(exponent - exponent / 2);
    number.is_finite().then_some(number)
}

/// Reads `1+2i`.
fn parse_complex(text: &[u8]) -> Option<(f64, f64)> {
    let text = text.strip_suffix(b"i")?;
    let sign = (1..text.len()).find(|&at| {
        matches!(text.get(at), Some(b'+' | b'-'))
            && !matches!(text.get(at - 1), Some(b'e' | b'E' | b'p' | b'P' | b'+' | b'-'))
    })?;
    let (real, imaginary) = text.split_at(sign);
    Some((parse_float(real)?, parse_float(imaginary)?))
}

/// Returns whether underscores stand only between digits, or between a base prefix and a digit.
fn underscores_are_placed_well(text: &[u8]) -> bool {
    let unsigned = text.strip_prefix(b"+").or_else(|| text.strip_prefix(b"-")).unwrap_or(text);
    let (digits, is_hex, mut follows_digit) = match unsigned {
        [b'0', b'x' | b'X', digits @ ..] => (digits, true, true),
        [b'0', b'b' | b'B' | b'o' | b'O', digits @ ..] => (digits, false, true),
        _ => (unsigned, false, false),
    };
    let mut follows_underscore = false;
    for byte in digits {
        let is_digit = byte.is_ascii_digit() || is_hex && byte.is_ascii_hexdigit();
        if *byte == b'_' {
            if !follows_digit {
                return false;
            }
        } else if follows_underscore && !is_digit {
            return false;
        }
        follows_digit = is_digit;
        follows_underscore = *byte == b'_';
    }
    !follows_underscore
}
