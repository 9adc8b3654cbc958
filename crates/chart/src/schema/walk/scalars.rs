//! Checks of types, texts, numbers and counts.

use super::{Found, Here, Walk};
use crate::schema::decimal::Decimal;
use crate::schema::draft::Draft;
use crate::schema::failure::Kind;
use crate::schema::json::{Json, Object};

/// The order in which wanted types are printed.
const TYPES: [&str; 7] = ["null", "boolean", "number", "integer", "string", "array", "object"];

pub(super) fn type_of(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "boolean",
        Json::Number(_) => "number",
        Json::String(_) => "string",
        Json::Array(_) => "array",
        Json::Object(_) => "object",
    }
}

pub(super) fn has_type(wanted: &Json, value: &Json) -> bool {
    let is = |name: &str| match (name, value) {
        ("integer", Json::Number(number)) => Decimal::parse(number).is_some_and(|number| number.is_integer()),
        _ => name == type_of(value),
    };
    match wanted {
        Json::Array(names) => names.iter().filter_map(Json::as_str).any(is),
        _ => wanted.as_str().is_some_and(is),
    }
}

pub(super) fn type_names(wanted: &Json) -> String {
    let is_wanted = |name: &str| match wanted {
        Json::Array(names) => names.iter().any(|wanted| wanted.as_str() == Some(name)),
        _ => wanted.as_str() == Some(name),
    };
    TYPES.into_iter().filter(|name| is_wanted(name)).collect::<Vec<_>>().join(" or ")
}

/// Returns the whole number a keyword holds.
pub(super) fn whole(value: &Json) -> Option<i64> {
    decimal(value)?.to_i64()
}

fn decimal(value: &Json) -> Option<Decimal> {
    match value {
        Json::Number(text) => Decimal::parse(text),
        _ => None,
    }
}

/// Which side of a limit is wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Limit {
    Least,
    Most,
}

/// Checks a length or number of elements against a keyword.
pub(super) fn count(
    keywords: &Object,
    keyword: &'static str,
    limit: Limit,
    got: usize,
    here: Here<'_>,
    found: &mut Found,
) {
    let Some(want) = keywords.get(keyword).and_then(whole) else { return };
    let got = i64::try_from(got).unwrap_or(i64::MAX);
    let fits = if limit == Limit::Least { got >= want } else { got <= want };
    if !fits {
        found.add(here, || Kind::Count { keyword, got, want });
    }
}

impl<'a> Walk<'a> {
    pub(super) fn text(&self, keywords: &'a Object, text: &str, here: Here<'_>, found: &mut Found) {
        if keywords.contains("minLength") || keywords.contains("maxLength") {
            let length = text.chars().count();
            count(keywords, "minLength", Limit::Least, length, here, found);
            count(keywords, "maxLength", Limit::Most, length, here, found);
        }
        if let Some(pattern) = keywords.get("pattern").and_then(Json::as_str)
            && !self.matches(pattern, text)
        {
            found.add(here, || Kind::Pattern { got: text.to_owned(), want: pattern.to_owned() });
        }
    }
}

/// Checks a number against the bounds.
pub(super) fn number(draft: Draft, keywords: &Object, text: &str, here: Here<'_>, found: &mut Found) {
    const BOUNDS: [&str; 5] = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];
    if !BOUNDS.iter().any(|keyword| keywords.contains(keyword)) {
        return;
    }
    let Some(value) = Decimal::parse(text) else { return };
    for keyword in BOUNDS {
        let Some(bound) = bound(draft, keywords, keyword) else { continue };
        let fits = match keyword {
            "minimum" => value >= bound,
            "maximum" => value <= bound,
            "exclusiveMinimum" => value > bound,
            "exclusiveMaximum" => value < bound,
            _ => value.is_multiple_of(&bound),
        };
        if !fits {
            found.add(here, || Kind::Bound { keyword, got: value.to_f64(), want: bound.to_f64() });
        }
    }
}

/// Returns a bound; in draft 4 `exclusiveMaximum: true` makes one of `maximum`.
fn bound(draft: Draft, keywords: &Object, keyword: &str) -> Option<Decimal> {
    let is_exclusive = |keyword: &str| draft == Draft::V4 && keywords.get(keyword) == Some(&Json::Bool(true));
    match keyword {
        "minimum" if is_exclusive("exclusiveMinimum") => None,
        "maximum" if is_exclusive("exclusiveMaximum") => None,
        "exclusiveMinimum" if is_exclusive(keyword) => decimal(keywords.get("minimum")?),
        "exclusiveMaximum" if is_exclusive(keyword) => decimal(keywords.get("maximum")?),
        _ => decimal(keywords.get(keyword)?),
    }
}
