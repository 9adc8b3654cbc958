//! The head of a manifest written in the plainest YAML: block mappings and sequences, scalars that end on their line or
//! go on deeper, literals. Line by line, without tokens; whatever else there is, errors above all, is left to `head.rs`.

use std::borrow::Cow;

use super::head::{Head, HeadMetadata, is_unusual_key};
use super::resolve::{self, Scalar};

/// Deeper nesting is left to the reader that knows its limit.
const MAX_DEPTH: usize = 500;

/// Longer keys are left to the reader that knows how long they may be.
const MAX_KEY: usize = 128;

/// What a mapping is, or what a key in it names.
#[derive(Debug, Clone, PartialEq)]
enum Field {
    Root,
    Metadata,
    Annotations,
    /// One of the fields that hold a word.
    Word(Word),
    Other,
}

#[derive(Debug, Clone, PartialEq)]
enum Word {
    ApiVersion,
    Kind,
    Name,
    Namespace,
    Annotation(String),
}

/// A mapping or sequence whose entries stand at a column.
struct Level {
    indent: usize,
    is_map: bool,
    /// A sequence at the column of the key it belongs to.
    is_indentless: bool,
    field: Field,
}

/// A key and what follows its colon.
struct Entry<'a> {
    key: &'a [u8],
    is_quoted: bool,
    rest: &'a [u8],
}

struct Scan<'a> {
    rest: &'a [u8],
    levels: Vec<Level>,
    /// What stands for a value that may come on the next lines.
    pending: Option<Field>,
    /// Whether a plain scalar may go on, and whether it is one of the words.
    open: bool,
    is_word_open: bool,
    head: Head,
}

/// Returns the head of a clean text, or nothing if the text is not of the plainest kind.
pub(super) fn head(text: &[u8]) -> Option<Head> {
    if memchr::memchr(b'\r', text).is_some() || !text.is_ascii() && has_unicode_break(text) {
        return None;
    }
    let mut scan = Scan {
        rest: text,
        levels: Vec::with_capacity(16),
        pending: None,
        open: false,
        is_word_open: false,
        head: Head::default(),
    };
    let mut is_empty = true;
    while let Some(line) = scan.next_line() {
        let indent = spaces(line);
        let content = line.get(indent..)?;
        match content {
            [] => continue,
            [b'#', ..] => {
                scan.open = false;
                continue;
            }
            [b'\t', ..] => return None,
            [b'-', b'-', b'-', ..] | [b'.', b'.', b'.', ..] | [b'%', ..] if indent == 0 => return None,
            _ => {}
        }
        if scan.open && scan.levels.last().is_some_and(|level| indent > level.indent) {
            scan.continued(content)?;
            continue;
        }
        scan.open = false;
        if is_empty {
            is_empty = false;
            scan.push(indent, true, false, Field::Root)?;
            scan.entry(content)?;
        } else {
            scan.line(indent, content)?;
        }
    }
    scan.end_pending()?;
    (!is_empty).then_some(scan.head)
}

/// Returns whether there is a line break, or a byte order mark, that is not ASCII.
fn has_unicode_break(text: &[u8]) -> bool {
    ["\u{85}", "\u{2028}", "\u{2029}", "\u{FEFF}"]
        .iter()
        .any(|mark| memchr::memmem::find(text, mark.as_bytes()).is_some())
}

fn spaces(text: &[u8]) -> usize {
    text.iter().position(|byte| *byte != b' ').unwrap_or(text.len())
}

fn trim_end(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1);
    text.get(..end).unwrap_or_default()
}

fn is_item(content: &[u8]) -> bool {
    matches!(content, [b'-'] | [b'-', b' ', ..])
}

/// Returns whether nothing but space and a comment is left of a line.
fn is_line_done(rest: &[u8]) -> bool {
    let content = rest.get(spaces(rest)..).unwrap_or_default();
    content.is_empty() || (content.len() < rest.len() && content.first() == Some(&b'#'))
}

impl<'a> Scan<'a> {
    fn next_line(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let end = memchr::memchr(b'\n', self.rest).unwrap_or(self.rest.len());
        let line = self.rest.get(..end)?;
        self.rest = self.rest.get(end + 1..).unwrap_or_default();
        Some(line)
    }

    fn push(&mut self, indent: usize, is_map: bool, is_indentless: bool, field: Field) -> Option<()> {
        self.levels.push(Level { indent, is_map, is_indentless, field });
        (self.levels.len() <= MAX_DEPTH).then_some(())
    }

    /// A further line of a plain scalar.
    fn continued(&mut self, content: &[u8]) -> Option<()> {
        if self.is_word_open || is_item(content) || matches!(content.first(), Some(b'?' | b':')) {
            return None;
        }
        let (_, has_comment) = plain_text(content)?;
        self.open = !has_comment;
        Some(())
    }

    /// A line that begins an item or an entry.
    fn line(&mut self, indent: usize, content: &'a [u8]) -> Option<()> {
        while self.levels.last().is_some_and(|level| level.indent > indent) {
            self.levels.pop();
            self.end_pending()?;
        }
        let top = self.levels.last()?;
        if is_item(content) {
            if !top.is_map && top.indent == indent {
                self.end_pending()?;
            } else {
                let is_indentless = top.indent == indent;
                if self.pending.take()? != Field::Other {
                    return None;
                }
                self.push(indent, false, is_indentless, Field::Other)?;
            }
            return self.item(indent, content);
        }
        if top.indent == indent {
            if top.is_indentless {
                self.levels.pop();
            }
            self.end_pending()?;
            if !self.levels.last()?.is_map {
                return None;
            }
        } else {
            let field = self.pending.take()?;
            if split_key(content).is_none() {
                return self.scalar(content, field);
            }
            match &field {
                Field::Metadata => self.head.metadata = Some(HeadMetadata::default()),
                Field::Annotations | Field::Other => {}
                Field::Root | Field::Word(_) => return None,
            }
            self.push(indent, true, false, field)?;
        }
        self.entry(content)
    }

    /// Nothing came where a value may have come: it is null.
    fn end_pending(&mut self) -> Option<()> {
        match self.pending.take() {
            Some(Field::Word(word)) => self.set(word, Scalar::Nil),
            _ => Some(()),
        }
    }

    /// An item of the innermost sequence, and what stands on its line.
    fn item(&mut self, indent: usize, content: &'a [u8]) -> Option<()> {
        let (mut indent, mut content) = (indent, content);
        loop {
            let rest = content.get(1..)?;
            if is_line_done(rest) {
                self.pending = Some(Field::Other);
                return Some(());
            }
            let blanks = spaces(rest);
            indent += 1 + blanks;
            content = rest.get(blanks..)?;
            if !is_item(content) {
                break;
            }
            self.push(indent, false, false, Field::Other)?;
        }
        self.pending = None;
        if split_key(content).is_some() {
            self.push(indent, true, false, Field::Other)?;
            return self.entry(content);
        }
        self.scalar(content, Field::Other)
    }

    /// An entry of the innermost mapping.
    fn entry(&mut self, content: &'a [u8]) -> Option<()> {
        let entry = split_key(content)?;
        let field = self.field(&entry)?;
        if is_line_done(entry.rest) {
            self.pending = Some(field);
            return Some(());
        }
        self.pending = None;
        self.scalar(entry.rest.get(spaces(entry.rest)..)?, field)
    }

    /// Returns what a key of the innermost mapping names; nothing if that takes thought.
    fn field(&mut self, entry: &Entry<'_>) -> Option<Field> {
        if !entry.is_quoted && is_unusual_key(entry.key) {
            return None;
        }
        let known: [(&str, Field); 3] = match self.levels.last()?.field {
            Field::Root => [
                ("apiVersion", Field::Word(Word::ApiVersion)),
                ("kind", Field::Word(Word::Kind)),
                ("metadata", Field::Metadata),
            ],
            Field::Metadata => [
                ("name", Field::Word(Word::Name)),
                ("namespace", Field::Word(Word::Namespace)),
                ("annotations", Field::Annotations),
            ],
            Field::Annotations => {
                let is_text = entry.is_quoted
                    || matches!(resolve::resolve_plain(Cow::Borrowed(entry.key)), Scalar::Str(_));
                let key = std::str::from_utf8(entry.key).ok()?.to_owned();
                return is_text.then_some(Field::Word(Word::Annotation(key)));
            }
            _ => return Some(Field::Other),
        };
        if !entry.key.is_ascii() {
            return None;
        }
        match known.into_iter().find(|(name, _)| name.as_bytes().eq_ignore_ascii_case(entry.key)) {
            // Go takes names in other letters too.
            Some((name, _)) if name.as_bytes() != entry.key => None,
            Some((_, Field::Metadata)) if self.head.metadata.is_some() => None,
            Some((_, field)) => Some(field),
            None => Some(Field::Other),
        }
    }

    /// The value of an entry or item, which begins on its line.
    fn scalar(&mut self, text: &'a [u8], field: Field) -> Option<()> {
        match text.first()? {
            b'|' | b'>' => {
                let is_plain_header = matches!(trim_end(text), [_] | [_, b'-' | b'+']);
                if field != Field::Other || !is_plain_header {
                    return None;
                }
                self.block_scalar()
            }
            quote @ (b'"' | b'\'') => self.quoted(text.get(1..)?, *quote, field),
            b'{' => match (trim_end(text), field) {
                (b"{}", Field::Other | Field::Annotations) => Some(()),
                _ => None,
            },
            b'[' => (field == Field::Other && is_plain_list(trim_end(text))).then_some(()),
            _ => self.plain(text, field),
        }
    }

    /// A quoted scalar behind its opening quote, which may go on over lines of any indentation.
    fn quoted(&mut self, text: &'a [u8], quote: u8, field: Field) -> Option<()> {
        let mut part = quoted(text, quote)?;
        if field != Field::Other && (part.has_escapes || part.rest.is_none()) {
            return None;
        }
        let rest = loop {
            if let Some(rest) = part.rest {
                break rest;
            }
            let line = self.next_line()?;
            if line.starts_with(b"---") || line.starts_with(b"...") {
                return None;
            }
            part = quoted(line, quote)?;
        };
        if !is_line_done(rest) {
            return None;
        }
        match field {
            Field::Other => Some(()),
            Field::Word(word) => self.set(word, Scalar::Str(Cow::Borrowed(part.inside))),
            _ => None,
        }
    }

    fn plain(&mut self, text: &'a [u8], field: Field) -> Option<()> {
        let may_begin = match text {
            [
                b'a'..=b'z'
                | b'A'..=b'Z'
                | b'0'..=b'9'
                | b'/'
                | b'_'
                | b'('
                | b'$'
                | b'^'
                | b'<'
                | b'='
                | b'~',
                ..,
            ] => true,
            // Infinite numbers are refused elsewhere.
            [b'-' | b'+' | b':' | b'?', next, ..] => !matches!(next, b'.' | b' '),
            [b'.', next, ..] => !matches!(next, b'i' | b'I' | b'n' | b'N' | b' '),
            [first, ..] => *first >= 0x80,
            [] => false,
        };
        if !may_begin {
            return None;
        }
        let (text, has_comment) = plain_text(text)?;
        self.open = !has_comment;
        self.is_word_open = field != Field::Other;
        match field {
            Field::Other => Some(()),
            Field::Word(word) => self.set(word, resolve::resolve_plain(Cow::Borrowed(text))),
            _ => None,
        }
    }

    /// The lines of a literal or folded scalar.
    fn block_scalar(&mut self) -> Option<()> {
        let outer = self.levels.last()?.indent;
        let (mut inner, mut blank) = (None, 0);
        loop {
            let before = self.rest;
            let Some(line) = self.next_line() else { return Some(()) };
            let indent = spaces(line);
            match (line.get(indent), inner) {
                (None, None) => blank = blank.max(indent),
                (None, _) => {}
                // Longer blank lines before the first one would count.
                (Some(_), None) if indent > outer && indent < blank => return None,
                (Some(b'\t'), None) => return None,
                (Some(b'\t'), Some(inner)) if indent < inner => return None,
                (Some(_), None) if indent > outer => inner = Some(indent),
                (Some(_), Some(inner)) if indent >= inner => {}
                (Some(_), _) => {
                    self.rest = before;
                    return Some(());
                }
            }
        }
    }

    fn set(&mut self, word: Word, scalar: Scalar<'_>) -> Option<()> {
        let text = match scalar {
            Scalar::Str(text) => String::from_utf8(text.into_owned()).ok()?,
            Scalar::Nil => String::new(),
            _ => return None,
        };
        match word {
            Word::ApiVersion => self.head.api_version = text,
            Word::Kind => self.head.kind = text,
            Word::Name => self.head.metadata.get_or_insert_default().name = text,
            Word::Namespace => self.head.metadata.get_or_insert_default().namespace = text,
            Word::Annotation(key) => {
                self.head.metadata.get_or_insert_default().annotations.insert(key, text);
            }
        }
        Some(())
    }
}

/// Returns the key that a line begins with: a quoted text without quotes or escapes in it, or a word.
fn split_key(content: &[u8]) -> Option<Entry<'_>> {
    let (key, is_quoted, rest) = match content.first()? {
        quote @ (b'"' | b'\'') => {
            let Quoted { inside, has_escapes: false, rest } = quoted(content.get(1..)?, *quote)? else {
                return None;
            };
            (inside, true, rest?)
        }
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'/' | b'.' | b'$' => {
            let in_word =
                |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/' | b'$');
            let end = content.iter().position(|byte| !in_word(byte))?;
            let (key, rest) = content.split_at(end);
            (key, false, rest)
        }
        _ => return None,
    };
    let rest = rest.strip_prefix(b":")?;
    let is_key = matches!(rest.first(), None | Some(b' ')) && key.len() <= MAX_KEY;
    is_key.then_some(Entry { key, is_quoted, rest })
}

/// What a line has of a quoted scalar.
struct Quoted<'a> {
    inside: &'a [u8],
    has_escapes: bool,
    /// What follows the closing quote, if it is on this line.
    rest: Option<&'a [u8]>,
}

fn are_digits(text: &[u8], count: usize) -> bool {
    text.get(..count).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

/// Reads a line of a quoted scalar; nothing if there is an escape in it that takes thought.
fn quoted(text: &[u8], quote: u8) -> Option<Quoted<'_>> {
    let mut has_escapes = false;
    let mut at = 0;
    loop {
        let behind = text.get(at..).unwrap_or_default();
        let Some(offset) = memchr::memchr2(quote, b'\\', behind) else {
            return Some(Quoted { inside: text, has_escapes, rest: None });
        };
        at += offset;
        at += match (text.get(at..)?, quote) {
            ([b'\\', ..], b'\'') => 1,
            // At the end of a line it stands for no break.
            ([b'\\'], _) | ([b'\\', b'"' | b'\\' | b'n' | b't' | b'r' | b'/' | b' ' | b'_', ..], _) => 2,
            // Characters that are no half of a pair.
            ([b'\\', b'u', first, rest @ ..], _) if !matches!(first, b'd' | b'D') => {
                (first.is_ascii_hexdigit() && are_digits(rest, 3)).then_some(6)?
            }
            ([b'\\', b'U', b'0', b'0', b'0', b'1', rest @ ..], _) => are_digits(rest, 4).then_some(10)?,
            ([b'\\', ..], _) => return None,
            ([b'\'', b'\'', ..], b'\'') => 2,
            _ => {
                let rest = text.get(at + 1..);
                return Some(Quoted { inside: text.get(..at)?, has_escapes, rest });
            }
        };
        has_escapes = true;
    }
}

/// Returns the part of a line that belongs to a plain scalar and whether a comment follows; nothing if there is
/// something in it that ends or forbids one.
fn plain_text(text: &[u8]) -> Option<(&[u8], bool)> {
    for at in memchr::memchr3_iter(b':', b'#', b'\t', text) {
        match text.get(at)? {
            b':' if !matches!(text.get(at + 1), None | Some(b' ' | b'\t')) => {}
            b'#' if at == 0 || text.get(at - 1) != Some(&b' ') => {}
            b'#' => return Some((trim_end(text.get(..at)?), true)),
            _ => return None,
        }
    }
    Some((trim_end(text), false))
}

/// Returns whether a text is a flow sequence of words and quoted texts.
fn is_plain_list(text: &[u8]) -> bool {
    let Some(mut rest) = text.strip_prefix(b"[").and_then(|text| text.strip_suffix(b"]")) else {
        return false;
    };
    rest = rest.get(spaces(rest)..).unwrap_or_default();
    if rest.is_empty() {
        return true;
    }
    loop {
        let Some(after) = plain_list_item(rest) else { return false };
        rest = after.get(spaces(after)..).unwrap_or_default();
        match rest.split_first() {
            None => return true,
            Some((b',', more)) => rest = more.get(spaces(more)..).unwrap_or_default(),
            Some(_) => return false,
        }
    }
}

/// Returns what follows an item of a flow sequence.
fn plain_list_item(text: &[u8]) -> Option<&[u8]> {
    match text.first()? {
        quote @ (b'"' | b'\'') => quoted(text.get(1..)?, *quote)?.rest,
        first if first.is_ascii_alphanumeric() => {
            let in_word =
                |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/');
            let end = text.iter().position(|byte| !in_word(byte)).unwrap_or(text.len());
            text.get(end..)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
