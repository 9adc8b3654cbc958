//! What texts have had already: the same paths and actions stand in templates again and again.

use crate::mixed::mixed;

/// How many pieces are held together. A list that grows as a whole would be copied from room to room.
const BLOCK: usize = 128;

/// Some pieces of texts, and what was made of each. One that puts itself in the place of another only makes the other
/// be made twice.
pub(super) struct Remembered<'a, T> {
    /// The number of the piece of each place, from 1, or 0; as many as a power of two.
    places: Box<[u32]>,
    /// The pieces by their numbers, and what was made of each.
    blocks: Vec<Vec<(&'a [u8], T)>>,
}

impl<'a, T> Remembered<'a, T> {
    /// Returns room for at least so many.
    pub(super) fn new(least: usize) -> Self {
        Remembered { places: vec![0; least.next_power_of_two()].into(), blocks: Vec::new() }
    }

    /// Returns what was made of a piece that is written so, if that is remembered.
    pub(super) fn get(&self, written: &[u8]) -> Option<&T> {
        let number = (*self.places.get(self.place_of(written))? as usize).checked_sub(1)?;
        let (known, made) = self.blocks.get(number / BLOCK)?.get(number % BLOCK)?;
        (*known == written).then_some(made)
    }

    pub(super) fn insert(&mut self, written: &'a [u8], made: T) {
        let place = self.place_of(written);
        let Some(number) = self.places.get_mut(place) else { return };
        let known = (*number as usize).checked_sub(1);
        let known = known.and_then(|known| self.blocks.get_mut(known / BLOCK)?.get_mut(known % BLOCK));
        match known {
            Some(piece) => *piece = (written, made),
            None => *number = add(&mut self.blocks, (written, made)),
        }
    }

    fn place_of(&self, written: &[u8]) -> usize {
        // The best mixed bits are the uppermost.
        (mixed(written) >> 32) as usize & (self.places.len() - 1)
    }
}

/// Adds a piece and returns its number.
fn add<P>(blocks: &mut Vec<Vec<P>>, piece: P) -> u32 {
    if blocks.last().is_none_or(|block| block.len() == BLOCK) {
        blocks.push(Vec::with_capacity(BLOCK));
    }
    let before = (blocks.len() - 1) * BLOCK;
    blocks.last_mut().map_or(0, |block| {
        block.push(piece);
        (before + block.len()) as u32
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_otherwise_is_not_found() {
        let mut remembered = Remembered::new(100);
        let written: Vec<String> = (0..1000).map(|number| format!(" .Values.part{number} }}}}")).collect();
        for (number, text) in written.iter().enumerate() {
            remembered.insert(text.as_bytes(), number);
            assert_eq!(remembered.get(text.as_bytes()), Some(&number));
        }
        let kept: Vec<usize> =
            written.iter().filter_map(|text| remembered.get(text.as_bytes()).copied()).collect();
        // A good part of the 128 places is taken, each by the last that belongs there.
        assert!((100..=128).contains(&kept.len()), "{}", kept.len());
        assert!(kept.iter().all(|number| *number >= 100));
        assert_eq!(remembered.get(b" .Values.part }}"), None);
        assert_eq!(Remembered::<()>::new(0).get(b""), None);
    }
}
