//! Resource quantities in canonical form (apimachinery, `api/resource/quantity.go`).

use std::cmp::Ordering;

const PATTERN: &str = "quantities must match the regular expression \
                       '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const SUFFIX: &str = "unable to parse quantity's suffix";

/// A parsed quantity: `mantissa * 10^-9`, with the family its suffix belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quantity {
    nano: i128,
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Binary,
    Decimal,
    Exponent,
}

const NANO: i128 = 1_000_000_000;
/// Kubernetes caps quantities at 2^63-1.
const MAX: i128 = (i64::MAX as i128) * NANO;

impl Quantity {
    /// Parses `text`.
    ///
    /// # Errors
    /// Kubernetes' text for malformed quantities.
    pub(crate) fn parse(text: &str) -> Result<Quantity, &'static str> {
        let body = text.strip_prefix(['+', '-']).unwrap_or(text);
        let end = body.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(body.len());
        let (number, suffix) = body.split_at(end);
        let whole_and_fraction = number.split_once('.').unwrap_or((number, ""));
        let (whole, fraction) = whole_and_fraction;
        if text.is_empty() || fraction.contains('.') {
            return Err(PATTERN);
        }
        if whole.is_empty() && fraction.is_empty() {
            return Err(if suffix.starts_with(['+', '-']) { SUFFIX } else { PATTERN });
        }
        if !suffix.chars().all(|c| "eEinumkKMGTP+-0123456789".contains(c)) {
            return Err(PATTERN);
        }
        let (format, base, exponent) = scale(suffix).ok_or(SUFFIX)?;
        let nano = to_nano(whole, fraction, base, exponent);
        let nano = if text.starts_with('-') { -nano } else { nano };
        Ok(Quantity { nano, format })
    }

    /// Whether the value is below zero.
    pub(crate) fn is_negative(self) -> bool {
        self.nano < 0
    }

    /// Whether the value has no part below one.
    pub(crate) fn is_whole(self) -> bool {
        self.nano % NANO == 0
    }

    pub(crate) fn compare(self, other: Quantity) -> Ordering {
        self.nano.cmp(&other.nano)
    }

    pub(crate) fn is_zero(self) -> bool {
        self.nano == 0
    }

    /// Adds, keeping the form of `self` unless it is zero.
    pub(crate) fn plus(self, other: Quantity) -> Quantity {
        let format = if self.is_zero() { other.format } else { self.format };
        Quantity { nano: (self.nano + other.nano).min(MAX), format }
    }

    pub(crate) const ZERO: Quantity = Quantity { nano: 0, format: Format::Decimal };

    pub(crate) fn count(number: i64) -> Quantity {
        Quantity { nano: i128::from(number) * NANO, format: Format::Decimal }
    }

    /// Writes the canonical form.
    pub(crate) fn text(self) -> String {
        if self.nano == 0 {
            return "0".into();
        }
        match self.format {
            Format::Binary if self.nano.abs() >= 1024 * NANO && self.nano % NANO == 0 => {
                binary(self.nano / NANO)
            }
            Format::Exponent => decimal(self.nano, exponent_suffix),
            _ => decimal(self.nano, decimal_suffix),
        }
    }
}

/// Returns what is stored for a quantity sent as `text`: some forms stay as they are (`ParseQuantity`'s fast path).
pub(crate) fn stored(text: &str) -> Result<String, &'static str> {
    let mut quantity = Quantity::parse(text)?;
    // `SetDefaults_ResourceList`: nothing below one thousandth is kept, it is rounded up.
    let milli = NANO / 1000;
    quantity.nano = quantity.nano.div_euclid(milli) * milli
        + if quantity.nano.rem_euclid(milli) == 0 { 0 } else { milli };
    let rounded = quantity.nano != Quantity::parse(text)?.nano;
    let canonical = quantity.text();
    // The fast path keeps the text of plain integers with a decimal suffix up to 18 digits; anything else is
    // written anew.
    Ok(if keeps_text(text) && !rounded { text.to_owned() } else { canonical })
}

// `ParseQuantity`: positive, no more than 18 digits and a fraction-free number keep `s` when the suffix is already
// canonical: checked by the recorded cases `1e3`, `12e6`, `+5`, `5.`.
fn keeps_text(text: &str) -> bool {
    let body = text.strip_prefix('+').unwrap_or(text);
    let end = body.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(body.len());
    let (number, suffix) = body.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if !fraction.is_empty() || whole.len() > 18 || whole.starts_with('0') && whole.len() > 1 || whole == "0" {
        return false;
    }
    match suffix {
        "" | "m" | "k" | "M" | "G" | "T" | "P" | "E" => !whole.ends_with("000"),
        s if s.starts_with(['e', 'E']) => !whole.ends_with("000"),
        _ => whole.parse::<u64>().is_ok_and(|n| n % 1024 != 0),
    }
}

// Suffix to base and exponent of the base; binary bases are powers of two.
fn scale(suffix: &str) -> Option<(Format, i128, i32)> {
    Some(match suffix {
        "Ki" => (Format::Binary, 2, 10),
        "Mi" => (Format::Binary, 2, 20),
        "Gi" => (Format::Binary, 2, 30),
        "Ti" => (Format::Binary, 2, 40),
        "Pi" => (Format::Binary, 2, 50),
        "Ei" => (Format::Binary, 2, 60),
        "n" => (Format::Decimal, 10, -9),
        "u" => (Format::Decimal, 10, -6),
        "m" => (Format::Decimal, 10, -3),
        "" => (Format::Decimal, 10, 0),
        "k" => (Format::Decimal, 10, 3),
        "M" => (Format::Decimal, 10, 6),
        "G" => (Format::Decimal, 10, 9),
        "T" => (Format::Decimal, 10, 12),
        "P" => (Format::Decimal, 10, 15),
        "E" => (Format::Decimal, 10, 18),
        _ => {
            let exponent = suffix.strip_prefix(['e', 'E'])?;
            (Format::Exponent, 10, exponent.parse::<i32>().ok()?)
        }
    })
}

// Rounds up away from zero below one nano; saturates at the largest quantity.
fn to_nano(whole: &str, fraction: &str, base: i128, exponent: i32) -> i128 {
    let digits: String = whole.chars().chain(fraction.chars()).take(38).collect();
    let dropped = (whole.len() + fraction.len()).saturating_sub(38);
    let mut value: i128 = digits.parse().unwrap_or(0);
    // value * 10^shift * (2^exponent | 1) is the number; nano wants nine more digits.
    let decimal = if base == 10 { exponent } else { 0 };
    let mut shift = i64::from(decimal) + 9 - i64::try_from(fraction.len()).unwrap_or(0)
        + i64::try_from(dropped).unwrap_or(0);
    if base == 2 {
        value = value.checked_mul(1i128 << exponent).unwrap_or(i128::MAX);
    }
    while shift > 0 && value != 0 {
        value = match value.checked_mul(10) {
            Some(v) if v <= MAX => v,
            _ => return MAX,
        };
        shift -= 1;
    }
    while shift < 0 && value != 0 {
        value = if shift <= -38 { 1 } else { value / 10 + i128::from(value % 10 != 0) };
        shift = if shift <= -38 { 0 } else { shift + 1 };
    }
    value.min(MAX)
}

fn binary(mut units: i128) -> String {
    let mut power = 0;
    while units % 1024 == 0 && power < 6 {
        units /= 1024;
        power += 1;
    }
    let suffix = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"][power];
    format!("{units}{suffix}")
}

fn decimal(mut nano: i128, suffix: impl Fn(i32) -> String) -> String {
    let mut exponent = -9;
    while nano % 1000 == 0 && exponent < 18 {
        nano /= 1000;
        exponent += 3;
    }
    format!("{nano}{}", suffix(exponent))
}

fn decimal_suffix(exponent: i32) -> String {
    let at = usize::try_from((exponent + 9) / 3).unwrap_or(0);
    ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"][at.min(9)].into()
}

fn exponent_suffix(exponent: i32) -> String {
    if exponent == 0 { String::new() } else { format!("e{exponent}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_stored_in_canonical_form() {
        let cases = [
            ("0.5", "500m"),
            ("1024Mi", "1Gi"),
            ("1.5Gi", "1536Mi"),
            ("1000m", "1"),
            ("1e3", "1e3"),
            ("12e6", "12e6"),
            ("+5", "+5"),
            ("5.", "5."),
            ("100m", "100m"),
            ("0", "0"),
            ("1Gi", "1Gi"),
            ("1.0", "1"),
            ("3.14159", "3142m"),
            ("1n", "1m"),
            ("1000k", "1M"),
            ("9223372036854775807", "9223372036854775807"),
            ("10E", "10E"),
        ];
        for (sent, kept) in cases {
            assert_eq!(stored(sent).as_deref(), Ok(kept), "{sent}");
        }
    }

    #[test]
    fn malformed_quantities_say_what_is_wrong() {
        for text in ["1X", "", "abc", "1 Gi", "1gi"] {
            assert_eq!(stored(text), Err(PATTERN), "{text}");
        }
        for text in ["1e", "--1", "1mi"] {
            assert_eq!(stored(text), Err(SUFFIX), "{text}");
        }
    }
}
