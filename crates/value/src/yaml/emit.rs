//! Scalars and block collections as YAML text, in the layouts of yaml.v2 and yaml.v3.

use super::chars::{at, break_len, width};
use super::resolve;
use super::style::{Analysis, Style, is_printable};
use crate::base64;

/// Column behind which yaml.v2 breaks scalars at blanks.
const WIDTH: usize = 80;

/// Longest key, in bytes, that is written before its colon rather than behind a `?`.
const MAX_SIMPLE_KEY: usize = 128;

/// Whose layout is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flavour {
    /// yaml.v2: sequences at the indentation of their key, long lines folded.
    V2,
    /// yaml.v3 with an indentation of two: sequences indented, no folding.
    V3,
}

/// Where the next node stands.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    Root,
    Item,
    SimpleKey,
    ComplexKey,
    Value,
}

/// Writes nodes one after the other.
pub(super) struct Emitter {
    pub(super) out: Vec<u8>,
    flavour: Flavour,
    place: Place,
    /// The column of the current block collection, -1 outside of all.
    pub(super) indent: isize,
    indents: Vec<isize>,
    pub(super) column: usize,
    /// Whether the last character was a blank (or stands for one).
    pub(super) after_blank: bool,
    /// Whether only indentation and indicators stand on this line.
    pub(super) at_line_start: bool,
}

impl Emitter {
    pub(super) fn new(flavour: Flavour) -> Self {
        Emitter {
            out: Vec::with_capacity(256),
            flavour,
            place: Place::Root,
            indent: -1,
            indents: Vec::new(),
            column: 0,
            after_blank: true,
            at_line_start: true,
        }
    }

    /// Ends the text and returns it.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.write_indent();
        self.out
    }

    /// Writes a list without items.
    pub(super) fn empty_list(&mut self) {
        self.write_ascii(b"[]", true);
        self.after_blank = false;
        self.at_line_start = false;
    }

    /// Writes a map without entries.
    pub(super) fn empty_map(&mut self) {
        self.write_ascii(b"{}", true);
        self.after_blank = false;
        self.at_line_start = false;
    }

    /// Begins a list that has items.
    pub(super) fn begin_list(&mut self) {
        let is_indentless = self.flavour == Flavour::V2 && self.place == Place::Value && !self.at_line_start;
        self.indents.push(self.indent);
        if self.indent < 0 {
            self.indent = 0;
        } else if !is_indentless {
            self.indent += 2;
        }
    }

    /// Begins an item of the current list.
    pub(super) fn item(&mut self) {
        self.write_indent();
        self.write_indicator(b"-");
        self.place = Place::Item;
    }

    /// Begins a map that has entries.
    pub(super) fn begin_map(&mut self) {
        self.indents.push(self.indent);
        self.indent = if self.indent < 0 { 0 } else { self.indent + 2 };
    }

    /// Ends the current list or map.
    pub(super) fn end(&mut self) {
        self.indent = self.indents.pop().unwrap_or(-1);
    }

    /// Writes a key of the current map; its value comes next.
    pub(super) fn key(&mut self, key: &[u8]) {
        self.write_indent();
        let simple = !has_break(key) && key.len() + self.tag_len(key) <= MAX_SIMPLE_KEY;
        if simple {
            self.place = Place::SimpleKey;
            self.string(key);
            self.write_ascii(b":", false);
            self.at_line_start = false;
        } else {
            self.write_indicator(b"?");
            self.place = Place::ComplexKey;
            self.string(key);
            self.write_indent();
            self.write_indicator(b":");
        }
        self.after_blank = false;
        self.place = Place::Value;
    }

    fn tag_len(&self, text: &[u8]) -> usize {
        if std::str::from_utf8(text).is_ok() {
            0
        } else {
            "!!binary".len() + base64_lines(text).len() - text.len().min(1)
        }
    }

    /// Writes a word that needs no quotes: `null`, a boolean, a number.
    pub(super) fn plain(&mut self, text: &[u8]) {
        self.write_ascii(text, true);
        self.after_blank = false;
        self.at_line_start = false;
    }

    /// Writes a string in the style it needs; one that is not UTF-8 as `!!binary`.
    pub(super) fn string(&mut self, text: &[u8]) {
        if self.is_simple_word(text) {
            self.plain(text);
        } else if std::str::from_utf8(text).is_err() {
            self.write_ascii(b"!!binary", true);
            self.after_blank = false;
            self.at_line_start = false;
            self.styled(&base64_lines(text), true);
        } else {
            let is_plain =
                !resolve::is_ambiguous(text, self.flavour == Flavour::V3) && !resolve::is_base_60(text);
            self.styled(text, is_plain);
        }
    }

    /// Returns whether a string obviously needs neither quotes nor folding.
    #[inline]
    fn is_simple_word(&self, text: &[u8]) -> bool {
        matches!(text.first(), Some(b'a'..=b'z' | b'A'..=b'Z' | b'/'))
            && text
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/'))
            && !resolve::is_ambiguous(text, self.flavour == Flavour::V3)
    }

    fn styled(&mut self, text: &[u8], may_be_plain: bool) {
        let analysis = Analysis::of(text, self.flavour);
        let style = analysis.style(text, may_be_plain, self.place == Place::SimpleKey);
        let outer = self.indent;
        self.indent = if outer < 0 { 2 } else { outer + 2 };
        let width = match (self.flavour, self.place) {
            (Flavour::V2, Place::SimpleKey) | (Flavour::V3, _) => usize::MAX,
            (Flavour::V2, _) => WIDTH,
        };
        match style {
            Style::Plain => self.write_plain(text, width),
            Style::SingleQuoted => self.write_single_quoted(text, width),
            Style::DoubleQuoted => self.write_double_quoted(text, width),
            Style::Literal => self.write_literal(text),
        }
        self.indent = outer;
    }

    /// Writes ASCII text, behind a blank if one is needed.
    #[inline]
    pub(super) fn write_ascii(&mut self, text: &[u8], needs_blank: bool) {
        if needs_blank && !self.after_blank {
            self.out.push(b' ');
            self.column += 1;
        }
        self.out.extend_from_slice(text);
        self.column += text.len();
    }

    /// Writes `-`, `?` or `:`, which leave the line open for a nested collection.
    #[inline]
    pub(super) fn write_indicator(&mut self, indicator: &[u8]) {
        self.write_ascii(indicator, true);
        self.after_blank = false;
    }

    pub(super) fn put_break(&mut self) {
        self.out.push(b'\n');
        self.column = 0;
        self.at_line_start = true;
    }

    /// Returns whether the current indentation can only be reached on a new line.
    #[inline]
    pub(super) fn needs_break(&self) -> bool {
        let indent = self.indent.max(0) as usize;
        !self.at_line_start || self.column > indent || (self.column == indent && !self.after_blank)
    }

    /// Moves to the current indentation, on a new line unless this one is still empty.
    #[inline]
    pub(super) fn write_indent(&mut self) {
        let indent = self.indent.max(0) as usize;
        if self.needs_break() {
            self.put_break();
        }
        if self.column < indent {
            self.out.resize(self.out.len() + indent - self.column, b' ');
            self.column = indent;
        }
        self.after_blank = true;
        self.at_line_start = true;
    }

    /// Writes the character at an offset and returns its length.
    #[inline]
    fn write_character(&mut self, text: &[u8], offset: usize) -> usize {
        let width = width(at(text, offset)).max(1);
        self.out.extend_from_slice(text.get(offset..offset + width).unwrap_or_default());
        self.column += 1;
        width
    }

    /// Writes the line break at an offset and returns its length.
    fn write_break(&mut self, text: &[u8], offset: usize) -> usize {
        if at(text, offset) == b'\n' {
            self.put_break();
            return 1;
        }
        let width = self.write_character(text, offset);
        self.column = 0;
        self.at_line_start = true;
        width
    }

    pub(super) fn write_plain(&mut self, text: &[u8], width: usize) {
        if !text.is_empty() {
            self.write_ascii(b"", true);
        }
        self.write_words(text, width, false);
        self.after_blank = false;
        self.at_line_start = false;
    }

    pub(super) fn write_single_quoted(&mut self, text: &[u8], width: usize) {
        self.write_ascii(b"'", true);
        self.after_blank = false;
        self.at_line_start = false;
        self.write_words(text, width, true);
        self.write_ascii(b"'", false);
        self.after_blank = false;
        self.at_line_start = false;
    }

    /// Writes a plain scalar or the inside of single quotes.
    fn write_words(&mut self, text: &[u8], width: usize, in_quotes: bool) {
        let (mut after_space, mut after_break) = (false, false);
        let mut offset = 0;
        while offset < text.len() {
            let byte = at(text, offset);
            if byte == b' ' {
                let inside = !in_quotes || (offset > 0 && offset < text.len() - 1);
                if !after_space && self.column > width && inside && at(text, offset + 1) != b' ' {
                    self.write_indent();
                    offset += 1;
                } else {
                    offset += self.write_character(text, offset);
                }
                after_space = true;
            } else if is_break(text, offset) {
                if !after_break && byte == b'\n' {
                    self.put_break();
                }
                offset += self.write_break(text, offset);
                self.at_line_start = true;
                after_break = true;
            } else {
                if after_break {
                    self.write_indent();
                }
                if in_quotes && byte == b'\'' {
                    self.out.push(b'\'');
                    self.column += 1;
                }
                offset += self.write_character(text, offset);
                self.at_line_start = false;
                (after_space, after_break) = (false, false);
            }
        }
    }

    pub(super) fn write_double_quoted(&mut self, text: &[u8], width: usize) {
        self.write_ascii(b"\"", true);
        self.after_blank = false;
        self.at_line_start = false;
        // go-yaml looks for a byte order mark at the beginning of the text instead of at each character, and so escapes
        // everything behind one (yamlprivateh.go, is_bom).
        let begins_with_mark = text.starts_with(b"\xEF\xBB\xBF");
        let mut after_space = false;
        let mut offset = 0;
        while offset < text.len() {
            let byte = at(text, offset);
            if begins_with_mark
                || !is_printable(text, offset)
                || is_break(text, offset)
                || byte == b'"'
                || byte == b'\\'
            {
                offset += self.write_escape(text, offset);
                after_space = false;
            } else if byte == b' ' {
                if !after_space && self.column > width && offset > 0 && offset < text.len() - 1 {
                    self.write_indent();
                    if at(text, offset + 1) == b' ' {
                        self.write_ascii(b"\\", false);
                    }
                    offset += 1;
                } else {
                    offset += self.write_character(text, offset);
                }
                after_space = true;
            } else {
                offset += self.write_character(text, offset);
                after_space = false;
            }
        }
        self.write_ascii(b"\"", false);
        self.after_blank = false;
        self.at_line_start = false;
    }

    /// Writes the escape sequence of the character at an offset and returns the character's length.
    fn write_escape(&mut self, text: &[u8], offset: usize) -> usize {
        let len = width(at(text, offset)).max(1);
        let bytes = text.get(offset..offset + len).unwrap_or_default();
        let character =
            std::str::from_utf8(bytes).ok().and_then(|text| text.chars().next()).unwrap_or('\u{FFFD}');
        let code = character as u32;
        let numbered;
        let escape = match code {
            0x00 => "\\0",
            0x07 => "\\a",
            0x08 => "\\b",
            0x09 => "\\t",
            0x0A => "\\n",
            0x0B => "\\v",
            0x0C => "\\f",
            0x0D => "\\r",
            0x1B => "\\e",
            0x22 => "\\\"",
            0x5C => "\\\\",
            0x85 => "\\N",
            0xA0 => "\\_",
            0x2028 => "\\L",
            0x2029 => "\\P",
            _ => {
                numbered = match code {
                    ..=0xFF => format!("\\x{code:02X}"),
                    0x100..=0xFFFF => format!("\\u{code:04X}"),
                    _ => format!("\\U{code:08X}"),
                };
                &numbered
            }
        };
        self.write_ascii(escape.as_bytes(), false);
        len
    }

    fn write_literal(&mut self, text: &[u8]) {
        self.write_block_header(text, b"|");
        self.put_break();
        self.after_blank = true;
        self.write_literal_lines(text);
    }

    /// Writes the sign of a block scalar and what it says of the text; returns whether all line breaks at its end count.
    pub(super) fn write_block_header(&mut self, text: &[u8], sign: &[u8]) -> bool {
        self.write_ascii(sign, true);
        if at(text, 0) == b' ' || is_break(text, 0) {
            self.write_ascii(b"2", false);
        }
        let chomping = chomping(text);
        self.write_ascii(chomping, false);
        self.after_blank = false;
        self.at_line_start = false;
        chomping == b"+"
    }

    /// Writes the lines of a folded scalar, which ends where its text does; no line is folded.
    pub(super) fn write_folded_lines(&mut self, text: &[u8]) {
        let first = (0..text.len()).find(|offset| !is_break(text, *offset)).unwrap_or(text.len());
        // yaml.v3 looks at the beginning of the text where it means the next line (yaml_emitter_write_folded_scalar).
        let is_spread = first < text.len() && !matches!(at(text, first), b' ' | b'\t');
        let (mut after_break, mut is_indented) = (true, true);
        let mut offset = 0;
        while offset < text.len() {
            if is_break(text, offset) {
                if !after_break && !is_indented && at(text, offset) == b'\n' && is_spread {
                    self.put_break();
                }
                offset += self.write_break(text, offset);
                after_break = true;
            } else {
                if after_break {
                    self.write_indent();
                    is_indented = matches!(at(text, offset), b' ' | b'\t');
                }
                offset += self.write_run(text, offset);
                self.at_line_start = false;
                after_break = false;
            }
        }
    }

    /// Writes the lines of a literal.
    pub(super) fn write_literal_lines(&mut self, text: &[u8]) {
        let lines = memchr::memchr_iter(b'\n', text).count() + 1;
        self.out.reserve(text.len() + lines * self.indent.max(0) as usize);
        let mut after_break = true;
        let mut offset = 0;
        while offset < text.len() {
            if is_break(text, offset) {
                offset += self.write_break(text, offset);
                after_break = true;
            } else {
                if after_break {
                    self.write_indent();
                }
                offset += self.write_run(text, offset);
                self.at_line_start = false;
                after_break = false;
            }
        }
    }

    /// Writes the characters at an offset up to what may be a line break, but at least one, and returns their length.
    fn write_run(&mut self, text: &[u8], offset: usize) -> usize {
        let first = width(at(text, offset)).max(1);
        let behind = text.get(offset + first..).unwrap_or_default();
        let line = memchr::memchr(b'\n', behind).and_then(|end| behind.get(..end)).unwrap_or(behind);
        let length = first + memchr::memchr3(b'\r', 0xC2, 0xE2, line).unwrap_or(line.len());
        self.out.extend_from_slice(text.get(offset..offset + length).unwrap_or_default());
        // Columns count characters, but after a literal only whether there are any.
        self.column += length;
        length
    }
}

/// Returns what tells a reader how many line breaks end a literal.
fn chomping(text: &[u8]) -> &'static [u8] {
    let mut breaks = 0;
    let mut end = text.len();
    while breaks < 2 && end > 0 {
        let start = (0..end).rev().find(|start| at(text, *start) & 0xC0 != 0x80).unwrap_or(0);
        if !is_break(text, start) {
            break;
        }
        breaks += 1;
        end = start;
    }
    match (breaks, end) {
        (0, _) => b"-",
        (1, 0) | (2, _) => b"+",
        _ => b"",
    }
}

/// Returns whether a line break (one character of it) stands at an offset.
#[inline]
fn is_break(text: &[u8], offset: usize) -> bool {
    matches!(at(text, offset), b'\r' | b'\n' | 0xC2 | 0xE2) && break_len(text, offset) > 0
}

fn has_break(text: &[u8]) -> bool {
    (0..text.len()).any(|offset| is_break(text, offset))
}

/// Encodes bytes in lines of 70 characters, as go-yaml does (resolve.go, `encodeBase64`).
fn base64_lines(bytes: &[u8]) -> Vec<u8> {
    let encoded = base64::encode(bytes);
    if encoded.len() < 70 {
        return encoded;
    }
    encoded.chunks(70).flat_map(|line| line.iter().copied().chain([b'\n'])).collect()
}
