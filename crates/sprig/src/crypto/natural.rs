//! Natural numbers of any size, as far as RSA and DSA keys need them: little-endian 64-bit limbs without
//! leading zeros. Not constant time.

use std::cmp::Ordering;

/// A natural number of any size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Natural(Vec<u64>);

impl Natural {
    /// Makes a number from limbs, least significant first.
    pub(crate) fn from_limbs(limbs: &[u64]) -> Self {
        let length = limbs.iter().rposition(|&limb| limb != 0).map_or(0, |last| last + 1);
        Self(limbs[..length].to_vec())
    }

    pub(crate) fn from_u64(value: u64) -> Self {
        Self::from_limbs(&[value])
    }

    pub(crate) fn from_be_bytes(bytes: &[u8]) -> Self {
        let limbs: Vec<u64> = bytes
            .rchunks(8)
            .map(|chunk| chunk.iter().fold(0, |limb, &byte| limb << 8 | u64::from(byte)))
            .collect();
        Self::from_limbs(&limbs)
    }

    /// Returns the shortest big-endian form; zero is empty.
    pub(crate) fn to_be_bytes(&self) -> Vec<u8> {
        let bytes: Vec<u8> = self.0.iter().rev().flat_map(|limb| limb.to_be_bytes()).collect();
        let start = bytes.iter().position(|&byte| byte != 0).unwrap_or(bytes.len());
        bytes[start..].to_vec()
    }

    /// Returns the big-endian form filled up with zeros in front to `length` bytes (longer if it needs more).
    pub(crate) fn to_padded_be_bytes(&self, length: usize) -> Vec<u8> {
        let bytes = self.to_be_bytes();
        let mut padded = vec![0; length.saturating_sub(bytes.len())];
        padded.extend(bytes);
        padded
    }

    pub(crate) fn limbs(&self) -> &[u64] {
        &self.0
    }

    pub(crate) fn bit_length(&self) -> usize {
        self.0.last().map_or(0, |last| self.0.len() * 64 - last.leading_zeros() as usize)
    }

    pub(crate) fn bit(&self, index: usize) -> bool {
        self.0.get(index / 64).is_some_and(|limb| limb >> (index % 64) & 1 == 1)
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn is_one(&self) -> bool {
        self.0 == [1]
    }

    pub(crate) fn is_odd(&self) -> bool {
        self.bit(0)
    }

    pub(crate) fn add(&self, other: &Self) -> Self {
        let (long, short) = if self.0.len() >= other.0.len() { (self, other) } else { (other, self) };
        let mut sum = long.0.clone();
        let mut carry = false;
        for (index, limb) in sum.iter_mut().enumerate() {
            (*limb, carry) = add_with_carry(*limb, short.0.get(index).copied().unwrap_or(0), carry);
        }
        if carry {
            sum.push(1);
        }
        Self(sum)
    }

    /// Returns the difference, or nothing when `other` is larger.
    pub(crate) fn checked_sub(&self, other: &Self) -> Option<Self> {
        if *self < *other {
            return None;
        }
        let mut difference = self.0.clone();
        subtract_in_place(&mut difference, &other.0);
        Some(Self::from_limbs(&difference))
    }

    /// Returns the distance between two numbers.
    pub(crate) fn abs_diff(&self, other: &Self) -> Self {
        self.checked_sub(other).or_else(|| other.checked_sub(self)).unwrap_or_default()
    }

    /// Returns the number less one; zero stays zero.
    pub(crate) fn minus_one(&self) -> Self {
        self.checked_sub(&Self::from_u64(1)).unwrap_or_default()
    }

    pub(crate) fn mul(&self, other: &Self) -> Self {
        let mut product = vec![0; self.0.len() + other.0.len()];
        for (index, &limb) in self.0.iter().enumerate() {
            let (row, above) = product[index..].split_at_mut(other.0.len());
            if let Some(first) = above.first_mut() {
                *first = add_product(row, &other.0, limb);
            }
        }
        Self::from_limbs(&product)
    }

    pub(crate) fn shift_right_one(&self) -> Self {
        let shifted: Vec<u64> = (0..self.0.len())
            .map(|index| self.0[index] >> 1 | self.0.get(index + 1).map_or(0, |next| next << 63))
            .collect();
        Self::from_limbs(&shifted)
    }

    /// Divides by a small number: quotient and remainder. Dividing by zero gives zeros.
    pub(crate) fn div_rem_small(&self, divisor: u64) -> (Self, u64) {
        if divisor == 0 {
            return Default::default();
        }
        let mut quotient = self.0.clone();
        let mut remainder = 0_u128;
        for limb in quotient.iter_mut().rev() {
            let dividend = remainder << 64 | u128::from(*limb);
            *limb = (dividend / u128::from(divisor)) as u64;
            remainder = dividend % u128::from(divisor);
        }
        (Self::from_limbs(&quotient), remainder as u64)
    }

    /// Divides: quotient and remainder (Knuth's algorithm D). Dividing by zero gives zeros.
    pub(crate) fn div_rem(&self, divisor: &Self) -> (Self, Self) {
        let [.., second, top] = divisor.0[..] else {
            let (quotient, remainder) = self.div_rem_small(divisor.0.first().copied().unwrap_or(0));
            return (quotient, Self::from_u64(remainder));
        };
        if *self < *divisor {
            return (Self::default(), self.clone());
        }
        let shift = top.leading_zeros();
        let head = [second, top];
        let low = divisor.0.len().checked_sub(3).map_or(0, |index| divisor.0[index]);
        let head = normalized_head(head, low, shift);
        let small = shift_left(&divisor.0, shift);
        let mut rest = shift_left(&self.0, shift);
        rest.push(0);
        let length = divisor.0.len();
        let small = &small[..length];
        let mut quotient = vec![0; rest.len() - length];
        for index in (0..quotient.len()).rev() {
            let window = &mut rest[index..=index + length];
            quotient[index] = divide_step(window, small, head);
        }
        (Self::from_limbs(&quotient), Self::from_limbs(&shift_right(&rest[..length], shift)))
    }

    pub(crate) fn rem(&self, divisor: &Self) -> Self {
        self.div_rem(divisor).1
    }

    pub(crate) fn gcd(&self, other: &Self) -> Self {
        let (mut a, mut b) = (self.clone(), other.clone());
        while !b.is_zero() {
            (a, b) = (b.clone(), a.rem(&b));
        }
        a
    }
}

impl PartialOrd for Natural {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Natural {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }
}

/// Adds `row * factor` to `sum` and returns what does not fit.
#[inline(always)]
pub(crate) fn add_product(sum: &mut [u64], row: &[u64], factor: u64) -> u64 {
    let mut carry = 0_u64;
    for (sum, &limb) in sum.iter_mut().zip(row) {
        let wide = u128::from(limb) * u128::from(factor) + u128::from(*sum) + u128::from(carry);
        *sum = wide as u64;
        carry = (wide >> 64) as u64;
    }
    carry
}

#[inline(always)]
pub(crate) fn add_with_carry(a: u64, b: u64, carry: bool) -> (u64, bool) {
    let (sum, first) = a.overflowing_add(b);
    let (sum, second) = sum.overflowing_add(u64::from(carry));
    (sum, first | second)
}

#[inline(always)]
pub(crate) fn subtract_with_borrow(a: u64, b: u64, borrow: bool) -> (u64, bool) {
    let (difference, first) = a.overflowing_sub(b);
    let (difference, second) = difference.overflowing_sub(u64::from(borrow));
    (difference, first | second)
}

/// Subtracts, treating missing limbs as zero, and returns the borrow.
#[inline(always)]
pub(crate) fn subtract_in_place(from: &mut [u64], amount: &[u64]) -> bool {
    let mut borrow = false;
    for (index, limb) in from.iter_mut().enumerate() {
        (*limb, borrow) = subtract_with_borrow(*limb, amount.get(index).copied().unwrap_or(0), borrow);
    }
    borrow
}

fn add_in_place(to: &mut [u64], amount: &[u64]) {
    let mut carry = false;
    for (index, limb) in to.iter_mut().enumerate() {
        (*limb, carry) = add_with_carry(*limb, amount.get(index).copied().unwrap_or(0), carry);
    }
}

/// Subtracts as often as it goes the divisor (normalized, `window.len() - 1` limbs) from the window and
/// returns how often that was.
fn divide_step(window: &mut [u64], divisor: &[u64], [second, top]: [u64; 2]) -> u64 {
    let length = divisor.len();
    let dividend = u128::from(window[length]) << 64 | u128::from(window[length - 1]);
    let mut estimate = (dividend / u128::from(top)).min(u128::from(u64::MAX));
    let mut rest = dividend - estimate * u128::from(top);
    while rest >> 64 == 0 && estimate * u128::from(second) > (rest << 64 | u128::from(window[length - 2])) {
        estimate -= 1;
        rest += u128::from(top);
    }
    let mut product = vec![0; length];
    let carry = add_product(&mut product, divisor, estimate as u64);
    product.push(carry);
    if subtract_in_place(window, &product) {
        estimate -= 1;
        add_in_place(window, divisor);
    }
    estimate as u64
}

/// The two highest limbs of the divisor after normalization.
fn normalized_head([second, top]: [u64; 2], low: u64, shift: u32) -> [u64; 2] {
    if shift == 0 {
        return [second, top];
    }
    [second << shift | low >> (64 - shift), top << shift | second >> (64 - shift)]
}

/// Shifts by less than 64 bits; the result has one limb more.
fn shift_left(limbs: &[u64], shift: u32) -> Vec<u64> {
    let mut shifted = Vec::with_capacity(limbs.len() + 2);
    let mut below = 0;
    for &limb in limbs.iter().chain([&0]) {
        shifted.push(if shift == 0 { limb } else { limb << shift | below >> (64 - shift) });
        below = limb;
    }
    shifted
}

fn shift_right(limbs: &[u64], shift: u32) -> Vec<u64> {
    if shift == 0 {
        return limbs.to_vec();
    }
    (0..limbs.len())
        .map(|index| limbs[index] >> shift | limbs.get(index + 1).map_or(0, |next| next << (64 - shift)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(seed: u64, limbs: usize) -> Natural {
        let mut state = seed;
        let limbs: Vec<u64> = (0..limbs)
            .map(|_| {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                if state.is_multiple_of(7) { u64::MAX } else { state.rotate_left(17) ^ state }
            })
            .collect();
        Natural::from_limbs(&limbs)
    }

    #[test]
    fn division_is_the_inverse_of_multiplication() {
        for seed in 0..500 {
            let (a, b) = (number(seed, (seed % 17) as usize), number(seed + 1000, 1 + (seed % 9) as usize));
            let (quotient, remainder) = a.div_rem(&b);
            assert!(remainder < b);
            assert_eq!(quotient.mul(&b).add(&remainder), a);
        }
    }

    #[test]
    fn a_product_divides_without_remainder() {
        for seed in 0..300 {
            let (a, b) = (number(seed, 1 + (seed % 17) as usize), number(seed + 9, 1 + (seed % 9) as usize));
            assert_eq!(a.mul(&b).div_rem(&b), (a, Natural::default()));
        }
    }

    #[test]
    fn bytes_keep_their_value() {
        let bytes = [1, 0, 2, 3, 4, 5, 6, 7, 8, 9];
        assert_eq!(Natural::from_be_bytes(&bytes).to_be_bytes(), bytes);
        assert_eq!(Natural::from_be_bytes(&[0, 0, 7]).to_padded_be_bytes(4), [0, 0, 0, 7]);
        assert!(Natural::from_be_bytes(&[0, 0]).is_zero());
    }

    #[test]
    fn greatest_common_divisor_of_multiples() {
        let (a, b) = (Natural::from_u64(12 * 35), Natural::from_u64(12 * 143));
        assert_eq!(a.gcd(&b), Natural::from_u64(12));
    }
}
