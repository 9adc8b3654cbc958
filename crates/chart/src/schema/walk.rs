//! Validates values by a plain schema (`plain.rs`), in the order in which the validator checks its keywords
//! (jsonschema v6, validator.go). Where Go's map order decides, keys are taken in their order.

mod arrays;
mod objects;
mod scalars;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use regex::Regex;

use super::draft::Draft;
use super::failure::{Failure, Kind};
use super::json::{Json, Object};
use super::{equality, pattern, plain, text};

/// Validates; `None` when the walk cannot tell and the engine must.
pub(crate) fn validate(schema: &Json, draft: Draft, values: &Json) -> Option<Vec<Failure>> {
    let walk = Walk { root: schema, draft, patterns: RefCell::default(), gave_up: Cell::new(false) };
    let here = Here { value: values, place: &Place::Root, frame: None };
    let failures = walk.failures(schema, here, Wanted::Failures);
    (!walk.gave_up.get()).then(|| Failure::lift(failures))
}

struct Walk<'a> {
    root: &'a Json,
    draft: Draft,
    patterns: RefCell<HashMap<&'a str, Regex>>,
    gave_up: Cell<bool>,
}

/// Whether the failures are of interest or only that there is one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Failures,
    Verdict,
}

/// The value looked at, where it stands, and the schemas it is already being looked at by.
#[derive(Clone, Copy)]
struct Here<'h> {
    value: &'h Json,
    place: &'h Place<'h>,
    frame: Option<&'h Frame<'h>>,
}

enum Place<'h> {
    Root,
    Member(&'h Place<'h>, &'h str),
    Element(&'h Place<'h>, usize),
}

struct Frame<'h> {
    schema: &'h Json,
    outer: Option<&'h Frame<'h>>,
}

impl Place<'_> {
    fn pointer(&self) -> String {
        match self {
            Self::Root => String::new(),
            Self::Member(parent, name) => {
                format!("{}/{}", parent.pointer(), name.replace('~', "~0").replace('/', "~1"))
            }
            Self::Element(parent, at) => format!("{}/{at}", parent.pointer()),
        }
    }
}

/// Collects what is found; once a verdict is all that is wanted, one failure without words is enough.
struct Found {
    wanted: Wanted,
    failures: Vec<Failure>,
}

impl Found {
    fn add(&mut self, here: Here<'_>, kind: impl FnOnce() -> Kind) {
        self.failures.push(match self.wanted {
            Wanted::Failures => Failure::new(here.place.pointer(), kind()),
            Wanted::Verdict => Failure::new(String::new(), Kind::Group),
        });
    }

    fn extend(&mut self, failure: Option<Failure>) {
        self.failures.extend(failure);
    }

    /// Says whether nothing more can change the answer.
    fn is_decided(&self) -> bool {
        self.wanted == Wanted::Verdict && !self.failures.is_empty()
    }
}

impl<'a> Walk<'a> {
    /// Returns what a schema finds wrong, joined to one failure.
    fn check(&self, schema: &'a Json, here: Here<'_>, wanted: Wanted) -> Option<Failure> {
        Failure::join(|| here.place.pointer(), self.failures(schema, here, wanted))
    }

    fn holds(&self, schema: &'a Json, here: Here<'_>) -> bool {
        self.failures(schema, here, Wanted::Verdict).is_empty()
    }

    fn failures(&self, schema: &'a Json, here: Here<'_>, wanted: Wanted) -> Vec<Failure> {
        let mut found = Found { wanted, failures: Vec::new() };
        let keywords = match schema {
            Json::Object(keywords) => keywords,
            _ => {
                if schema == &Json::Bool(false) {
                    found.add(here, || Kind::FalseSchema);
                }
                return found.failures;
            }
        };
        if self.is_looping(schema, here) {
            self.gave_up.set(true);
            return Vec::new();
        }
        let frame = Frame { schema, outer: here.frame };
        let here = Here { frame: Some(&frame), ..here };
        self.keywords(keywords, here, &mut found);
        found.failures
    }

    fn is_looping(&self, schema: &Json, here: Here<'_>) -> bool {
        let mut frame = here.frame;
        while let Some(Frame { schema: outer, outer: next }) = frame {
            if std::ptr::eq(*outer, schema) {
                return true;
            }
            frame = *next;
        }
        self.gave_up.get()
    }

    fn keywords(&self, keywords: &'a Object, here: Here<'_>, found: &mut Found) {
        let reference = keywords.get("$ref").and_then(Json::as_str);
        // Before 2019-09 a reference hides its neighbours.
        let hidden = reference.is_some() && self.draft < Draft::V2019;
        if !hidden {
            self.identity(keywords, here, found);
            if !found.failures.is_empty() {
                return;
            }
        }
        if let Some(target) = reference.and_then(|reference| plain::target(self.root, reference)) {
            let causes = Failure::lift(self.failures(target, here, found.wanted));
            if !causes.is_empty() {
                found.extend(Some(Failure { location: here.place.pointer(), kind: Kind::Reference, causes }));
            }
        }
        if hidden || found.is_decided() {
            return;
        }
        match here.value {
            Json::Object(members) => self.members(keywords, members, here, found),
            Json::Array(items) => self.items(keywords, items, here, found),
            Json::String(text) => self.text(keywords, text, here, found),
            Json::Number(number) => scalars::number(self.draft, keywords, number, here, found),
            Json::Null | Json::Bool(_) => {}
        }
        if !found.is_decided() {
            self.conditions(keywords, here, found);
        }
    }

    /// Checks `type`, `const`, `enum` and `format`, of which the first failure hides all that follows.
    fn identity(&self, keywords: &Object, here: Here<'_>, found: &mut Found) {
        let value = here.value;
        if let Some(wanted) = keywords.get("type")
            && !scalars::has_type(wanted, value)
        {
            return found.add(here, || Kind::Type {
                got: scalars::type_of(value),
                want: scalars::type_names(wanted),
            });
        }
        if let Some(wanted) = keywords.get("const").filter(|_| self.draft >= Draft::V6)
            && !equality::equal(value, wanted)
        {
            return found.add(here, || Kind::Const(shown(wanted)));
        }
        if let Some(Json::Array(wanted)) = keywords.get("enum")
            && !wanted.iter().any(|wanted| equality::equal(value, wanted))
        {
            return found.add(here, || Kind::Enum(wanted.iter().map(shown).collect()));
        }
        if let (Some(name), Some(text)) = (keywords.get("format").and_then(Json::as_str), value.as_str())
            && self.draft.asserts_formats()
            && let Err(fault) = super::format::check(name, text)
        {
            found.add(here, || Kind::Format { got: text.to_owned(), name: name.to_owned(), fault });
        }
    }

    fn conditions(&self, keywords: &'a Object, here: Here<'_>, found: &mut Found) {
        if let Some(schema) = keywords.get("not")
            && self.holds(schema, here)
        {
            found.add(here, || Kind::Not);
        }
        if let Some(Json::Array(schemas)) = keywords.get("allOf") {
            let causes: Vec<Failure> =
                schemas.iter().filter_map(|schema| self.check(schema, here, found.wanted)).collect();
            if !causes.is_empty() {
                add_with(found, here, Kind::AllOf, causes);
            }
        }
        if let Some(Json::Array(schemas)) = keywords.get("anyOf") {
            let causes: Option<Vec<Failure>> =
                schemas.iter().map(|schema| self.check(schema, here, found.wanted)).collect();
            if let Some(causes) = causes {
                add_with(found, here, Kind::AnyOf, causes);
            }
        }
        if let Some(Json::Array(schemas)) = keywords.get("oneOf") {
            self.one_of(schemas, here, found);
        }
        self.branch(keywords, here, found);
    }

    fn one_of(&self, schemas: &'a [Json], here: Here<'_>, found: &mut Found) {
        let mut matched = None;
        let mut causes = Vec::new();
        for (at, schema) in schemas.iter().enumerate() {
            match matched {
                None => match self.check(schema, here, found.wanted) {
                    Some(cause) => causes.push(cause),
                    None => matched = Some(at),
                },
                Some(first) if self.holds(schema, here) => {
                    return found.add(here, || Kind::OneOf(Some((first, at))));
                }
                Some(_) => {}
            }
        }
        if matched.is_none() {
            add_with(found, here, Kind::OneOf(None), causes);
        }
    }

    fn branch(&self, keywords: &'a Object, here: Here<'_>, found: &mut Found) {
        let Some(condition) = keywords.get("if").filter(|_| self.draft >= Draft::V7) else { return };
        let branch = if self.holds(condition, here) { "then" } else { "else" };
        if let Some(schema) = keywords.get(branch) {
            found.extend(self.check(schema, here, found.wanted));
        }
    }

    /// Matches a pattern that is known to be valid.
    fn matches(&self, pattern: &'a str, text: &str) -> bool {
        if let Some(regex) = self.patterns.borrow().get(pattern) {
            return regex.is_match(text);
        }
        let Ok(regex) = pattern::compile(pattern) else {
            self.gave_up.set(true);
            return true;
        };
        let matched = regex.is_match(text);
        self.patterns.borrow_mut().insert(pattern, regex);
        matched
    }
}

fn add_with(found: &mut Found, here: Here<'_>, kind: Kind, causes: Vec<Failure>) {
    found.failures.push(match found.wanted {
        Wanted::Failures => Failure { location: here.place.pointer(), kind, causes },
        Wanted::Verdict => Failure::new(String::new(), Kind::Group),
    });
}

/// Returns an allowed value as it is printed, if it is a primitive one.
pub(crate) fn shown(value: &Json) -> Option<String> {
    match value {
        Json::Array(_) | Json::Object(_) => None,
        Json::String(value) => Some(text::quote(value)),
        _ => Some(value.to_string()),
    }
}
