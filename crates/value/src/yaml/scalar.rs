//! Scanning plain, quoted and block scalars.

use std::borrow::Cow;

use super::chars::{
    BLANK, BREAK, CLASS, COLON, END, FLOW, HIGH, QUOTE, at, break_len, is, is_blank_or_end, is_line_end,
    width,
};
use super::problem::Step;
use super::scan::Scanner;
use super::token::{Kind, Token};

/// A scalar's text while it is scanned: a part of the source until something has to be folded or unescaped.
enum Text {
    /// From the first offset to the second.
    Source(usize, usize),
    Own(Vec<u8>),
    /// Nobody wants it.
    Dropped,
}

/// The line breaks between two lines of a folded scalar.
#[derive(Default)]
struct Breaks {
    /// The first one, empty when there is none.
    first: Vec<u8>,
    /// Those after it.
    more: Vec<u8>,
}

impl Breaks {
    /// Appends what remains of the breaks when their lines are joined: a blank for a single one.
    fn fold_into(&mut self, out: &mut Vec<u8>) {
        if self.first.first() == Some(&b'\n') {
            if self.more.is_empty() {
                out.push(b' ');
            }
        } else {
            out.append(&mut self.first);
        }
        out.append(&mut self.more);
        self.first.clear();
    }
}

/// Appends a line break as YAML normalises it: all but LS and PS become `\n`.
fn push_break(text: &[u8], offset: usize, len: usize, out: &mut Vec<u8>) {
    if len == 3 {
        out.extend_from_slice(text.get(offset..offset + len).unwrap_or_default());
    } else {
        out.push(b'\n');
    }
}

impl<'a> Scanner<'a> {
    /// Reads a line break into `out`; returns whether there was one.
    fn read_break(&mut self, out: &mut Vec<u8>) -> bool {
        let len = break_len(self.text, self.offset);
        if len > 0 {
            push_break(self.text, self.offset, len, out);
            self.skip_break();
        }
        len > 0
    }

    fn source(&self, start: usize, end: usize) -> &'a [u8] {
        self.text.get(start..end).unwrap_or_default()
    }

    /// Scans a plain scalar.
    pub(super) fn scan_plain(&mut self) -> Step<Token<'a>> {
        let (line, start) = (self.line, self.offset);
        let indent = self.indent + 1;
        let mut text = Text::Source(start, start);
        let mut breaks = Breaks::default();
        let mut end = start;
        let mut on_new_line = false;
        loop {
            if self.column() == 0 && self.is_document_indicator() || at(self.text, self.offset) == b'#' {
                break;
            }
            let from = self.offset;
            let words_end = self.skip_words();
            if words_end > from {
                if on_new_line {
                    self.join(&mut text, &mut breaks);
                    on_new_line = false;
                }
                self.extend(&mut text, from, words_end);
                end = words_end;
            }
            // Now at what ends the words: a break behind blanks, or the end of the scalar.
            if !is(at(self.text, self.offset), BREAK | HIGH) || break_len(self.text, self.offset) == 0 {
                break;
            }
            self.skip_plain_breaks(&mut on_new_line, &mut breaks, indent)?;
            if self.flow_level == 0 && (self.column() as isize) < indent {
                break;
            }
        }
        self.check_fault(1)?;
        if on_new_line {
            self.key_allowed = true;
        }
        let text = match text {
            Text::Source(from, to) => Cow::Borrowed(self.source(from, to)),
            Text::Own(bytes) => Cow::Owned(bytes),
            Text::Dropped => Cow::Borrowed(self.source(start, start + 1)),
        };
        Ok(Token { kind: Kind::Scalar, plain: true, line, start, end, text, suffix: Vec::new() })
    }

    /// Skips the words of a plain scalar on this line and returns where the last one ends; blanks behind it are skipped too.
    #[inline]
    fn skip_words(&mut self) -> usize {
        let stops = BLANK | BREAK | END | COLON | HIGH | if self.flow_level > 0 { FLOW } else { 0 };
        let mut here = self.offset;
        loop {
            let rest = self.text.get(here..).unwrap_or_default();
            here += rest.iter().position(|byte| CLASS[*byte as usize] & stops != 0).unwrap_or(rest.len());
            let end = here;
            let byte = at(self.text, here);
            if is(byte, BLANK) {
                while is(at(self.text, here), BLANK) {
                    here += 1;
                }
                if at(self.text, here) != b'#' && !self.is_plain_end(here) {
                    continue;
                }
            } else if !self.is_plain_end(here) {
                let width = width(byte).max(1);
                here += width;
                self.origin += width - 1;
                continue;
            }
            self.offset = here;
            return end;
        }
    }

    /// Returns whether a plain scalar cannot go on at an offset.
    #[inline]
    fn is_plain_end(&self, offset: usize) -> bool {
        match at(self.text, offset) {
            b':' => is_blank_or_end(self.text, offset + 1),
            b',' | b'?' | b'[' | b']' | b'{' | b'}' => self.flow_level > 0,
            b'\n' | b'\r' | 0 => true,
            0xC2 | 0xE2 => break_len(self.text, offset) > 0,
            _ => false,
        }
    }

    /// Skips line breaks and the indentation behind them.
    fn skip_plain_breaks(&mut self, on_new_line: &mut bool, breaks: &mut Breaks, indent: isize) -> Step<()> {
        loop {
            let byte = at(self.text, self.offset);
            if is(byte, BLANK) {
                if *on_new_line && byte == b'\t' && (self.column() as isize) < indent {
                    return Err(self.problem("found a tab character that violates indentation"));
                }
                self.offset += 1;
            } else {
                let found = if *on_new_line {
                    self.read_break(&mut breaks.more)
                } else {
                    self.read_break(&mut breaks.first)
                };
                if !found {
                    return Ok(());
                }
                *on_new_line = true;
            }
        }
    }

    /// Appends the folded breaks before the next line of a scalar.
    fn join(&mut self, text: &mut Text, breaks: &mut Breaks) {
        if !self.keep_text {
            *text = Text::Dropped;
            breaks.first.clear();
            breaks.more.clear();
            return;
        }
        self.make_own(text);
        if let Text::Own(out) = text {
            breaks.fold_into(out);
        }
    }

    fn make_own(&self, text: &mut Text) {
        if let Text::Source(from, to) = *text {
            let mut bytes = Vec::with_capacity((to - from) * 2 + 32);
            bytes.extend_from_slice(self.source(from, to));
            *text = Text::Own(bytes);
        }
    }

    fn extend(&self, text: &mut Text, from: usize, to: usize) {
        match text {
            Text::Source(_, end) => *end = to,
            Text::Own(out) => out.extend_from_slice(self.source(from, to)),
            Text::Dropped => {}
        }
    }

    /// Scans a scalar in single or double quotes.
    pub(super) fn scan_quoted(&mut self, single: bool) -> Step<Token<'a>> {
        let (line, start) = (self.line, self.offset);
        if let Some(end) = self.find_simple_quote(start + 1, if single { b'\'' } else { b'"' }) {
            self.offset = end + 1;
            return Ok(self.text_token(
                Kind::Scalar,
                line,
                start,
                Cow::Borrowed(self.source(start + 1, end)),
            ));
        }
        self.offset += 1;
        let mut out = Vec::new();
        let mut breaks = Breaks::default();
        loop {
            self.check_fault(4)?;
            if self.column() == 0 && self.is_document_indicator() {
                return Err(self.problem("found unexpected document indicator").begun_at(line));
            }
            if self.offset >= self.text.len() {
                return Err(self.problem("found unexpected end of stream").begun_at(line));
            }
            let mut on_new_line = self.read_quoted_words(single, &mut out)?;
            if at(self.text, self.offset) == if single { b'\'' } else { b'"' } {
                break;
            }
            self.read_quoted_blanks(&mut on_new_line, &mut breaks, &mut out);
        }
        self.offset += 1;
        Ok(self.text_token(Kind::Scalar, line, start, Cow::Owned(out)))
    }

    /// Returns where the closing quote stands if all before it is on this line and means itself.
    #[inline]
    fn find_simple_quote(&mut self, start: usize, quote: u8) -> Option<usize> {
        let mut here = start;
        let mut more_bytes = 0;
        loop {
            let rest = self.text.get(here..).unwrap_or_default();
            here += rest.iter().position(|byte| CLASS[*byte as usize] & (QUOTE | BREAK | HIGH) != 0)?;
            let byte = at(self.text, here);
            if byte == quote {
                if quote == b'\'' && at(self.text, here + 1) == b'\'' {
                    return None;
                }
                self.origin += more_bytes;
                return Some(here);
            }
            if is(byte, BREAK)
                || (byte == b'\\' && quote == b'"')
                || (byte >= 0x80 && break_len(self.text, here) > 0)
            {
                return None;
            }
            let width = width(byte).max(1);
            more_bytes += width - 1;
            here += width;
        }
    }

    /// Reads up to the next blank, break or closing quote; returns whether an escaped line break ended it.
    fn read_quoted_words(&mut self, single: bool, out: &mut Vec<u8>) -> Step<bool> {
        while !is_blank_or_end(self.text, self.offset) {
            match at(self.text, self.offset) {
                b'\'' if single && at(self.text, self.offset + 1) == b'\'' => {
                    out.push(b'\'');
                    self.offset += 2;
                }
                b'\'' if single => break,
                b'"' if !single => break,
                b'\\' if !single && break_len(self.text, self.offset + 1) > 0 => {
                    self.offset += 1;
                    self.skip_break();
                    return Ok(true);
                }
                b'\\' if !single => self.read_escape(out)?,
                _ => {
                    let from = self.offset;
                    self.skip_character();
                    out.extend_from_slice(self.source(from, self.offset));
                }
            }
        }
        Ok(false)
    }

    /// Reads blanks and breaks between words in quotes.
    fn read_quoted_blanks(&mut self, on_new_line: &mut bool, breaks: &mut Breaks, out: &mut Vec<u8>) {
        let blanks = self.offset;
        let mut blanks_end = blanks;
        // An escaped line break counts as the first one without leaving anything.
        let mut is_folded = *on_new_line;
        loop {
            if is(at(self.text, self.offset), BLANK) {
                self.offset += 1;
                if !*on_new_line {
                    blanks_end = self.offset;
                }
            } else {
                let found = if *on_new_line {
                    self.read_break(&mut breaks.more)
                } else {
                    self.read_break(&mut breaks.first)
                };
                if !found {
                    break;
                }
                *on_new_line = true;
                is_folded = true;
            }
        }
        if is_folded {
            breaks.fold_into(out);
        } else {
            out.extend_from_slice(self.source(blanks, blanks_end));
        }
    }

    /// Reads an escape sequence of a double-quoted scalar.
    fn read_escape(&mut self, out: &mut Vec<u8>) -> Step<()> {
        let simple: &[u8] = match at(self.text, self.offset + 1) {
            b'0' => b"\0",
            b'a' => b"\x07",
            b'b' => b"\x08",
            b't' | b'\t' => b"\t",
            b'n' => b"\n",
            b'v' => b"\x0B",
            b'f' => b"\x0C",
            b'r' => b"\r",
            b'e' => b"\x1B",
            b' ' => b" ",
            b'"' => b"\"",
            b'\'' => b"'",
            b'\\' => b"\\",
            b'N' => "\u{85}".as_bytes(),
            b'_' => "\u{A0}".as_bytes(),
            b'L' => "\u{2028}".as_bytes(),
            b'P' => "\u{2029}".as_bytes(),
            b'x' => return self.read_code(2, out),
            b'u' => return self.read_code(4, out),
            b'U' => return self.read_code(8, out),
            _ => return Err(self.problem_ahead("found unknown escape character", 2)),
        };
        out.extend_from_slice(simple);
        self.offset += 2;
        Ok(())
    }

    /// Reads the hexadecimal code of a character.
    fn read_code(&mut self, digits: usize, out: &mut Vec<u8>) -> Step<()> {
        self.offset += 2;
        let mut value = 0u32;
        for index in 0..digits {
            let Some(digit) = char::from(at(self.text, self.offset + index)).to_digit(16) else {
                return Err(self.problem_ahead("did not find expected hexdecimal number", digits));
            };
            value = value.wrapping_shl(4) | digit;
        }
        let Some(character) = char::from_u32(value) else {
            return Err(self.problem("found invalid Unicode character escape code"));
        };
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        self.offset += digits;
        Ok(())
    }

    /// Scans a literal (`|`) or folded (`>`) scalar.
    pub(super) fn scan_block_scalar(&mut self) -> Step<Token<'a>> {
        let (line, start) = (self.line, self.offset);
        let literal = at(self.text, self.offset) == b'|';
        self.offset += 1;
        let (chomping, increment) = self.read_block_header()?;
        let mut indent = match increment {
            0 => 0,
            n => self.indent.max(0) as usize + n,
        };
        let mut end = self.offset;
        let mut out = Vec::new();
        let mut first = Vec::new();
        let mut more = Vec::new();
        self.read_block_breaks(&mut indent, &mut more, &mut end)?;
        let mut after_blank = false;
        while self.column() == indent && self.offset < self.text.len() {
            let begins_blank = is(at(self.text, self.offset), BLANK);
            let from = self.offset;
            let line_end = self.skip_block_line();
            if self.keep_text {
                if !literal && !after_blank && !begins_blank && first.first() == Some(&b'\n') {
                    if more.is_empty() {
                        out.push(b' ');
                    }
                } else {
                    out.extend_from_slice(&first);
                }
                out.extend_from_slice(&more);
                out.extend_from_slice(self.source(from, line_end));
            }
            after_blank = begins_blank;
            first.clear();
            more.clear();
            self.read_break(&mut first);
            self.read_block_breaks(&mut indent, &mut more, &mut end)?;
        }
        self.check_fault(1)?;
        if chomping != Chomping::Strip {
            out.extend_from_slice(&first);
        }
        if chomping == Chomping::Keep {
            out.extend_from_slice(&more);
        }
        Ok(Token {
            kind: Kind::Scalar,
            plain: false,
            line,
            start,
            end,
            text: Cow::Owned(out),
            suffix: Vec::new(),
        })
    }

    /// Skips to the end of a line and returns it.
    #[inline]
    fn skip_block_line(&mut self) -> usize {
        loop {
            let rest = self.text.get(self.offset..).unwrap_or_default();
            self.offset += rest
                .iter()
                .position(|byte| CLASS[*byte as usize] & (BREAK | HIGH) != 0)
                .unwrap_or(rest.len());
            if is_line_end(self.text, self.offset) {
                return self.offset;
            }
            self.skip_character();
        }
    }

    fn read_block_header(&mut self) -> Step<(Chomping, usize)> {
        let mut chomping = Chomping::Clip;
        let mut increment = 0;
        let has_chomping_first = self.read_chomping(&mut chomping);
        let digit = at(self.text, self.offset);
        if digit.is_ascii_digit() {
            if digit == b'0' {
                return Err(self.problem("found an indentation indicator equal to 0"));
            }
            increment = usize::from(digit - b'0');
            self.offset += 1;
            if !has_chomping_first {
                self.read_chomping(&mut chomping);
            }
        }
        self.skip_blanks();
        if at(self.text, self.offset) == b'#' {
            self.skip_comment();
        }
        if !is_line_end(self.text, self.offset) {
            return Err(self.problem("did not find expected comment or line break"));
        }
        self.skip_break();
        Ok((chomping, increment))
    }

    fn read_chomping(&mut self, chomping: &mut Chomping) -> bool {
        *chomping = match at(self.text, self.offset) {
            b'+' => Chomping::Keep,
            b'-' => Chomping::Strip,
            _ => return false,
        };
        self.offset += 1;
        true
    }

    /// Reads empty lines and the indentation of the next one; finds the scalar's indentation if it is not known.
    fn read_block_breaks(&mut self, indent: &mut usize, breaks: &mut Vec<u8>, end: &mut usize) -> Step<()> {
        *end = self.offset;
        let mut deepest = 0;
        loop {
            while (*indent == 0 || self.column() < *indent) && at(self.text, self.offset) == b' ' {
                self.offset += 1;
            }
            deepest = deepest.max(self.column());
            if (*indent == 0 || self.column() < *indent) && at(self.text, self.offset) == b'\t' {
                return Err(self.problem("found a tab character where an indentation space is expected"));
            }
            if !self.read_break(breaks) {
                break;
            }
            *end = self.offset;
        }
        if *indent == 0 {
            *indent = deepest.max((self.indent + 1).max(1) as usize);
        }
        Ok(())
    }
}

/// What happens to the line breaks at the end of a block scalar.
#[derive(Clone, Copy, PartialEq)]
enum Chomping {
    Strip,
    Clip,
    Keep,
}
