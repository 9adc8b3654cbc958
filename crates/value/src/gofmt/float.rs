//! Go's `strconv.AppendFloat`: all formats, shortest or with a precision, always exact.

use std::io::Write;

/// The notations of `strconv.FormatFloat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// `b`: `4503599627370496p-52`
    Binary,
    /// `e`: `1.5e+00`
    Exponent,
    /// `f`: `1.5`
    Decimal,
    /// `g`: `e` for large exponents, else `f`
    General,
    /// `x`: `0x1.8p+00`
    Hex,
}

/// The size of the number that is written; it decides what the shortest form is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// `float32`
    Bits32,
    /// `float64`
    Bits64,
}

/// Beyond this many digits every digit of a `f64` is zero: 2^-1074 has 1074 decimals.
const MAX_DIGITS: usize = 1100;

/// Appends a number in Go's form. Without a precision as many digits as are needed to read the same number back;
/// letters are in lower case.
pub fn append_float(
    out: &mut Vec<u8>,
    number: f64,
    notation: Notation,
    precision: Option<usize>,
    size: Size,
) {
    if number.is_nan() {
        out.extend_from_slice(b"NaN");
    } else if number.is_infinite() {
        out.extend_from_slice(if number < 0.0 { b"-Inf" } else { b"+Inf" });
    } else {
        append_finite(out, number, notation, precision, size);
    }
}

/// Returns a number as `%v` prints it (`1e+06`).
pub fn format_general(number: f64) -> String {
    let mut out = Vec::new();
    append_float(&mut out, number, Notation::General, None, Size::Bits64);
    String::from_utf8(out).expect("digits are ASCII")
}

fn append_finite(out: &mut Vec<u8>, number: f64, notation: Notation, precision: Option<usize>, size: Size) {
    match notation {
        Notation::Binary => return append_binary(out, number, size),
        Notation::Hex => return append_hex(out, number, precision, size),
        _ => {}
    }
    if number.is_sign_negative() {
        out.push(b'-');
    }
    let number = number.abs();
    if let Some(precision) = precision.filter(|_| notation == Notation::Decimal) {
        return append_fixed(out, number, precision);
    }
    let digits = match precision {
        None => Digits::shortest(number, size),
        Some(precision) if notation == Notation::General => Digits::rounded(number, precision.max(1)),
        Some(precision) => Digits::rounded(number, precision.saturating_add(1)),
    };
    match (notation, precision) {
        (Notation::Decimal, _) => digits.append_decimal(out),
        (Notation::Exponent, Some(precision)) => digits.append_exponent(out, precision),
        (Notation::Exponent, None) => digits.append_exponent(out, digits.count().saturating_sub(1)),
        (_, precision) => digits.append_general(out, precision),
    }
}

fn append_fixed(out: &mut Vec<u8>, number: f64, precision: usize) {
    let exact = precision.min(MAX_DIGITS);
    write!(out, "{number:.exact$}").expect("a Vec takes everything");
    out.resize(out.len() + (precision - exact), b'0');
}

/// Significant decimal digits without trailing zeros, and the place of the point: `0.d₁d₂d₃… × 10^point`.
struct Digits {
    bytes: Vec<u8>,
    point: i32,
}

impl Digits {
    fn shortest(number: f64, size: Size) -> Self {
        let mut buffer = Vec::with_capacity(32);
        match size {
            Size::Bits64 => write!(buffer, "{number:e}"),
            Size::Bits32 => write!(buffer, "{:e}", number as f32),
        }
        .expect("a Vec takes everything");
        let digits = Digits::read(&buffer);
        digits.with_even_tie(number, size)
    }

    /// Of two shortest forms equally near to the number Go takes the one with the even digit, Rust the greater one.
    /// Only a number with about as many digits as its type can hold is as near to two.
    fn with_even_tie(self, number: f64, size: Size) -> Self {
        let (limit, count) = (if size == Size::Bits64 { 15 } else { 6 }, self.count());
        if count < limit || self.bytes.last().is_some_and(|digit| digit % 2 == 0) {
            return self;
        }
        let even = Digits::rounded(number, count);
        if even.count() != count || even.bytes == self.bytes {
            return self;
        }
        let mut text = Vec::with_capacity(32);
        even.append_exponent(&mut text, count - 1);
        let text = std::str::from_utf8(&text).unwrap_or_default();
        let is_same = match size {
            Size::Bits64 => text.parse() == Ok(number),
            Size::Bits32 => text.parse() == Ok(number as f32),
        };
        if is_same { even } else { self }
    }

    fn rounded(number: f64, count: usize) -> Self {
        let mut buffer = Vec::with_capacity(32);
        let decimals = count.min(MAX_DIGITS) - 1;
        write!(buffer, "{number:.decimals$e}").expect("a Vec takes everything");
        Digits::read(&buffer)
    }

    /// Reads Rust's `d.ddde-x`.
    fn read(text: &[u8]) -> Self {
        let exponent_at = text.iter().rposition(|byte| *byte == b'e').unwrap_or(text.len());
        let (mantissa, exponent) = text.split_at(exponent_at);
        let exponent: i32 = std::str::from_utf8(exponent.get(1..).unwrap_or_default())
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or(0);
        let mut bytes: Vec<u8> = mantissa.iter().copied().filter(u8::is_ascii_digit).collect();
        let significant = bytes.iter().rposition(|byte| *byte != b'0').map_or(0, |last| last + 1);
        bytes.truncate(significant);
        let point = if bytes.is_empty() { 0 } else { exponent + 1 };
        Digits { bytes, point }
    }

    fn count(&self) -> usize {
        self.bytes.len()
    }

    fn append_general(&self, out: &mut Vec<u8>, precision: Option<usize>) {
        let count = self.count();
        let point = i64::from(self.point);
        let limit = match precision {
            None => 6,
            Some(precision) => {
                let precision = precision.max(1) as i64;
                if precision > count as i64 && count as i64 >= point { count as i64 } else { precision }
            }
        };
        let exponent = point - 1;
        if exponent < -4 || exponent >= limit {
            let digits = precision.map_or(count, |precision| precision.max(1).min(count));
            self.append_exponent(out, digits.saturating_sub(1));
        } else {
            self.append_decimal(out);
        }
    }

    /// Appends the digits with an exponent, filled up with zeros to a number of decimals.
    fn append_exponent(&self, out: &mut Vec<u8>, decimals: usize) {
        let (first, rest) = self.bytes.split_first().unwrap_or((&b'0', &[]));
        out.push(*first);
        if decimals > 0 {
            out.push(b'.');
            let kept = rest.get(..decimals).unwrap_or(rest);
            out.extend_from_slice(kept);
            out.resize(out.len() + (decimals - kept.len()), b'0');
        }
        let exponent = if self.bytes.is_empty() { 0 } else { self.point - 1 };
        let sign = if exponent < 0 { '-' } else { '+' };
        write!(out, "e{sign}{:02}", exponent.unsigned_abs()).expect("a Vec takes everything");
    }

    /// Appends all digits without an exponent.
    fn append_decimal(&self, out: &mut Vec<u8>) {
        let point = usize::try_from(self.point).unwrap_or(0);
        if point == 0 {
            out.push(b'0');
        }
        let (whole, fraction) = self.bytes.split_at(point.min(self.count()));
        out.extend_from_slice(whole);
        out.resize(out.len() + (point - whole.len()), b'0');
        if !fraction.is_empty() {
            out.push(b'.');
            out.resize(out.len() + usize::try_from(-i64::from(self.point)).unwrap_or(0), b'0');
            out.extend_from_slice(fraction);
        }
    }
}

/// A number taken apart: `mantissa × 2^exponent`, the mantissa with its leading one.
struct Parts {
    is_negative: bool,
    mantissa: u64,
    exponent: i32,
    mantissa_bits: u32,
}

fn parts(number: f64, size: Size) -> Parts {
    let (bits, mantissa_bits, exponent_bits) = match size {
        Size::Bits64 => (number.to_bits(), 52, 11),
        Size::Bits32 => (u64::from((number as f32).to_bits()), 23, 8),
    };
    let bias = (1i32 << (exponent_bits - 1)) - 1;
    let raw_exponent = (bits >> mantissa_bits & ((1 << exponent_bits) - 1)) as i32;
    let fraction = bits & ((1 << mantissa_bits) - 1);
    let (mantissa, raw_exponent) = match raw_exponent {
        0 => (fraction, 1),
        other => (fraction | 1 << mantissa_bits, other),
    };
    Parts { is_negative: number.is_sign_negative(), mantissa, exponent: raw_exponent - bias, mantissa_bits }
}

fn append_binary(out: &mut Vec<u8>, number: f64, size: Size) {
    let parts = parts(number, size);
    let sign = if parts.is_negative { "-" } else { "" };
    let exponent = parts.exponent - parts.mantissa_bits as i32;
    write!(out, "{sign}{}p{exponent:+}", parts.mantissa).expect("a Vec takes everything");
}

fn append_hex(out: &mut Vec<u8>, number: f64, precision: Option<usize>, size: Size) {
    /// Where the leading one is put: below it are 15 digits.
    const ONE: u64 = 1 << 60;
    let Parts { is_negative, mantissa, mut exponent, mantissa_bits } = parts(number, size);
    let mut mantissa = mantissa << (60 - mantissa_bits);
    if mantissa == 0 {
        exponent = 0;
    } else {
        let shift = mantissa.leading_zeros() - 3;
        mantissa <<= shift;
        exponent -= shift as i32;
    }
    if let Some(digits @ 0..15) = precision {
        let cut = 60 - 4 * digits as u32;
        let lost = mantissa & ((1 << cut) - 1);
        mantissa >>= cut;
        let half = 1u64 << (cut - 1);
        mantissa += u64::from(lost > half || lost == half && mantissa & 1 == 1);
        mantissa <<= cut;
        if mantissa & (ONE << 1) != 0 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    let sign = if is_negative { "-" } else { "" };
    write!(out, "{sign}0x{}", mantissa >> 60 & 1).expect("a Vec takes everything");
    let mut fraction = mantissa << 4;
    let count = precision.unwrap_or((64 - fraction.trailing_zeros() as usize).div_ceil(4) % 17);
    if count > 0 && (precision.is_some() || fraction != 0) {
        out.push(b'.');
        for _ in 0..count {
            out.push(b"0123456789abcdef"[(fraction >> 60) as usize]);
            fraction <<= 4;
        }
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    write!(out, "p{sign}{:02}", exponent.unsigned_abs()).expect("a Vec takes everything");
}
