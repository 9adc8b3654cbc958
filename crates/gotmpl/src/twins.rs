//! Texts that are equal: a library of templates comes again in every subchart that uses it.

use std::collections::HashMap;

use value::Str;

use crate::mixed::mixed;

/// Texts by what they are. Of several that are taken for one by their numbers, the first counts alone.
#[derive(Default)]
pub(crate) struct Known(HashMap<u64, (usize, Str)>);

impl Known {
    /// Returns the number of a text that is equal; if there is none, this one gets the number.
    pub(crate) fn equal_or_add(&mut self, text: &Str, number: usize) -> Option<usize> {
        let (known, other) = self.0.entry(mixed(text)).or_insert_with(|| (number, text.clone()));
        (*known != number && other == text).then_some(*known)
    }
}

/// Returns for each text the number of the last one that is equal, if it is another.
pub(crate) fn last_equal(texts: &[(&str, Str)]) -> Vec<Option<usize>> {
    let mut known = Known::default();
    let mut equal: Vec<Option<usize>> =
        texts.iter().enumerate().rev().map(|(number, (_, text))| known.equal_or_add(text, number)).collect();
    equal.reverse();
    equal
}
