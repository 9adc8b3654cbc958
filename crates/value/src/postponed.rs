//! A text whose large parts are printed when it is read, or never.

use std::cell::OnceCell;
use std::cmp::Ordering;
use std::rc::Rc;

use crate::Object;

/// Where objects that are not printed yet belong in a text, in order.
pub(crate) type Gaps = Vec<(usize, Rc<dyn Object>)>;

/// A text with gaps, and the whole text once somebody wanted it.
pub(crate) struct Postponed {
    text: Vec<u8>,
    gaps: Gaps,
    whole: OnceCell<Vec<u8>>,
}

impl Postponed {
    /// The objects' printed form must never change. There must be at least one gap, and none at the beginning.
    pub(crate) fn new(text: Vec<u8>, gaps: Gaps) -> Self {
        Postponed { text, gaps, whole: OnceCell::new() }
    }

    /// Returns the whole text.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.whole.get_or_init(|| {
            let mut whole = Vec::with_capacity(self.text.len());
            let mut done = 0;
            for (at, object) in &self.gaps {
                whole.extend_from_slice(self.text.get(done..*at).unwrap_or_default());
                object.print_to(&mut whole);
                done = *at;
            }
            whole.extend_from_slice(self.text.get(done..).unwrap_or_default());
            whole
        })
    }

    /// Compares with a text, if what stands before the first gap settles it.
    pub(crate) fn cmp_by_beginning(&self, other: &[u8]) -> Option<Ordering> {
        let end = self.gaps.first().map_or(0, |(at, _)| *at);
        let beginning = self.text.get(..end).unwrap_or_default();
        if other.len() <= beginning.len() && beginning.starts_with(other) {
            // The gap is still to come, and no such object prints nothing.
            return Some(Ordering::Greater);
        }
        let shared = beginning.len().min(other.len());
        match beginning.get(..shared)?.cmp(other.get(..shared)?) {
            Ordering::Equal => None,
            order => Some(order),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use crate::Str;
    use crate::time::Duration;

    #[test]
    fn a_text_with_a_gap_is_the_same_as_one_without() {
        let text = Str::postponed(b"map[a:]".to_vec(), vec![(6, Rc::new(Duration(1)))]);
        let [b, n, start] = ["b", "n", "map[a:"].map(Str::from);
        assert!(text > b && text < n && text != start);
        assert!(b < text && n > text);
        assert!(text.starts_with(b"map[a:") && text.len() > 7);
        assert_eq!(text, Str::from(&*text));
        assert_eq!(text, text.clone());
    }
}
