//! Random primes: a sieve over a window of candidates, then strong tests.

use super::entropy::Entropy;
use super::montgomery::Modulus;
use super::natural::Natural;

/// Candidates of one window; a 2048-bit window holds about eleven primes of the right form.
const WINDOW: usize = 1 << 14;

/// Rounds with random bases after the one with base two (FIPS 186-5, table B.1).
const ROUNDS: usize = 5;

/// Small odd primes to sieve with.
pub(crate) struct SmallPrimes(Vec<u32>);

impl SmallPrimes {
    /// Lists the odd primes below `limit`.
    pub(crate) fn below(limit: usize) -> Self {
        let mut composite = vec![false; limit];
        let mut primes = Vec::new();
        for number in (3..limit).step_by(2) {
            if composite[number] {
                continue;
            }
            primes.push(number as u32);
            for multiple in (number.saturating_mul(number)..limit).step_by(number * 2) {
                composite[multiple] = true;
            }
        }
        Self(primes)
    }

    /// Lists as many primes as pay for themselves with primes of `bits` bits (measured).
    pub(crate) fn for_size(bits: usize) -> Self {
        Self::below((bits * bits / 16).clamp(1 << 10, 1 << 18))
    }
}

/// Returns a random prime that is 7 modulo 8 (as Go's RSA keys have them), has the two highest of its `bits`
/// bits set, and is not 1 modulo `exponent`.
pub(crate) fn random(bits: usize, exponent: u64, small: &SmallPrimes, entropy: &mut dyn Entropy) -> Natural {
    loop {
        let start = random_start(bits, entropy);
        let sieve = sieve(&start, small);
        for index in (0..WINDOW).filter(|&index| !sieve[index]) {
            let candidate = start.add(&Natural::from_u64(8 * index as u64));
            let coprime = candidate.minus_one().div_rem_small(exponent).1 != 0;
            if coprime && candidate.bit_length() == bits && is_prime(&candidate, entropy) {
                return candidate;
            }
        }
    }
}

/// Returns a random prime of `bits` bits that is one more than a multiple of `divisor` (an odd prime); nothing
/// if there is none near where the search started.
pub(crate) fn random_multiple_and_one(
    bits: usize,
    divisor: &Natural,
    entropy: &mut dyn Entropy,
) -> Option<Natural> {
    let small = SmallPrimes::for_size(bits / 8);
    let double = divisor.add(divisor);
    let step = double.add(&double);
    let start = random_start(bits, entropy);
    let mut candidate = start.checked_sub(&start.rem(&step))?.add(&double).add(&Natural::from_u64(1));
    // An odd multiple of the double makes the candidate 3 modulo 4.
    while candidate.bit_length() == bits {
        let divisible = small.0.chunks(2).any(|pair| {
            let remainder = remainder_of(&candidate, pair.iter().map(|&prime| u64::from(prime)).product());
            pair.iter().any(|&prime| remainder.is_multiple_of(prime.into()))
        });
        if !divisible && is_prime(&candidate, entropy) {
            return Some(candidate);
        }
        candidate = candidate.add(&step);
    }
    None
}

/// Tells whether a number that is 3 modulo 4 is prime, as sure as FIPS 186-5 wants it.
pub(crate) fn is_prime(candidate: &Natural, entropy: &mut dyn Entropy) -> bool {
    let Some(modulus) = Modulus::new(candidate) else { return false };
    modulus.passes_strong_test_to_base_two()
        && (0..ROUNDS).all(|_| modulus.passes_strong_test(&random_base(candidate, entropy)))
}

/// A number from 2 to `candidate - 2`; the bias of the remainder is below 2^-64.
fn random_base(candidate: &Natural, entropy: &mut dyn Entropy) -> Natural {
    let mut bytes = vec![0; candidate.bit_length() / 8 + 9];
    entropy.fill(&mut bytes);
    let range = candidate.checked_sub(&Natural::from_u64(3)).unwrap_or_default();
    Natural::from_be_bytes(&bytes).rem(&range).add(&Natural::from_u64(2))
}

fn random_start(bits: usize, entropy: &mut dyn Entropy) -> Natural {
    let mut bytes = vec![0; bits.div_ceil(8)];
    entropy.fill(&mut bytes);
    let excess = bytes.len() * 8 - bits;
    bytes[0] &= 0xff >> excess;
    bytes[0] |= 0x80 >> excess;
    let second = usize::from(excess == 7);
    bytes[second] |= if second == 1 { 0x80 } else { 0x40 >> excess };
    if let Some(last) = bytes.last_mut() {
        *last |= 7;
    }
    Natural::from_be_bytes(&bytes)
}

/// Marks the multiples of small primes among `start + 8 * index`.
fn sieve(start: &Natural, small: &SmallPrimes) -> Vec<bool> {
    let mut composite = vec![false; WINDOW];
    // Two primes share one pass over the number: their product stays below 2^36, the remainder fits.
    for pair in small.0.chunks(2) {
        let product = pair.iter().map(|&prime| u64::from(prime)).product();
        let remainder = remainder_of(start, product);
        for &prime in pair {
            let first = first_multiple((remainder % u64::from(prime)) as u32, prime);
            composite[first.min(WINDOW)..].iter_mut().step_by(prime as usize).for_each(|mark| *mark = true);
        }
    }
    composite
}

/// The smallest index with `remainder + 8 * index = 0` modulo `prime`.
fn first_multiple(remainder: u32, prime: u32) -> usize {
    let halve = |number: u32| if number.is_multiple_of(2) { number / 2 } else { (number + prime) / 2 };
    halve(halve(halve((prime - remainder) % prime))) as usize
}

/// Remainder by a number below 2^36, 28 bits at a time so that 64-bit division is enough.
fn remainder_of(number: &Natural, divisor: u64) -> u64 {
    let mut remainder = 0;
    for &limb in number.limbs().iter().rev() {
        remainder = (remainder << 28 | limb >> 36) % divisor;
        remainder = (remainder << 28 | limb >> 8 & 0xfff_ffff) % divisor;
        remainder = (remainder << 8 | limb & 0xff) % divisor;
    }
    remainder
}

#[cfg(test)]
mod tests {
    use super::super::entropy::Sequence;
    use super::*;

    #[test]
    fn small_primes_are_listed() {
        assert_eq!(SmallPrimes::below(30).0, [3, 5, 7, 11, 13, 17, 19, 23, 29]);
    }

    #[test]
    fn the_sieve_marks_exactly_the_multiples() {
        let start = random_start(256, &mut Sequence(3));
        let small = SmallPrimes::below(1000);
        let marks = sieve(&start, &small);
        for (index, &mark) in marks.iter().enumerate().take(300) {
            let candidate = start.add(&Natural::from_u64(8 * index as u64));
            let divisible = small.0.iter().any(|&prime| candidate.div_rem_small(prime.into()).1 == 0);
            assert_eq!(mark, divisible, "{index}");
        }
    }

    #[test]
    fn a_random_prime_has_its_size_and_form() {
        for bits in [64, 65, 127, 128, 200, 256] {
            let prime = random(bits, 65537, &SmallPrimes::for_size(bits), &mut Sequence(bits as u64));
            assert_eq!(prime.bit_length(), bits);
            assert!(prime.bit(bits - 2));
            assert_eq!(prime.limbs()[0] % 8, 7);
        }
    }
}
