//! From tokens to events: the grammar of YAML's nodes.

use std::borrow::Cow;

use super::problem::{Problem, Step};
use super::scan::Scanner;
use super::token::{Kind, Token};

/// What an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EventKind {
    StreamEnd,
    DocumentStart,
    DocumentEnd,
    Alias,
    Scalar,
    SequenceStart,
    SequenceEnd,
    MappingStart,
    MappingEnd,
}

/// A step of the walk over the nodes of a document.
#[derive(Debug, Clone)]
pub(super) struct Event<'a> {
    pub(super) kind: EventKind,
    /// Whether a scalar is to be resolved: plain and without a tag, or tagged `!`.
    pub(super) implicit: bool,
    /// The line of its beginning, from 0.
    pub(super) line: u32,
    pub(super) start: usize,
    pub(super) end: usize,
    /// A scalar's text, or an alias's name.
    pub(super) text: Cow<'a, [u8]>,
    pub(super) anchor: Option<Cow<'a, [u8]>>,
    pub(super) tag: Option<Box<[u8]>>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    ImplicitDocumentStart,
    DocumentStart,
    DocumentContent,
    DocumentEnd,
    BlockSequenceFirst,
    BlockSequenceEntry,
    IndentlessEntry,
    BlockMappingFirst,
    BlockMappingKey,
    BlockMappingValue,
    FlowSequenceFirst,
    FlowSequenceEntry,
    PairKey,
    PairValue,
    PairEnd,
    FlowMappingFirst,
    FlowMappingKey,
    FlowMappingValue,
    FlowMappingEmptyValue,
    BlockNode,
    End,
}

/// Which nodes a place takes.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Flow,
    Block,
    /// A block node, or a sequence whose dashes stand at the indentation of the mapping around it.
    BlockOrIndentless,
}

/// The parser's state.
pub(super) struct Parser<'a> {
    pub(super) scanner: Scanner<'a>,
    state: State,
    states: Vec<State>,
    /// Handles and prefixes that `%TAG` declared.
    tags: Vec<(Vec<u8>, Vec<u8>)>,
}

impl<'a> Parser<'a> {
    pub(super) fn new(scanner: Scanner<'a>) -> Self {
        Parser { scanner, state: State::ImplicitDocumentStart, states: Vec::new(), tags: Vec::new() }
    }

    /// Returns the next event; after the end of the stream, that again.
    pub(super) fn next(&mut self) -> Step<Event<'a>> {
        match self.state {
            State::BlockMappingKey => self.block_mapping_key(),
            State::BlockMappingValue => self.block_mapping_value(),
            State::BlockSequenceEntry => self.block_sequence_entry(),
            State::BlockMappingFirst => {
                self.scanner.skip();
                self.block_mapping_key()
            }
            State::BlockSequenceFirst => {
                self.scanner.skip();
                self.block_sequence_entry()
            }
            State::IndentlessEntry => self.indentless_entry(),
            State::FlowSequenceFirst => {
                self.scanner.skip();
                self.flow_sequence_entry(true)
            }
            State::FlowSequenceEntry => self.flow_sequence_entry(false),
            State::PairKey => self.pair_key(),
            State::PairValue => self.pair_value(),
            State::PairEnd => self.pair_end(),
            State::FlowMappingFirst => {
                self.scanner.skip();
                self.flow_mapping_key(true)
            }
            State::FlowMappingKey => self.flow_mapping_key(false),
            State::FlowMappingValue => self.flow_mapping_value(),
            State::FlowMappingEmptyValue => {
                let (_, line, start) = self.peek()?;
                self.state = State::FlowMappingKey;
                Ok(empty_scalar(line, start))
            }
            State::BlockNode => self.node(Place::Block),
            State::ImplicitDocumentStart => self.document_start(true),
            State::DocumentStart => self.document_start(false),
            State::DocumentContent => self.document_content(),
            State::DocumentEnd => self.document_end(),
            State::End => {
                Ok(event(EventKind::StreamEnd, self.scanner.line, self.scanner.offset, self.scanner.offset))
            }
        }
    }

    /// Returns kind, line and beginning of the next token.
    #[inline]
    fn peek(&mut self) -> Step<(Kind, u32, usize)> {
        let token = self.scanner.peek()?;
        Ok((token.kind, token.line, token.start))
    }

    /// Returns kind, line and end of the next token.
    #[inline]
    fn peek_end(&mut self) -> Step<(Kind, u32, usize)> {
        let token = self.scanner.peek()?;
        Ok((token.kind, token.line, token.end))
    }

    fn take(&mut self) -> Step<Token<'a>> {
        self.scanner.peek()?;
        match self.scanner.take() {
            Some(token) => Ok(token),
            None => Err(Problem::anywhere("did not find expected token", self.scanner.offset)),
        }
    }

    #[inline]
    fn pop_state(&mut self) {
        self.state = self.states.pop().unwrap_or(State::End);
    }

    fn document_start(&mut self, implicit: bool) -> Step<Event<'a>> {
        let (mut kind, mut line, mut start) = self.peek()?;
        while !implicit && kind == Kind::DocumentEnd {
            self.scanner.skip();
            (kind, line, start) = self.peek()?;
        }
        let is_explicit = matches!(
            kind,
            Kind::VersionDirective | Kind::TagDirective | Kind::DocumentStart | Kind::StreamEnd
        );
        if kind == Kind::StreamEnd {
            self.state = State::End;
            self.scanner.skip();
            return Ok(event(EventKind::StreamEnd, line, start, start));
        }
        if implicit && !is_explicit {
            self.tags.clear();
            self.states.push(State::DocumentEnd);
            self.state = State::BlockNode;
            return Ok(event(EventKind::DocumentStart, line, start, start));
        }
        self.directives()?;
        let (kind, token_line, end) = self.peek_end()?;
        if kind != Kind::DocumentStart {
            return Err(Problem::of_parser("did not find expected <document start>", token_line, end));
        }
        self.scanner.skip();
        self.states.push(State::DocumentEnd);
        self.state = State::DocumentContent;
        Ok(event(EventKind::DocumentStart, line, start, end))
    }

    /// Reads the directives before a document.
    fn directives(&mut self) -> Step<()> {
        let mut has_version = false;
        loop {
            let (kind, line, start) = self.peek()?;
            match kind {
                Kind::VersionDirective => {
                    if has_version {
                        return Err(Problem::of_parser("found duplicate %YAML directive", line, start));
                    }
                    if &*self.take()?.text != b"1.1" {
                        return Err(Problem::of_parser("found incompatible YAML document", line, start));
                    }
                    has_version = true;
                }
                Kind::TagDirective => {
                    let token = self.take()?;
                    if self.tags.iter().any(|(handle, _)| **handle == *token.text) {
                        return Err(Problem::of_parser("found duplicate %TAG directive", line, start));
                    }
                    self.tags.push((token.text.into_owned(), token.suffix));
                }
                _ => return Ok(()),
            }
        }
    }

    fn document_content(&mut self) -> Step<Event<'a>> {
        let (kind, line, start) = self.peek()?;
        match kind {
            Kind::VersionDirective
            | Kind::TagDirective
            | Kind::DocumentStart
            | Kind::DocumentEnd
            | Kind::StreamEnd => {
                self.pop_state();
                Ok(empty_scalar(line, start))
            }
            _ => self.node(Place::Block),
        }
    }

    fn document_end(&mut self) -> Step<Event<'a>> {
        let (kind, line, start) = self.peek()?;
        if kind == Kind::DocumentEnd {
            self.scanner.skip();
        }
        self.tags.clear();
        self.state = State::DocumentStart;
        Ok(event(EventKind::DocumentEnd, line, start, start))
    }

    fn node(&mut self, place: Place) -> Step<Event<'a>> {
        let (mut kind, line, start) = self.peek()?;
        if kind == Kind::Scalar {
            return self.scalar(line, start, None, None);
        }
        if kind == Kind::Alias {
            let token = self.take()?;
            self.pop_state();
            return Ok(Event { text: token.text, ..event(EventKind::Alias, line, start, token.end) });
        }
        let mut anchor = None;
        let mut tag = None;
        if kind == Kind::Anchor || kind == Kind::Tag {
            (anchor, tag) = self.properties(kind)?;
            kind = self.peek()?.0;
        }
        let (token_line, token_start) = (self.scanner.peek()?.line, self.scanner.peek()?.start);
        let (event_kind, next) = match kind {
            Kind::BlockEntry if place == Place::BlockOrIndentless => {
                (EventKind::SequenceStart, State::IndentlessEntry)
            }
            Kind::Scalar => return self.scalar(line, start, anchor, tag),
            Kind::FlowSequenceStart => (EventKind::SequenceStart, State::FlowSequenceFirst),
            Kind::FlowMappingStart => (EventKind::MappingStart, State::FlowMappingFirst),
            Kind::BlockSequenceStart if place != Place::Flow => {
                (EventKind::SequenceStart, State::BlockSequenceFirst)
            }
            Kind::BlockMappingStart if place != Place::Flow => {
                (EventKind::MappingStart, State::BlockMappingFirst)
            }
            _ if anchor.is_some() || tag.is_some() => {
                self.pop_state();
                let implicit = tag.is_none();
                return Ok(Event { anchor, tag, implicit, ..empty_scalar(line, start) });
            }
            _ => {
                return Err(Problem::of_node("did not find expected node content", token_line, token_start));
            }
        };
        self.state = next;
        Ok(Event { anchor, tag, ..event(event_kind, line, start, token_start) })
    }

    #[inline]
    fn scalar(
        &mut self,
        line: u32,
        start: usize,
        anchor: Option<Cow<'a, [u8]>>,
        tag: Option<Box<[u8]>>,
    ) -> Step<Event<'a>> {
        let token = self.take()?;
        self.pop_state();
        let implicit = match &tag {
            None => token.plain,
            Some(tag) => **tag == *b"!",
        };
        Ok(Event {
            kind: EventKind::Scalar,
            implicit,
            line,
            start,
            end: token.end,
            text: token.text,
            anchor,
            tag,
        })
    }

    /// Reads anchor and tag, in either order.
    #[expect(clippy::type_complexity, reason = "two optional texts")]
    fn properties(&mut self, first: Kind) -> Step<(Option<Cow<'a, [u8]>>, Option<Box<[u8]>>)> {
        let mut anchor = None;
        let mut tag = None;
        if first == Kind::Anchor {
            anchor = Some(self.take()?.text);
            if self.peek()?.0 == Kind::Tag {
                tag = Some(self.take()?);
            }
        } else {
            tag = Some(self.take()?);
            if self.peek()?.0 == Kind::Anchor {
                anchor = Some(self.take()?.text);
            }
        }
        // A tag's handle is looked up after what follows it has been scanned.
        self.peek()?;
        let tag = tag.map(|token| self.expand(token)).transpose()?;
        Ok((anchor, tag.filter(|tag| !tag.is_empty())))
    }

    /// Returns the full tag.
    fn expand(&self, token: Token<'a>) -> Step<Box<[u8]>> {
        let prefix: &[u8] = match &*token.text {
            b"" => b"",
            handle => match (self.tags.iter().find(|(declared, _)| **declared == *handle), handle) {
                (Some((_, prefix)), _) => prefix,
                (None, b"!") => b"!",
                (None, b"!!") => b"tag:yaml.org,2002:",
                _ => return Err(Problem::of_parser("found undefined tag handle", token.line, token.start)),
            },
        };
        Ok([prefix, &token.suffix].concat().into())
    }

    fn block_sequence_entry(&mut self) -> Step<Event<'a>> {
        let (kind, line, end) = self.peek_end()?;
        match kind {
            Kind::BlockEntry => {
                self.scanner.skip();
                match self.peek()?.0 {
                    Kind::BlockEntry | Kind::BlockEnd => {
                        self.state = State::BlockSequenceEntry;
                        Ok(empty_scalar(line, end))
                    }
                    _ => {
                        self.states.push(State::BlockSequenceEntry);
                        self.node(Place::Block)
                    }
                }
            }
            Kind::BlockEnd => Ok(self.end_collection(EventKind::SequenceEnd, line, end)),
            _ => Err(Problem::of_parser("did not find expected '-' indicator", line, end)),
        }
    }

    /// Takes the token that ends a collection.
    fn end_collection(&mut self, kind: EventKind, line: u32, start: usize) -> Event<'a> {
        let end = self.scanner.take().map_or(start, |token| token.end);
        self.pop_state();
        event(kind, line, start, end)
    }

    fn indentless_entry(&mut self) -> Step<Event<'a>> {
        let (kind, line, end) = self.peek_end()?;
        if kind != Kind::BlockEntry {
            let start = self.peek()?.2;
            self.pop_state();
            return Ok(event(EventKind::SequenceEnd, line, start, start));
        }
        self.scanner.skip();
        match self.peek()?.0 {
            Kind::BlockEntry | Kind::Key | Kind::Value | Kind::BlockEnd => {
                self.state = State::IndentlessEntry;
                Ok(empty_scalar(line, end))
            }
            _ => {
                self.states.push(State::IndentlessEntry);
                self.node(Place::Block)
            }
        }
    }

    fn block_mapping_key(&mut self) -> Step<Event<'a>> {
        let (kind, line, end) = self.peek_end()?;
        match kind {
            Kind::Key => {
                self.scanner.skip();
                self.block_mapping_node(State::BlockMappingValue, line, end)
            }
            Kind::BlockEnd => Ok(self.end_collection(EventKind::MappingEnd, line, end)),
            _ => Err(Problem::of_parser("did not find expected key", line, end)),
        }
    }

    fn block_mapping_value(&mut self) -> Step<Event<'a>> {
        let (kind, line, end) = self.peek_end()?;
        if kind == Kind::Value {
            self.scanner.skip();
            return self.block_mapping_node(State::BlockMappingKey, line, end);
        }
        let start = self.peek()?.2;
        self.state = State::BlockMappingKey;
        Ok(empty_scalar(line, start))
    }

    /// Parses the key or value that follows its indicator, or nothing.
    #[inline]
    fn block_mapping_node(&mut self, next: State, line: u32, end: usize) -> Step<Event<'a>> {
        match self.peek()?.0 {
            Kind::Key | Kind::Value | Kind::BlockEnd => {
                self.state = next;
                Ok(empty_scalar(line, end))
            }
            _ => {
                self.states.push(next);
                self.node(Place::BlockOrIndentless)
            }
        }
    }

    /// Takes the comma between entries of a flow collection.
    fn flow_separator(&mut self, first: bool, missing: &'static str) -> Step<()> {
        let (kind, line, start) = self.peek()?;
        if first {
            return Ok(());
        }
        if kind != Kind::FlowEntry {
            return Err(Problem::of_parser(missing, line, start));
        }
        self.scanner.skip();
        self.peek()?;
        Ok(())
    }

    fn flow_sequence_entry(&mut self, first: bool) -> Step<Event<'a>> {
        if self.peek()?.0 != Kind::FlowSequenceEnd {
            self.flow_separator(first, "did not find expected ',' or ']'")?;
        }
        let (kind, line, start) = self.peek()?;
        match kind {
            Kind::FlowSequenceEnd => Ok(self.end_collection(EventKind::SequenceEnd, line, start)),
            Kind::Key => {
                self.scanner.skip();
                self.state = State::PairKey;
                Ok(event(EventKind::MappingStart, line, start, start))
            }
            _ => {
                self.states.push(State::FlowSequenceEntry);
                self.node(Place::Flow)
            }
        }
    }

    fn pair_key(&mut self) -> Step<Event<'a>> {
        let (kind, line, end) = self.peek_end()?;
        match kind {
            Kind::Value | Kind::FlowEntry | Kind::FlowSequenceEnd => {
                // go-yaml drops this token although it still needs it (parserc.go).
                self.scanner.skip();
                self.state = State::PairValue;
                Ok(empty_scalar(line, end))
            }
            _ => {
                self.states.push(State::PairValue);
                self.node(Place::Flow)
            }
        }
    }

    fn pair_value(&mut self) -> Step<Event<'a>> {
        let (kind, line, start) = self.peek()?;
        if kind == Kind::Value {
            self.scanner.skip();
            if !matches!(self.peek()?.0, Kind::FlowEntry | Kind::FlowSequenceEnd) {
                self.states.push(State::PairEnd);
                return self.node(Place::Flow);
            }
        }
        self.state = State::PairEnd;
        Ok(empty_scalar(line, start))
    }

    fn pair_end(&mut self) -> Step<Event<'a>> {
        let (_, line, start) = self.peek()?;
        self.state = State::FlowSequenceEntry;
        Ok(event(EventKind::MappingEnd, line, start, start))
    }

    fn flow_mapping_key(&mut self, first: bool) -> Step<Event<'a>> {
        if self.peek()?.0 != Kind::FlowMappingEnd {
            self.flow_separator(first, "did not find expected ',' or '}'")?;
        }
        let (kind, line, start) = self.peek()?;
        match kind {
            Kind::FlowMappingEnd => Ok(self.end_collection(EventKind::MappingEnd, line, start)),
            Kind::Key => {
                self.scanner.skip();
                let (kind, line, start) = self.peek()?;
                self.flow_mapping_node(kind, State::FlowMappingValue, line, start)
            }
            _ => {
                self.states.push(State::FlowMappingEmptyValue);
                self.node(Place::Flow)
            }
        }
    }

    fn flow_mapping_value(&mut self) -> Step<Event<'a>> {
        let (mut kind, mut line, mut start) = self.peek()?;
        if kind != Kind::Value {
            self.state = State::FlowMappingKey;
            return Ok(empty_scalar(line, start));
        }
        self.scanner.skip();
        (kind, line, start) = self.peek()?;
        if kind == Kind::Value {
            self.states.push(State::FlowMappingKey);
            return self.node(Place::Flow);
        }
        self.flow_mapping_node(kind, State::FlowMappingKey, line, start)
    }

    fn flow_mapping_node(&mut self, kind: Kind, next: State, line: u32, start: usize) -> Step<Event<'a>> {
        if matches!(kind, Kind::Value | Kind::FlowEntry | Kind::FlowMappingEnd) {
            self.state = next;
            return Ok(empty_scalar(line, start));
        }
        self.states.push(next);
        self.node(Place::Flow)
    }
}

#[inline]
fn event<'a>(kind: EventKind, line: u32, start: usize, end: usize) -> Event<'a> {
    Event { kind, implicit: false, line, start, end, text: Cow::Borrowed(b""), anchor: None, tag: None }
}

/// Returns the scalar that stands for a node of which nothing is written.
fn empty_scalar<'a>(line: u32, offset: usize) -> Event<'a> {
    Event { implicit: true, ..event(EventKind::Scalar, line, offset, offset) }
}
