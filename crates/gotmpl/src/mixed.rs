//! A number that tells most texts apart, quickly. Whoever chooses texts can make two that have the same.

/// Returns the number of a text.
pub(crate) fn mixed(text: &[u8]) -> u64 {
    const ODD: u64 = 0x9E37_79B9_7F4A_7C15;
    let mix = |number: u64, word: u64| (number.rotate_left(23) ^ word).wrapping_mul(ODD);
    let (words, _) = text.as_chunks();
    let mixed = words.iter().fold(text.len() as u64, |number, word| mix(number, u64::from_le_bytes(*word)));
    match text.last_chunk() {
        Some(last) => mix(mixed, u64::from_le_bytes(*last)),
        None => text.iter().fold(mixed, |number, byte| mix(number, u64::from(*byte))),
    }
}
