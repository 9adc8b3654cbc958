//! Where random bytes come from.

/// A source of random bytes, for keys as good as the operating system's.
pub trait Entropy {
    /// Fills the buffer with random bytes.
    fn fill(&mut self, buffer: &mut [u8]);
}

/// What functions may ask of the world includes chance.
impl Entropy for &dyn value::Ambient {
    fn fill(&mut self, buffer: &mut [u8]) {
        self.fill_random(buffer);
    }
}

/// Returns a number below `bound` without bias, as Go's `rand.Int`; zero for a bound of zero.
pub(crate) fn below(entropy: &mut dyn Entropy, bound: u64) -> u64 {
    let mask = u64::MAX.checked_shr(bound.saturating_sub(1).leading_zeros()).unwrap_or(0);
    loop {
        let mut bytes = [0; 8];
        entropy.fill(&mut bytes);
        let number = u64::from_le_bytes(bytes) & mask;
        if number < bound || bound == 0 {
            return if bound == 0 { 0 } else { number };
        }
    }
}

/// A fixed sequence, for tests: splitmix64.
#[cfg(test)]
pub(crate) struct Sequence(pub(crate) u64);

#[cfg(test)]
impl Entropy for Sequence {
    fn fill(&mut self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = self.0;
            mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^= mixed >> 31;
            chunk.copy_from_slice(&mixed.to_le_bytes()[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_below_their_bound() {
        let mut entropy = Sequence(1);
        for bound in [1, 2, 3, 10, 62, u64::MAX] {
            assert!((0..100).all(|_| below(&mut entropy, bound) < bound));
        }
        assert_eq!(below(&mut entropy, 0), 0);
    }
}
