//! A text of a known length that is fetched when it is first read, or never.

use std::cell::OnceCell;

use crate::Str;

/// What fetches a text.
pub(crate) type Fetch = Box<dyn Fn() -> Str>;

/// A text that is not there yet.
pub(crate) struct Deferred {
    len: usize,
    fetch: Fetch,
    text: OnceCell<Str>,
}

impl Deferred {
    /// `fetch` must return a text of `len` bytes, always the same.
    pub(crate) fn new(len: usize, fetch: Fetch) -> Self {
        Deferred { len, fetch, text: OnceCell::new() }
    }

    /// Returns the length of the text without fetching it.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Returns the text.
    pub(crate) fn text(&self) -> &Str {
        self.text.get_or_init(|| (self.fetch)())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use crate::Str;

    #[test]
    fn a_text_is_fetched_once_and_not_for_its_length() {
        let fetched = Rc::new(Cell::new(0));
        let counter = fetched.clone();
        let text = Str::deferred(5, move || {
            counter.set(counter.get() + 1);
            Str::from("hello")
        });
        assert_eq!((text.len(), text.is_empty(), fetched.get()), (5, false, 0));
        assert_eq!(text, Str::from("hello"));
        assert_eq!(text.clone().as_bytes(), b"hello");
        assert_eq!(fetched.get(), 1);
    }
}
