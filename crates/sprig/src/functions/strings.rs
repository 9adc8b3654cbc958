//! String functions: case, trimming, cutting, searching, replacing, indentation.

use gotmpl::{CallError, Function, pure, variadic};
use value::{Str, Type, Value, gofmt};

use super::arguments::{Outcome, bytes, int, text};
use super::case::{is_space, is_title, to_lower, to_title, to_upper};
use super::text::{go_print, string_value};
use super::{words, wrapping};

/// A longer text ends in the error that Go has for texts no memory could hold.
const MAX_TEXT: usize = 1 << 30;

const TEXT: &[Type] = &[Type::String];
const TWO_TEXTS: &[Type] = &[Type::String, Type::String];
const INT_AND_TEXT: &[Type] = &[Type::Int, Type::String];

pub(super) const FUNCTIONS: &[Function] = &[
    pure("hello", &[], |_| Ok(Value::from("Hello!"))),
    pure("abbrev", INT_AND_TEXT, |arguments| {
        Ok(wrapping::abbreviate(bytes(arguments, 1), 0, int(arguments, 0)).into())
    }),
    pure("abbrevboth", &[Type::Int, Type::Int, Type::String], abbreviate_both),
    pure("trunc", INT_AND_TEXT, truncate),
    pure("trim", TEXT, |arguments| Ok(Str::from(trim_space(bytes(arguments, 0))).into())),
    pure("upper", TEXT, |arguments| Ok(map_characters(&text(arguments, 0), to_upper))),
    pure("lower", TEXT, |arguments| Ok(map_characters(&text(arguments, 0), to_lower))),
    pure("title", TEXT, title),
    pure("untitle", TEXT, |arguments| Ok(uncapitalize(&text(arguments, 0)))),
    pure("substr", &[Type::Int, Type::Int, Type::String], substring),
    pure("repeat", INT_AND_TEXT, |arguments| {
        Ok(Str::from(repeat(bytes(arguments, 1), int(arguments, 0))?).into())
    }),
    pure("trimall", TWO_TEXTS, trim_all),
    pure("trimAll", TWO_TEXTS, trim_all),
    pure("trimSuffix", TWO_TEXTS, trim_suffix),
    pure("trimPrefix", TWO_TEXTS, trim_prefix),
    pure("nospace", TEXT, |arguments| Ok(without_space(&text(arguments, 0)))),
    pure("initials", TEXT, |arguments| Ok(initials(bytes(arguments, 0)))),
    pure("swapcase", TEXT, |arguments| Ok(swap_case(&text(arguments, 0)))),
    pure("snakecase", TEXT, |arguments| Ok(words::to_lower_case(bytes(arguments, 0), '_').into())),
    pure("kebabcase", TEXT, |arguments| Ok(words::to_lower_case(bytes(arguments, 0), '-').into())),
    pure("camelcase", TEXT, |arguments| Ok(words::to_pascal_case(&text(arguments, 0)).into())),
    pure("wrap", INT_AND_TEXT, |arguments| {
        Ok(wrapping::wrap(bytes(arguments, 1), int(arguments, 0), b"\n", wrapping::LongWords::Keep).into())
    }),
    pure("wrapWith", &[Type::Int, Type::String, Type::String], wrap_with),
    pure("contains", TWO_TEXTS, |arguments| {
        Ok(Value::Bool(memchr::memmem::find(bytes(arguments, 1), bytes(arguments, 0)).is_some()))
    }),
    pure("hasPrefix", TWO_TEXTS, |arguments| {
        Ok(Value::Bool(bytes(arguments, 1).starts_with(bytes(arguments, 0))))
    }),
    pure("hasSuffix", TWO_TEXTS, |arguments| {
        Ok(Value::Bool(bytes(arguments, 1).ends_with(bytes(arguments, 0))))
    }),
    variadic("quote", &[Type::Any], quote),
    variadic("squote", &[Type::Any], single_quote),
    variadic("cat", &[Type::Any], cat),
    pure("indent", INT_AND_TEXT, |arguments| Ok(indent(int(arguments, 0), bytes(arguments, 1), b"")?.into())),
    pure("nindent", INT_AND_TEXT, |arguments| {
        Ok(indent(int(arguments, 0), bytes(arguments, 1), b"\n")?.into())
    }),
    pure("replace", &[Type::String, Type::String, Type::String], |arguments| {
        Ok(replace(&text(arguments, 2), bytes(arguments, 0), bytes(arguments, 1)).into())
    }),
    pure("plural", &[Type::String, Type::String, Type::Int], |arguments| {
        Ok(text(arguments, usize::from(int(arguments, 2) != 1)).into())
    }),
];

/// Returns Go's `strings.Map`: every character replaced, an invalid byte read as U+FFFD.
fn map_characters(text: &Str, replacement: impl Fn(char) -> char) -> Value {
    Value::from(text.to_str_lossy().chars().map(replacement).collect::<String>())
}

fn abbreviate_both(arguments: &mut [Value]) -> Outcome {
    let (offset, width) = (int(arguments, 0), int(arguments, 1));
    if width < 4 || offset > 0 && width < 7 {
        return Ok(text(arguments, 2).into());
    }
    Ok(wrapping::abbreviate(bytes(arguments, 2), offset, width).into())
}

fn truncate(arguments: &mut [Value]) -> Outcome {
    let (count, whole) = (int(arguments, 0), bytes(arguments, 1));
    let kept = match usize::try_from(count) {
        Ok(count) => whole.get(..count).unwrap_or(whole),
        Err(_) => {
            let from_end = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
            whole.len().checked_sub(from_end).and_then(|start| whole.get(start..)).unwrap_or(whole)
        }
    };
    Ok(Str::from(kept).into())
}

/// Returns Go's `s[:end]`, `s[start:]` or `s[start:end]`, with its panics as errors.
fn substring(arguments: &mut [Value]) -> Outcome {
    let (start, end, whole) = (int(arguments, 0), int(arguments, 1), bytes(arguments, 2));
    let length = whole.len() as i64;
    let (start, end) = if start < 0 {
        if end < 0 {
            return Err(out_of_range(format!("[:{end}]")));
        }
        if end > length {
            return Err(out_of_range(format!("[:{end}] with length {length}")));
        }
        (0, end)
    } else {
        (start, if end < 0 || end > length { length } else { end })
    };
    match whole.get(start as usize..end as usize) {
        Some(part) => Ok(Str::from(part).into()),
        None => Err(out_of_range(format!("[{start}:{end}]"))),
    }
}

fn out_of_range(range: String) -> CallError {
    CallError::message(format!("runtime error: slice bounds out of range {range}"))
}

/// Returns Go's `strings.TrimSpace`.
fn trim_space(text: &[u8]) -> &[u8] {
    trim_where(text, is_space)
}

fn trim_where(text: &[u8], unwanted: impl Fn(char) -> bool) -> &[u8] {
    let mut rest = text;
    while !rest.is_empty() {
        let (c, size) = gofmt::quote::decode_char(rest);
        if !unwanted(c) {
            break;
        }
        rest = rest.get(size..).unwrap_or_default();
    }
    while !rest.is_empty() {
        let (c, size) = decode_last_char(rest);
        if !unwanted(c) {
            break;
        }
        rest = rest.get(..rest.len() - size).unwrap_or_default();
    }
    rest
}

/// Decodes the last character; an invalid byte is U+FFFD of width 1.
fn decode_last_char(text: &[u8]) -> (char, usize) {
    for size in 1..=text.len().min(4) {
        let tail = text.get(text.len() - size..).unwrap_or_default();
        if let Some(c) = std::str::from_utf8(tail).ok().and_then(|tail| tail.chars().next()) {
            return (c, size);
        }
    }
    ('\u{fffd}', 1)
}

fn trim_all(arguments: &mut [Value]) -> Outcome {
    let cutset = text(arguments, 0);
    let cutset = cutset.to_str_lossy();
    Ok(Str::from(trim_where(bytes(arguments, 1), |c| cutset.contains(c))).into())
}

fn trim_suffix(arguments: &mut [Value]) -> Outcome {
    let whole = bytes(arguments, 1);
    Ok(Str::from(whole.strip_suffix(bytes(arguments, 0)).unwrap_or(whole)).into())
}

fn trim_prefix(arguments: &mut [Value]) -> Outcome {
    let whole = bytes(arguments, 1);
    Ok(Str::from(whole.strip_prefix(bytes(arguments, 0)).unwrap_or(whole)).into())
}

/// Returns Go's deprecated `strings.Title`: a letter after what is neither letter, digit nor underscore gets title case.
fn title(arguments: &mut [Value]) -> Outcome {
    let mut previous = ' ';
    let text = text(arguments, 0);
    let titled: String = text
        .to_str_lossy()
        .chars()
        .map(|c| if separates_words(std::mem::replace(&mut previous, c)) { to_title(c) } else { c })
        .collect();
    Ok(Value::from(titled))
}

fn separates_words(c: char) -> bool {
    if c.is_ascii() { !(c.is_ascii_alphanumeric() || c == '_') } else { is_space(c) }
}

/// Returns goutils' `Uncapitalize`: the first letter of every word in lower case.
fn uncapitalize(text: &Str) -> Value {
    let mut is_at_start = true;
    let lowered: String = text
        .to_str_lossy()
        .chars()
        .map(|c| {
            let is_first = std::mem::replace(&mut is_at_start, is_space(c)) && !is_space(c);
            if is_first { to_lower(c) } else { c }
        })
        .collect();
    Value::from(lowered)
}

/// Returns goutils' `SwapCase`: a lower-case letter at the start of a word gets title case.
fn swap_case(text: &Str) -> Value {
    let mut is_after_space = true;
    let swapped: String = text
        .to_str_lossy()
        .chars()
        .map(|c| {
            if words::is_upper(c) || is_title(c) {
                is_after_space = false;
                to_lower(c)
            } else if words::is_lower(c) {
                if std::mem::take(&mut is_after_space) { to_title(c) } else { to_upper(c) }
            } else {
                is_after_space = is_space(c);
                c
            }
        })
        .collect();
    Value::from(swapped)
}

/// Returns Go's `strings.Repeat`, with its panics as errors.
fn repeat(text: &[u8], count: i64) -> Result<Vec<u8>, CallError> {
    let Ok(count) = usize::try_from(count) else {
        return Err(CallError::message("strings: negative Repeat count"));
    };
    match text.len().checked_mul(count) {
        Some(length) if length <= MAX_TEXT => Ok(text.repeat(count)),
        Some(length) if length <= i64::MAX as usize => {
            Err(CallError::message("runtime error: makeslice: len out of range"))
        }
        _ => Err(CallError::message("strings: Repeat output length overflow")),
    }
}

/// Deletes white space by goutils' rule: byte by byte, so that other bytes above 0x7f become characters of their own.
fn without_space(text: &Str) -> Value {
    if !text.iter().any(|&byte| is_space(char::from(byte))) {
        return text.clone().into();
    }
    Value::from(text.iter().map(|&byte| char::from(byte)).filter(|&c| !is_space(c)).collect::<String>())
}

/// Returns the first *byte* of every word as a character (goutils' `Initials`).
fn initials(text: &[u8]) -> Value {
    let mut is_after_gap = true;
    let mut initials = String::new();
    for c in text.iter().map(|&byte| char::from(byte)) {
        if is_space(c) {
            is_after_gap = true;
        } else if std::mem::take(&mut is_after_gap) {
            initials.push(c);
        }
    }
    Value::from(initials)
}

fn wrap_with(arguments: &mut [Value]) -> Outcome {
    let line_break = bytes(arguments, 1);
    let line_break = if line_break.is_empty() { b"\n".as_slice() } else { line_break };
    Ok(wrapping::wrap(bytes(arguments, 2), int(arguments, 0), line_break, wrapping::LongWords::Break).into())
}

fn quote(arguments: &mut [Value]) -> Outcome {
    let mut out = Vec::new();
    for value in arguments.iter().filter(|value| !value.is_nil()) {
        if !out.is_empty() {
            out.push(b' ');
        }
        gofmt::quote::append_quoted(&mut out, &string_value(value), gofmt::quote::Plain::Printable);
    }
    Ok(Str::from(out).into())
}

fn single_quote(arguments: &mut [Value]) -> Outcome {
    let mut out = Vec::new();
    for value in arguments.iter().filter(|value| !value.is_nil()) {
        if !out.is_empty() {
            out.push(b' ');
        }
        out.push(b'\'');
        out.extend_from_slice(&go_print(value));
        out.push(b'\'');
    }
    Ok(Str::from(out).into())
}

fn cat(arguments: &mut [Value]) -> Outcome {
    let mut out = Vec::new();
    for (index, value) in arguments.iter().filter(|value| !value.is_nil()).enumerate() {
        if index > 0 {
            out.push(b' ');
        }
        out.extend_from_slice(&go_print(value));
    }
    Ok(Str::from(out).into())
}

/// Puts the padding in front of every line, empty ones too; `lead` comes before all.
fn indent(spaces: i64, text: &[u8], lead: &[u8]) -> Result<Str, CallError> {
    let padding = repeat(b" ", spaces)?;
    let lines = memchr::memchr_iter(b'\n', text).count() + 1;
    let length = lines.saturating_mul(padding.len()).saturating_add(text.len() + lead.len());
    if length > MAX_TEXT {
        return Err(CallError::message("runtime error: makeslice: len out of range"));
    }
    let mut out = Vec::with_capacity(length);
    out.extend_from_slice(lead);
    out.extend_from_slice(&padding);
    let mut start = 0;
    for line_break in memchr::memchr_iter(b'\n', text) {
        out.extend_from_slice(text.get(start..=line_break).unwrap_or_default());
        out.extend_from_slice(&padding);
        start = line_break + 1;
    }
    out.extend_from_slice(text.get(start..).unwrap_or_default());
    Ok(Str::from(out))
}

/// Returns Go's `strings.Replace(text, old, new, -1)`: an empty `old` stands before every character and at the end.
fn replace(text: &Str, old: &[u8], new: &[u8]) -> Str {
    if old == new {
        return text.clone();
    }
    if old.is_empty() {
        return interleave(text.as_bytes(), new);
    }
    let finder = memchr::memmem::Finder::new(old);
    let count = finder.find_iter(text).count();
    if count == 0 {
        return text.clone();
    }
    let mut out = with_room(text.len() - count * old.len(), count, new);
    let mut rest = text.as_bytes();
    while let Some(position) = finder.find(rest) {
        out.extend_from_slice(rest.get(..position).unwrap_or_default());
        out.extend_from_slice(new);
        rest = rest.get(position + old.len()..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    Str::from(out)
}

/// Puts a text before every character and at the end.
fn interleave(text: &[u8], new: &[u8]) -> Str {
    let mut out = with_room(text.len(), characters(text).count() + 1, new);
    for character in characters(text) {
        out.extend_from_slice(new);
        out.extend_from_slice(character);
    }
    out.extend_from_slice(new);
    Str::from(out)
}

/// Returns the characters of a text, an invalid byte being one.
fn characters(mut text: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (_, size) = gofmt::quote::decode_char(text);
        let (character, rest) = text.split_at(size.min(text.len()));
        text = rest;
        (!character.is_empty()).then_some(character)
    })
}

/// Returns a buffer for what stays of a text and what comes in: a large one that grows would be held twice.
fn with_room(kept: usize, count: usize, new: &[u8]) -> Vec<u8> {
    Vec::with_capacity(count.saturating_mul(new.len()).saturating_add(kept).min(MAX_TEXT))
}
