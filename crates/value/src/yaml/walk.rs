//! A walk over one document step by step, for large documents of a known shape of which little is kept.
//!
//! It understands ordinary documents: no anchors, tags or merges, keys that are strings and stand once in their mapping.
//! At anything else, mistakes included, it gives up, and the caller reads the document again with all care.

use std::borrow::Cow;
use std::collections::HashSet;

use super::head::is_not_finite;
use super::input::Input;
use super::parse::{EventKind, Parser};
use super::resolve;
use super::scan::Scanner;
use crate::json;

pub use super::resolve::Scalar;

/// How many keys of a mapping are compared one by one.
const FEW_KEYS: usize = 16;

/// A checked text to walk over.
pub struct Text<'a>(pub(super) Input<'a>);

impl<'a> Text<'a> {
    /// Takes the bytes of a document.
    pub fn new(bytes: &'a [u8]) -> Self {
        Text(Input::new(bytes))
    }
}

/// What stands next in a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Step<'a> {
    /// A mapping begins.
    Map,
    /// A sequence begins.
    List,
    /// The innermost mapping or sequence ends.
    Close,
    /// A key of a mapping; its value follows.
    Key(Cow<'a, [u8]>),
    /// A scalar that is no key.
    Scalar(Scalar<'a>),
    /// The document is over.
    End,
}

/// The document is not one for a walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Odd;

/// Takes the steps of a document one after the other.
pub trait Steps<'a> {
    /// Takes the next step.
    ///
    /// # Errors
    /// When the document is unusual or wrong.
    fn step(&mut self) -> Result<Step<'a>, Odd>;

    /// Takes the next step without the text of a scalar that is no key.
    ///
    /// # Errors
    /// As [`Steps::step`].
    fn pass(&mut self) -> Result<Step<'a>, Odd>;

    /// Returns how many mappings and sequences are open.
    fn depth(&self) -> usize;

    /// Passes over what is left of the mapping or sequence that began last and is not closed.
    ///
    /// # Errors
    /// As [`Steps::step`].
    fn skip_rest(&mut self) -> Result<(), Odd> {
        let depth = self.depth();
        while self.depth() >= depth && depth > 0 {
            self.pass()?;
        }
        Ok(())
    }
}

struct Container {
    is_map: bool,
    is_at_key: bool,
}

/// A walk over a text.
pub struct Walk<'a> {
    parser: Parser<'a>,
    containers: Vec<Container>,
    seen: Seen<'a>,
}

/// The keys of the mappings that are open.
#[derive(Default)]
pub(super) struct Seen<'a> {
    keys: Vec<Cow<'a, [u8]>>,
    levels: Vec<Level<'a>>,
}

struct Level<'a> {
    /// Where its keys begin on the stack.
    first: usize,
    /// The keys of a large mapping.
    many: Option<HashSet<Cow<'a, [u8]>>>,
}

impl<'a> Seen<'a> {
    pub(super) fn open(&mut self) {
        self.levels.push(Level { first: self.keys.len(), many: None });
    }

    pub(super) fn close(&mut self) {
        if let Some(level) = self.levels.pop() {
            self.keys.truncate(level.first);
        }
    }

    /// Adds a key of the innermost mapping; returns whether it is new there and no merge.
    pub(super) fn add(&mut self, key: Cow<'a, [u8]>) -> bool {
        let Some(level) = self.levels.last_mut() else { return false };
        let own = self.keys.get(level.first..).unwrap_or_default();
        let is_new = match &mut level.many {
            Some(many) => many.insert(key.clone()),
            None if own.len() < FEW_KEYS => !own.contains(&key),
            None => level.many.insert(own.iter().cloned().collect()).insert(key.clone()),
        };
        let is_merge = *key == *b"<<";
        if level.many.is_none() {
            self.keys.push(key);
        }
        is_new && !is_merge
    }
}

impl<'a> Steps<'a> for Walk<'a> {
    fn step(&mut self) -> Result<Step<'a>, Odd> {
        self.parser.scanner.keep_text = true;
        self.take(true)
    }

    fn pass(&mut self) -> Result<Step<'a>, Odd> {
        self.parser.scanner.keep_text = false;
        self.take(false)
    }

    fn depth(&self) -> usize {
        self.containers.len()
    }
}

impl<'a> Walk<'a> {
    /// Begins at the start of a text.
    pub fn new(text: &'a Text<'a>) -> Self {
        Walk {
            parser: Parser::new(Scanner::new(&text.0)),
            containers: Vec::with_capacity(16),
            seen: Seen::default(),
        }
    }

    fn take(&mut self, is_wanted: bool) -> Result<Step<'a>, Odd> {
        loop {
            let event = self.parser.next().map_err(|_| Odd)?;
            if event.anchor.is_some() || event.tag.is_some() {
                return Err(Odd);
            }
            match event.kind {
                EventKind::DocumentStart => {}
                EventKind::StreamEnd | EventKind::DocumentEnd => return Ok(Step::End),
                EventKind::Alias => return Err(Odd),
                EventKind::MappingStart => return self.open(true),
                EventKind::SequenceStart => return self.open(false),
                EventKind::MappingEnd | EventKind::SequenceEnd => {
                    self.containers.pop();
                    self.seen.close();
                    self.value_done();
                    return Ok(Step::Close);
                }
                EventKind::Scalar => return self.scalar(event.implicit, event.text, is_wanted),
            }
        }
    }

    fn open(&mut self, is_map: bool) -> Result<Step<'a>, Odd> {
        let is_key = self.containers.last().is_some_and(|container| container.is_at_key);
        if is_key || self.containers.len() >= json::MAX_DEPTH {
            return Err(Odd);
        }
        self.containers.push(Container { is_map, is_at_key: is_map });
        self.seen.open();
        Ok(if is_map { Step::Map } else { Step::List })
    }

    #[inline]
    fn value_done(&mut self) {
        if let Some(container) = self.containers.last_mut() {
            container.is_at_key = container.is_map;
        }
    }

    fn scalar(&mut self, is_plain: bool, text: Cow<'a, [u8]>, is_wanted: bool) -> Result<Step<'a>, Odd> {
        if self.containers.last().is_some_and(|container| container.is_at_key) {
            return self.key(is_plain, text);
        }
        self.value_done();
        if !is_plain {
            return Ok(Step::Scalar(Scalar::Str(text)));
        }
        if !is_wanted && !is_not_finite(&text) {
            return Ok(Step::Scalar(Scalar::Nil));
        }
        match resolve::resolve_plain(text) {
            Scalar::Float(number) if !number.is_finite() => Err(Odd),
            scalar => Ok(Step::Scalar(scalar)),
        }
    }

    fn key(&mut self, is_plain: bool, text: Cow<'a, [u8]>) -> Result<Step<'a>, Odd> {
        let scalar = if is_plain { resolve::resolve_plain(text) } else { Scalar::Str(text) };
        let Scalar::Str(text) = scalar else { return Err(Odd) };
        let Some(container) = self.containers.last_mut() else { return Err(Odd) };
        container.is_at_key = false;
        if !self.seen.add(text.clone()) {
            return Err(Odd);
        }
        Ok(Step::Key(text))
    }
}

/// Returns the text that sigs.k8s.io/yaml gives a scalar in a string field; null leaves the field as it is.
pub fn string_field(scalar: Scalar<'_>) -> Option<Cow<'_, [u8]>> {
    match scalar {
        Scalar::Nil => None,
        scalar => super::tree::key_text(scalar),
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::{Odd, Scalar, Step, Steps, Text, Walk};

    fn steps(text: &str) -> Result<usize, Odd> {
        let text = Text::new(text.as_bytes());
        let mut walk = Walk::new(&text);
        let mut count = 0;
        while walk.step()? != Step::End {
            count += 1;
        }
        Ok(count)
    }

    #[test]
    fn a_value_can_be_passed_over() {
        let text = Text::new(b"a:\n  b: [1, {c: d}]\n  e: |\n    text\nf: 'x'\n");
        let mut walk = Walk::new(&text);
        assert_eq!(walk.step(), Ok(Step::Map));
        assert_eq!(walk.step(), Ok(Step::Key(Cow::Borrowed(b"a"))));
        assert_eq!(walk.pass(), Ok(Step::Map));
        assert_eq!(walk.skip_rest(), Ok(()));
        assert_eq!(walk.step(), Ok(Step::Key(Cow::Borrowed(b"f"))));
        assert_eq!(walk.step(), Ok(Step::Scalar(Scalar::Str(Cow::Borrowed(b"x")))));
        assert_eq!(walk.step(), Ok(Step::Close));
        assert_eq!(walk.step(), Ok(Step::End));
    }

    #[test]
    fn what_is_unusual_ends_the_walk() {
        for text in
            ["a: &x 1\nb: *x\n", "a: 1\na: 2\n", "1: x\n", "<<: {}\n", "a: .inf\n", "a: [\n", "? [a]\n: b\n"]
        {
            assert_eq!(steps(text), Err(Odd), "{text}");
        }
        let many: String = (0..40).map(|n| format!("k{n}: 1\n")).collect();
        assert_eq!(steps(&many), Ok(82));
        assert_eq!(steps(&(many + "k7: 1\n")), Err(Odd));
    }
}
