//! Words in identifiers: the camel, snake and kebab case of huandu/xstrings 1.5, with its rules for numbers and acronyms.

use std::sync::LazyLock;

use regex_syntax::hir::{Class, ClassUnicode, HirKind};
use value::{Str, gofmt};

use super::case::{is_space, to_lower, to_upper};

/// What a run of characters is.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Word {
    /// Nothing is left.
    Invalid,
    Number,
    UpperCase,
    Alphabet,
    Connector,
    Punctuation,
    Other,
}

/// Returns xstrings' `ToPascalCase`: connectors go, what follows them is upper case, the rest of an acronym lower.
pub(super) fn to_pascal_case(text: &Str) -> String {
    let text = text.to_str_lossy();
    let mut out = String::with_capacity(text.len());
    let lead = text.find(|c| !is_connector(c)).unwrap_or(text.len());
    let (connectors, rest) = text.split_at(lead);
    out.push_str(connectors);
    let mut characters = rest.chars();
    let Some(first) = characters.next() else {
        // xstrings writes the last of nothing but connectors twice.
        out.extend(connectors.chars().next_back());
        return out;
    };
    let mut is_in_acronym = is_upper(first);
    let mut previous = to_upper(first);
    for character in characters {
        let mut next = character;
        if is_connector(next) && is_connector(previous) {
            out.push(previous);
        } else if is_connector(previous) {
            is_in_acronym = is_upper(next);
            next = to_upper(next);
        } else {
            is_in_acronym = is_in_acronym && is_upper(next);
            if is_in_acronym {
                next = to_lower(next);
            }
            out.push(previous);
        }
        previous = next;
    }
    out.push(previous);
    out
}

/// Returns xstrings' `ToSnakeCase` or `ToKebabCase`: words in lower case with the connector between them.
pub(super) fn to_lower_case(text: &[u8], connector: char) -> Str {
    let mut out = Vec::with_capacity(text.len() + text.len() / 4);
    let mut scan = Scan { out: &mut out, connector, rest: text, kind: Word::Invalid, word: b"" };
    scan.advance();
    while !scan.rest.is_empty() {
        if scan.kind != Word::Connector {
            scan.write_word(scan.kind);
        }
        scan.step();
    }
    scan.write_word(scan.kind);
    Str::from(out)
}

/// A text being split; `word` is the present word, `rest` what follows it.
struct Scan<'a> {
    out: &'a mut Vec<u8>,
    connector: char,
    rest: &'a [u8],
    kind: Word,
    word: &'a [u8],
}

impl Scan<'_> {
    fn advance(&mut self) {
        let (kind, length) = next_word(self.rest);
        let (word, rest) = self.rest.split_at(length.min(self.rest.len()));
        (self.kind, self.word, self.rest) = (kind, word, rest);
    }

    /// Goes to the next word and writes what stands between the two.
    fn step(&mut self) {
        let (previous, last) = (self.kind, self.word);
        self.advance();
        match previous {
            Word::Number => {
                self.write_letters_and_numbers();
                self.write_connector_unless(&[Word::Invalid, Word::Punctuation, Word::Connector]);
            }
            Word::Connector => write_lower(self.out, previous, last, self.connector),
            Word::Punctuation => {}
            _ if self.kind != Word::Number => {
                self.write_connector_unless(&[Word::Connector, Word::Punctuation])
            }
            _ if self.rest.is_empty() => {}
            _ => self.step_over_number(),
        }
    }

    /// A number after a word belongs to it (`Bld4Floor` is `bld4_floor`) unless lower-case letters follow (`http_2xx`).
    fn step_over_number(&mut self) {
        let number = self.word;
        self.advance();
        if self.kind != Word::Alphabet {
            write_lower(self.out, Word::Number, number, self.connector);
            self.write_connector_unless(&[Word::Connector, Word::Punctuation]);
            return;
        }
        self.write_connector();
        write_lower(self.out, Word::Number, number, self.connector);
        self.write_letters_and_numbers();
        self.write_connector_unless(&[Word::Invalid, Word::Connector, Word::Punctuation]);
    }

    fn write_letters_and_numbers(&mut self) {
        while matches!(self.kind, Word::Alphabet | Word::Number) {
            self.write_word(self.kind);
            self.advance();
        }
    }

    fn write_word(&mut self, kind: Word) {
        write_lower(self.out, kind, self.word, self.connector);
    }

    fn write_connector(&mut self) {
        self.out.extend_from_slice(self.connector.encode_utf8(&mut [0; 4]).as_bytes());
    }

    fn write_connector_unless(&mut self, kinds: &[Word]) {
        if !kinds.contains(&self.kind) {
            self.write_connector();
        }
    }
}

fn write_lower(out: &mut Vec<u8>, kind: Word, word: &[u8], connector: char) {
    if kind != Word::UpperCase && kind != Word::Connector {
        out.extend_from_slice(word);
        return;
    }
    for c in value::go_lossy(word).chars() {
        let c = if is_connector(c) {
            connector
        } else if is_upper(c) {
            to_lower(c)
        } else {
            c
        };
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

/// Returns the kind and the length in bytes of the first word.
fn next_word(text: &[u8]) -> (Word, usize) {
    let (first, size) = next_valid(text, None);
    let Some(first) = first else { return (Word::Invalid, size) };
    let run =
        |belongs: fn(char) -> bool| size + run_length(text.get(size..).unwrap_or_default(), first, belongs);
    match first {
        c if is_connector(c) => (Word::Connector, run(is_connector)),
        c if is_punctuation(c) => (Word::Punctuation, run(is_punctuation)),
        c if is_upper(c) => (Word::UpperCase, upper_case_length(text, size, first)),
        c if is_alphabet(c) => (Word::Alphabet, run(is_lower_alphabet)),
        c if c.is_numeric() => (Word::Number, run(char::is_numeric)),
        _ => (Word::Other, run(is_other)),
    }
}

/// An upper-case word: `HTTPStatus` gives `HTTP`, `Status` itself.
fn upper_case_length(text: &[u8], first_size: usize, first: char) -> usize {
    let rest = text.get(first_size..).unwrap_or_default();
    if rest.is_empty() {
        return first_size;
    }
    let (second, _) = next_valid(rest, Some(first));
    match second {
        Some(c) if is_upper(c) => {
            let (mut offset, mut last_size, mut previous) = (first_size, 0, first);
            while let Some(tail) = text.get(offset..).filter(|tail| !tail.is_empty()) {
                let (next, size) = next_valid(tail, Some(previous));
                let Some(next) = next else { break };
                if !is_upper(next) {
                    return if is_alphabet(next) { offset - last_size } else { offset };
                }
                (offset, last_size, previous) = (offset + size, size, next);
            }
            offset
        }
        Some(c) if is_alphabet(c) => first_size + run_length(rest, first, is_lower_alphabet),
        _ => first_size,
    }
}

/// Returns the length of the characters that belong to the run.
fn run_length(text: &[u8], first: char, belongs: fn(char) -> bool) -> usize {
    let (mut offset, mut previous) = (0, first);
    while let Some(tail) = text.get(offset..).filter(|tail| !tail.is_empty()) {
        match next_valid(tail, Some(previous)) {
            (Some(next), size) if belongs(next) => (offset, previous) = (offset + size, next),
            _ => break,
        }
    }
    offset
}

/// Decodes the next valid character and returns it with its size and that of the invalid bytes before it; at the end
/// of the text the `previous` one counts.
fn next_valid(text: &[u8], previous: Option<char>) -> (Option<char>, usize) {
    let mut offset = 0;
    while let Some(tail) = text.get(offset..).filter(|tail| !tail.is_empty()) {
        let (c, size) = gofmt::quote::decode_char(tail);
        offset += size;
        if c != '\u{fffd}' {
            return (Some(c), offset);
        }
    }
    (previous, offset)
}

fn is_connector(c: char) -> bool {
    c == '-' || c == '_' || is_space(c)
}

fn is_lower_alphabet(c: char) -> bool {
    is_alphabet(c) && !is_upper(c)
}

fn is_other(c: char) -> bool {
    !(is_connector(c) || is_alphabet(c) || c.is_numeric() || is_punctuation(c))
}

/// Returns whether the character is a letter but no Chinese one.
fn is_alphabet(c: char) -> bool {
    let is_cjk = matches!(c, '\u{4e00}'..='\u{9fcc}' | '\u{3400}'..='\u{4d85}' | '\u{20000}'..='\u{2b81d}');
    !is_cjk && is_letter(c)
}

/// Returns whether the character is of category Lu.
pub(super) fn is_upper(c: char) -> bool {
    static CLASS: LazyLock<ClassUnicode> = LazyLock::new(|| category(r"\p{Lu}"));
    if c.is_ascii() { c.is_ascii_uppercase() } else { c.is_uppercase() && contains(&CLASS, c) }
}

/// Returns whether the character is of category Ll.
pub(super) fn is_lower(c: char) -> bool {
    static CLASS: LazyLock<ClassUnicode> = LazyLock::new(|| category(r"\p{Ll}"));
    if c.is_ascii() { c.is_ascii_lowercase() } else { c.is_lowercase() && contains(&CLASS, c) }
}

fn is_letter(c: char) -> bool {
    static CLASS: LazyLock<ClassUnicode> = LazyLock::new(|| category(r"\p{L}"));
    if c.is_ascii() { c.is_ascii_alphabetic() } else { c.is_alphabetic() && contains(&CLASS, c) }
}

fn is_punctuation(c: char) -> bool {
    static CLASS: LazyLock<ClassUnicode> = LazyLock::new(|| category(r"\p{P}"));
    // Unlike Rust's ASCII punctuation, category P leaves out symbols.
    if c.is_ascii() { c.is_ascii_punctuation() && !"$+<=>^`|~".contains(c) } else { contains(&CLASS, c) }
}

fn category(name: &str) -> ClassUnicode {
    match regex_syntax::parse(name).map(|hir| hir.into_kind()) {
        Ok(HirKind::Class(Class::Unicode(class))) => class,
        _ => ClassUnicode::empty(),
    }
}

fn contains(class: &ClassUnicode, c: char) -> bool {
    let ranges = class.ranges();
    let index = ranges.partition_point(|range| range.end() < c);
    ranges.get(index).is_some_and(|range| range.start() <= c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pascal_case_lowers_the_rest_of_an_acronym() {
        for (text, expected) in [
            ("GOLANG_IS_GREAT", "GolangIsGreat"),
            ("FOOBar", "Foobar"),
            ("fooBAR", "FooBAR"),
            ("__a__b_", "__A_B_"),
            ("aB-cD eF", "ABCDEF"),
            ("_", "__"),
            ("", ""),
        ] {
            assert_eq!(to_pascal_case(&Str::from(text)), expected, "{text}");
        }
    }

    #[test]
    fn snake_case_knows_acronyms_and_numbers() {
        for (text, expected) in [
            ("FirstName", "first_name"),
            ("HTTPServer", "http_server"),
            ("NoHTTPS", "no_https"),
            ("GO_PATH", "go_path"),
            ("GO PATH", "go_path"),
            ("http2xx", "http_2xx"),
            ("HTTP20xOK", "http_20x_ok"),
            ("Duration2m3s", "duration_2m3s"),
            ("Bld4Floor3rd", "bld4_floor_3rd"),
        ] {
            assert_eq!(to_lower_case(text.as_bytes(), '_'), expected, "{text}");
        }
    }
}
