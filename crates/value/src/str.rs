//! Go strings: immutable byte strings, cheap to clone, not necessarily UTF-8.

use std::borrow::{Borrow, Cow};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, Range};
use std::rc::Rc;

use crate::deferred::Deferred;
use crate::postponed::{Gaps, Postponed};

/// Longest string, in bytes, that is held in place without an allocation.
const INLINE_CAPACITY: usize = 22;

/// From this size on a buffer becomes a string as it is; smaller ones are copied, which gives their spare room back.
const ADOPTED_BYTES: usize = 4096;

/// From this size on a buffer with hardly any spare room becomes a string as it is: to copy it costs more.
const FULL_BYTES: usize = 512;

/// An immutable string of bytes with Go's semantics: usually UTF-8, but never required to be.
///
/// Short strings are held in place, longer ones are shared; a clone never copies more than 24 bytes.
#[derive(Clone)]
pub struct Str(Repr);

#[derive(Clone)]
enum Repr {
    Inline(u8, [u8; INLINE_CAPACITY]),
    Shared(Rc<[u8]>),
    /// A part of a longer text that is held once, such as a file of an archive: its start and length.
    Part(Rc<Vec<u8>>, u32, u32),
    Postponed(Rc<Postponed>),
    Deferred(Rc<Deferred>),
}

impl Str {
    /// Returns the empty string.
    pub const fn new() -> Self {
        Str(Repr::Inline(0, [0; INLINE_CAPACITY]))
    }

    /// Returns the bytes.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Repr::Inline(len, bytes) => bytes.get(..*len as usize).unwrap_or_default(),
            Repr::Shared(bytes) => bytes,
            Repr::Part(whole, start, len) => {
                whole.get(*start as usize..*start as usize + *len as usize).unwrap_or_default()
            }
            Repr::Postponed(text) => text.bytes(),
            Repr::Deferred(text) => text.text(),
        }
    }

    /// Returns the length in bytes; a text that is still to be fetched is not fetched for it.
    #[inline]
    pub fn len(&self) -> usize {
        match &self.0 {
            Repr::Inline(len, _) => *len as usize,
            Repr::Deferred(text) => text.len(),
            _ => self.as_bytes().len(),
        }
    }

    /// Returns whether there is nothing in it.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns a part of a text without copying it, unless it is short.
    pub fn part(whole: &Rc<Vec<u8>>, range: Range<usize>) -> Self {
        let bytes = whole.get(range.clone()).unwrap_or_default();
        match (u32::try_from(range.start), u32::try_from(bytes.len())) {
            (Ok(start), Ok(len)) if bytes.len() > INLINE_CAPACITY => {
                Str(Repr::Part(whole.clone(), start, len))
            }
            _ => Str::from(bytes),
        }
    }

    /// Returns a text of a known length that is fetched when it is first read.
    pub fn deferred(len: usize, fetch: impl Fn() -> Str + 'static) -> Self {
        Str(Repr::Deferred(Rc::new(Deferred::new(len, Box::new(fetch)))))
    }

    /// Returns a part of this text, given as a slice of it; a part of a part is not copied.
    pub fn part_of(&self, slice: &[u8]) -> Str {
        if let Repr::Deferred(text) = &self.0 {
            return text.text().part_of(slice);
        }
        if let Repr::Part(whole, start, len) = &self.0
            && slice.len() > INLINE_CAPACITY
            && let Some(offset) = (slice.as_ptr() as usize).checked_sub(whole.as_ptr() as usize)
            && offset >= *start as usize
            && offset + slice.len() <= *start as usize + *len as usize
        {
            return Str::part(whole, offset..offset + slice.len());
        }
        Str::from(slice)
    }

    /// Returns the text of which some objects at some places are not printed yet.
    pub(crate) fn postponed(text: Vec<u8>, gaps: Gaps) -> Self {
        match gaps.is_empty() {
            true => Str::from(text),
            false => Str(Repr::Postponed(Rc::new(Postponed::new(text, gaps)))),
        }
    }

    /// Compares bytes; of a text that is not printed yet no more is printed than the comparison needs.
    #[inline]
    pub fn cmp_bytes(&self, other: &[u8]) -> Ordering {
        if let Repr::Postponed(text) = &self.0
            && let Some(order) = text.cmp_by_beginning(other)
        {
            return order;
        }
        self.as_bytes().cmp(other)
    }

    /// Returns the text if it is valid UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(self.as_bytes()).ok()
    }

    /// Returns the text with each invalid byte replaced by U+FFFD, as ranging over a Go string does.
    ///
    /// (Rust's own lossy conversion replaces maximal subparts, Go every single byte.)
    pub fn to_str_lossy(&self) -> Cow<'_, str> {
        go_lossy(self.as_bytes())
    }

    /// Returns an owned `String`, invalid bytes replaced as in [`Str::to_str_lossy`].
    pub fn to_string_lossy(&self) -> String {
        self.to_str_lossy().into_owned()
    }
}

/// Decodes bytes as UTF-8, each invalid byte becoming one U+FFFD.
pub fn go_lossy(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(bytes.len() + 8);
    let mut rest = bytes;
    while !rest.is_empty() {
        match std::str::from_utf8(rest) {
            Ok(text) => {
                out.push_str(text);
                break;
            }
            Err(error) => {
                let (valid, after) = rest.split_at(error.valid_up_to());
                out.push_str(&String::from_utf8_lossy(valid));
                out.push('\u{fffd}');
                rest = after.get(1..).unwrap_or_default();
            }
        }
    }
    Cow::Owned(out)
}

impl Default for Str {
    fn default() -> Self {
        Str::new()
    }
}

impl Deref for Str {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl Borrow<[u8]> for Str {
    fn borrow(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl AsRef<[u8]> for Str {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl From<&[u8]> for Str {
    #[inline]
    fn from(bytes: &[u8]) -> Self {
        if bytes.len() <= INLINE_CAPACITY {
            let mut inline = [0; INLINE_CAPACITY];
            inline[..bytes.len()].copy_from_slice(bytes);
            Str(Repr::Inline(bytes.len() as u8, inline))
        } else {
            Str(Repr::Shared(Rc::from(bytes)))
        }
    }
}

impl From<&str> for Str {
    #[inline]
    fn from(text: &str) -> Self {
        Str::from(text.as_bytes())
    }
}

impl From<String> for Str {
    fn from(text: String) -> Self {
        Str::from(text.into_bytes())
    }
}

impl From<&String> for Str {
    fn from(text: &String) -> Self {
        Str::from(text.as_bytes())
    }
}

impl From<Vec<u8>> for Str {
    fn from(bytes: Vec<u8>) -> Self {
        let is_full = bytes.len() >= FULL_BYTES && bytes.capacity() - bytes.len() < bytes.len() / 8;
        match u32::try_from(bytes.len()) {
            Ok(len) if bytes.len() >= ADOPTED_BYTES || is_full => Str(Repr::Part(Rc::new(bytes), 0, len)),
            _ => Str::from(bytes.as_slice()),
        }
    }
}

impl From<Cow<'_, str>> for Str {
    fn from(text: Cow<'_, str>) -> Self {
        Str::from(text.as_bytes())
    }
}

impl PartialEq for Str {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            // What is behind the text in place is zero, so the whole can be compared without a loop.
            (Repr::Inline(len, bytes), Repr::Inline(other_len, other_bytes)) => {
                len == other_len && bytes == other_bytes
            }
            (Repr::Shared(bytes), Repr::Shared(other)) => Rc::ptr_eq(bytes, other) || bytes == other,
            (Repr::Inline(..), Repr::Shared(_) | Repr::Part(..))
            | (Repr::Shared(_) | Repr::Part(..), Repr::Inline(..)) => false,
            (Repr::Part(..), Repr::Part(..) | Repr::Shared(_)) => self.as_bytes() == other.as_bytes(),
            _ => self.cmp(other) == Ordering::Equal,
        }
    }
}
impl Eq for Str {}

impl PartialEq<str> for Str {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}
impl PartialEq<&str> for Str {
    fn eq(&self, other: &&str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialOrd for Str {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Str {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Repr::Inline(len, bytes), Repr::Inline(other_len, other_bytes)) => {
                cmp_padded(bytes, other_bytes).then_with(|| len.cmp(other_len))
            }
            (Repr::Postponed(text), Repr::Postponed(other)) if Rc::ptr_eq(text, other) => Ordering::Equal,
            (_, Repr::Postponed(_)) if !matches!(self.0, Repr::Postponed(_)) => {
                other.cmp_bytes(self.as_bytes()).reverse()
            }
            _ => self.cmp_bytes(other.as_bytes()),
        }
    }
}

/// Compares texts in place with the zeros behind them, which come before whatever the other may have there. Most keys
/// differ in their first eight bytes, and those are compared as one number.
#[inline]
fn cmp_padded(a: &[u8; INLINE_CAPACITY], b: &[u8; INLINE_CAPACITY]) -> Ordering {
    let head = |bytes: &[u8; INLINE_CAPACITY]| bytes.first_chunk().map(|head| u64::from_be_bytes(*head));
    head(a).cmp(&head(b)).then_with(|| a.cmp(b))
}

impl Hash for Str {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl fmt::Display for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_str_lossy())
    }
}

impl fmt::Debug for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.to_str_lossy(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::Str;

    #[test]
    fn texts_in_place_are_ordered_as_their_bytes() {
        let texts = [
            "",
            "\0",
            "\0\0",
            "a",
            "a\0",
            "a\0b",
            "ab",
            "abcdefgh",
            "abcdefgh\0",
            "abcdefghi",
            "abcdefgi",
            "é",
            "abcdefghijklmnopqrstu",
            "abcdefghijklmnopqrstuv",
            "abcdefghijklmnopqrstuvw",
            "\u{7f}",
        ];
        for a in texts {
            for b in texts {
                assert_eq!(Str::from(a).cmp(&Str::from(b)), a.as_bytes().cmp(b.as_bytes()), "{a:?} {b:?}");
            }
        }
    }
}
