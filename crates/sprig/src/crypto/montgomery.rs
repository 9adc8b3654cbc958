//! Multiplication and powers modulo an odd number (Montgomery's form). Sizes of RSA and DSA keys run through
//! loops of fixed length, others through the same loops over slices. Not constant time.

use super::natural::{Natural, add_product, add_with_carry, subtract_in_place};

/// An odd modulus with what Montgomery multiplication needs to know of it.
pub(crate) struct Modulus {
    value: Natural,
    limbs: Vec<u64>,
    /// `-1 / limbs[0]` modulo 2^64.
    inverse: u64,
    /// 1 in Montgomery form: R mod n.
    one: Vec<u64>,
    /// R^2 mod n, which brings a number into Montgomery form.
    square: Vec<u64>,
}

/// Room for a product and the running value, so that the loops do not allocate.
struct Work {
    wide: Vec<u64>,
    middle: Vec<u64>,
}

impl Modulus {
    /// Prepares a modulus; an even number or one has none.
    pub(crate) fn new(value: &Natural) -> Option<Self> {
        if !value.is_odd() || value.is_one() {
            return None;
        }
        let limbs = value.limbs().to_vec();
        let power = |exponent: usize| {
            let mut limbs = vec![0; exponent];
            limbs.push(1);
            padded(&Natural::from_limbs(&limbs).rem(value), value.limbs().len())
        };
        let (one, square) = (power(limbs.len()), power(limbs.len() * 2));
        Some(Self { inverse: negative_inverse(limbs[0]), one, square, value: value.clone(), limbs })
    }

    /// Returns `base ^ exponent` modulo this number.
    pub(crate) fn power(&self, base: &Natural, exponent: &Natural) -> Natural {
        let mut work = self.work();
        let base = self.enter(base, &mut work);
        let result = self.power_inside(&base, exponent, &mut work);
        self.leave(result, &mut work)
    }

    /// Returns `a * b` modulo this number.
    pub(crate) fn product(&self, a: &Natural, b: &Natural) -> Natural {
        a.mul(b).rem(&self.value)
    }

    /// Tells whether `base ^ ((n - 1) / 2)` is 1 or -1: Euler's test, which for n = 3 mod 4 is the strong test
    /// of Miller and Rabin.
    pub(crate) fn passes_strong_test(&self, base: &Natural) -> bool {
        let mut work = self.work();
        let base = self.enter(base, &mut work);
        let result = self.power_inside(&base, &self.value.shift_right_one(), &mut work);
        self.is_plus_or_minus_one(&result)
    }

    /// Does the same with base 2, where every multiplication is a doubling.
    pub(crate) fn passes_strong_test_to_base_two(&self) -> bool {
        let mut work = self.work();
        let exponent = self.value.shift_right_one();
        let mut result = self.one.clone();
        for index in (0..exponent.bit_length()).rev() {
            self.square_in_place(&mut result, &mut work);
            if exponent.bit(index) {
                self.double_in_place(&mut result);
            }
        }
        self.is_plus_or_minus_one(&result)
    }

    fn work(&self) -> Work {
        Work { wide: vec![0; self.limbs.len() * 2], middle: vec![0; self.limbs.len()] }
    }

    fn is_plus_or_minus_one(&self, inside: &[u64]) -> bool {
        let one = Natural::from_limbs(&self.one);
        let inside = Natural::from_limbs(inside);
        inside == one || inside.add(&one) == self.value
    }

    fn enter(&self, number: &Natural, work: &mut Work) -> Vec<u64> {
        let mut inside = padded(&number.rem(&self.value), self.limbs.len());
        self.multiply_in_place(&mut inside, &self.square, work);
        inside
    }

    fn leave(&self, mut inside: Vec<u64>, work: &mut Work) -> Natural {
        let mut one = vec![0; self.limbs.len()];
        one[0] = 1;
        self.multiply_in_place(&mut inside, &one, work);
        Natural::from_limbs(&inside)
    }

    /// Left-to-right with windows of four bits.
    fn power_inside(&self, base: &[u64], exponent: &Natural, work: &mut Work) -> Vec<u64> {
        const WINDOW: usize = 4;
        let mut powers = vec![self.one.clone(), base.to_vec()];
        for index in 2..1 << WINDOW {
            let mut next: Vec<u64> = powers[index - 1].clone();
            self.multiply_in_place(&mut next, base, work);
            powers.push(next);
        }
        let mut result = self.one.clone();
        for window in (0..exponent.bit_length().div_ceil(WINDOW)).rev() {
            for _ in 0..WINDOW {
                self.square_in_place(&mut result, work);
            }
            let digit = (0..WINDOW)
                .rev()
                .fold(0, |digit, bit| digit << 1 | usize::from(exponent.bit(window * WINDOW + bit)));
            if digit != 0 {
                self.multiply_in_place(&mut result, &powers[digit], work);
            }
        }
        result
    }

    fn double_in_place(&self, number: &mut [u64]) {
        let mut carry = 0;
        for limb in number.iter_mut() {
            (*limb, carry) = (*limb << 1 | carry, *limb >> 63);
        }
        subtract_if_not_less(number, &self.limbs, carry != 0);
    }

    fn square_in_place(&self, number: &mut [u64], work: &mut Work) {
        match self.limbs.len() {
            16 => square_fixed::<16, 8, 32>(number, work, &self.limbs, self.inverse),
            32 => square_fixed::<32, 16, 64>(number, work, &self.limbs, self.inverse),
            _ => {
                cross_products(number, &mut work.wide);
                double_and_add_squares(number, &mut work.wide);
                reduce(number, &mut work.wide, &self.limbs, self.inverse);
            }
        }
    }

    fn multiply_in_place(&self, number: &mut [u64], other: &[u64], work: &mut Work) {
        multiply(number, other, &mut work.wide);
        reduce(number, &mut work.wide, &self.limbs, self.inverse);
    }
}

/// Knows the lengths at compile time, which lets the compiler unroll and drop the bounds checks. The halves'
/// product is apart because its rows all have the same length (a quarter less time than one triangle).
fn square_fixed<const N: usize, const HALF: usize, const WIDE: usize>(
    number: &mut [u64],
    work: &mut Work,
    modulus: &[u64],
    inverse: u64,
) {
    let number: Result<&mut [u64; N], _> = number.try_into();
    let wide: Result<&mut [u64; WIDE], _> = work.wide.as_mut_slice().try_into();
    let middle: Result<&mut [u64; N], _> = work.middle.as_mut_slice().try_into();
    let modulus: Result<&[u64; N], _> = modulus.try_into();
    let (Ok(number), Ok(wide), Ok(middle), Ok(modulus)) = (number, wide, middle, modulus) else { return };
    let (low, high) = number.split_at(HALF);
    let (wide_low, wide_high) = wide.split_at_mut(N);
    cross_products(low, wide_low);
    cross_products(high, wide_high);
    multiply(low, high, middle);
    let mut carry = false;
    for (limb, &amount) in wide[HALF..].iter_mut().zip(middle.iter()) {
        (*limb, carry) = add_with_carry(*limb, amount, carry);
    }
    for limb in &mut wide[HALF + N..] {
        (*limb, carry) = add_with_carry(*limb, 0, carry);
    }
    double_and_add_squares(number, wide);
    reduce(number, wide, modulus, inverse);
}

#[inline(always)]
fn multiply(a: &[u64], b: &[u64], wide: &mut [u64]) {
    wide.fill(0);
    for (index, &limb) in a.iter().enumerate() {
        let (row, above) = wide[index..].split_at_mut(b.len());
        above[0] = add_product(row, b, limb);
    }
}

/// The products of all pairs of different limbs.
#[inline(always)]
fn cross_products(number: &[u64], wide: &mut [u64]) {
    let length = number.len();
    wide.fill(0);
    for index in 0..length {
        let (row, above) = wide[index * 2 + 1..].split_at_mut(length - index - 1);
        above[0] = add_product(row, &number[index + 1..], number[index]);
    }
}

#[inline(always)]
fn double_and_add_squares(number: &[u64], wide: &mut [u64]) {
    let mut shifted_out = 0;
    let mut carry = false;
    for (pair, &limb) in wide.chunks_exact_mut(2).zip(number.iter()) {
        let square = u128::from(limb) * u128::from(limb);
        let (low, high) = (pair[0] << 1 | shifted_out, pair[1] << 1 | pair[0] >> 63);
        shifted_out = pair[1] >> 63;
        (pair[0], carry) = add_with_carry(low, square as u64, carry);
        (pair[1], carry) = add_with_carry(high, (square >> 64) as u64, carry);
    }
}

/// Divides `wide` by R modulo the modulus.
#[inline(always)]
fn reduce(result: &mut [u64], wide: &mut [u64], modulus: &[u64], inverse: u64) {
    let length = modulus.len();
    let mut overflow = false;
    for index in 0..length {
        let (row, above) = wide[index..].split_at_mut(length);
        let carry = add_product(row, modulus, row[0].wrapping_mul(inverse));
        (above[0], overflow) = add_with_carry(above[0], carry, overflow);
    }
    result.copy_from_slice(&wide[length..]);
    subtract_if_not_less(result, modulus, overflow);
}

#[inline(always)]
fn subtract_if_not_less(number: &mut [u64], modulus: &[u64], overflow: bool) {
    if overflow || number.iter().rev().ge(modulus.iter().rev()) {
        subtract_in_place(number, modulus);
    }
}

fn padded(number: &Natural, length: usize) -> Vec<u64> {
    let mut limbs = number.limbs().to_vec();
    limbs.resize(length, 0);
    limbs
}

/// Newton's iteration: each step doubles the number of right bits.
fn negative_inverse(odd: u64) -> u64 {
    let mut inverse = odd;
    for _ in 0..5 {
        inverse = inverse.wrapping_mul(2_u64.wrapping_sub(odd.wrapping_mul(inverse)));
    }
    inverse.wrapping_neg()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slow_power(base: u64, exponent: u64, modulus: &Natural) -> Natural {
        (0..exponent).fold(Natural::from_u64(1), |power, _| power.mul(&Natural::from_u64(base)).rem(modulus))
    }

    #[test]
    fn powers_are_those_of_repeated_multiplication() {
        for length in [1, 2, 3, 15, 16, 17, 32, 33] {
            let limbs: Vec<u64> =
                (0..length).map(|index| 0x9e37_79b9_7f4a_7c15_u64.rotate_left(index) | 1).collect();
            let number = Natural::from_limbs(&limbs);
            let modulus = Modulus::new(&number).unwrap();
            let power = modulus.power(&Natural::from_u64(0xffff_ffff_ffff_fff3), &Natural::from_u64(1234));
            assert_eq!(power, slow_power(0xffff_ffff_ffff_fff3, 1234, &number));
        }
    }

    #[test]
    fn even_numbers_and_one_are_no_modulus() {
        assert!(Modulus::new(&Natural::from_u64(10)).is_none());
        assert!(Modulus::new(&Natural::from_u64(1)).is_none());
        assert!(Modulus::new(&Natural::default()).is_none());
    }

    #[test]
    fn strong_test_tells_small_primes_from_composites() {
        let is_prime = |number: u64| (2..number).all(|divisor| !number.is_multiple_of(divisor));
        for number in (7..3000).step_by(4) {
            let modulus = Modulus::new(&Natural::from_u64(number)).unwrap();
            let passes =
                modulus.passes_strong_test_to_base_two() && modulus.passes_strong_test(&Natural::from_u64(3));
            assert_eq!(passes, is_prime(number), "{number}");
        }
    }
}
