//! How Go writes floating point numbers.

use std::fmt::Write as _;

/// From 2^53 on not every integer is a `float64`.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// The shortest decimal digits of a finite number and the exponent of the first one.
struct Digits {
    negative: bool,
    digits: String,
    exponent: i32,
}

impl Digits {
    /// Returns the shortest digits that give the number again.
    fn of(number: f64, is_single: bool) -> Self {
        let shortest = if is_single { format!("{:e}", number as f32) } else { format!("{number:e}") };
        let mut digits = Digits::parse(&shortest);
        digits.settle_tie(number);
        digits
    }

    /// Takes the even one of two equally near numbers of the same length, as Go does; Rust rounds up.
    fn settle_tie(&mut self, number: f64) {
        let count = self.digits.len();
        if count < 7 || number.fract() == 0.0 {
            return;
        }
        // The exact value has one digit more, a 5.
        let exact = Digits::parse(&format!("{number:.60e}")).digits;
        let (kept, rest) = exact.split_at(count.min(exact.len()));
        let is_tie = rest.strip_prefix('5').is_some_and(|zeros| zeros.bytes().all(|digit| digit == b'0'));
        let is_even = kept.bytes().next_back().is_some_and(|digit| digit % 2 == 0);
        if is_tie && is_even && kept != self.digits && kept.len() == count {
            self.digits = kept.to_string();
        }
    }

    fn parse(scientific: &str) -> Self {
        let (negative, rest) = match scientific.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, scientific),
        };
        let (mantissa, exponent) = rest.split_once('e').unwrap_or((rest, "0"));
        let digits = mantissa.chars().filter(char::is_ascii_digit).collect();
        Digits { negative, digits, exponent: exponent.parse().unwrap_or(0) }
    }

    fn sign(&self) -> &'static str {
        if self.negative { "-" } else { "" }
    }

    /// Returns the number as Go's `'g'` with precision -1: with an exponent below 1e-4 and from 1e6 on (the
    /// precision 6 that strconv/ftoa.go assumes for the shortest digits).
    fn general(&self) -> String {
        if (-4..6).contains(&self.exponent) { self.plain() } else { self.with_exponent(2) }
    }

    fn with_exponent(&self, least_digits: usize) -> String {
        let (first, rest) = self.digits.split_at(self.digits.len().min(1));
        let point = if rest.is_empty() { "" } else { "." };
        let sign = if self.exponent < 0 { '-' } else { '+' };
        let exponent = self.exponent.unsigned_abs();
        format!("{}{first}{point}{rest}e{sign}{exponent:0least_digits$}", self.sign())
    }

    fn plain(&self) -> String {
        let mut out = String::from(self.sign());
        if self.exponent < 0 {
            out.push_str("0.");
            out.extend(std::iter::repeat_n('0', self.exponent.unsigned_abs() as usize - 1));
            out.push_str(&self.digits);
            return out;
        }
        let whole = self.exponent as usize + 1;
        let (before, after) = self.digits.split_at(whole.min(self.digits.len()));
        out.push_str(before);
        out.extend(std::iter::repeat_n('0', whole - before.len()));
        if !after.is_empty() {
            out.push('.');
            out.push_str(after);
        }
        out
    }
}

fn not_finite(number: f64) -> Option<&'static str> {
    match number {
        _ if number.is_nan() => Some("NaN"),
        f64::INFINITY => Some("+Inf"),
        f64::NEG_INFINITY => Some("-Inf"),
        _ => None,
    }
}

/// Returns the number as Go's `strconv.FormatFloat(number, 'g', -1, 64)`, which is also `%v`.
pub(crate) fn go_float(number: f64) -> String {
    match not_finite(number) {
        Some(text) => text.to_string(),
        None => Digits::of(number, false).general(),
    }
}

/// Returns a `float32` as [`go_float`] would with the digits of that type, and as YAML names what is not finite.
pub(crate) fn yaml_float(number: f32) -> String {
    match not_finite(f64::from(number)) {
        Some("NaN") => ".nan".to_string(),
        Some("+Inf") => ".inf".to_string(),
        Some(_) => "-.inf".to_string(),
        None => Digits::of(f64::from(number), true).general(),
    }
}

/// Returns `encoding/json`'s complaint about a number that is not finite.
pub(crate) fn unsupported_number(number: f64) -> String {
    format!("json: unsupported value: {}", not_finite(number).unwrap_or_default())
}

/// Returns the integer that a number is in JSON, where no point tells it from a float: below 1e21 and whole.
pub(crate) fn whole(number: f64) -> Option<i64> {
    if number.fract() != 0.0 || number.abs() >= 1e21 {
        return None;
    }
    if number.abs() < MAX_EXACT {
        return Some(number as i64);
    }
    // The digits that Go writes are not those of the exact value: zeros fill up the shortest ones.
    let mut text = Vec::new();
    write_float(number, false, &mut text);
    String::from_utf8(text).ok()?.parse().ok()
}

/// Writes a finite number as `encoding/json` does: an exponent below 1e-6 and from 1e21 on.
pub(crate) fn write_float(number: f64, is_single: bool, out: &mut Vec<u8>) {
    let magnitude = number.abs();
    if magnitude < 9_007_199_254_740_992.0
        && number.fract() == 0.0
        && !is_single
        && !(number == 0.0 && number.is_sign_negative())
    {
        let mut text = String::new();
        _ = write!(text, "{}", number as i64);
        out.extend_from_slice(text.as_bytes());
        return;
    }
    let digits = Digits::of(number, is_single);
    let with_exponent = magnitude != 0.0
        && if is_single {
            (number as f32).abs() < 1e-6 || (number as f32).abs() >= 1e21
        } else {
            !(1e-6..1e21).contains(&magnitude)
        };
    let text = if with_exponent { digits.with_exponent(1) } else { digits.plain() };
    out.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(number: f64) -> String {
        let mut out = Vec::new();
        write_float(number, false, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn go_uses_an_exponent_below_1e_minus_4_and_from_1e6_on() {
        for (number, text) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (100000.0, "100000"),
            (1e6, "1e+06"),
            (123456789.0, "1.23456789e+08"),
            (1234567.5, "1.2345675e+06"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1e100, "1e+100"),
            (-2.5, "-2.5"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "+Inf"),
        ] {
            assert_eq!(go_float(number), text);
        }
        assert_eq!(yaml_float(0.1), "0.1");
        assert_eq!(yaml_float(f32::NEG_INFINITY), "-.inf");
    }

    #[test]
    fn json_uses_an_exponent_below_1e_minus_6_and_from_1e21_on() {
        for (number, text) in [
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (1e-6, "0.000001"),
            (1e-7, "1e-7"),
            (-0.0, "-0"),
            (1.5, "1.5"),
            (-123.0, "-123"),
            (1.2345e-10, "1.2345e-10"),
            (2_333_166_915_619_233.0 / 4.0, "583291728904808.2"),
            (2_333_166_915_619_235.0 / 4.0, "583291728904808.8"),
        ] {
            assert_eq!(json(number), text);
        }
    }

    #[test]
    fn whole_numbers_must_fit_an_int64() {
        assert_eq!(whole(-3.0), Some(-3));
        assert_eq!(whole(0.5), None);
        assert_eq!(whole(9.3e18), None);
        assert_eq!(whole(f64::NAN), None);
    }
}
