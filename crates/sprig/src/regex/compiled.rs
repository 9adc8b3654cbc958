//! Compiled expressions: find, replace and split with the rules of Go's regexp.
//!
//! Go reads every byte that is no UTF-8 as U+FFFD. The `regex` crate does not, so that such texts are searched in
//! a copy, and the places found are carried over.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

use super::error::{Error, Fault};
use super::translate::{Translation, translate};

/// What a compiled expression may weigh, so that Go's 1000 repetitions of large classes still compile.
const SIZE_LIMIT: usize = 1 << 28;

/// How deep groups may be nested; Go's own limit is below.
const NEST_LIMIT: u32 = 10_000;

/// A compiled expression.
#[derive(Clone, Debug)]
pub struct Regex {
    pattern: String,
    /// For texts of ASCII, where a character is a byte. Most texts are, and the classes of all other characters take a
    /// hundred times longer to compile. Nothing if the expression names characters that are none.
    ascii: Option<regex::bytes::Regex>,
    /// For all texts; compiled when there is one that needs it.
    any: OnceLock<regex::Regex>,
    names: Vec<String>,
    is_empty: bool,
}

impl Regex {
    /// Compiles an expression.
    ///
    /// # Errors
    /// As Go's `regexp.Compile`.
    pub fn new(expression: &[u8]) -> Result<Self, Error> {
        let expression = std::str::from_utf8(expression).map_err(|error| {
            let rest = value::spell(&expression[error.valid_up_to()..]);
            Error::new(Fault::InvalidUtf8, &rest)
        })?;
        let Translation { pattern, names } = translate(expression)?;
        let regex = Self {
            ascii: for_ascii(&pattern),
            pattern,
            any: OnceLock::new(),
            names,
            is_empty: expression.is_empty(),
        };
        // What is repeated may be too large for all characters, and not for a few.
        if (regex.ascii.is_none() || may_have_count(&regex.pattern)) && regex.any().is_none() {
            return Err(Error::new(Fault::Large, expression));
        }
        Ok(regex)
    }

    /// Returns what searches any text; nothing if it is too large.
    fn any(&self) -> Option<&regex::Regex> {
        if self.any.get().is_none() {
            let builder = &mut regex::RegexBuilder::new(&self.pattern);
            let compiled = builder.size_limit(SIZE_LIMIT).nest_limit(NEST_LIMIT).build().ok()?;
            return Some(self.any.get_or_init(|| compiled));
        }
        self.any.get()
    }

    /// Tells whether the text holds a match.
    pub fn is_match(&self, text: &[u8]) -> bool {
        self.find_at(&Haystack::new(text), 0).is_some()
    }

    /// Returns the first match (`regexFind`); nothing is like an empty one.
    pub fn find<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        let haystack = Haystack::new(text);
        self.find_at(&haystack, 0).map_or(&[], |found| &text[haystack.original(found)])
    }

    /// Returns where the first match from a place on is.
    fn find_at(&self, haystack: &Haystack, place: usize) -> Option<Range<usize>> {
        match &self.ascii {
            Some(regex) if haystack.is_ascii => {
                regex.find_at(haystack.text.as_bytes(), place).map(|found| found.range())
            }
            _ => self.any()?.find_at(&haystack.text, place).map(|found| found.range()),
        }
    }

    /// As [`Self::find_at`], with where each of its groups is.
    fn groups_at(&self, haystack: &Haystack, place: usize) -> Option<Vec<Option<Range<usize>>>> {
        match &self.ascii {
            Some(regex) if haystack.is_ascii => {
                let groups = regex.captures_at(haystack.text.as_bytes(), place)?;
                Some(groups.iter().map(|group| group.map(|found| found.range())).collect())
            }
            _ => {
                let groups = self.any()?.captures_at(&haystack.text, place)?;
                Some(groups.iter().map(|group| group.map(|found| found.range())).collect())
            }
        }
    }

    /// Returns up to `limit` matches, all if it is negative (`regexFindAll`).
    pub fn find_all<'t>(&self, text: &'t [u8], limit: i64) -> Vec<&'t [u8]> {
        self.find_ranges(text, limit).into_iter().map(|range| &text[range]).collect()
    }

    /// Replaces all matches by a template in which `$1`, `${1}` and `$name` stand for groups
    /// (`regexReplaceAll`).
    pub fn replace_all(&self, text: &[u8], template: &[u8]) -> Vec<u8> {
        let haystack = Haystack::new(text);
        if !template.contains(&b'$') {
            return self.replace(text, &haystack, |replaced, _| replaced.extend(template));
        }
        self.replace(text, &haystack, |replaced, start| {
            if let Some(groups) = self.groups_at(&haystack, start) {
                let group = |index: usize| Some(&text[haystack.original(groups.get(index)?.clone()?)]);
                self.expand(replaced, template, &group);
            }
        })
    }

    /// Replaces all matches by a text as it is (`regexReplaceAllLiteral`).
    pub fn replace_all_literal(&self, text: &[u8], replacement: &[u8]) -> Vec<u8> {
        self.replace(text, &Haystack::new(text), |replaced, _| replaced.extend(replacement))
    }

    /// Splits at matches into at most `limit` parts, any number if it is negative (`regexSplit`).
    pub fn split<'t>(&self, text: &'t [u8], limit: i64) -> Vec<&'t [u8]> {
        if limit == 0 {
            return Vec::new();
        }
        if !self.is_empty && text.is_empty() {
            return vec![text];
        }
        let mut parts = Vec::new();
        let (mut begin, mut end) = (0, 0);
        for range in self.find_ranges(text, limit) {
            if limit > 0 && parts.len() as i64 >= limit - 1 {
                break;
            }
            end = range.start;
            // Go: an empty match at the very start splits nothing off.
            if range.end != 0 {
                parts.push(&text[begin..end]);
            }
            begin = range.end;
        }
        if end != text.len() {
            parts.push(&text[begin..]);
        }
        parts
    }

    /// All matches that do not overlap; an empty one right after another does not count.
    fn find_ranges(&self, text: &[u8], limit: i64) -> Vec<Range<usize>> {
        let haystack = Haystack::new(text);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut ranges = Vec::new();
        let (mut position, mut last_end) = (0, None);
        while ranges.len() < limit && position <= haystack.text.len() {
            let Some(found) = self.find_at(&haystack, position) else { break };
            let mut accepted = true;
            if found.end == position {
                accepted = Some(found.start) != last_end;
                position += haystack.width(position).max(1);
            } else {
                position = found.end;
            }
            last_end = Some(found.end);
            if accepted {
                ranges.push(haystack.original(found));
            }
        }
        ranges
    }

    /// Go's `replaceAll`; `add` is told where the search of the match began.
    fn replace(&self, text: &[u8], haystack: &Haystack, mut add: impl FnMut(&mut Vec<u8>, usize)) -> Vec<u8> {
        let mut replaced = Vec::with_capacity(text.len());
        let (mut last_end, mut position) = (0, 0);
        while position <= haystack.text.len() {
            let Some(found) = self.find_at(haystack, position) else { break };
            replaced.extend(&text[haystack.original(last_end..found.start)]);
            if found.end > last_end || found.start == 0 {
                add(&mut replaced, position);
            }
            last_end = found.end;
            let width = haystack.width(position);
            position = if position + width > found.end {
                position + width
            } else if position + 1 > found.end {
                position + 1
            } else {
                found.end
            };
        }
        replaced.extend(&text[haystack.original(last_end..haystack.text.len())]);
        replaced
    }

    fn expand<'t>(&self, replaced: &mut Vec<u8>, template: &[u8], group: &dyn Fn(usize) -> Option<&'t [u8]>) {
        let mut rest = template;
        while let Some(dollar) = rest.iter().position(|&byte| byte == b'$') {
            replaced.extend(&rest[..dollar]);
            rest = &rest[dollar + 1..];
            if let Some(after) = rest.strip_prefix(b"$") {
                replaced.push(b'$');
                rest = after;
            } else if let Some((name, after)) = reference(rest) {
                rest = after;
                let found = match number(name) {
                    Some(index) => group(index),
                    None => {
                        let named = self.names.iter().enumerate().filter(|(_, own)| own.as_bytes() == name);
                        named.filter_map(|(index, _)| group(index)).next()
                    }
                };
                replaced.extend(found.unwrap_or_default());
            } else {
                replaced.push(b'$');
            }
        }
        replaced.extend(rest);
    }
}

/// Returns whether something in a pattern may be repeated so many times, as in `a{7}`.
fn may_have_count(pattern: &str) -> bool {
    pattern.as_bytes().windows(2).any(|pair| pair[0] == b'{' && pair[1].is_ascii_digit())
}

/// Compiles an expression for texts of ASCII, if it is one that means the same there.
fn for_ascii(pattern: &str) -> Option<regex::bytes::Regex> {
    if !pattern.is_ascii() {
        return None;
    }
    let builder = &mut regex::bytes::RegexBuilder::new(pattern);
    builder.unicode(false).size_limit(SIZE_LIMIT).nest_limit(NEST_LIMIT).build().ok()
}

/// Splits the name of a group off, with or without braces.
fn reference(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (braced, text) = text.strip_prefix(b"{").map_or((false, text), |text| (true, text));
    let valid = text.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    // Go counts decimal digits of all scripts.
    let in_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    let length = valid.find(|letter| !in_name(letter)).unwrap_or(valid.len());
    let (name, rest) = text.split_at(length);
    if name.is_empty() {
        return None;
    }
    if braced { rest.strip_prefix(b"}").map(|rest| (name, rest)) } else { Some((name, rest)) }
}

/// The number of a group, unless the name is a name.
fn number(name: &[u8]) -> Option<usize> {
    let is_number =
        name.iter().all(u8::is_ascii_digit) && !(name.len() > 1 && name[0] == b'0') && name.len() <= 9;
    is_number.then(|| name.iter().fold(0, |number, digit| number * 10 + usize::from(digit - b'0')))
}

/// Puts a backslash before all that is special in an expression (`regexQuoteMeta`).
pub fn quote_meta(text: &[u8]) -> Vec<u8> {
    let mut quoted = Vec::with_capacity(text.len());
    for &byte in text {
        if b"\\.+*?()|[]{}^$".contains(&byte) {
            quoted.push(b'\\');
        }
        quoted.push(byte);
    }
    quoted
}

/// A text as Go sees it.
struct Haystack<'t> {
    text: Cow<'t, str>,
    is_ascii: bool,
    /// Where bytes were replaced: the place in the copy, and how much longer the copy is after it.
    replaced: Vec<(usize, usize)>,
}

impl<'t> Haystack<'t> {
    fn new(bytes: &'t [u8]) -> Self {
        if let Ok(text) = std::str::from_utf8(bytes) {
            return Self { text: Cow::Borrowed(text), is_ascii: bytes.is_ascii(), replaced: Vec::new() };
        }
        let mut text = String::with_capacity(bytes.len() * 2);
        let mut replaced = Vec::new();
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            for _ in chunk.invalid() {
                replaced.push((text.len(), (replaced.len() + 1) * 2));
                text.push('\u{fffd}');
            }
        }
        Self { text: Cow::Owned(text), is_ascii: false, replaced }
    }

    /// Carries a place in the copy over.
    fn original(&self, range: Range<usize>) -> Range<usize> {
        let place = |place: usize| {
            let before = self.replaced.partition_point(|(start, _)| *start < place);
            place - before.checked_sub(1).map_or(0, |index| self.replaced[index].1)
        };
        place(range.start)..place(range.end)
    }

    /// How long the character at a place is; 0 at the end.
    fn width(&self, place: usize) -> usize {
        self.text.get(place..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8)
    }
}

#[cfg(test)]
mod tests;
