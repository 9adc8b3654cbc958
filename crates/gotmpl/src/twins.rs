//! Texts that are equal: a library of templates comes again in every subchart that uses it.

use std::collections::HashMap;

use value::Str;

use crate::mixed::mixed;

/// How many bytes of each end of a text are looked at: to read all of it would take a tenth as long as parsing it.
const END_BYTES: usize = 512;

/// Texts by what they are. Of several that are taken for one by their numbers, the first counts alone.
#[derive(Default)]
pub(crate) struct Known(HashMap<u64, (usize, Str)>);

impl Known {
    /// Returns the number of a text that is equal; if there is none, this one gets the number.
    pub(crate) fn equal_or_add(&mut self, text: &Str, number: usize) -> Option<usize> {
        let (known, other) = self.0.entry(number_of(text)).or_insert_with(|| (number, text.clone()));
        (*known != number && other == text).then_some(*known)
    }
}

/// Returns a number that equal texts have in common.
fn number_of(text: &[u8]) -> u64 {
    match (text.first_chunk::<END_BYTES>(), text.last_chunk::<END_BYTES>()) {
        (Some(first), Some(last)) => mixed(first).rotate_left(32) ^ mixed(last) ^ text.len() as u64,
        _ => mixed(text),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_equal_throughout_counts() {
        let long = |middle: &str| Str::from(format!("{}{middle}{}", "a".repeat(1000), "b".repeat(1000)));
        let texts = [
            ("1", long("x")),
            ("2", long("y")),
            ("3", long("y")),
            ("4", Str::from("c")),
            ("5", Str::from("c")),
        ];
        // The ends tell the first from neither, and then the last counts alone.
        assert_eq!(last_equal(&texts), [None, Some(2), None, Some(4), None]);
        assert_eq!(last_equal(&texts[..2]), [None, None]);
    }
}
