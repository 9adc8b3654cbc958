//! Paths of fields that a text has named already: the same ones stand in it again and again.

use crate::ast::PathId;

/// How many paths are remembered. A power of two.
const REMEMBERED: usize = 128;

/// Some of the paths of a text as they are written, where their last letters put them. One that puts itself in the
/// place of another only makes the other be noted twice.
pub(super) struct Remembered<'a>([(&'a [u8], PathId); REMEMBERED]);

impl Default for Remembered<'_> {
    fn default() -> Self {
        Remembered([(&[], PathId::EMPTY); REMEMBERED])
    }
}

impl<'a> Remembered<'a> {
    /// Returns the number of the path that is written so, which `note` gives it if it is not remembered.
    pub(super) fn path(&mut self, written: &'a [u8], note: impl FnOnce(&'a [u8]) -> PathId) -> PathId {
        let (known, path) = &mut self.0[place_of(written)];
        if *known != written {
            (*known, *path) = (written, note(written));
        }
        *path
    }
}

/// Returns a place that length and last letters tell apart for most paths.
fn place_of(written: &[u8]) -> usize {
    let letters = written.iter().rev().take(8);
    letters.fold(written.len(), |place, byte| place.wrapping_mul(31).wrapping_add(usize::from(*byte)))
        % REMEMBERED
}
