//! Decimal numbers without limit, as shopspring/decimal computes with them: exact but for division, which keeps 16 places.

use gotmpl::CallError;

use crate::crypto::natural::Natural;

/// Decimal places of a quotient (shopspring's `DivisionPrecision`).
const DIVISION_PLACES: i64 = 16;

/// The number `± magnitude * 10^exponent`.
#[derive(Clone, Debug)]
pub(super) struct Decimal {
    is_negative: bool,
    magnitude: Natural,
    exponent: i64,
}

impl Decimal {
    /// Returns the shortest decimal that reads as this float.
    ///
    /// # Errors
    /// For infinities and NaN.
    pub(super) fn from_float(number: f64) -> Result<Decimal, CallError> {
        if number.is_nan() || number.is_infinite() {
            let name = if number.is_nan() {
                "NaN"
            } else if number > 0.0 {
                "+Inf"
            } else {
                "-Inf"
            };
            return Err(CallError::message(format!("Cannot create a Decimal from {name}")));
        }
        let text = format!("{:e}", number.abs());
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits: u64 = format!("{whole}{fraction}").parse().unwrap_or(0);
        let exponent: i64 = exponent.parse().unwrap_or(0);
        Ok(Decimal {
            is_negative: number < 0.0,
            magnitude: Natural::from_u64(digits),
            exponent: if digits == 0 { 0 } else { exponent - fraction.len() as i64 },
        })
    }

    /// Returns the float nearest to the number.
    pub(super) fn to_float(&self) -> f64 {
        if self.magnitude.is_zero() {
            return 0.0;
        }
        let sign = if self.is_negative { "-" } else { "" };
        format!("{sign}{}e{}", digits(&self.magnitude), self.exponent).parse().unwrap_or(f64::NAN)
    }

    pub(super) fn add(&self, other: &Decimal) -> Decimal {
        let exponent = self.exponent.min(other.exponent);
        let (a, b) = (self.at_exponent(exponent), other.at_exponent(exponent));
        if self.is_negative == other.is_negative {
            return Decimal { is_negative: self.is_negative, magnitude: a.add(&b), exponent };
        }
        match a.checked_sub(&b) {
            Some(magnitude) => Decimal { is_negative: self.is_negative, magnitude, exponent },
            None => Decimal { is_negative: other.is_negative, magnitude: a.abs_diff(&b), exponent },
        }
    }

    pub(super) fn sub(&self, other: &Decimal) -> Decimal {
        self.add(&Decimal { is_negative: !other.is_negative, ..other.clone() })
    }

    pub(super) fn mul(&self, other: &Decimal) -> Decimal {
        Decimal {
            is_negative: self.is_negative != other.is_negative,
            magnitude: self.magnitude.mul(&other.magnitude),
            exponent: self.exponent + other.exponent,
        }
    }

    /// Returns the quotient rounded to 16 decimal places, half away from zero.
    ///
    /// # Errors
    /// Dividing by zero, in shopspring's words.
    pub(super) fn div(&self, other: &Decimal) -> Result<Decimal, CallError> {
        if other.magnitude.is_zero() {
            return Err(CallError::message("decimal division by 0"));
        }
        let shift = self.exponent - other.exponent + DIVISION_PLACES;
        let (dividend, divisor) = if shift < 0 {
            (self.magnitude.clone(), other.magnitude.mul(&power_of_ten(shift)))
        } else {
            (self.magnitude.mul(&power_of_ten(shift)), other.magnitude.clone())
        };
        let (quotient, rest) = dividend.div_rem(&divisor);
        let is_below_half = rest.add(&rest).checked_sub(&divisor).is_none();
        Ok(Decimal {
            is_negative: self.is_negative != other.is_negative,
            magnitude: if is_below_half { quotient } else { quotient.add(&Natural::from_u64(1)) },
            exponent: -DIVISION_PLACES,
        })
    }

    fn at_exponent(&self, exponent: i64) -> Natural {
        self.magnitude.mul(&power_of_ten(self.exponent - exponent))
    }
}

/// Returns ten to the power of the exponent's absolute value.
fn power_of_ten(exponent: i64) -> Natural {
    let mut power = Natural::from_u64(1);
    let mut factor = Natural::from_u64(10);
    let mut bits = exponent.unsigned_abs();
    while bits != 0 {
        if bits & 1 == 1 {
            power = power.mul(&factor);
        }
        bits >>= 1;
        if bits != 0 {
            factor = factor.mul(&factor);
        }
    }
    power
}

/// Returns the decimal digits.
fn digits(number: &Natural) -> String {
    const CHUNK: u64 = 10_000_000_000_000_000_000;
    let mut chunks = Vec::new();
    let mut rest = number.clone();
    while !rest.is_zero() {
        let (quotient, chunk) = rest.div_rem_small(CHUNK);
        chunks.push(chunk);
        rest = quotient;
    }
    let mut text = chunks.pop().unwrap_or(0).to_string();
    for chunk in chunks.iter().rev() {
        text.push_str(&format!("{chunk:019}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(number: f64) -> Decimal {
        Decimal::from_float(number).unwrap()
    }

    #[test]
    fn sums_are_decimal() {
        assert_eq!(decimal(0.1).add(&decimal(0.2)).to_float(), 0.3);
        assert_eq!(decimal(1.0).sub(&decimal(1.5)).to_float(), -0.5);
        assert_eq!(decimal(-1.5).mul(&decimal(1e300)).to_float(), -1.5e300);
    }

    #[test]
    fn quotients_keep_sixteen_places() {
        assert_eq!(decimal(1.0).div(&decimal(7.0)).unwrap().to_float(), 0.1428571428571429);
        assert_eq!(decimal(2.0).div(&decimal(-3.0)).unwrap().to_float(), -0.6666666666666667);
        assert_eq!(decimal(1e-20).div(&decimal(1.0)).unwrap().to_float(), 0.0);
        assert!(decimal(1.0).div(&decimal(0.0)).is_err());
    }
}
