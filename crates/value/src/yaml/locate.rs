//! Where a value of a document stands in its text, found by walking the text again.

use super::chars;
use super::input::Input;
use super::parse::{Event, EventKind, Parser};
use super::resolve::{self, Scalar};
use super::scan::Scanner;
use super::tree;
use crate::Span;

/// A step of a path into a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    /// The value of a key.
    Key(&'a str),
    /// The item of a list, from 0.
    Index(usize),
}

/// The place of a value in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Location {
    /// Where its key stands, if it is the value of one.
    pub key: Option<Span>,
    /// Where the value stands; empty if nothing is written for it.
    pub value: Span,
}

/// Finds where the value at a path stands in the first document of a text.
///
/// Of equal keys the last one is found, as it is the one that counts. Aliases and merged keys are not followed: what they
/// stand for is not at the path's place. The text may be broken behind the value.
pub fn locate(bytes: &[u8], path: &[Step<'_>]) -> Option<Location> {
    let input = Input::new(bytes);
    let is_source = matches!(input.text, std::borrow::Cow::Borrowed(_));
    let mut parser = Parser::new(Scanner::new(&input));
    parser.scanner.keep_text = false;
    let mut search =
        Search { path, containers: Vec::new(), matched: 0, key: None, found: None, last_end: 0, open: None };
    // A broken text may still hold the place.
    _ = search.run(&mut parser);
    let Location { key, value } = search.found.filter(|_| is_source)?;
    let text = &*input.text;
    let place = |span: Span| Span::new(span.start + input.skipped, trimmed_end(text, span) + input.skipped);
    Some(Location { key: key.map(place), value: place(value) })
}

/// Returns where a span ends without the blanks and breaks behind it.
fn trimmed_end(text: &[u8], span: Span) -> usize {
    let bytes = text.get(span.range()).unwrap_or_default();
    let trailing =
        bytes.iter().rev().take_while(|byte| chars::is(**byte, chars::BLANK | chars::BREAK)).count();
    span.end - trailing
}

struct Container {
    is_map: bool,
    /// Whether a key comes next.
    is_at_key: bool,
    /// How many items have begun.
    count: usize,
    /// Whether it is on the path, and so its children may be.
    on_path: bool,
}

struct Search<'p> {
    path: &'p [Step<'p>],
    containers: Vec<Container>,
    /// Whether the next value is on the path, as the number of steps that lead to it.
    matched: usize,
    key: Option<Span>,
    found: Option<Location>,
    /// Where the last scalar or bracket ended.
    last_end: usize,
    /// The depth at which the collection looked for was opened, and where.
    open: Option<(usize, usize)>,
}

impl Search<'_> {
    fn run(&mut self, parser: &mut Parser<'_>) -> super::problem::Step<()> {
        if parser.next()?.kind == EventKind::StreamEnd {
            return Ok(());
        }
        loop {
            let event = parser.next()?;
            match event.kind {
                EventKind::Scalar | EventKind::Alias => self.scalar(&event),
                EventKind::MappingStart => self.start(&event, true),
                EventKind::SequenceStart => self.start(&event, false),
                EventKind::MappingEnd | EventKind::SequenceEnd => self.end(&event),
                EventKind::DocumentEnd | EventKind::StreamEnd => return Ok(()),
                EventKind::DocumentStart => {}
            }
        }
    }

    /// Returns whether the value that begins now is on the path.
    fn enter(&mut self) -> bool {
        let depth = self.containers.len();
        let Some(container) = self.containers.last_mut() else {
            return true;
        };
        let index = container.count;
        container.count += 1;
        if !container.on_path {
            return false;
        }
        match self.path.get(depth - 1) {
            Some(Step::Index(wanted)) => !container.is_map && *wanted == index,
            Some(Step::Key(_)) => container.is_map && self.matched == depth,
            None => false,
        }
    }

    fn scalar(&mut self, event: &Event<'_>) {
        self.last_end = self.last_end.max(event.end);
        let depth = self.containers.len();
        if let Some(container) = self.containers.last_mut()
            && container.is_at_key
        {
            container.is_at_key = false;
            let is_wanted = container.on_path
                && matches!(self.path.get(depth - 1), Some(Step::Key(name)) if is_key(event, name));
            self.matched = if is_wanted { depth } else { 0 };
            if is_wanted {
                self.key = Some(Span::new(event.start, event.end));
            }
            return;
        }
        if self.enter() && depth == self.path.len() {
            self.found = Some(Location { key: self.key_here(), value: Span::new(event.start, event.end) });
        }
        self.value_done();
    }

    fn key_here(&self) -> Option<Span> {
        matches!(self.path.last(), Some(Step::Key(_))).then_some(self.key).flatten()
    }

    fn value_done(&mut self) {
        self.matched = 0;
        if let Some(container) = self.containers.last_mut() {
            container.is_at_key = container.is_map;
        }
    }

    fn start(&mut self, event: &Event<'_>, is_map: bool) {
        let is_key = self.containers.last().is_some_and(|container| container.is_at_key);
        if is_key && let Some(container) = self.containers.last_mut() {
            container.is_at_key = false;
        }
        let on_path = !is_key && self.enter();
        let depth = self.containers.len();
        if on_path && depth == self.path.len() && self.open.is_none() {
            self.open = Some((depth, event.start));
            self.found = Some(Location { key: self.key_here(), value: Span::new(event.start, event.end) });
        }
        self.matched = 0;
        self.containers.push(Container { is_map, is_at_key: is_map, count: 0, on_path });
    }

    fn end(&mut self, event: &Event<'_>) {
        self.containers.pop();
        if event.end > event.start {
            self.last_end = self.last_end.max(event.end);
        }
        if let Some((depth, start)) = self.open
            && depth == self.containers.len()
        {
            if let Some(found) = &mut self.found {
                found.value = Span::new(start, self.last_end.max(start));
            }
            self.open = None;
        }
        self.value_done();
    }
}

/// Returns whether a key has this name once it is a string.
fn is_key(event: &Event<'_>, name: &str) -> bool {
    if event.kind == EventKind::Alias {
        return false;
    }
    let scalar = if event.implicit {
        resolve::resolve_plain(event.text.clone())
    } else {
        Scalar::Str(event.text.clone())
    };
    tree::key_text(scalar).is_some_and(|text| *text == *name.as_bytes())
}
