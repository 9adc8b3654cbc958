//! The walk of `walk.rs` over documents whose every line is simple: `key: value`, `- value`, folded and literal texts.
//!
//! Machines write such documents, and line by line they are read many times faster than token by token. A line that could
//! mean anything else ends the walk, and the caller takes the other one.

use std::borrow::Cow;

use super::resolve::{self, Scalar};
use super::walk::{Odd, Seen, Step, Steps, Text};

/// More collections inside each other than any index has.
const MAX_DEPTH: usize = 100;

/// Line breaks of YAML besides the usual one: NEL, LS and PS.
const OTHER_BREAKS: [&[u8]; 3] = [b"\xC2\x85", b"\xE2\x80\xA8", b"\xE2\x80\xA9"];

#[derive(Clone, Copy)]
struct Frame {
    is_map: bool,
    indent: usize,
}

/// What follows what was returned last.
#[derive(Clone, Copy, PartialEq)]
enum Next {
    /// A new line.
    Line,
    /// The key of a mapping that begins behind a dash, at an offset and a column.
    Key(usize, usize),
    /// The value behind a key or a dash, at an offset.
    Value(usize),
    /// The value of a key with nothing behind it.
    Below,
    /// The end of an empty collection.
    Close,
}

/// A walk over lines.
pub struct LineWalk<'a> {
    text: &'a [u8],
    /// The beginning of the next line.
    offset: usize,
    frames: Vec<Frame>,
    next: Next,
    seen: Seen<'a>,
}

/// A line that is not empty: its indentation, and where its contents begin and end.
#[derive(Clone, Copy)]
struct Line {
    indent: usize,
    start: usize,
    end: usize,
}

impl<'a> LineWalk<'a> {
    /// Begins at the start of a text.
    ///
    /// # Errors
    /// When the text has characters that are no business of this walk.
    pub fn new(text: &'a Text<'a>) -> Result<Self, Odd> {
        let Cow::Borrowed(bytes) = &text.0.text else { return Err(Odd) };
        let is_plain = text.0.fault.is_none()
            && memchr::memchr2(b'\r', b'\t', bytes).is_none()
            && (bytes.is_ascii()
                || OTHER_BREAKS.iter().all(|mark| memchr::memmem::find(bytes, mark).is_none()));
        if !is_plain {
            return Err(Odd);
        }
        Ok(LineWalk {
            text: bytes,
            offset: 0,
            frames: Vec::with_capacity(16),
            next: Next::Line,
            seen: Seen::default(),
        })
    }

    fn slice(&self, start: usize, end: usize) -> &'a [u8] {
        self.text.get(start..end).unwrap_or_default()
    }

    /// Returns the next line with contents without taking it.
    fn peek(&mut self) -> Option<Line> {
        loop {
            let rest = self.text.get(self.offset..).filter(|rest| !rest.is_empty())?;
            let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let line = rest.get(..length).unwrap_or_default();
            let indent = line.iter().position(|byte| *byte != b' ').unwrap_or(length);
            if indent < length {
                let trailing = line.iter().rev().position(|byte| *byte != b' ').unwrap_or(0);
                let end = self.offset + length - trailing;
                return Some(Line { indent, start: self.offset + indent, end });
            }
            self.offset += length + 1;
        }
    }

    /// Goes behind the line that an offset lies in.
    fn leave(&mut self, at: usize) {
        let rest = self.text.get(at..).unwrap_or_default();
        self.offset = at + memchr::memchr(b'\n', rest).map_or(rest.len(), |length| length + 1);
    }

    fn open(&mut self, is_map: bool, indent: usize) -> Result<Step<'a>, Odd> {
        if self.frames.len() >= MAX_DEPTH {
            return Err(Odd);
        }
        self.frames.push(Frame { is_map, indent });
        self.seen.open();
        Ok(if is_map { Step::Map } else { Step::List })
    }

    fn close(&mut self) -> Step<'a> {
        self.frames.pop();
        self.seen.close();
        Step::Close
    }

    fn take(&mut self, is_wanted: bool) -> Result<Step<'a>, Odd> {
        match std::mem::replace(&mut self.next, Next::Line) {
            Next::Line => self.line(is_wanted),
            Next::Key(start, indent) => self.key(start, indent),
            Next::Value(start) => self.value(start, is_wanted),
            Next::Below => self.below(),
            Next::Close => Ok(self.close()),
        }
    }

    /// Looks what a new line is in the collection that is open.
    fn line(&mut self, is_wanted: bool) -> Result<Step<'a>, Odd> {
        let line = self.peek();
        let Some(frame) = self.frames.last().copied() else {
            return match line {
                Some(line)
                    if self.offset == 0
                        && line.start == 0
                        && self.key_end(line.start, line.end).is_some() =>
                {
                    self.open(true, 0)
                }
                Some(_) => Err(Odd),
                None => Ok(Step::End),
            };
        };
        let Some(line) = line else { return Ok(self.close_last()) };
        if line.indent < frame.indent {
            return Ok(self.close());
        }
        if line.indent > frame.indent {
            return Err(Odd);
        }
        match (frame.is_map, self.is_item(line)) {
            (true, false) => self.key(line.start, line.indent),
            (false, true) => self.item(line, is_wanted),
            // The items of this list stand below the key they belong to, and the next key follows.
            (false, false) if self.is_indentless() => Ok(self.close()),
            _ => Err(Odd),
        }
    }

    /// The text is over: everything ends.
    fn close_last(&mut self) -> Step<'a> {
        self.close()
    }

    fn is_indentless(&self) -> bool {
        let mut frames = self.frames.iter().rev();
        match (frames.next(), frames.next()) {
            (Some(list), Some(map)) => map.is_map && map.indent == list.indent,
            _ => false,
        }
    }

    fn is_item(&self, line: Line) -> bool {
        let content = self.slice(line.start, line.end);
        content.starts_with(b"- ") || content == b"-"
    }

    /// Takes a dash and what is behind it.
    fn item(&mut self, line: Line, is_wanted: bool) -> Result<Step<'a>, Odd> {
        let behind = self.slice(line.start + 1, line.end);
        let blanks = behind.iter().position(|byte| *byte != b' ').ok_or(Odd)?;
        let start = line.start + 1 + blanks;
        if self.key_end(start, line.end).is_some() {
            let indent = line.indent + 1 + blanks;
            self.next = Next::Key(start, indent);
            return self.open(true, indent);
        }
        self.value(start, is_wanted)
    }

    /// Returns where a key ends, if there is one.
    fn key_end(&self, start: usize, end: usize) -> Option<usize> {
        let content = self.slice(start, end);
        let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/');
        if !content.first()?.is_ascii_alphabetic() {
            return None;
        }
        let length = content.iter().position(|byte| !is_letter(byte))?;
        let is_key =
            content.get(length) == Some(&b':') && matches!(content.get(length + 1), None | Some(b' '));
        is_key.then_some(start + length)
    }

    fn key(&mut self, start: usize, indent: usize) -> Result<Step<'a>, Odd> {
        let line_end = start
            + memchr::memchr(b'\n', self.slice(start, self.text.len())).unwrap_or(self.text.len() - start);
        let end = self.key_end(start, line_end).ok_or(Odd)?;
        if self.frames.last().is_none_or(|frame| !frame.is_map || frame.indent != indent) {
            return Err(Odd);
        }
        let key = self.slice(start, end);
        let Scalar::Str(key) = resolve::resolve_plain(Cow::Borrowed(key)) else { return Err(Odd) };
        if !self.seen.add(key.clone()) {
            return Err(Odd);
        }
        let behind = self.slice(end + 1, line_end);
        self.next = match behind.iter().position(|byte| *byte != b' ') {
            Some(blanks) => Next::Value(end + 1 + blanks),
            None => {
                self.leave(start);
                Next::Below
            }
        };
        Ok(Step::Key(key))
    }

    /// The value of a key with nothing behind it: a collection on the next lines, or null.
    fn below(&mut self) -> Result<Step<'a>, Odd> {
        let Some(frame) = self.frames.last().copied() else { return Err(Odd) };
        let Some(line) = self.peek() else { return Ok(Step::Scalar(Scalar::Nil)) };
        if self.is_item(line) && line.indent >= frame.indent {
            return self.open(false, line.indent);
        }
        if line.indent <= frame.indent {
            return Ok(Step::Scalar(Scalar::Nil));
        }
        self.key_end(line.start, line.end).ok_or(Odd)?;
        self.open(true, line.indent)
    }

    /// A value that begins behind a key or a dash.
    fn value(&mut self, start: usize, is_wanted: bool) -> Result<Step<'a>, Odd> {
        let parent = self.frames.last().map_or(0, |frame| frame.indent);
        let length = memchr::memchr(b'\n', self.slice(start, self.text.len()));
        let line_end = length.map_or(self.text.len(), |length| start + length);
        let line = self.slice(start, line_end).trim_ascii_end();
        self.leave(start);
        match line {
            b"{}" => {
                self.next = Next::Close;
                self.open(true, usize::MAX)
            }
            b"[]" => {
                self.next = Next::Close;
                self.open(false, usize::MAX)
            }
            [b'"', ..] => self.quoted(start, line, b'"', parent),
            [b'\'', ..] => self.quoted(start, line, b'\'', parent),
            [b'|' | b'>', ..] => self.block(line, parent, is_wanted),
            [first, ..] if first.is_ascii_alphanumeric() || b"/._($".contains(first) || *first >= 0x80 => {
                self.plain(line, parent, is_wanted)
            }
            _ => Err(Odd),
        }
    }

    /// A text in quotes, which may be folded over lines.
    fn quoted(&mut self, start: usize, line: &'a [u8], quote: u8, parent: usize) -> Result<Step<'a>, Odd> {
        let first = line.get(1..).unwrap_or_default();
        if let Some(inner) = first.strip_suffix(&[quote])
            && memchr::memchr2(quote, b'\\', inner).is_none()
        {
            return Ok(Step::Scalar(Scalar::Str(Cow::Borrowed(inner))));
        }
        // Folded, or with escapes: the closing quote is looked for line by line.
        let mut text = Vec::with_capacity(line.len() * 2);
        let mut piece = first;
        loop {
            match unescaped(piece, quote, &mut text)? {
                None => {}
                Some(b"") => return Ok(Step::Scalar(Scalar::Str(Cow::Owned(text)))),
                Some(_) => return Err(Odd),
            }
            let before = self.offset;
            let next = self.peek().ok_or(Odd)?;
            // An empty line would be a line break in the text.
            if self.offset != before || next.indent <= parent || start >= next.start {
                return Err(Odd);
            }
            piece = self.slice(next.start, next.end);
            self.leave(next.start);
            text.truncate(text.trim_ascii_end().len());
            text.push(b' ');
        }
    }

    /// A text without quotes, which may be folded over lines.
    fn plain(&mut self, line: &'a [u8], parent: usize, is_wanted: bool) -> Result<Step<'a>, Odd> {
        check_plain(line)?;
        let before = self.offset;
        let is_continued = self.peek().is_some_and(|next| next.indent > parent);
        if !is_continued {
            if !is_wanted && !super::head::is_not_finite(line) {
                return Ok(Step::Scalar(Scalar::Nil));
            }
            return match resolve::resolve_plain(Cow::Borrowed(line)) {
                Scalar::Float(number) if !number.is_finite() => Err(Odd),
                scalar => Ok(Step::Scalar(scalar)),
            };
        }
        let mut text = line.to_vec();
        let mut from = before;
        while let Some(next) = self.peek().filter(|next| next.indent > parent) {
            let piece = self.slice(next.start, next.end);
            check_plain(piece)?;
            if self.offset != from || piece.starts_with(b"#") {
                return Err(Odd);
            }
            self.leave(next.start);
            from = self.offset;
            text.push(b' ');
            text.extend_from_slice(piece);
        }
        // With blanks in it, it can be nothing but a text.
        Ok(Step::Scalar(Scalar::Str(Cow::Owned(text))))
    }

    /// A literal text; folded ones only where they are not wanted.
    fn block(&mut self, header: &[u8], parent: usize, is_wanted: bool) -> Result<Step<'a>, Odd> {
        let keeps_break = match header {
            b"|" => true,
            b"|-" => false,
            b">" | b">-" if !is_wanted => false,
            _ => return Err(Odd),
        };
        let mut text = Vec::new();
        let mut indent = None;
        let mut blank_lines = 0;
        loop {
            let before = self.offset;
            let line = self.peek();
            let skipped = self.slice(before, self.offset);
            // Blanks beyond the indentation belong to the text.
            if memchr::memchr(b' ', skipped).is_some() {
                return Err(Odd);
            }
            let Some(line) = line else { break };
            if let Some(indent) = indent
                && line.indent < indent
                && line.indent > parent
            {
                return Err(Odd);
            }
            if line.indent <= parent {
                break;
            }
            let indent = *indent.get_or_insert(line.indent);
            if text.is_empty() && !skipped.is_empty() {
                return Err(Odd);
            }
            blank_lines += skipped.len();
            let raw = self.slice(line.start + indent - line.indent, self.text.len());
            let end = memchr::memchr(b'\n', raw).unwrap_or(raw.len());
            if is_wanted {
                text.extend(std::iter::repeat_n(b'\n', blank_lines));
                text.extend_from_slice(raw.get(..end).unwrap_or_default());
                text.push(b'\n');
            } else {
                text.push(b'x');
            }
            blank_lines = 0;
            self.leave(line.start);
        }
        if indent.is_none() {
            return Err(Odd);
        }
        if !keeps_break {
            text.pop();
        }
        Ok(Step::Scalar(Scalar::Str(Cow::Owned(text))))
    }
}

/// Appends a piece of a quoted text up to the closing quote; returns what stands behind that.
fn unescaped<'p>(piece: &'p [u8], quote: u8, text: &mut Vec<u8>) -> Result<Option<&'p [u8]>, Odd> {
    let mut rest = piece;
    loop {
        let Some(at) = memchr::memchr2(quote, b'\\', rest) else {
            text.extend_from_slice(rest);
            return Ok(None);
        };
        let (before, after) = rest.split_at(at);
        text.extend_from_slice(before);
        match (quote, after) {
            (b'\'', [b'\'', b'\'', tail @ ..]) => {
                text.push(b'\'');
                rest = tail;
            }
            (b'\'', [b'\\', tail @ ..]) => {
                text.push(b'\\');
                rest = tail;
            }
            (b'"', [b'\\', letter @ (b'"' | b'\\'), tail @ ..]) => {
                text.push(*letter);
                rest = tail;
            }
            (_, [found, tail @ ..]) if *found == quote => return Ok(Some(tail)),
            _ => return Err(Odd),
        }
    }
}

/// Checks that a line of a plain text is nothing else.
fn check_plain(line: &[u8]) -> Result<(), Odd> {
    let is_fine = |at: usize| match line.get(at) {
        Some(b':') => !matches!(line.get(at + 1), None | Some(b' ')),
        _ => at == 0 || line.get(at - 1) != Some(&b' '),
    };
    if memchr::memchr2_iter(b':', b'#', line).all(is_fine) { Ok(()) } else { Err(Odd) }
}

impl<'a> Steps<'a> for LineWalk<'a> {
    fn step(&mut self) -> Result<Step<'a>, Odd> {
        self.take(true)
    }

    fn pass(&mut self) -> Result<Step<'a>, Odd> {
        self.take(false)
    }

    fn depth(&self) -> usize {
        self.frames.len()
    }
}

#[cfg(test)]
mod tests {
    use std::mem::{Discriminant, discriminant};

    use super::LineWalk;
    use crate::yaml::walk::{Odd, Step, Steps, Text, Walk};

    fn steps<'a>(walk: &mut dyn Steps<'a>) -> Result<Vec<Step<'a>>, Odd> {
        let mut steps = Vec::new();
        loop {
            match walk.step()? {
                Step::End => return Ok(steps),
                step => steps.push(step),
            }
        }
    }

    /// Checks that lines mean what tokens mean; returns whether the lines were simple.
    fn is_same(text: &str) -> bool {
        let source = Text::new(text.as_bytes());
        let by_lines = LineWalk::new(&source).and_then(|mut walk| steps(&mut walk));
        let by_tokens = steps(&mut Walk::new(&source));
        if by_lines.is_ok() {
            assert_eq!(by_lines, by_tokens, "{text}");
        }
        let passed = LineWalk::new(&source).and_then(|mut walk| shapes(&mut walk));
        if passed.is_ok() {
            assert_eq!(passed, shapes(&mut Walk::new(&source)), "{text}");
        }
        by_lines.is_ok()
    }

    /// Takes the steps without texts.
    fn shapes<'a>(walk: &mut dyn Steps<'a>) -> Result<Vec<Discriminant<Step<'a>>>, Odd> {
        let mut shapes = Vec::new();
        loop {
            match walk.pass()? {
                Step::End => return Ok(shapes),
                step => shapes.push(discriminant(&step)),
            }
        }
    }

    const SAMPLE: &str = "apiVersion: v1\nentries:\n  a:\n  - annotations:\n      x.io/y: |\n        - name: z\n          \
        image: q\n\n        - more\n      l: 'it''s'\n    appVersion: 1.2.3\n    created: \"2020-01-01T00:00:00Z\"\n    \
        description: a long text that goes\n      on here - and ends\n    home: https://h.io/x#y\n    keywords:\n    - a\n    \
        - b c\n    quoted: \"one \\\"two\\\"\n      three\"\n    single: 'a: b\n      c'\n    urls:\n      - https://h/a.tgz\n    \
        empty: {}\n    none: []\n    nothing:\n    block: |-\n      x\n        y\n    version: 1.0.0\n  b: []\n\
        generated: \"2020\"\n";

    #[test]
    fn simple_lines_mean_what_tokens_mean() {
        assert!(is_same(SAMPLE));
        for text in ["a: 1\n", "a:\n- b\n- c: d\n  e: f\nx: y\n", "a:\n  - b\n\n  - c\n", "a: b", "a:\n"] {
            assert!(is_same(text), "{text}");
        }
    }

    #[test]
    fn what_could_mean_something_else_is_left_alone() {
        for text in [
            "a: &x b\n",
            "a: *x\n",
            "a: !t b\n",
            "- a\n",
            "a: b: c\n",
            "a: b #c\n",
            "a: [b]\n",
            "a: |+\n  b\n",
            "a: b\n c: d\n",
            "? a\n",
            "a: b\na: c\n",
            "\"a\": b\n",
            "yes: b\n",
            "a: \"x\\n\"\n",
            "a: >\n  b\n",
            "---\na: b\n",
            "# x\na: b\n",
            "a: .inf\n",
            "a: b\n\n  c\n",
            "a:\tb\n",
            "a: |\n\n  b\n",
            "a: 'b' c\n",
        ] {
            assert!(!is_same(text), "{text}");
        }
    }

    /// Whatever is changed in a document, lines never mean something else than tokens.
    #[test]
    fn changed_documents_are_understood_or_left_alone() {
        let letters = b"-: #'\"|>&*!?[]{}\n \\ab1.~";
        let mut state = 1u64;
        let mut random = |below: usize| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            usize::try_from(state >> 33).unwrap() % below
        };
        let mut understood = 0;
        for _ in 0..20_000 {
            let mut text = SAMPLE.as_bytes().to_vec();
            for _ in 0..=random(3) {
                let at = random(text.len());
                match random(3) {
                    0 => text[at] = letters[random(letters.len())],
                    1 => text.insert(at, letters[random(letters.len())]),
                    _ => _ = text.remove(at),
                }
            }
            understood += usize::from(is_same(&String::from_utf8(text).unwrap()));
        }
        assert!(understood > 1000, "{understood}");
    }
}
