//! From events to a tree: anchors, aliases, merge keys, and yaml.v2's limits on them.
//!
//! yaml.v2 first reads the whole document and decodes it afterwards, so a complaint of the parser comes before any of the
//! decoder. Here both happen at once: a complaint of the decoder waits until the document has been read.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::parse::{Event, EventKind, Parser};
use super::problem::{Problem, Step};
use super::resolve::{self, Scalar};
use super::tree::Tree;
use crate::json;

/// Why there is no tree.
pub(super) enum Failure {
    Problem(Box<Problem>),
    /// Something has no plain JSON form; an exact tree tells whether and how that matters.
    Odd,
}

impl From<Box<Problem>> for Failure {
    fn from(problem: Box<Problem>) -> Self {
        Failure::Problem(problem)
    }
}

#[derive(Clone, Copy, PartialEq)]
enum FrameKind {
    List,
    /// The list of mappings behind `<<:`.
    MergeList,
    Map,
    /// The mapping behind `<<:`; its pairs are those of the mapping around it.
    MergeMap,
}

struct Frame<'a, K> {
    kind: FrameKind,
    /// Where its items or pairs begin on the stack.
    start: usize,
    key: Option<K>,
    /// Whether the key was `<<`.
    merging: bool,
    /// Whether the collection itself is a key.
    is_key: bool,
    line: u32,
    anchor: Option<Cow<'a, [u8]>>,
    count: u64,
    /// The keys so far, where double ones are reported.
    seen: Option<HashSet<Vec<u8>>>,
}

enum Anchored<'a, N> {
    /// A collection that is not finished; the number of decoding steps before it.
    Open(bool, u64),
    Scalar(Scalar<'a>),
    List(N),
    Map(N),
}

struct Anchor<'a, N> {
    what: Anchored<'a, N>,
    /// How many steps it takes to decode it.
    steps: u64,
}

/// The place in which the next node goes.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Root,
    Item,
    MergeItem,
    Key,
    Value,
    MergeValue,
}

/// Builds the tree of one document.
pub(super) struct Builder<'a, T: Tree> {
    tree: T,
    root: Option<T::Node>,
    nodes: Vec<T::Node>,
    pairs: Vec<(T::Key, T::Node)>,
    frames: Vec<Frame<'a, T::Key>>,
    anchors: HashMap<Cow<'a, [u8]>, Anchor<'a, T::Node>>,
    /// Decoding steps, and how many of them came from aliases.
    steps: u64,
    alias_steps: u64,
    failed: Option<Box<Problem>>,
    /// Complaints that do not stop the decoder, if double keys are reported.
    complaints: Option<Vec<String>>,
    describe: Option<DescribeKey<T::Key>>,
}

/// The names yaml.v2 gives keys in its complaints about double ones.
pub(super) type DescribeKey<K> = fn(&K) -> (Vec<u8>, String, u32);

impl<'a, T: Tree> Builder<'a, T> {
    pub(super) fn new(tree: T, describe: Option<DescribeKey<T::Key>>) -> Self {
        Builder {
            tree,
            root: None,
            nodes: Vec::new(),
            pairs: Vec::new(),
            frames: Vec::new(),
            anchors: HashMap::new(),
            steps: 1,
            alias_steps: 0,
            failed: None,
            complaints: None,
            describe,
        }
    }

    /// Reads one document; there may be none.
    pub(super) fn read(mut self, parser: &mut Parser<'a>) -> Result<Option<T::Node>, Failure> {
        if parser.next()?.kind == EventKind::StreamEnd {
            return Ok(None);
        }
        self.complaints = self.describe.map(|_| Vec::new());
        loop {
            let event = parser.next()?;
            match event.kind {
                EventKind::DocumentEnd | EventKind::StreamEnd => break,
                _ if self.failed.is_some() => self.skim(event)?,
                EventKind::Scalar => self.scalar(event)?,
                EventKind::Alias => self.alias(event)?,
                EventKind::SequenceStart => self.start(event, false)?,
                EventKind::MappingStart => self.start(event, true)?,
                EventKind::SequenceEnd => self.end_list()?,
                EventKind::MappingEnd => self.end_map()?,
                EventKind::DocumentStart => {}
            }
        }
        if let Some(problem) = self.failed {
            return Err(Failure::Problem(problem));
        }
        match self.complaints {
            Some(complaints) if !complaints.is_empty() => {
                let text = format!("unmarshal errors:\n  {}", complaints.join("\n  "));
                Err(Failure::Problem(Problem::anywhere(text, 0)))
            }
            _ => Ok(self.root),
        }
    }

    /// Keeps the first complaint of the decoder.
    fn fail(&mut self, problem: Box<Problem>) {
        self.failed.get_or_insert(problem);
    }

    /// Looks only for what the parser itself complains about.
    fn skim(&mut self, event: Event<'a>) -> Step<()> {
        if event.kind == EventKind::Alias && !self.anchors.contains_key(&event.text) {
            return Err(unknown_anchor(&event));
        }
        if let Some(name) = event.anchor {
            self.anchors.insert(name, Anchor { what: Anchored::Scalar(Scalar::Nil), steps: 0 });
        }
        Ok(())
    }

    #[inline]
    fn place(&self) -> Place {
        match self.frames.last() {
            None => Place::Root,
            Some(frame) => match frame.kind {
                FrameKind::List => Place::Item,
                FrameKind::MergeList => Place::MergeItem,
                _ if frame.merging => Place::MergeValue,
                _ if frame.key.is_none() => Place::Key,
                _ => Place::Value,
            },
        }
    }

    /// Counts decoding steps; too many of them from aliases are an attack (decode.go, `allowedAliasRatio`).
    #[inline]
    fn step(&mut self, own: u64, from_alias: u64) -> bool {
        self.steps = self.steps.saturating_add(own).saturating_add(from_alias);
        self.alias_steps = self.alias_steps.saturating_add(from_alias);
        if self.alias_steps <= 100 || self.steps <= 1000 {
            return true;
        }
        let allowed = match self.steps {
            0..=400_000 => 0.99,
            4_000_000.. => 0.10,
            steps => 0.99 - 0.89 * ((steps - 400_000) as f64 / 3_600_000.0),
        };
        let is_fine = self.alias_steps as f64 / self.steps as f64 <= allowed;
        if !is_fine {
            self.fail(Problem::anywhere("document contains excessive aliasing", 0));
        }
        is_fine
    }

    fn scalar(&mut self, event: Event<'a>) -> Result<(), Failure> {
        let place = self.place();
        if place == Place::Key && is_merge(&event) {
            if let Some(frame) = self.frames.last_mut() {
                frame.merging = true;
            }
            self.keep_scalar(event.anchor, &Scalar::Str(event.text));
            return Ok(());
        }
        if matches!(place, Place::MergeValue | Place::MergeItem) {
            self.keep_scalar(event.anchor, &Scalar::Nil);
            self.fail(no_map_to_merge(event.start));
            return Ok(());
        }
        if !self.step(1, 0) {
            return Ok(());
        }
        match resolve::resolve(event.tag.as_deref(), event.implicit, event.text, event.start) {
            Ok(scalar) => {
                self.keep_scalar(event.anchor, &scalar);
                self.put_scalar(place, scalar, event.line)
            }
            Err(problem) => {
                self.keep_scalar(event.anchor, &Scalar::Nil);
                self.fail(problem);
                Ok(())
            }
        }
    }

    fn keep_scalar(&mut self, anchor: Option<Cow<'a, [u8]>>, scalar: &Scalar<'a>) {
        if let Some(name) = anchor {
            self.anchors.insert(name, Anchor { what: Anchored::Scalar(scalar.clone()), steps: 1 });
        }
    }

    #[inline]
    fn put_scalar(&mut self, place: Place, scalar: Scalar<'_>, line: u32) -> Result<(), Failure> {
        if place == Place::Key {
            let key = self.tree.key(scalar, line).ok_or(Failure::Odd)?;
            self.put_key(key);
            return Ok(());
        }
        let node = self.tree.scalar(scalar).ok_or(Failure::Odd)?;
        self.put(node, line);
        Ok(())
    }

    fn put_key(&mut self, key: T::Key) {
        if let Some(frame) = self.frames.last_mut() {
            frame.key = Some(key);
        }
    }

    /// Puts a finished node where it belongs.
    #[inline]
    fn put(&mut self, node: T::Node, line: u32) {
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(node);
            return;
        };
        match frame.kind {
            FrameKind::List | FrameKind::MergeList => self.nodes.push(node),
            FrameKind::Map | FrameKind::MergeMap => {
                let Some(mut key) = frame.key.take() else {
                    return;
                };
                if T::EXACT {
                    self.tree.set_line(&mut key, line);
                }
                self.pairs.push((key, node));
                self.check_double();
            }
        }
    }

    /// Takes the pair just added away again if its key was there before, and complains.
    fn check_double(&mut self) {
        let (Some(describe), Some(complaints), Some(frame)) =
            (self.describe, &mut self.complaints, self.frames.last_mut())
        else {
            return;
        };
        let Some((key, _)) = self.pairs.last() else {
            return;
        };
        let (identity, text, line) = describe(key);
        if !frame.seen.get_or_insert_default().insert(identity) {
            complaints.push(format!("line {}: key {text} already set in map", line + 1));
            self.pairs.pop();
        }
    }

    fn start(&mut self, event: Event<'a>, is_map: bool) -> Result<(), Failure> {
        let place = self.place();
        let kind = match (place, is_map) {
            (Place::MergeValue, true) => FrameKind::MergeMap,
            (Place::MergeValue, false) => FrameKind::MergeList,
            (Place::MergeItem, false) => {
                self.fail(no_map_to_merge(event.start));
                return Ok(self.skim(event)?);
            }
            (Place::Key, _) if !T::EXACT => return Err(Failure::Odd),
            (_, true) => FrameKind::Map,
            (_, false) => FrameKind::List,
        };
        let count = self.steps;
        let is_too_deep = self.frames.len() >= json::MAX_DEPTH && !T::EXACT;
        if is_too_deep || (T::COPIES_ALL && event.anchor.is_some()) {
            return Err(Failure::Odd);
        }
        if let Some(name) = &event.anchor {
            self.anchors.insert(name.clone(), Anchor { what: Anchored::Open(is_map, count), steps: 0 });
        }
        if kind != FrameKind::MergeList && !self.step(1, 0) {
            return Ok(());
        }
        let seen = match kind {
            FrameKind::MergeMap => self.frames.last_mut().and_then(|frame| frame.seen.take()),
            _ => None,
        };
        self.frames.push(Frame {
            kind,
            start: if is_map { self.pairs.len() } else { self.nodes.len() },
            key: None,
            merging: false,
            is_key: place == Place::Key,
            line: event.line,
            anchor: event.anchor,
            count,
            seen,
        });
        Ok(())
    }

    fn end_list(&mut self) -> Result<(), Failure> {
        let Some(frame) = self.frames.pop() else {
            return Ok(());
        };
        let items = self.nodes.drain(frame.start.min(self.nodes.len())..).collect::<Vec<_>>();
        if frame.kind == FrameKind::List {
            return self.finish(frame, |tree| Some(tree.list(items)), false);
        }
        // Earlier mappings take precedence, so they come last.
        for item in items.iter().rev() {
            self.merge_pairs(item);
        }
        self.merged();
        if let Some(name) = frame.anchor {
            let steps = self.steps - frame.count + 1;
            self.anchors.insert(name, Anchor { what: Anchored::List(self.tree.list(items)), steps });
        }
        Ok(())
    }

    fn end_map(&mut self) -> Result<(), Failure> {
        let Some(frame) = self.frames.pop() else {
            return Ok(());
        };
        let start = frame.start.min(self.pairs.len());
        if frame.kind == FrameKind::Map {
            let pairs = self.pairs.drain(start..).collect::<Vec<_>>();
            return self.finish(frame, |tree| tree.map(pairs), true);
        }
        if let Some(outer) = self.frames.last_mut() {
            outer.seen = frame.seen;
        }
        self.merged();
        if let Some(name) = frame.anchor {
            let own = self.pairs.split_off(start);
            let node = self.tree.map(own).ok_or(Failure::Odd)?;
            self.tree.append_pairs(&node, &mut self.pairs);
            let steps = self.steps - frame.count;
            self.anchors.insert(name, Anchor { what: Anchored::Map(node), steps });
        }
        Ok(())
    }

    fn merged(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.merging = false;
        }
    }

    /// Appends copies of a mapping's pairs to the mapping that merges it.
    fn merge_pairs(&mut self, node: &T::Node) {
        if self.describe.is_none() {
            self.tree.append_pairs(node, &mut self.pairs);
            return;
        }
        let mut pairs = Vec::new();
        self.tree.append_pairs(node, &mut pairs);
        for pair in pairs {
            self.pairs.push(pair);
            self.check_double();
        }
    }

    fn finish(
        &mut self,
        frame: Frame<'a, T::Key>,
        make: impl FnOnce(&T) -> Option<T::Node>,
        is_map: bool,
    ) -> Result<(), Failure> {
        let node = make(&self.tree).ok_or(Failure::Odd)?;
        if let Some(name) = frame.anchor {
            let copy = self.tree.share(&node);
            let steps = self.steps - frame.count;
            let what = if is_map { Anchored::Map(copy) } else { Anchored::List(copy) };
            // An anchor that was declared again inside keeps the later meaning.
            let is_latest = matches!(self.anchors.get(&name), Some(Anchor { what: Anchored::Open(_, count), .. }) if *count == frame.count);
            if is_latest {
                self.anchors.insert(name, Anchor { what, steps });
            }
        }
        if frame.is_key {
            return self.finish_key(node);
        }
        self.put(node, frame.line);
        Ok(())
    }

    /// A collection as a key: the complaint is the exact tree's.
    fn finish_key(&mut self, node: T::Node) -> Result<(), Failure> {
        let text = self.tree.go_syntax(&node).ok_or(Failure::Odd)?;
        self.fail(Problem::anywhere(format!("invalid map key: {text}"), 0));
        Ok(())
    }

    fn alias(&mut self, event: Event<'a>) -> Result<(), Failure> {
        let place = self.place();
        let is_merge = matches!(place, Place::MergeValue | Place::MergeItem);
        let Some(anchor) = self.anchors.get(&event.text) else {
            return Err(unknown_anchor(&event).into());
        };
        let steps = anchor.steps;
        let is_map = matches!(anchor.what, Anchored::Map(_) | Anchored::Open(true, _));
        if is_merge && !is_map {
            self.fail(no_map_to_merge(event.start));
            return Ok(());
        }
        if let Anchored::Open(_, count) = anchor.what {
            let until_itself = self.steps - count;
            if self.step(1, until_itself) {
                let name = String::from_utf8_lossy(&event.text);
                self.fail(Problem::anywhere(format!("anchor '{name}' value contains itself"), event.start));
            }
            return Ok(());
        }
        if !self.step(1, steps) {
            return Ok(());
        }
        self.expand(event, place)
    }

    /// Puts a copy of what an alias stands for.
    fn expand(&mut self, event: Event<'a>, place: Place) -> Result<(), Failure> {
        let Some(anchor) = self.anchors.get(&event.text) else {
            return Ok(());
        };
        let node = match &anchor.what {
            Anchored::Scalar(scalar) => {
                let scalar = scalar.clone();
                return self.put_scalar(place, scalar, event.line);
            }
            Anchored::List(node) | Anchored::Map(node) => self.tree.copy(node),
            Anchored::Open(..) => return Ok(()),
        };
        match place {
            Place::Key => self.finish_key(node),
            Place::MergeValue => {
                self.merge_pairs(&node);
                self.merged();
                Ok(())
            }
            _ => {
                self.put(node, event.line);
                Ok(())
            }
        }
    }
}

fn unknown_anchor(event: &Event<'_>) -> Box<Problem> {
    let name = String::from_utf8_lossy(&event.text);
    Problem::anywhere(format!("unknown anchor '{name}' referenced"), event.start)
}

fn no_map_to_merge(offset: usize) -> Box<Problem> {
    Problem::anywhere("map merge requires map or sequence of maps as the value", offset)
}

fn is_merge(event: &Event<'_>) -> bool {
    *event.text == *b"<<" && (event.implicit || event.tag.as_deref() == Some(b"tag:yaml.org,2002:merge"))
}
