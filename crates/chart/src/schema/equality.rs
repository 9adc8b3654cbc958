//! Equality of JSON values as the validator sees it: numbers by value.

use std::collections::HashMap;
use std::fmt::Write;

use super::decimal::Decimal;
use super::json::Json;

/// Up to this length the validator compares all pairs, beyond it hashes (util.go, `duplicates`).
const PAIRWISE: usize = 20;

pub(crate) fn equal(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::Number(one), Json::Number(other)) if one == other => Decimal::parse(one).is_some(),
        (Json::Number(one), Json::Number(other)) => {
            Decimal::parse(one).is_some_and(|one| Decimal::parse(other).is_some_and(|other| one == other))
        }
        (Json::Array(one), Json::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(one, other))
        }
        (Json::Object(one), Json::Object(other)) => {
            one.len() == other.len()
                && one.iter().zip(other.iter()).all(|(one, other)| one.0 == other.0 && equal(one.1, other.1))
        }
        _ => one == other,
    }
}

/// Returns the positions of the first two equal elements.
pub(crate) fn duplicates(items: &[Json]) -> Option<(usize, usize)> {
    if items.len() <= PAIRWISE {
        for (later, item) in items.iter().enumerate() {
            if let Some(earlier) = items.iter().take(later).position(|earlier| equal(item, earlier)) {
                return Some((earlier, later));
            }
        }
        return None;
    }
    let mut seen = HashMap::with_capacity(items.len());
    for (later, item) in items.iter().enumerate() {
        let mut key = String::new();
        write_key(&mut key, item);
        if let Some(earlier) = seen.insert(key, later) {
            return Some((earlier, later));
        }
    }
    None
}

/// Writes a text that is the same for equal values only.
fn write_key(out: &mut String, value: &Json) {
    match value {
        Json::Number(number) => match Decimal::parse(number) {
            Some(number) => write!(out, "{number:?}"),
            None => write!(out, "n{number}"),
        },
        Json::Array(items) => {
            out.push('[');
            items.iter().for_each(|item| write_key(out, item));
            out.write_char(']')
        }
        Json::Object(members) => {
            out.push('{');
            for (key, value) in members.iter() {
                write!(out, "{key:?}:").expect("a string takes all text");
                write_key(out, value);
            }
            out.write_char('}')
        }
        Json::String(text) => write!(out, "{text:?},"),
        Json::Null | Json::Bool(_) => write!(out, "{value},"),
    }
    .expect("a string takes all text");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::read::read;

    #[test]
    fn numbers_are_equal_by_value_in_short_and_long_arrays() {
        let short = read(b"[3, {\"a\":1}, {\"a\":1.0}]").unwrap();
        assert_eq!(duplicates(short.as_array().unwrap()), Some((1, 2)));
        let mut items: Vec<Json> = (0..30).map(|at| Json::Number(at.to_string().into())).collect();
        assert_eq!(duplicates(&items), None);
        items.push(Json::Number("7.0".into()));
        assert_eq!(duplicates(&items), Some((7, 30)));
    }
}
