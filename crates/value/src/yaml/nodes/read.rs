//! From a text to the tree of its first document.

use std::collections::HashSet;

use super::comments::{Comment, Role};
use super::node::{Comments, Content, Document, Node, ScalarStyle};
use super::scan_gaps::{self, Extent, Found};
use crate::Error;
use crate::yaml::chars::at;
use crate::yaml::input::Input;
use crate::yaml::parse::{Event, EventKind, Parser};
use crate::yaml::problem::{Problem, Step, Who};
use crate::yaml::scan::Scanner;
use crate::yaml::token::Kind;

/// Reads the first document of a text; there may be none.
///
/// # Errors
/// When it is no YAML, or names an anchor that it does not have.
pub fn read(text: &[u8]) -> Result<Option<Document>, Error> {
    let input = Input::new(text);
    let events = events(&input).map_err(|problem| problem.into_error())?;
    let scalars = events.iter().filter(|event| event.kind == EventKind::Scalar && event.end > event.start);
    let extents = scalars.map(|event| Extent { start: event.start, end: event.end }).collect();
    let found = scan_gaps::scan(&input.text, extents);
    let mut builder = Builder {
        text: &input.text,
        events: events.into_iter(),
        found,
        waiting: Comments::default(),
        stem: String::new(),
        flow_depth: 0,
    };
    builder.document().map_err(|problem| problem.into_error())
}

/// Reads the events of the first document.
fn events<'a>(input: &'a Input<'_>) -> Step<Vec<Event<'a>>> {
    let mut parser = Parser::new(Scanner::new(input));
    let mut events = Vec::new();
    let mut open = Vec::new();
    let mut anchors = HashSet::new();
    loop {
        let event = match parser.next() {
            Ok(event) => event,
            Err(problem) => {
                let problem = scanned_before(&mut parser.scanner, problem);
                return Err(problem.for_v3(open.last().copied().unwrap_or(0)));
            }
        };
        anchors.extend(event.anchor.clone());
        match event.kind {
            EventKind::Alias if !anchors.contains(&event.text) => {
                let name = String::from_utf8_lossy(&event.text);
                return Err(Problem::anywhere(format!("unknown anchor '{name}' referenced"), event.start));
            }
            EventKind::SequenceStart | EventKind::MappingStart => open.push(event.line),
            EventKind::SequenceEnd | EventKind::MappingEnd => drop(open.pop()),
            _ => {}
        }
        let kind = event.kind;
        events.push(event);
        if kind == EventKind::DocumentEnd {
            scan_ahead(&mut parser.scanner)?;
        }
        if matches!(kind, EventKind::DocumentEnd | EventKind::StreamEnd) {
            return Ok(events);
        }
    }
}

/// Returns the complaint of the scanner that comes before one of the parser, because yaml.v3 scans two tokens ahead of what
/// it parses.
fn scanned_before(scanner: &mut Scanner<'_>, problem: Box<Problem>) -> Box<Problem> {
    match problem.who {
        Who::Parser | Who::Node => scan_ahead(scanner).err().unwrap_or(problem),
        Who::Scanner | Who::Other => problem,
    }
}

/// Scans two tokens behind the next one.
fn scan_ahead(scanner: &mut Scanner<'_>) -> Step<()> {
    for _ in 0..2 {
        if scanner.peek()?.kind == Kind::StreamEnd {
            return Ok(());
        }
        scanner.skip();
    }
    scanner.peek().map(drop)
}

struct Builder<'a> {
    text: &'a [u8],
    events: std::vec::IntoIter<Event<'a>>,
    found: Found,
    /// Comments whose node has not come yet.
    waiting: Comments,
    /// A comment above the dash of a collection.
    stem: String,
    flow_depth: usize,
}

/// Which tokens may bring comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// Any but the next one.
    Token,
    /// The end of a block collection, which has no comment above it.
    BlockEnd,
}

impl<'a> Builder<'a> {
    fn next(&mut self) -> Step<Event<'a>> {
        self.events
            .next()
            .ok_or_else(|| Problem::anywhere("did not find expected node content", self.text.len()))
    }

    fn document(&mut self) -> Step<Option<Document>> {
        let start = self.next()?;
        if start.kind == EventKind::StreamEnd {
            return Ok(None);
        }
        self.unfold(start.start, At::Token);
        let is_explicit = start.end > start.start;
        let head = if is_explicit { String::new() } else { split_head(&mut self.waiting.head) };
        let event = self.next()?;
        let root = self.node(event)?;
        let end = self.next()?;
        self.unfold(end.start, At::Token);
        let Comments { head: last, foot, .. } = std::mem::take(&mut self.waiting);
        Ok(Some(Document { root, head, foot: if foot.is_empty() { last } else { foot } }))
    }

    /// Lets comments wait that take effect up to a place.
    fn unfold(&mut self, place: usize, at: At) {
        while let Some(comment) = self.found.comments.front()
            && comment.mark <= place
            && (comment.role != Role::Head || at != At::BlockEnd)
        {
            let Some(Comment { role, text, .. }) = self.found.comments.pop_front() else { return };
            let waiting = match role {
                Role::Head => &mut self.waiting.head,
                Role::Line => &mut self.waiting.line,
                Role::Foot => &mut self.waiting.foot,
            };
            if !waiting.is_empty() {
                waiting.push('\n');
            }
            waiting.push_str(&text);
        }
    }

    fn take_comments(&mut self) -> Comments {
        self.stem.clear();
        std::mem::take(&mut self.waiting)
    }

    fn node(&mut self, event: Event<'a>) -> Step<Node> {
        match event.kind {
            EventKind::Scalar => Ok(self.scalar(event)),
            EventKind::Alias => Ok(self.alias(&event)),
            EventKind::SequenceStart => self.sequence(event),
            EventKind::MappingStart => self.mapping(event),
            _ => Err(Problem::anywhere("did not find expected node content", event.start)),
        }
    }

    fn properties(event: &Event<'a>) -> (Option<String>, Option<String>) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let anchor = event.anchor.as_deref().map(text);
        (anchor, event.tag.as_deref().map(text).filter(|tag| tag != "!"))
    }

    fn scalar(&mut self, event: Event<'a>) -> Node {
        let (anchor, tag) = Self::properties(&event);
        let (line, is_written) = (event.line + 1, event.end > event.start);
        let (mut style, mut comments) = (ScalarStyle::Plain, Comments::default());
        if is_written {
            let start = self.found.contents.pop_front().unwrap_or(event.start);
            style = match at(self.text, start) {
                b'\'' => ScalarStyle::SingleQuoted,
                b'"' => ScalarStyle::DoubleQuoted,
                b'|' => ScalarStyle::Literal,
                b'>' => ScalarStyle::Folded,
                _ => ScalarStyle::Plain,
            };
            self.unfold(start, At::Token);
            comments = self.take_comments();
        }
        let text = String::from_utf8_lossy(&event.text).into_owned();
        Node { content: Content::Scalar { text, style }, anchor, tag, comments, line }
    }

    fn alias(&mut self, event: &Event<'a>) -> Node {
        let name = String::from_utf8_lossy(&event.text).into_owned();
        self.unfold(event.start, At::Token);
        let comments = self.take_comments();
        Node { content: Content::Alias(name), anchor: None, tag: None, comments, line: event.line + 1 }
    }

    /// Reads the beginning of a collection: whether it is one in brackets, and the comment above it.
    fn open(&mut self, event: &Event<'a>, bracket: u8) -> (bool, String) {
        let place = event.end;
        let is_block = self.flow_depth == 0 && self.found.opened.remove(&place);
        let is_flow = !is_block && (self.flow_depth > 0 || at(self.text, place) == bracket);
        self.unfold(place, At::Token);
        let head = if is_flow {
            let comments = self.take_comments();
            // What is behind the bracket belongs to the first item to yaml.v3, but is lost with the beginning.
            comments.head
        } else {
            std::mem::take(&mut self.stem)
        };
        self.flow_depth += usize::from(is_flow);
        (is_flow, head)
    }

    fn sequence(&mut self, event: Event<'a>) -> Step<Node> {
        let (anchor, tag) = Self::properties(&event);
        let line = event.line + 1;
        let has_own_indent = self.found.opened.contains(&event.end);
        let (is_flow, head) = self.open(&event, b'[');
        let mut items = Vec::new();
        let end = loop {
            let event = self.next()?;
            if event.kind == EventKind::SequenceEnd {
                break event;
            }
            if !is_flow {
                self.split_stem(&event);
            }
            items.push(self.node(event)?);
        };
        let mut comments = Comments { head, ..Comments::default() };
        if is_flow {
            self.flow_depth -= 1;
            self.unfold(end.start, At::Token);
            let ended = self.take_comments();
            (comments.line, comments.foot) = (ended.line, ended.foot);
        } else if has_own_indent {
            let place = self.found.ends.pop_front().unwrap_or(end.start);
            self.unfold(place, At::BlockEnd);
        }
        Ok(Node { content: Content::Sequence { items, is_flow }, anchor, tag, comments, line })
    }

    /// Puts the comment above a dash aside, if a collection begins behind it: it belongs to that as a whole.
    fn split_stem(&mut self, item: &Event<'a>) {
        let before = self.found.dashes.partition_point(|dash| *dash < item.end.max(item.start + 1));
        let dash = before.checked_sub(1).and_then(|index| self.found.dashes.get(index)).copied();
        // The first dash of a sequence in a sequence is where the inner one begins.
        let is_sequence = item.kind == EventKind::SequenceStart && at(self.text, item.end) == b'-';
        let dash = if is_sequence {
            before.checked_sub(2).and_then(|index| self.found.dashes.get(index)).copied()
        } else {
            dash
        };
        let Some(dash) = dash else { return };
        self.unfold(dash, At::Token);
        let length = self.waiting.head.len();
        let is_block = self.found.opened.contains(&item.end) && item.anchor.is_none() && item.tag.is_none();
        let is_collection = matches!(item.kind, EventKind::SequenceStart | EventKind::MappingStart);
        if length == 0 || !is_block || !is_collection {
            return;
        }
        self.unfold(item.end, At::Token);
        let rest = self.waiting.head.get(length + 1..).unwrap_or_default().to_owned();
        self.waiting.head.truncate(length);
        self.stem = std::mem::replace(&mut self.waiting.head, rest);
    }

    fn mapping(&mut self, event: Event<'a>) -> Step<Node> {
        let (anchor, tag) = Self::properties(&event);
        let line = event.line + 1;
        let (is_flow, head) = self.open(&event, b'{');
        let mut pairs: Vec<(Node, Node)> = Vec::new();
        let end = loop {
            let event = self.next()?;
            if event.kind == EventKind::MappingEnd {
                break event;
            }
            let mut key = self.node(event)?;
            if !is_flow
                && !key.comments.foot.is_empty()
                && let Some((before, _)) = pairs.last_mut()
            {
                // A foot at the dedentation belongs to what stands before.
                before.comments.foot = std::mem::take(&mut key.comments.foot);
            }
            let event = self.next()?;
            let mut value = self.node(event)?;
            if key.comments.foot.is_empty() {
                key.comments.foot = std::mem::take(&mut value.comments.foot);
            }
            pairs.push((key, value));
        };
        let place = match is_flow {
            true => end.start,
            false => self.found.ends.pop_front().unwrap_or(end.start),
        };
        self.flow_depth -= usize::from(is_flow);
        self.unfold(place, if is_flow { At::Token } else { At::BlockEnd });
        let ended = self.take_comments();
        // Heads are not taken by ends; what was unfolded before an end is lost, as in yaml.v3.
        let mut comments = Comments { head, line: ended.line, foot: ended.foot };
        if !is_flow
            && !comments.foot.is_empty()
            && let Some((key, _)) = pairs.last_mut()
        {
            key.comments.foot = std::mem::take(&mut comments.foot);
        }
        Ok(Node { content: Content::Mapping { pairs, is_flow }, anchor, tag, comments, line })
    }
}

/// Takes the part of a comment above its last empty line, which is the document's.
fn split_head(head: &mut String) -> String {
    let Some(without_break) = head.strip_suffix('\n').map(str::to_owned) else {
        let Some(gap) = head.rfind("\n\n") else { return String::new() };
        let rest = head.split_off(gap + 2);
        head.truncate(gap);
        return std::mem::replace(head, rest);
    };
    head.clear();
    without_break
}
