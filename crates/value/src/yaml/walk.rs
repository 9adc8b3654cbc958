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
pub struct Text<'a>(Input<'a>);

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

struct Container<'a> {
    is_map: bool,
    is_at_key: bool,
    /// Where its keys begin on the stack.
    first_key: usize,
    /// The keys of a large mapping.
    many: Option<HashSet<Cow<'a, [u8]>>>,
}

/// A walk over a text.
pub struct Walk<'a> {
    parser: Parser<'a>,
    containers: Vec<Container<'a>>,
    keys: Vec<Cow<'a, [u8]>>,
}

impl<'a> Walk<'a> {
    /// Begins at the start of a text.
    pub fn new(text: &'a Text<'a>) -> Self {
        Walk {
            parser: Parser::new(Scanner::new(&text.0)),
            containers: Vec::with_capacity(16),
            keys: Vec::with_capacity(64),
        }
    }

    /// Takes the next step.
    ///
    /// # Errors
    /// When the document is unusual or wrong.
    pub fn step(&mut self) -> Result<Step<'a>, Odd> {
        self.parser.scanner.keep_text = true;
        self.take(true)
    }

    /// Takes the next step without the text of a scalar that is no key.
    ///
    /// # Errors
    /// As [`Walk::step`].
    pub fn pass(&mut self) -> Result<Step<'a>, Odd> {
        self.parser.scanner.keep_text = false;
        self.take(false)
    }

    /// Passes over what is left of the mapping or sequence that began last and is not closed.
    ///
    /// # Errors
    /// As [`Walk::step`].
    pub fn skip_rest(&mut self) -> Result<(), Odd> {
        let depth = self.containers.len();
        while self.containers.len() >= depth && depth > 0 {
            self.pass()?;
        }
        Ok(())
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
                    if let Some(closed) = self.containers.pop() {
                        self.keys.truncate(closed.first_key);
                    }
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
        let first_key = self.keys.len();
        self.containers.push(Container { is_map, is_at_key: is_map, first_key, many: None });
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
        let own = self.keys.get(container.first_key..).unwrap_or_default();
        let is_known = match &mut container.many {
            Some(many) => !many.insert(text.clone()),
            None if own.len() < FEW_KEYS => own.contains(&text),
            None => {
                let many = container.many.insert(own.iter().cloned().collect());
                !many.insert(text.clone())
            }
        };
        if is_known || *text == *b"<<" {
            return Err(Odd);
        }
        if container.many.is_none() {
            self.keys.push(text.clone());
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

    use super::{Odd, Scalar, Step, Text, Walk};

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
