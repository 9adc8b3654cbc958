//! Exact decimal numbers: Helm compares with Go's `big.Rat`, where 0.3 is a multiple of 0.1.

use std::cmp::Ordering;

/// The largest exponent `big.Rat.SetString` takes.
const MAX_EXPONENT: i64 = 1_000_000;

/// A finite decimal number, `0.digits × 10^exponent`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decimal {
    negative: bool,
    /// Values 0–9 without leading or trailing zeros; empty for zero.
    digits: Vec<u8>,
    exponent: i64,
}

impl Decimal {
    /// Reads a JSON number; `None` where Go's `big.Rat` refuses it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
            None => (text, 0),
        };
        if exponent.abs() > MAX_EXPONENT {
            return None;
        }
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let mut digits: Vec<u8> = Vec::with_capacity(whole.len() + fraction.len());
        for byte in whole.bytes().chain(fraction.bytes()) {
            digits.push(byte.checked_sub(b'0').filter(|digit| *digit < 10)?);
        }
        let leading = digits.iter().take_while(|digit| **digit == 0).count();
        let exponent = exponent + i64::try_from(whole.len()).ok()? - i64::try_from(leading).ok()?;
        digits.drain(..leading);
        while digits.last() == Some(&0) {
            digits.pop();
        }
        if digits.is_empty() {
            return Some(Self { negative: false, digits, exponent: 0 });
        }
        Some(Self { negative, digits, exponent })
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    pub(crate) fn is_negative(&self) -> bool {
        self.negative
    }

    pub(crate) fn is_integer(&self) -> bool {
        i64::try_from(self.digits.len()).is_ok_and(|length| length <= self.exponent) || self.is_zero()
    }

    /// Returns a whole number; beyond 64 bits the nearest one, where Go takes the low bits.
    pub(crate) fn to_i64(&self) -> Option<i64> {
        if !self.is_integer() {
            return None;
        }
        let mut sum: i64 = 0;
        for at in 0..self.exponent.clamp(0, 20) {
            let digit = usize::try_from(at).ok().and_then(|at| self.digits.get(at)).copied().unwrap_or(0);
            sum = sum.saturating_mul(10).saturating_add(i64::from(digit));
        }
        Some(if self.negative { -sum } else { sum })
    }

    /// Says whether `self` divided by `other` is whole; a zero divisor never divides.
    pub(crate) fn is_multiple_of(&self, other: &Self) -> bool {
        if self.is_zero() || other.is_zero() {
            return !other.is_zero();
        }
        // Both as whole numbers of the finer unit.
        let last = |d: &Self| d.exponent - i64::try_from(d.digits.len()).unwrap_or(i64::MAX);
        let unit = last(self).min(last(other));
        let (Some(shift), Some(divisor_shift)) =
            (last(self).checked_sub(unit), last(other).checked_sub(unit).filter(|shift| *shift < 40))
        else {
            return false;
        };
        let mut divisor: u128 = 0;
        for digit in other.digits.iter().copied().chain((0..divisor_shift).map(|_| 0)) {
            let next = divisor.checked_mul(10).and_then(|sum| sum.checked_add(u128::from(digit)));
            match next {
                // Ten times the remainder must fit below.
                Some(next) if next < u128::MAX / 16 => divisor = next,
                // More than 37 digits: the division by floats is the best that is left.
                _ => return (self.to_f64() / other.to_f64()).fract() == 0.0,
            }
        }
        let mut remainder: u128 = 0;
        for digit in &self.digits {
            remainder = (remainder * 10 + u128::from(*digit)) % divisor;
        }
        for _ in 0..shift {
            if remainder == 0 {
                break;
            }
            remainder = remainder * 10 % divisor;
        }
        remainder == 0
    }

    /// Returns the nearest float.
    pub(crate) fn to_f64(&self) -> f64 {
        let digits: String = self.digits.iter().map(|digit| char::from(b'0' + digit)).collect();
        let sign = if self.negative { "-" } else { "" };
        format!("{sign}0.{digits}0e{}", self.exponent).parse().unwrap_or(0.0)
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = |d: &Self| {
            if d.is_zero() {
                0
            } else if d.negative {
                -1
            } else {
                1
            }
        };
        let by_size = || self.exponent.cmp(&other.exponent).then_with(|| self.digits.cmp(&other.digits));
        sign(self).cmp(&sign(other)).then_with(|| match sign(self) {
            0 => Ordering::Equal,
            1 => by_size(),
            _ => by_size().reverse(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn multiples_are_exact() {
        assert!(number("0.3").is_multiple_of(&number("0.1")));
        assert!(!number("0.35").is_multiple_of(&number("0.1")));
        assert!(!number("1.005").is_multiple_of(&number("0.01")));
        assert!(!number("1e18").is_multiple_of(&number("7")));
        assert!(number("0").is_multiple_of(&number("3")));
        assert!(
            number("-1e300").is_multiple_of(&number("1e-300"))
                == number("1e300").is_multiple_of(&number("1e-300"))
        );
    }

    #[test]
    fn equal_numbers_in_different_writing_are_equal() {
        assert_eq!(number("1.0"), number("1"));
        assert_eq!(number("1e3"), number("1000"));
        assert_eq!(number("-0"), number("0.00"));
        assert!(
            number("-5") < number("-4.9") && number("99") < number("1e2") && number("0.01") < number("0.1")
        );
    }

    #[test]
    fn whole_numbers_are_integers() {
        assert!(number("1.0").is_integer() && number("1e300").is_integer() && !number("1.5").is_integer());
        assert_eq!(number("1.20e1").to_i64(), Some(12));
        assert_eq!(Decimal::parse("1e1000001"), None);
    }
}
