//! From characters to tokens: indentation, simple keys, and which token begins where.
//!
//! YAML's difficulty is that `a` becomes a key only when a colon follows. Where a key may stand the scanner looks ahead for
//! the colon; what it cannot decide so (collections as keys, keys with anchors) waits in a queue until it is known,
//! as in libyaml, whose order of complaints go-yaml's users see.

use std::borrow::Cow;
use std::collections::VecDeque;

use super::chars::{self, BLANK, BREAK, END, HIGH, at, break_len, is, is_blank_or_end, is_line_end};
use super::input::Input;
use super::problem::{Problem, Step};
use super::token::{Kind, Token};

/// How deep collections may nest (scannerc.go, `max_flow_level` and `max_indents`).
const MAX_DEPTH: usize = 10_000;
const TOO_DEEP: &str = "exceeded max depth of 10000";

/// Longest distance, in characters, between the beginning of a key and its colon.
const MAX_KEY: usize = 1024;

/// A place where a key may have begun.
#[derive(Clone, Copy, Default)]
struct KeyStart {
    possible: bool,
    /// Whether it can be nothing else, as it begins at the indentation of a block mapping.
    required: bool,
    /// The number of its first token, counted from the beginning of the text.
    token: usize,
    line: u32,
    column: usize,
    offset: usize,
}

/// The scanner's state.
pub(super) struct Scanner<'a> {
    pub(super) text: &'a [u8],
    pub(super) fault: Option<&'static str>,
    pub(super) offset: usize,
    pub(super) line: u32,
    /// The offset at which column 0 would be if all characters of the line so far had one byte.
    pub(super) origin: usize,
    pub(super) flow_level: usize,
    /// The column of the innermost block collection, -1 outside of all.
    pub(super) indent: isize,
    indents: Vec<isize>,
    pub(super) key_allowed: bool,
    /// The key start of each flow level, the last one is current.
    keys: Vec<KeyStart>,
    /// Token numbers of key starts with their level, in ascending order.
    undecided: VecDeque<(usize, usize)>,
    queue: VecDeque<Token<'a>>,
    /// How many tokens have left the queue.
    taken: usize,
    ready: bool,
    /// Whether the text of scalars is wanted; without it they are only checked.
    pub(super) keep_text: bool,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(input: &'a Input<'_>) -> Self {
        Scanner {
            text: &input.text,
            fault: input.fault,
            offset: 0,
            line: 0,
            origin: 0,
            flow_level: 0,
            indent: -1,
            indents: Vec::new(),
            key_allowed: true,
            keys: vec![KeyStart::default()],
            undecided: VecDeque::new(),
            queue: VecDeque::with_capacity(8),
            taken: 0,
            ready: false,
            keep_text: true,
        }
    }

    /// Returns the next token without taking it.
    #[inline]
    pub(super) fn peek(&mut self) -> Step<&Token<'a>> {
        if !self.ready {
            self.fill()?;
        }
        match self.queue.front() {
            Some(token) => Ok(token),
            None => Err(Problem::anywhere("did not find expected token", self.offset)),
        }
    }

    /// Takes the token that [`Scanner::peek`] showed.
    #[inline]
    pub(super) fn take(&mut self) -> Option<Token<'a>> {
        self.ready = false;
        self.taken += 1;
        self.queue.pop_front()
    }

    /// Drops the token that [`Scanner::peek`] showed.
    #[inline]
    pub(super) fn skip(&mut self) {
        self.take();
    }

    /// Returns the column of the current character, in characters.
    #[inline]
    pub(super) fn column(&self) -> usize {
        self.offset.wrapping_sub(self.origin)
    }

    /// Returns a complaint about the current position.
    #[cold]
    pub(super) fn problem(&self, text: &'static str) -> Box<Problem> {
        match self.fault {
            Some(fault) if self.offset >= self.text.len() => Problem::anywhere(fault, self.offset),
            _ => Problem::of_scanner(text, self.line, self.offset),
        }
    }

    /// Returns a complaint about one of the next characters; in a faulty text go-yaml may not have got that far.
    #[cold]
    pub(super) fn problem_ahead(&self, text: &'static str, lookahead: usize) -> Box<Problem> {
        self.check_fault(lookahead).err().unwrap_or_else(|| self.problem(text))
    }

    /// Complains about what is behind the end of a faulty text, if that is where the scanner stands.
    pub(super) fn check_fault(&self, lookahead: usize) -> Step<()> {
        let Some(fault) = self.fault else {
            return Ok(());
        };
        let rest = self.text.get(self.offset..).unwrap_or_default();
        let characters = rest.iter().filter(|byte| **byte & 0xC0 != 0x80).take(lookahead).count();
        if characters < lookahead { Err(Problem::anywhere(fault, self.offset)) } else { Ok(()) }
    }

    /// Adds a token at the end of the queue.
    #[inline]
    pub(super) fn push(&mut self, token: Token<'a>) {
        self.queue.push_back(token);
    }

    fn push_mark(&mut self, kind: Kind, len: usize) {
        let start = self.offset;
        self.offset += len;
        self.push(Token::mark(kind, self.line, start, self.offset));
    }

    /// Scans until the first token of the queue is decided: it is no key, or its `Key` stands before it.
    fn fill(&mut self) -> Step<()> {
        while self.queue.is_empty() || self.is_head_undecided()? {
            self.fetch()?;
        }
        self.ready = true;
        Ok(())
    }

    fn is_head_undecided(&mut self) -> Step<bool> {
        while let Some((token, level)) = self.undecided.front().copied() {
            if token > self.taken {
                return Ok(false);
            }
            if token == self.taken {
                return self.is_key_possible(level);
            }
            self.undecided.pop_front();
        }
        Ok(false)
    }

    /// Returns whether a key that began at this level may still get its colon here.
    fn is_key_possible(&mut self, level: usize) -> Step<bool> {
        let (line, column) = (self.line, self.column());
        let Some(key) = self.keys.get_mut(level) else {
            return Ok(false);
        };
        if key.possible && (key.line < line || key.column + MAX_KEY < column) {
            if key.required {
                let line = key.line;
                return Err(self.problem("could not find expected ':'").begun_at(line));
            }
            key.possible = false;
        }
        Ok(key.possible)
    }

    /// Gives up the key that may have begun at the current level.
    fn drop_key(&mut self) -> Step<()> {
        let Some(key) = self.keys.last_mut() else {
            return Ok(());
        };
        if key.possible {
            if key.required {
                let line = key.line;
                return Err(self.problem("could not find expected ':'").begun_at(line));
            }
            key.possible = false;
            let token = key.token;
            self.forget(token);
        }
        Ok(())
    }

    fn forget(&mut self, token: usize) {
        if let Some(index) = self.undecided.iter().rposition(|(number, _)| *number == token) {
            self.undecided.remove(index);
        }
    }

    /// Notes that a key may begin with the next token.
    fn save_key(&mut self) -> Step<()> {
        if self.key_allowed {
            self.drop_key()?;
            let token = self.taken + self.queue.len();
            self.register_key(KeyStart {
                possible: true,
                required: self.is_key_required(),
                token,
                line: self.line,
                column: self.column(),
                offset: self.offset,
            });
        }
        Ok(())
    }

    fn is_key_required(&self) -> bool {
        self.flow_level == 0 && self.indent == self.column() as isize
    }

    fn note_key(&mut self, key: KeyStart) {
        if let Some(last) = self.keys.last_mut() {
            *last = key;
        }
    }

    fn register_key(&mut self, key: KeyStart) {
        let level = self.keys.len() - 1;
        self.note_key(key);
        self.undecided.push_back((key.token, level));
    }

    /// Opens a block collection at a column if it is deeper than the present one; its token goes to `index` of the queue.
    fn roll_indent(&mut self, column: usize, index: usize, start: Token<'a>) -> Step<()> {
        if self.flow_level > 0 || self.indent >= column as isize {
            return Ok(());
        }
        self.indents.push(self.indent);
        self.indent = column as isize;
        if self.indents.len() > MAX_DEPTH {
            return Err(self.problem(TOO_DEEP));
        }
        self.queue.insert(index.min(self.queue.len()), start);
        Ok(())
    }

    /// Closes the block collections that are deeper than a column.
    #[inline]
    fn unroll_indent(&mut self, column: isize) {
        if self.flow_level > 0 {
            return;
        }
        while self.indent > column {
            self.push(Token::mark(Kind::BlockEnd, self.line, self.offset, self.offset));
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    /// Scans one token, sometimes with the tokens that belong before it.
    fn fetch(&mut self) -> Step<()> {
        self.skip_to_token();
        self.unroll_indent(self.column() as isize);
        self.check_fault(4)?;
        let (text, here) = (self.text, self.offset);
        let byte = at(text, here);
        if byte == 0 {
            return self.fetch_stream_end();
        }
        if self.column() == 0 {
            if byte == b'%' {
                return self.fetch_directive();
            }
            if self.is_document_indicator() {
                return self.fetch_document_indicator(byte);
            }
        }
        let in_flow = self.flow_level > 0;
        match byte {
            b'[' => self.fetch_flow_start(Kind::FlowSequenceStart),
            b'{' => self.fetch_flow_start(Kind::FlowMappingStart),
            b']' => self.fetch_flow_end(Kind::FlowSequenceEnd),
            b'}' => self.fetch_flow_end(Kind::FlowMappingEnd),
            b',' => self.fetch_flow_entry(),
            b'-' if is_blank_or_end(text, here + 1) => self.fetch_block_entry(),
            b'?' if in_flow || is_blank_or_end(text, here + 1) => self.fetch_key(),
            b':' if in_flow || is_blank_or_end(text, here + 1) => self.fetch_value(),
            b'*' => self.fetch_anchor(Kind::Alias),
            b'&' => self.fetch_anchor(Kind::Anchor),
            b'!' => self.fetch_tag(),
            b'|' | b'>' if !in_flow => self.fetch_block_scalar(),
            b'\'' | b'"' | b'-' | b'?' | b':' => self.fetch_scalar(),
            b'|' | b'>' | b'#' | b'%' | b'@' | b'`' | b'\t' => {
                Err(self.problem("found character that cannot start any token"))
            }
            _ => self.fetch_scalar(),
        }
    }

    /// Returns whether `---` or `...` stands at the (first) column of the line.
    pub(super) fn is_document_indicator(&self) -> bool {
        let rest = self.text.get(self.offset..).unwrap_or_default();
        (rest.starts_with(b"---") || rest.starts_with(b"...")) && is_blank_or_end(self.text, self.offset + 3)
    }

    /// Skips blanks, comments and line breaks.
    fn skip_to_token(&mut self) {
        loop {
            let tabs = self.flow_level > 0 || !self.key_allowed;
            let mut here = self.offset;
            while at(self.text, here) == b' ' || (tabs && at(self.text, here) == b'\t') {
                here += 1;
            }
            self.offset = here;
            if at(self.text, here) == b'#' {
                self.skip_comment();
            }
            if !self.skip_break() {
                return;
            }
            if self.flow_level == 0 {
                self.key_allowed = true;
            }
        }
    }

    /// Skips to the end of the line.
    pub(super) fn skip_comment(&mut self) {
        loop {
            let rest = self.text.get(self.offset..).unwrap_or_default();
            self.offset += rest.iter().position(|byte| is(*byte, BREAK | END | HIGH)).unwrap_or(rest.len());
            if is_line_end(self.text, self.offset) {
                return;
            }
            self.skip_character();
        }
    }

    /// Skips one character that is no line break.
    #[inline]
    pub(super) fn skip_character(&mut self) {
        let width = chars::width(at(self.text, self.offset)).max(1);
        self.offset += width;
        self.origin += width - 1;
    }

    /// Skips a line break, if there is one.
    #[inline]
    pub(super) fn skip_break(&mut self) -> bool {
        let len = break_len(self.text, self.offset);
        if len > 0 {
            self.offset += len;
            self.line += 1;
            self.origin = self.offset;
        }
        len > 0
    }

    /// Skips blanks.
    pub(super) fn skip_blanks(&mut self) {
        while is(at(self.text, self.offset), BLANK) {
            self.offset += 1;
        }
    }

    fn fetch_stream_end(&mut self) -> Step<()> {
        if self.column() != 0 {
            self.line += 1;
            self.origin = self.offset;
        }
        self.unroll_indent(-1);
        self.drop_key()?;
        self.key_allowed = false;
        self.push_mark(Kind::StreamEnd, 0);
        Ok(())
    }

    fn fetch_directive(&mut self) -> Step<()> {
        self.unroll_indent(-1);
        self.drop_key()?;
        self.key_allowed = false;
        let token = self.scan_directive()?;
        self.push(token);
        Ok(())
    }

    fn fetch_document_indicator(&mut self, byte: u8) -> Step<()> {
        self.unroll_indent(-1);
        self.drop_key()?;
        self.key_allowed = false;
        self.push_mark(if byte == b'-' { Kind::DocumentStart } else { Kind::DocumentEnd }, 3);
        Ok(())
    }

    fn fetch_flow_start(&mut self, kind: Kind) -> Step<()> {
        self.save_key()?;
        // The new level begins with the number of the bracket itself, and takes the bracket's own note along when it ends
        // without a key: `[]: x` is therefore not a mapping for go-yaml (scannerc.go, yaml_parser_decrease_flow_level).
        let token = self.taken + self.queue.len();
        self.keys.push(KeyStart { token, ..KeyStart::default() });
        self.flow_level += 1;
        if self.flow_level > MAX_DEPTH {
            return Err(self.problem(TOO_DEEP));
        }
        self.key_allowed = true;
        self.push_mark(kind, 1);
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: Kind) -> Step<()> {
        self.drop_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            if let Some(key) = self.keys.pop() {
                self.forget(key.token);
            }
        }
        self.key_allowed = false;
        self.push_mark(kind, 1);
        Ok(())
    }

    fn fetch_flow_entry(&mut self) -> Step<()> {
        self.drop_key()?;
        self.key_allowed = true;
        self.push_mark(Kind::FlowEntry, 1);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Step<()> {
        if self.flow_level == 0 {
            if !self.key_allowed {
                return Err(self.problem("block sequence entries are not allowed in this context"));
            }
            self.roll_here(Kind::BlockSequenceStart)?;
        }
        self.drop_key()?;
        self.key_allowed = true;
        self.push_mark(Kind::BlockEntry, 1);
        Ok(())
    }

    fn roll_here(&mut self, kind: Kind) -> Step<()> {
        let start = Token::mark(kind, self.line, self.offset, self.offset);
        self.roll_indent(self.column(), self.queue.len(), start)
    }

    fn fetch_key(&mut self) -> Step<()> {
        if self.flow_level == 0 {
            if !self.key_allowed {
                return Err(self.problem("mapping keys are not allowed in this context"));
            }
            self.roll_here(Kind::BlockMappingStart)?;
        }
        self.drop_key()?;
        self.key_allowed = self.flow_level == 0;
        self.push_mark(Kind::Key, 1);
        Ok(())
    }

    fn fetch_value(&mut self) -> Step<()> {
        let level = self.keys.len() - 1;
        if self.is_key_possible(level)? {
            self.confirm_key(level)?;
            self.key_allowed = false;
        } else {
            if self.flow_level == 0 {
                if !self.key_allowed {
                    return Err(self.problem("mapping values are not allowed in this context"));
                }
                self.roll_here(Kind::BlockMappingStart)?;
            }
            self.key_allowed = self.flow_level == 0;
        }
        self.push_mark(Kind::Value, 1);
        Ok(())
    }

    /// Puts the `Key` token, and the mapping's start if it opens one, before the tokens of the key.
    fn confirm_key(&mut self, level: usize) -> Step<()> {
        let Some(key) = self.keys.get(level).copied() else {
            return Ok(());
        };
        // A key whose tokens have already been taken cannot be named any more: go-yaml then appends.
        let index = key.token.checked_sub(self.taken).unwrap_or(self.queue.len());
        self.queue
            .insert(index.min(self.queue.len()), Token::mark(Kind::Key, key.line, key.offset, key.offset));
        let start = Token::mark(Kind::BlockMappingStart, key.line, key.offset, key.offset);
        let index = key.token.checked_sub(self.taken).unwrap_or(self.queue.len());
        self.roll_indent(key.column, index, start)?;
        if let Some(key) = self.keys.get_mut(level) {
            key.possible = false;
        }
        self.forget(key.token);
        Ok(())
    }

    fn fetch_anchor(&mut self, kind: Kind) -> Step<()> {
        self.save_key()?;
        self.key_allowed = false;
        let token = self.scan_anchor(kind)?;
        self.push(token);
        Ok(())
    }

    fn fetch_tag(&mut self) -> Step<()> {
        self.save_key()?;
        self.key_allowed = false;
        let token = self.scan_tag()?;
        self.push(token);
        Ok(())
    }

    fn fetch_block_scalar(&mut self) -> Step<()> {
        self.drop_key()?;
        self.key_allowed = true;
        let token = self.scan_block_scalar()?;
        self.push(token);
        Ok(())
    }

    /// Scans a plain or quoted scalar and, where it may be a key, looks for the colon at once.
    fn fetch_scalar(&mut self) -> Step<()> {
        if !self.key_allowed {
            let token = self.scan_flow_or_plain()?;
            self.push(token);
            return Ok(());
        }
        self.drop_key()?;
        self.key_allowed = false;
        let key = KeyStart {
            possible: true,
            required: self.is_key_required(),
            token: self.taken + self.queue.len(),
            line: self.line,
            column: self.column(),
            offset: self.offset,
        };
        // Keys are needed even where the values of scalars are not.
        let keep_text = std::mem::replace(&mut self.keep_text, true);
        let scanned = self.scan_flow_or_plain();
        self.keep_text = keep_text;
        let token = scanned?;
        let is_decided = if key.line == self.line {
            // Behind the end of a faulty text there might be anything.
            if self.fault.is_none() && self.has_colon_for(&key) {
                return self.push_key(&key, token);
            }
            false
        } else {
            // Too late for a colon; only a required key will be missed.
            !key.required
        };
        if is_decided {
            self.note_key(KeyStart { possible: false, ..key });
            self.push(token);
            return Ok(());
        }
        self.register_key(key);
        self.push(token);
        Ok(())
    }

    fn scan_flow_or_plain(&mut self) -> Step<Token<'a>> {
        match at(self.text, self.offset) {
            b'"' => self.scan_quoted(false),
            b'\'' => self.scan_quoted(true),
            _ => self.scan_plain(),
        }
    }

    /// Moves to the colon of a key, if it stands behind the blanks that follow.
    #[inline]
    fn has_colon_for(&mut self, key: &KeyStart) -> bool {
        let mut here = self.offset;
        while is(at(self.text, here), BLANK) {
            here += 1;
        }
        if at(self.text, here) != b':' {
            return false;
        }
        let column = here.wrapping_sub(self.origin);
        let found =
            (self.flow_level > 0 || is_blank_or_end(self.text, here + 1)) && key.column + MAX_KEY >= column;
        if found {
            self.offset = here;
        }
        found
    }

    #[inline]
    fn push_key(&mut self, key: &KeyStart, token: Token<'a>) -> Step<()> {
        let start = Token::mark(Kind::BlockMappingStart, key.line, key.offset, key.offset);
        self.note_key(KeyStart { possible: false, ..*key });
        self.roll_indent(key.column, self.queue.len(), start)?;
        self.push(Token::mark(Kind::Key, key.line, key.offset, key.offset));
        self.push(token);
        self.push_mark(Kind::Value, 1);
        Ok(())
    }

    /// Returns a token with text.
    pub(super) fn text_token(&self, kind: Kind, line: u32, start: usize, text: Cow<'a, [u8]>) -> Token<'a> {
        Token { kind, plain: false, line, start, end: self.offset, text, suffix: Vec::new() }
    }
}
