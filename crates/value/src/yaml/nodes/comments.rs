//! Comments on lines of their own: to what each belongs, by yaml.v3's rules.
//!
//! A comment belongs to what follows, unless it stands directly below something and is followed by an empty line, or is
//! indented otherwise than what follows (scannerc.go, `yaml_parser_scan_comments`).

use std::collections::VecDeque;

use super::scan_gaps::Kind;
use crate::yaml::chars::{BLANK, at, is, is_line_end};

/// What a comment is to the node it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Head,
    Line,
    Foot,
}

/// A comment and where it takes effect.
#[derive(Debug, Clone)]
pub(super) struct Comment {
    pub(super) role: Role,
    /// It belongs to the first node that begins or ends here or behind.
    pub(super) mark: usize,
    pub(super) text: String,
    /// Where it begins, and at which column.
    pub(super) start: usize,
    pub(super) column: usize,
    /// Where what was read for it ends, and began.
    pub(super) end: usize,
    pub(super) scan_start: usize,
}

/// The place between two tokens at which a comment begins.
pub(super) struct Gap {
    pub(super) offset: usize,
    pub(super) line: usize,
    pub(super) column: usize,
    /// The token before.
    pub(super) token: Option<(usize, Kind)>,
    /// Where the scanner stood after that token, and on which line.
    pub(super) scan_start: usize,
    pub(super) scan_line: usize,
    /// The line on which what stands before ends; none at the beginning of a text.
    pub(super) last_line: Option<usize>,
    /// The column of the innermost block collection.
    pub(super) indent: usize,
    pub(super) is_flow: bool,
}

/// A comment as far as it has been read.
struct Draft {
    text: String,
    start: usize,
    line: usize,
    column: usize,
}

/// Reads the comments of a gap and returns where the last of their lines ends.
pub(super) fn gather(text: &[u8], gap: &Gap, comments: &mut VecDeque<Comment>) -> usize {
    let mut reading = Reading {
        gap,
        comments,
        scan_start: gap.scan_start,
        mark: gap.token.map_or(0, |(start, _)| start),
        is_first_gap: gap.last_line.is_none_or(|last| gap.line - last <= 1),
        draft: None,
    };
    let (mut offset, mut line, mut column) = (gap.offset, gap.line, gap.column);
    let mut end = offset;
    let mut after_empty_line = false;
    loop {
        while is(at(text, offset), BLANK) && offset < text.len() {
            (offset, column) = (offset + 1, column + 1);
        }
        let byte = at(text, offset);
        let is_over = offset >= text.len();
        if is_over || is_line_end(text, offset) {
            if !after_empty_line {
                reading.empty_line(offset, is_over);
            }
            if is_over {
                break;
            }
            reading.is_first_gap = false;
            after_empty_line = true;
        } else if gap.is_flow && matches!(byte, b']' | b'}') {
            reading.flush(offset);
            break;
        } else {
            reading.other_column(offset, column);
            if byte != b'#' {
                break;
            }
            let from = offset;
            while !is_line_end(text, offset) {
                offset += 1;
            }
            reading.add(text.get(from..offset).unwrap_or_default(), (from, line, column));
            after_empty_line = false;
            end = offset;
        }
        while !matches!(at(text, offset), b'\n') && offset < text.len() {
            offset += 1;
        }
        (offset, line, column) = (offset + 1, line + 1, 0);
    }
    reading.finish(offset);
    end
}

struct Reading<'g> {
    gap: &'g Gap,
    comments: &'g mut VecDeque<Comment>,
    scan_start: usize,
    /// Where a foot takes effect.
    mark: usize,
    /// Whether no line has been empty yet.
    is_first_gap: bool,
    draft: Option<Draft>,
}

impl Reading<'_> {
    fn add(&mut self, text: &[u8], (start, line, column): (usize, usize, usize)) {
        let text = String::from_utf8_lossy(text);
        match &mut self.draft {
            Some(draft) => {
                draft.text.push('\n');
                draft.text.push_str(&text);
            }
            None => self.draft = Some(Draft { text: text.into_owned(), start, line, column }),
        }
    }

    /// The first empty line ends a comment that stands directly below something, or left of what stands before.
    fn empty_line(&mut self, offset: usize, is_over: bool) {
        let Some(draft) = &mut self.draft else { return };
        let is_dedented = draft.column < self.gap.indent;
        // Below a token on the first line yaml.v3 sees a comment only if the scanner has left that line.
        let is_below =
            self.gap.scan_line > 0 && self.gap.last_line.is_some_and(|last| draft.line == last + 1);
        let is_after_colon = matches!(self.gap.token, Some((_, Kind::Colon)));
        if self.is_first_gap && ((is_below && !is_after_colon) || is_dedented) {
            if is_dedented {
                self.mark = draft.start;
            }
            self.flush(offset);
        } else if !is_over {
            draft.text.push('\n');
        }
    }

    /// What stands left of the indentation, at another column than the comment before it, makes that a foot.
    fn other_column(&mut self, offset: usize, column: usize) {
        let is_other = self.draft.as_ref().is_some_and(|draft| draft.column != column);
        if is_other && column < self.gap.indent {
            self.flush(offset);
        }
    }

    fn flush(&mut self, offset: usize) {
        let Some(draft) = self.draft.take() else { return };
        let Draft { text, start, column, .. } = draft;
        let (mark, scan_start) = (self.mark, self.scan_start);
        let comment = Comment { role: Role::Foot, mark, text, start, column, end: offset, scan_start };
        self.comments.push_back(comment);
        (self.scan_start, self.mark) = (offset, offset);
    }

    fn finish(mut self, offset: usize) {
        let Some(Draft { text, start, column, .. }) = self.draft.take() else { return };
        let (end, scan_start) = (offset.saturating_sub(1), self.scan_start);
        self.comments.push_back(Comment {
            role: Role::Head,
            mark: start,
            text,
            start,
            column,
            end,
            scan_start,
        });
    }
}
