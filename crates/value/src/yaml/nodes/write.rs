//! From trees to a text (yaml.v3's emitterc.go, with an indentation of two and compact sequences).

use super::node::{Comments, Content, Document, Node, ScalarStyle};
use crate::yaml::emit::{Emitter, Flavour};
use crate::yaml::style::{Analysis, Fitness};

/// Longest key, in bytes, that is written before its colon rather than behind a `?`.
const MAX_SIMPLE_KEY: usize = 128;

/// No line is too long.
const WIDTH: usize = usize::MAX;

/// Writes documents, set apart by `---`.
pub fn write(documents: &[Document]) -> String {
    let mut writer = Writer {
        emitter: Emitter::new(Flavour::V3),
        waiting: Comments::default(),
        tail: String::new(),
        key_line: String::new(),
        foot_indent: None,
        flow_level: 0,
        is_open_ended: false,
    };
    for (index, document) in documents.iter().enumerate() {
        writer.document(document, index == 0);
    }
    if writer.is_open_ended {
        writer.emitter.write_indicator(b"...");
        writer.move_to_indent();
    }
    String::from_utf8_lossy(&writer.emitter.out).into_owned()
}

/// Where a node stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Root,
    Item,
    SimpleKey,
    /// A value, or a key that needs a `?`.
    InMapping,
}

pub(super) struct Writer {
    pub(super) emitter: Emitter,
    /// Comments of nodes that have begun and have not been written yet.
    pub(super) waiting: Comments,
    /// The foot of the entry before, which comes when all of that has been written.
    pub(super) tail: String,
    /// The comment behind a key, which waits for the colon.
    key_line: String,
    /// The column of a foot just written: what follows at the same one is set apart by an empty line.
    foot_indent: Option<usize>,
    pub(super) flow_level: usize,
    /// Whether the last thing written was a block scalar that keeps all line breaks at its end.
    pub(super) is_open_ended: bool,
}

impl Writer {
    fn document(&mut self, document: &Document, is_first: bool) {
        if !is_first {
            self.move_to_indent();
            self.indicator(b"---");
            self.move_to_indent();
        }
        if !document.head.is_empty() {
            self.waiting.head.clone_from(&document.head);
            self.head_comment();
            self.emitter.put_break();
        }
        self.node(&document.root, Place::Root, |writer| writer.head_comment());
        self.foot_indent = Some(0);
        if !document.foot.is_empty() {
            self.waiting.foot.clone_from(&document.foot);
        }
        self.foot_comment();
        self.foot_indent = None;
        self.move_to_indent();
    }

    /// Writes a node behind what comes before it: its comments above, the indentation, an indicator.
    fn node(&mut self, node: &Node, place: Place, before: impl FnOnce(&mut Writer)) {
        self.begin_comments(node);
        before(self);
        self.content(node, place);
    }

    /// Takes the comments that come with the beginning of a node.
    pub(super) fn begin_comments(&mut self, node: &Node) {
        let Comments { head, line, foot } = &node.comments;
        let is_whole = matches!(node.content, Content::Scalar { .. } | Content::Alias(_));
        let take = |waiting: &mut String, text: &String| {
            if !text.is_empty() {
                waiting.clone_from(text);
            }
        };
        take(&mut self.waiting.head, head);
        if is_whole {
            take(&mut self.waiting.line, line);
            take(&mut self.waiting.foot, foot);
        }
    }

    pub(super) fn end_comments(&mut self, node: &Node) {
        let Comments { line, foot, .. } = &node.comments;
        if !line.is_empty() {
            self.waiting.line.clone_from(line);
        }
        if !foot.is_empty() {
            self.waiting.foot.clone_from(foot);
        }
    }

    /// Writes what a node is, and the comments behind it and below.
    pub(super) fn content(&mut self, node: &Node, place: Place) {
        match &node.content {
            Content::Alias(name) => {
                self.property(b"*", name);
                self.behind(place);
            }
            Content::Scalar { text, style } => {
                self.properties(node);
                self.scalar(text, *style, node.tag.is_some(), place);
                self.behind(place);
            }
            Content::Sequence { items, is_flow } => {
                self.properties(node);
                self.behind(place);
                match self.flow_level > 0 || *is_flow || items.is_empty() {
                    true => self.flow_sequence(node, items),
                    false => self.block_sequence(node, items, place),
                }
            }
            Content::Mapping { pairs, is_flow } => {
                self.properties(node);
                self.behind(place);
                match self.flow_level > 0 || *is_flow || pairs.is_empty() {
                    true => self.flow_mapping(node, pairs),
                    false => self.block_mapping(node, pairs),
                }
            }
        }
    }

    /// Writes the comments that may stand behind a node; behind a key they wait.
    fn behind(&mut self, place: Place) {
        if self.flow_level == 0 && place != Place::SimpleKey {
            self.line_comment();
            self.foot_comment();
        }
    }

    fn indent(&mut self) -> isize {
        let outer = self.emitter.indent;
        self.emitter.indent = if outer < 0 { 0 } else { outer + 2 };
        outer
    }

    fn block_sequence(&mut self, node: &Node, items: &[Node], place: Place) {
        let outer = self.emitter.indent;
        let is_compact =
            place == Place::InMapping && (self.emitter.column == 0 || !self.emitter.at_line_start);
        if outer < 0 {
            self.emitter.indent = 0;
        } else if !is_compact {
            self.emitter.indent = outer + 2;
        }
        for item in items {
            self.node(item, Place::Item, |writer| {
                writer.head_comment();
                writer.move_to_indent();
                writer.indicator(b"-");
            });
        }
        self.end_comments(node);
        self.emitter.indent = outer;
    }

    fn block_mapping(&mut self, node: &Node, pairs: &[(Node, Node)]) {
        let outer = self.indent();
        for (key, value) in pairs {
            let is_simple = is_simple_key(key);
            let place = if is_simple { Place::SimpleKey } else { Place::InMapping };
            let own_foot = key.comments.foot.clone();
            let bare =
                Node { comments: Comments { foot: String::new(), ..key.comments.clone() }, ..key.clone() };
            self.node(&bare, place, |writer| {
                writer.head_comment();
                writer.move_to_indent();
                if !writer.waiting.line.is_empty() {
                    writer.key_line = std::mem::take(&mut writer.waiting.line);
                }
                if !is_simple {
                    writer.indicator(b"?");
                }
            });
            self.block_value(value, is_simple);
            self.tail = own_foot;
        }
        self.end_comments(node);
        self.head_comment();
        self.emitter.indent = outer;
    }

    fn block_value(&mut self, value: &Node, is_simple: bool) {
        self.node(value, Place::InMapping, |writer| {
            if is_simple {
                writer.emitter.write_ascii(b":", false);
                writer.emitter.after_blank = false;
                writer.emitter.at_line_start = false;
            } else {
                writer.move_to_indent();
                writer.indicator(b":");
            }
            writer.is_open_ended = false;
            writer.place_key_line(value);
        });
    }

    /// Writes the comment behind a key, at once if what follows begins on a line of its own.
    fn place_key_line(&mut self, value: &Node) {
        if self.key_line.is_empty() {
            return;
        }
        match &value.content {
            Content::Scalar { .. } if self.waiting.line.is_empty() => {
                self.waiting.line = std::mem::take(&mut self.key_line);
            }
            Content::Sequence { is_flow: false, .. } | Content::Mapping { is_flow: false, .. } => {
                std::mem::swap(&mut self.waiting.line, &mut self.key_line);
                self.line_comment();
                std::mem::swap(&mut self.waiting.line, &mut self.key_line);
            }
            _ => {}
        }
    }

    fn properties(&mut self, node: &Node) {
        if let Some(anchor) = &node.anchor {
            self.property(b"&", anchor);
        }
        // yaml.v3 gives merge keys a tag, which it takes for one that was written.
        let is_merge =
            matches!(&node.content, Content::Scalar { text, style: ScalarStyle::Plain } if text == "<<");
        if is_merge && node.tag.is_none() {
            self.property(b"", "!!merge");
        }
        if let Some(tag) = &node.tag {
            let text = match (tag.strip_prefix("tag:yaml.org,2002:"), tag.starts_with('!')) {
                (Some(suffix), _) => format!("!!{suffix}"),
                (None, true) => tag.clone(),
                (None, false) => format!("!<{tag}>"),
            };
            self.property(b"", &text);
        }
    }

    fn property(&mut self, sign: &[u8], name: &str) {
        self.emitter.write_ascii(&[sign, name.as_bytes()].concat(), true);
        self.emitter.after_blank = false;
        self.emitter.at_line_start = false;
        self.is_open_ended = false;
    }

    fn scalar(&mut self, text: &str, wanted: ScalarStyle, has_tag: bool, place: Place) {
        let bytes = text.as_bytes();
        let analysis = Analysis::of(bytes, Flavour::V3);
        let fits = analysis.fitness(bytes, self.flow_level > 0, place == Place::SimpleKey);
        // A text written plainly over several lines keeps its line breaks only in a block.
        let is_text = wanted == ScalarStyle::Plain && !has_tag && text.contains('\n');
        let style = if is_text { ScalarStyle::Literal } else { wanted };
        let outer = self.emitter.indent;
        self.emitter.indent = if outer < 0 { 2 } else { outer + 2 };
        self.is_open_ended = false;
        match nearest(style, fits) {
            ScalarStyle::Plain => self.emitter.write_plain(bytes, WIDTH),
            ScalarStyle::SingleQuoted => self.emitter.write_single_quoted(bytes, WIDTH),
            ScalarStyle::DoubleQuoted => self.emitter.write_double_quoted(bytes, WIDTH),
            ScalarStyle::Literal => self.block_scalar(bytes, b"|"),
            ScalarStyle::Folded => self.block_scalar(bytes, b">"),
        }
        self.emitter.indent = outer;
    }

    fn block_scalar(&mut self, text: &[u8], sign: &[u8]) {
        let is_kept = self.emitter.write_block_header(text, sign);
        self.is_open_ended = is_kept;
        match self.waiting.line.is_empty() {
            true => self.emitter.put_break(),
            false => self.line_comment(),
        }
        self.emitter.after_blank = true;
        match sign {
            b"|" => self.emitter.write_literal_lines(text),
            _ => self.emitter.write_folded_lines(text),
        }
    }

    pub(super) fn indicator(&mut self, indicator: &[u8]) {
        self.emitter.write_indicator(indicator);
        self.is_open_ended = false;
        if indicator == b"---" {
            self.emitter.at_line_start = false;
        }
    }

    pub(super) fn move_to_indent(&mut self) {
        let indent = self.emitter.indent.max(0) as usize;
        if self.foot_indent.take() == Some(indent) {
            if self.emitter.needs_break() {
                self.emitter.put_break();
            }
            self.emitter.put_break();
            self.emitter.after_blank = true;
        }
        self.emitter.write_indent();
    }

    pub(super) fn head_comment(&mut self) {
        if !self.tail.is_empty() {
            let tail = std::mem::take(&mut self.tail);
            self.move_to_indent();
            self.comment(&tail);
            self.foot_indent = Some(self.emitter.indent.max(0) as usize);
        }
        if !self.waiting.head.is_empty() {
            let head = std::mem::take(&mut self.waiting.head);
            self.move_to_indent();
            self.comment(&head);
        }
    }

    pub(super) fn line_comment(&mut self) {
        if !self.waiting.line.is_empty() {
            let line = std::mem::take(&mut self.waiting.line);
            if !self.emitter.after_blank {
                self.emitter.write_ascii(b" ", false);
            }
            self.comment(&line);
        }
    }

    pub(super) fn foot_comment(&mut self) {
        if !self.waiting.foot.is_empty() {
            let foot = std::mem::take(&mut self.waiting.foot);
            self.move_to_indent();
            self.comment(&foot);
            self.foot_indent = Some(self.emitter.indent.max(0) as usize);
        }
    }

    /// Writes the lines of a comment and ends the last of them.
    fn comment(&mut self, text: &str) {
        for (index, line) in text.strip_suffix('\n').unwrap_or(text).split('\n').enumerate() {
            if index > 0 {
                self.emitter.put_break();
                if !line.is_empty() {
                    self.move_to_indent();
                }
            }
            self.emitter.write_ascii(line.as_bytes(), false);
            if !line.is_empty() {
                self.emitter.at_line_start = false;
            }
        }
        self.emitter.put_break();
        self.emitter.after_blank = true;
    }
}

/// Returns the style closest to the wanted one that a text fits in.
fn nearest(wanted: ScalarStyle, fits: Fitness) -> ScalarStyle {
    match wanted {
        ScalarStyle::Plain if fits.plain => ScalarStyle::Plain,
        ScalarStyle::Plain | ScalarStyle::SingleQuoted if fits.single_quoted => ScalarStyle::SingleQuoted,
        ScalarStyle::Literal | ScalarStyle::Folded if fits.block => wanted,
        _ => ScalarStyle::DoubleQuoted,
    }
}

pub(super) fn is_simple_key(key: &Node) -> bool {
    let names = key.anchor.as_ref().map_or(0, String::len) + key.tag.as_ref().map_or(0, String::len);
    let length = match &key.content {
        Content::Alias(name) => name.len(),
        Content::Scalar { text, .. } if text.contains(['\n', '\u{85}', '\u{2028}', '\u{2029}']) => {
            return false;
        }
        Content::Scalar { text, .. } => text.len(),
        Content::Sequence { items, .. } if !items.is_empty() => return false,
        Content::Mapping { pairs, .. } if !pairs.is_empty() => return false,
        _ => 0,
    };
    names + length <= MAX_SIMPLE_KEY
}
