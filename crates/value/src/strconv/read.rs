//! Numbers read from bytes by the rules of Go's `strconv`, with the nearest value where one does not fit.

/// Why a text is no number of the asked kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum NumberError<T> {
    /// The text has not the form of a number.
    Syntax,
    /// The number does not fit; the nearest value that does.
    Range(T),
}

impl<T> NumberError<T> {
    /// Returns the kind alone.
    pub(super) fn kind(&self) -> super::NumErrorKind {
        match self {
            NumberError::Syntax => super::NumErrorKind::Syntax,
            NumberError::Range(_) => super::NumErrorKind::Range,
        }
    }
}

/// Reads an integer as Go's `strconv.ParseInt(text, base, 64)`: base 2 to 36, or 0 to take it from the prefix.
///
/// # Errors
/// Syntax, and range with the limit that was passed.
pub fn int(text: &[u8], base: u32) -> Result<i64, NumberError<i64>> {
    let (is_negative, digits) = split_sign(text);
    let limit = if is_negative { 1 << 63 } else { i64::MAX as u64 };
    let out_of_range = NumberError::Range(if is_negative { i64::MIN } else { i64::MAX });
    let magnitude = match uint(digits, base) {
        Ok(magnitude) if magnitude <= limit => magnitude,
        Ok(_) | Err(NumberError::Range(_)) => return Err(out_of_range),
        Err(NumberError::Syntax) => return Err(NumberError::Syntax),
    };
    Ok(if is_negative { (magnitude as i64).wrapping_neg() } else { magnitude as i64 })
}

/// Reads an unsigned integer as Go's `strconv.ParseUint(text, base, 64)`; see [`int`].
///
/// # Errors
/// Syntax, and range with the largest value.
pub fn uint(text: &[u8], base: u32) -> Result<u64, NumberError<u64>> {
    if text.is_empty() || base == 1 || base > 36 {
        return Err(NumberError::Syntax);
    }
    let (radix, digits) = if base == 0 { split_prefix(text) } else { (base, text) };
    let mut number: u64 = 0;
    let mut has_underscores = false;
    for &byte in digits {
        if byte == b'_' && base == 0 {
            has_underscores = true;
            continue;
        }
        let digit = char::from(byte).to_digit(radix).ok_or(NumberError::Syntax)?;
        number = number
            .checked_mul(u64::from(radix))
            .and_then(|product| product.checked_add(u64::from(digit)))
            .ok_or(NumberError::Range(u64::MAX))?;
    }
    if has_underscores && !underscores_separate_digits(text) {
        return Err(NumberError::Syntax);
    }
    Ok(number)
}

fn split_sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    }
}

fn split_prefix(text: &[u8]) -> (u32, &[u8]) {
    match text {
        [b'0', b'b' | b'B', _, ..] => (2, &text[2..]),
        [b'0', b'o' | b'O', _, ..] => (8, &text[2..]),
        [b'0', b'x' | b'X', _, ..] => (16, &text[2..]),
        [b'0', rest @ ..] => (8, rest),
        _ => (10, text),
    }
}

/// Returns Go's `underscoreOK`: an underscore stands only between digits, or a prefix and a digit.
fn underscores_separate_digits(text: &[u8]) -> bool {
    let (_, unsigned) = split_sign(text);
    let (mut last, is_hex, digits) = match unsigned {
        [b'0', prefix, rest @ ..] if matches!(prefix | 0x20, b'b' | b'o' | b'x') => {
            (b'0', prefix | 0x20 == b'x', rest)
        }
        _ => (b'^', false, unsigned),
    };
    for &byte in digits {
        last = match byte {
            b'0'..=b'9' => b'0',
            b'a'..=b'f' | b'A'..=b'F' if is_hex => b'0',
            b'_' if last == b'0' => b'_',
            b'_' => return false,
            _ if last == b'_' => return false,
            _ => b'!',
        };
    }
    last != b'_'
}

/// Reads a number as Go's `strconv.ParseFloat(text, 64)`: decimal or hexadecimal, `inf`, `infinity`, `nan`.
///
/// # Errors
/// Syntax, and range with the infinity of the right sign.
pub fn float(text: &[u8]) -> Result<f64, NumberError<f64>> {
    if let Some(special) = parse_special(text) {
        return Ok(special);
    }
    let (is_negative, unsigned) = split_sign(text);
    let magnitude = match unsigned {
        [b'0', b'x' | b'X', _, ..] => parse_hexadecimal(unsigned.get(2..).unwrap_or_default()),
        _ => parse_decimal(unsigned),
    }
    .ok_or(NumberError::Syntax)?;
    if text.contains(&b'_') && !underscores_separate_digits(text) {
        return Err(NumberError::Syntax);
    }
    let number = if is_negative { -magnitude } else { magnitude };
    if number.is_infinite() { Err(NumberError::Range(number)) } else { Ok(number) }
}

fn parse_special(text: &[u8]) -> Option<f64> {
    let (is_negative, unsigned) = split_sign(text);
    if unsigned.eq_ignore_ascii_case(b"inf") || unsigned.eq_ignore_ascii_case(b"infinity") {
        return Some(if is_negative { f64::NEG_INFINITY } else { f64::INFINITY });
    }
    text.eq_ignore_ascii_case(b"nan").then_some(f64::NAN)
}

fn parse_decimal(text: &[u8]) -> Option<f64> {
    let plain: Vec<u8> = text.iter().copied().filter(|&byte| byte != b'_').collect();
    // Rust's parser also knows `inf`, `nan` and a second sign, which have been dealt with or are wrong here.
    if !plain.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-')) {
        return None;
    }
    if !plain.first().is_some_and(|byte| byte.is_ascii_digit() || *byte == b'.') {
        return None;
    }
    std::str::from_utf8(&plain).ok()?.parse().ok()
}

/// Reads `1.8p3` after the `0x`.
fn parse_hexadecimal(text: &[u8]) -> Option<f64> {
    let position = text.iter().position(|byte| byte | 0x20 == b'p')?;
    let (mantissa, exponent) = (text.get(..position)?, text.get(position + 1..)?);
    let mut exponent = parse_exponent(exponent)?;
    let (mut number, mut is_inexact, mut has_digits, mut has_point) = (0u64, false, false, false);
    for &byte in mantissa {
        match byte {
            b'_' => {}
            b'.' if has_point => return None,
            b'.' => has_point = true,
            _ => {
                let digit = u64::from(char::from(byte).to_digit(16)?);
                has_digits = true;
                // Sixteen digits fit; what comes later only tells whether the number is exact.
                if number >> 60 == 0 {
                    number = number << 4 | digit;
                    exponent -= if has_point { 4 } else { 0 };
                } else {
                    is_inexact |= digit != 0;
                    exponent += if has_point { 0 } else { 4 };
                }
            }
        }
    }
    has_digits.then(|| scale(number, is_inexact, exponent))
}

fn parse_exponent(text: &[u8]) -> Option<i64> {
    let (is_negative, digits) = split_sign(text);
    if !digits.first().is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let mut exponent: i64 = 0;
    for &byte in digits.iter().filter(|&&byte| byte != b'_') {
        let digit = i64::from(char::from(byte).to_digit(10)?);
        exponent = (exponent * 10 + digit).min(100_000);
    }
    Some(if is_negative { -exponent } else { exponent })
}

/// Returns `number * 2^exponent`, rounded once, to even; `is_inexact` tells of dropped bits below.
fn scale(number: u64, is_inexact: bool, exponent: i64) -> f64 {
    if number == 0 {
        return 0.0;
    }
    let shift = i64::from(number.leading_zeros());
    let (number, exponent) = (number << shift, exponent - shift);
    // The value is number * 2^exponent with the top bit set: below 2^-1074 in units it is subnormal.
    let lowest = (exponent + 11).max(-1074);
    let dropped = lowest - exponent;
    if dropped > 64 {
        return 0.0;
    }
    let wide = u128::from(number) << 1 | u128::from(is_inexact);
    let (kept, rest) = (wide >> (dropped + 1), wide & ((1 << (dropped + 1)) - 1));
    let half = 1u128 << dropped;
    let rounded = kept as u64 + u64::from(rest > half || (rest == half && kept & 1 == 1));
    if lowest > 971 {
        return f64::INFINITY;
    }
    let unit = if lowest >= -1022 {
        f64::from_bits(((lowest + 1023) as u64) << 52)
    } else {
        f64::from_bits(1 << (lowest + 1074))
    };
    rounded as f64 * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_zero_reads_prefixes_and_underscores() {
        assert_eq!(int(b"042", 0), Ok(34));
        assert_eq!(int(b"0x1F", 0), Ok(31));
        assert_eq!(int(b"1_000", 0), Ok(1000));
        assert_eq!(int(b"0_7", 0), Ok(7));
        for wrong in ["08", "1e3", " 5", "", "_1", "1_", "1__0", "0x", "+-1"] {
            assert_eq!(int(wrong.as_bytes(), 0), Err(NumberError::Syntax), "{wrong}");
        }
        assert_eq!(int(b"-9223372036854775808", 0), Ok(i64::MIN));
        assert_eq!(int(b"9223372036854775808", 10), Err(NumberError::Range(i64::MAX)));
    }

    #[test]
    fn floats_are_decimal_or_hexadecimal() {
        for (text, number) in [
            ("1.5", 1.5),
            ("1_000.5", 1000.5),
            (".5", 0.5),
            ("5.", 5.0),
            ("0x1.8p1", 3.0),
            ("-0x10p-4", -1.0),
            ("+1e3", 1000.0),
        ] {
            assert_eq!(float(text.as_bytes()), Ok(number), "{text}");
        }
        for wrong in ["", ".", "0x10", "1e", "e5", "--1", "1.2.3", "0x", "infin", "+nan", "1__0"] {
            assert_eq!(float(wrong.as_bytes()), Err(NumberError::Syntax), "{wrong}");
        }
        assert_eq!(float(b"0x1p-1074"), Ok(f64::from_bits(1)));
        assert_eq!(float(b"0x1.fffffffffffffp1023"), Ok(f64::MAX));
        assert_eq!(float(b"1e400"), Err(NumberError::Range(f64::INFINITY)));
        assert_eq!(float(b"0x1p1024"), Err(NumberError::Range(f64::INFINITY)));
    }
}
