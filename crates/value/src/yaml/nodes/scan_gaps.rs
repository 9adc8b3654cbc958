//! What stands between the scalars of a text: indicators, indentation and comments.
//!
//! The parser's events say where scalars are. Everything else is found here by going through the text once more, so that
//! reading values, which has no use for comments, does not pay for them.

use std::collections::{HashSet, VecDeque};

use super::comments::{Comment, Gap, Role, gather};
use crate::yaml::chars::{BLANK, at, is, is_blank_or_end, is_line_end};

/// Where a scalar's event begins (with its properties) and ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The comments in the order of the text.
    pub(super) comments: VecDeque<Comment>,
    /// The places at which block collections end, innermost first.
    pub(super) ends: VecDeque<usize>,
    /// The places at which block collections with an indentation of their own begin.
    pub(super) opened: HashSet<usize>,
    /// The places of the dashes of block sequences.
    pub(super) dashes: Vec<usize>,
    /// Where the scalars themselves begin, behind their properties.
    pub(super) contents: VecDeque<usize>,
}

/// The kinds of tokens that matter to comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A scalar, an alias or a property.
    Word,
    /// `-`
    Dash,
    /// `:`
    Colon,
    /// `,` in a flow collection.
    Comma,
    /// Anything else.
    Other,
}

/// A token.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    /// The line of its last character, from 0.
    pub(super) last_line: usize,
}

/// Goes through a text whose scalars are known.
pub(super) fn scan(text: &[u8], scalars: Vec<Extent>) -> Found {
    let mut scan = Scan {
        text,
        scalars: scalars.into(),
        offset: 0,
        line: 0,
        line_start: 0,
        indents: Vec::new(),
        flow_level: 0,
        key: None,
        last: None,
        before_last: None,
        scan_line: 0,
        found: Found::default(),
    };
    while scan.step() {}
    scan.found
}

struct Scan<'t> {
    text: &'t [u8],
    scalars: VecDeque<Extent>,
    offset: usize,
    line: usize,
    line_start: usize,
    /// The columns of the open block collections.
    indents: Vec<usize>,
    flow_level: usize,
    /// Where a key may have begun: offset, column and line.
    key: Option<(usize, usize, usize)>,
    last: Option<Token>,
    before_last: Option<Token>,
    /// The line on which the scanner stood after the last token.
    scan_line: usize,
    found: Found,
}

impl Scan<'_> {
    /// Goes on to the next token and takes it; returns whether there was one.
    fn step(&mut self) -> bool {
        let scan_start = self.offset;
        self.scan_line = self.line;
        let known = self.found.comments.len();
        self.skip_to_token(scan_start);
        let is_end = self.offset >= self.text.len();
        self.unroll(Some(self.column()), scan_start, known);
        if is_end {
            self.unroll(None, self.offset, known);
            return false;
        }
        if self.column() == 0 && self.is_at_marker() {
            self.unroll(None, scan_start, known);
            self.take(Kind::Other, self.offset + 3);
            return true;
        }
        if self.column() == 0 && at(self.text, self.offset) == b'%' && self.flow_level == 0 {
            self.skip_line();
            return true;
        }
        self.token();
        true
    }

    fn column(&self) -> usize {
        let before = self.text.get(self.line_start..self.offset).unwrap_or_default();
        before.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
    }

    fn is_at_marker(&self) -> bool {
        let rest = self.text.get(self.offset..).unwrap_or_default();
        (rest.starts_with(b"---") || rest.starts_with(b"...")) && is_blank_or_end(self.text, self.offset + 3)
    }

    fn skip_to_token(&mut self, scan_start: usize) {
        loop {
            match at(self.text, self.offset) {
                b'#' => {
                    let gap = self.gap(scan_start);
                    let end = gather(self.text, &gap, &mut self.found.comments);
                    self.move_to(end);
                }
                b' ' | b'\t' | b'\r' => self.offset += 1,
                b'\n' => self.move_to(self.offset + 1),
                0xEF if self
                    .text
                    .get(self.offset..)
                    .is_some_and(|rest| rest.starts_with(b"\xEF\xBB\xBF")) =>
                {
                    self.offset += 3;
                }
                _ => return,
            }
        }
    }

    fn gap(&self, scan_start: usize) -> Gap {
        // A comma says little about what stands before a comment.
        let token = match (self.last, self.before_last) {
            (Some(comma), Some(before)) if comma.kind == Kind::Comma => Some(before),
            (last, _) => last,
        };
        Gap {
            offset: self.offset,
            line: self.line,
            column: self.column(),
            token: token.map(|token| (token.start, token.kind)),
            scan_start,
            scan_line: self.scan_line,
            last_line: self.last.map(|token| token.last_line),
            indent: self.indents.last().copied().unwrap_or(0),
            is_flow: self.flow_level > 0,
        }
    }

    /// Moves forward and counts lines.
    fn move_to(&mut self, end: usize) {
        let passed = self.text.get(self.offset..end).unwrap_or_default();
        for at in memchr::memchr_iter(b'\n', passed) {
            self.line += 1;
            self.line_start = self.offset + at + 1;
        }
        self.offset = end;
    }

    fn skip_line(&mut self) {
        while !is_line_end(self.text, self.offset) {
            self.offset += 1;
        }
    }

    /// Ends the block collections that stand to the right of a column; all of them where there is none.
    ///
    /// A collection ends before the comments that stand at its own column (scannerc.go, `yaml_parser_unroll_indent`).
    fn unroll(&mut self, column: Option<usize>, scan_start: usize, known: usize) {
        if self.flow_level > 0 {
            return;
        }
        let mut end = scan_start.saturating_sub(1);
        while let Some(indent) = self.indents.last().copied()
            && column.is_none_or(|column| indent > column)
        {
            let mut stop = end;
            for comment in self.found.comments.iter().skip(known).rev() {
                if comment.end < stop {
                    break;
                }
                if comment.column == indent {
                    end = comment.start;
                }
                stop = comment.scan_start;
            }
            self.found.ends.push_back(end);
            self.indents.pop();
        }
    }

    /// Begins a block collection at a column unless one is open there.
    fn roll(&mut self, column: usize, start: usize) {
        if self.flow_level == 0 && self.indents.last().is_none_or(|indent| column > *indent) {
            self.indents.push(column);
            self.found.opened.insert(start);
        }
    }

    fn take(&mut self, kind: Kind, end: usize) {
        let start = self.offset;
        self.move_to(end);
        self.before_last = self.last.replace(Token { kind, start, last_line: self.line });
    }

    fn note_key(&mut self) {
        if self.flow_level == 0 && self.key.is_none_or(|(_, _, line)| line != self.line) {
            self.key = Some((self.offset, self.column(), self.line));
        }
    }

    fn token(&mut self) {
        let byte = at(self.text, self.offset);
        let is_before_blank = is_blank_or_end(self.text, self.offset + 1);
        let is_scalar = self.scalars.front().is_some_and(|scalar| scalar.start <= self.offset);
        match byte {
            b'&' | b'*' | b'!' => self.property(),
            _ if is_scalar => self.scalar(),
            b'[' | b'{' => {
                self.note_key();
                self.flow_level += 1;
                self.punctuation(Kind::Other);
            }
            b']' | b'}' => {
                self.flow_level = self.flow_level.saturating_sub(1);
                self.punctuation(Kind::Other);
            }
            b',' => self.punctuation(Kind::Comma),
            b'-' if is_before_blank => {
                self.roll(self.column(), self.offset);
                self.found.dashes.push(self.offset);
                self.key = None;
                self.take(Kind::Dash, self.offset + 1);
            }
            b'?' if is_before_blank => {
                self.roll(self.column(), self.offset);
                self.key = None;
                self.punctuation(Kind::Other);
            }
            b':' => {
                let (start, column) = match self.key.take() {
                    Some((start, column, line)) if line == self.line => (start, column),
                    _ => (self.offset, self.column()),
                };
                self.roll(column, start);
                self.punctuation(Kind::Colon);
            }
            // Nothing else can stand here in a text that the parser has taken.
            _ => self.offset += 1,
        }
    }

    /// Takes an indicator and the comment behind it, which belongs to what stands before a colon or comma.
    fn punctuation(&mut self, kind: Kind) {
        let before = self.last.map(|token| token.start);
        let start = self.offset;
        self.take(kind, start + 1);
        let belongs_before = if self.flow_level == 0 { kind == Kind::Colon } else { kind == Kind::Comma };
        self.line_comment(before.filter(|_| belongs_before).unwrap_or(start));
    }

    fn property(&mut self) {
        self.note_key();
        let start = self.offset;
        let is_end = |offset| {
            is_blank_or_end(self.text, offset)
                || (self.flow_level > 0 && matches!(at(self.text, offset), b',' | b']' | b'}'))
        };
        let mut end = start + 1;
        while !is_end(end) {
            end += 1;
        }
        // The scalar itself, if one follows, is met next; one without a text ends where it began.
        while self.scalars.front().is_some_and(|scalar| scalar.end <= end && scalar.start <= start) {
            self.scalars.pop_front();
        }
        self.take(Kind::Word, end);
        self.line_comment(start);
    }

    fn scalar(&mut self) {
        self.note_key();
        let Some(extent) = self.scalars.pop_front() else { return };
        let start = self.offset;
        self.found.contents.push_back(start);
        if matches!(at(self.text, start), b'|' | b'>') {
            return self.block_scalar(start, extent.end);
        }
        self.take(Kind::Word, extent.end.max(start + 1));
        let known = self.found.comments.len();
        self.line_comment(start);
        let is_plain = !matches!(at(self.text, start), b'\'' | b'"');
        if is_plain && self.found.comments.len() == known {
            self.skip_blank_lines();
        }
    }

    /// Goes on to the next character that is no blank and no line break, as the scanner does at the end of a plain scalar.
    fn skip_blank_lines(&mut self) {
        let mut end = self.offset;
        while end < self.text.len() && matches!(at(self.text, end), b' ' | b'\t' | b'\n' | b'\r') {
            end += 1;
        }
        self.move_to(end);
    }

    /// Takes a block scalar, behind whose indicator a comment may stand.
    fn block_scalar(&mut self, start: usize, end: usize) {
        let header_end = (start..end).find(|offset| is_line_end(self.text, *offset)).unwrap_or(end);
        let header = self.text.get(start..header_end).unwrap_or_default();
        if let Some(sign) = header.iter().position(|byte| *byte == b'#') {
            let text = header.get(sign..).unwrap_or_default();
            self.found.comments.push_back(Comment::line(start, text));
        }
        let content = self.text.get(start..end).unwrap_or_default();
        let trimmed = content.iter().rposition(|byte| !matches!(byte, b'\n' | b' ' | b'\r')).unwrap_or(0);
        self.take(Kind::Word, start + trimmed + 1);
        if let Some(token) = &mut self.last {
            token.last_line = self.line;
        }
        self.move_to(end);
        // The last line may be the beginning of the next token's.
        if self.offset > self.line_start {
            let rest = self.text.get(self.line_start..self.offset).unwrap_or_default();
            if rest.iter().all(|byte| is(*byte, BLANK)) {
                self.offset = self.line_start;
            }
        }
    }

    /// Takes a comment on the rest of this line.
    fn line_comment(&mut self, mark: usize) {
        let mut sign = self.offset;
        while is(at(self.text, sign), BLANK) {
            sign += 1;
        }
        if at(self.text, sign) != b'#' || sign >= self.text.len() {
            return;
        }
        self.offset = sign;
        self.skip_line();
        let text = self.text.get(sign..self.offset).unwrap_or_default();
        self.found.comments.push_back(Comment::line(mark, text));
    }
}

impl Comment {
    fn line(mark: usize, text: &[u8]) -> Comment {
        let text = String::from_utf8_lossy(text).into_owned();
        // It never moves the end of a collection: it ends before every scan.
        Comment { role: Role::Line, mark, text, start: 0, column: usize::MAX, end: 0, scan_start: 0 }
    }
}
