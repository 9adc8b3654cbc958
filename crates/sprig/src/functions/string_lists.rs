//! Lists of strings: splitting, joining, sorting.

use gotmpl::{Function, pure};
use value::{Entries, List, Map, Str, Type, Value, gofmt};

use super::arguments::{Outcome, any, as_slice, bytes, int};
use super::text::string_value;

pub(super) const FUNCTIONS: &[Function] = &[
    pure("join", &[Type::String, Type::Any], join),
    pure("splitList", &[Type::String, Type::String], |arguments| {
        let parts = split_text(bytes(arguments, 1), bytes(arguments, 0), None);
        Ok(Value::List(List::strings(parts)))
    }),
    pure("split", &[Type::String, Type::String], |arguments| {
        Ok(numbered(split_text(bytes(arguments, 1), bytes(arguments, 0), None)))
    }),
    pure("splitn", &[Type::String, Type::Int, Type::String], |arguments| {
        let limit = usize::try_from(int(arguments, 1)).ok();
        Ok(numbered(split_text(bytes(arguments, 2), bytes(arguments, 0), limit)))
    }),
    pure("toStrings", &[Type::Any], |arguments| Ok(Value::List(strings(any(arguments, 0))))),
    pure("sortAlpha", &[Type::Any], sort_alpha),
];

fn join(arguments: &mut [Value]) -> Outcome {
    let list = strings(any(arguments, 1));
    let parts: Vec<&[u8]> = list.iter().filter_map(Value::as_str).map(Str::as_bytes).collect();
    Ok(Str::from(parts.join(bytes(arguments, 0))).into())
}

/// Splits as Go's `strings.SplitN`: an empty separator splits into characters, a limit of 0 gives nothing.
fn split_text<'a>(text: &'a [u8], separator: &[u8], limit: Option<usize>) -> Vec<&'a [u8]> {
    let limit = limit.unwrap_or(usize::MAX);
    let mut parts = Vec::new();
    let mut rest = text;
    if limit == 0 || separator.is_empty() && text.is_empty() {
        return parts;
    }
    let finder = memchr::memmem::Finder::new(separator);
    while parts.len() + 1 < limit {
        let (part, next) = if separator.is_empty() {
            let (_, size) = gofmt::quote::decode_char(rest);
            if size >= rest.len() {
                break;
            }
            (size, size)
        } else {
            match finder.find(rest) {
                Some(position) => (position, position + separator.len()),
                None => break,
            }
        };
        parts.push(rest.get(..part).unwrap_or_default());
        rest = rest.get(next..).unwrap_or_default();
    }
    parts.push(rest);
    parts
}

/// Returns the parts as `map[string]string` under `_0`, `_1`, …
fn numbered(parts: Vec<&[u8]>) -> Value {
    let entries: Entries = parts
        .iter()
        .enumerate()
        .map(|(index, part)| (format!("_{index}"), Str::from(*part).into()))
        .collect();
    Value::Map(Map::typed(Type::StringMap, entries))
}

/// Returns Sprig's `strslice`: the printed items of a list but for nils; anything else is a list of one.
fn strings(value: &Value) -> List {
    match as_slice(value) {
        Some(list) if list.list_type() == Type::StringList => list,
        Some(list) => List::strings(list.iter().filter(|item| !item.is_nil()).map(string_value)),
        None if value.is_nil() => List::strings(Vec::<Str>::new()),
        None => List::strings([string_value(value)]),
    }
}

/// Sorts the strings of a list; Go sorts a `[]string` in place, so that the list given is sorted as well, which is
/// not seen here.
fn sort_alpha(arguments: &mut [Value]) -> Outcome {
    let value = any(arguments, 0);
    if as_slice(value).is_none() {
        return Ok(Value::List(List::strings([string_value(value)])));
    }
    let mut list = strings(value);
    list.make_mut().sort_by(|a, b| a.as_str().cmp(&b.as_str()));
    Ok(Value::List(list))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str, separator: &str, limit: Option<usize>) -> Vec<String> {
        let parts = split_text(text.as_bytes(), separator.as_bytes(), limit);
        parts.into_iter().map(|part| Str::from(part).to_string_lossy()).collect()
    }

    #[test]
    fn an_empty_separator_splits_characters() {
        assert_eq!(split("aüb", "", None), ["a", "ü", "b"]);
        assert_eq!(split("abc", "", Some(2)), ["a", "bc"]);
        assert!(split("", "", None).is_empty());
        assert_eq!(split("", ",", None), [""]);
        assert!(split("a,b", ",", Some(0)).is_empty());
        assert_eq!(split("a,b,", ",", None), ["a", "b", ""]);
    }
}
