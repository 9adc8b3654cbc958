//! Turns the engine's failures into those of Helm's validator, which is the newer one of the two: it keeps the level of
//! an `allOf` with one cause, counts list positions from the start, and gives up a value at its first wrong format.

use boon::{ErrorKind, InstanceToken, ValidationError};
use serde_json::{Number, Value};

use super::{Documents, root};
use crate::schema::decimal::Decimal;
use crate::schema::failure::{Failure, Kind};
use crate::schema::json::Json;
use crate::schema::{format, url, walk};

/// Converts a tree whose root is a whole validation; `None` when nothing is left of it. The instance is needed to
/// find objects that the engine does not locate.
pub(super) fn convert(
    error: &ValidationError<'_, '_>,
    instance: &Value,
    documents: &Documents,
) -> Option<Failure> {
    let converter = Converter { documents, instance };
    let scope = Scope { schema: error.schema_url, inside: false, path: Vec::new(), raw: 0 };
    let causes = match converter.lost_group(error, &scope) {
        Some(group) => vec![group],
        None => converter.causes(error, &scope),
    };
    if causes.is_empty() { None } else { Some(root(error.schema_url, causes)) }
}

struct Converter<'c> {
    documents: &'c Documents,
    instance: &'c Value,
}

/// Where in schema and value the failures below a failure are counted from.
struct Scope<'s> {
    schema: &'s str,
    /// The schema's `allOf`, `anyOf` or `oneOf` is already a level of the tree.
    inside: bool,
    /// The corrected place of the value.
    path: Vec<String>,
    /// Its length in the engine's own places.
    raw: usize,
}

/// A level the engine leaves out.
struct Level {
    kind: Kind,
    depth: usize,
}

impl Converter<'_> {
    fn causes(&self, error: &ValidationError<'_, '_>, scope: &Scope<'_>) -> Vec<Failure> {
        let mut causes = error.causes.iter().collect::<Vec<_>>();
        sort_unevaluated(&mut causes);
        let is_format = |cause: &&&ValidationError<'_, '_>| {
            matches!(cause.kind, ErrorKind::Format { .. })
                && (cause.schema_url == scope.schema && !scope.inside)
                && cause.instance_location.tokens.len() == scope.raw
        };
        if let Some(format) = causes.iter().find(is_format) {
            return self.failure(format, scope).into_iter().collect();
        }
        causes.into_iter().filter_map(|cause| self.failure(cause, scope)).collect()
    }

    /// Restores the group that the engine puts in place of the whole validation when there is nothing beside it: below
    /// the only branch of an `allOf`, `anyOf` or `oneOf` it is a level of its own.
    fn lost_group(&self, error: &ValidationError<'_, '_>, scope: &Scope<'_>) -> Option<Failure> {
        let (first, others) = error.causes.split_first()?;
        if others.is_empty() {
            return None;
        }
        let shared = others.iter().fold(first.schema_url, |shared, cause| common(shared, cause.schema_url));
        let mut shared = last_schema(scope.schema, first.schema_url, shared.len());
        // Failures of several elements are those of the list, though all come from the same keyword.
        if others.iter().any(|cause| place(cause) != place(first))
            && let Some(holder) = unevaluated_in(&shared).filter(|_| shared == first.schema_url)
        {
            shared.truncate(holder.len());
        }
        let (path, levels) = self.descend(first, &shared, scope);
        if levels.is_empty() {
            return None;
        }
        let raw = path.len();
        let below = Scope { schema: &shared, inside: false, path: path.clone(), raw };
        let causes = self.causes(error, &below);
        let group = Failure { location: pointer(&path), kind: Kind::Group, causes };
        Some(wrap(levels, &path, group))
    }

    fn failure(&self, error: &ValidationError<'_, '_>, scope: &Scope<'_>) -> Option<Failure> {
        let (path, levels) = self.descend(error, error.schema_url, scope);
        let mut kind = self.kind(error)?;
        let raw = error.instance_location.tokens.len();
        let names_schema = format!("{}/propertyNames", error.schema_url);
        let below = match &error.kind {
            ErrorKind::Reference { url, .. } => Scope { schema: url, inside: false, path: path.clone(), raw },
            ErrorKind::PropertyName { .. } => {
                Scope { schema: &names_schema, inside: false, path: Vec::new(), raw: 0 }
            }
            ErrorKind::AllOf | ErrorKind::AnyOf | ErrorKind::OneOf(None) => {
                Scope { schema: error.schema_url, inside: true, path: path.clone(), raw }
            }
            _ => Scope { schema: error.schema_url, inside: false, path: path.clone(), raw },
        };
        let mut causes = self.causes(error, &below);
        let emptied = causes.is_empty() && !error.causes.is_empty();
        let needs_causes =
            matches!(kind, Kind::Group | Kind::Reference | Kind::AllOf | Kind::PropertyName(_));
        if emptied && needs_causes {
            return None;
        }
        // A group that lost all but one cause is that cause.
        if matches!(kind, Kind::Group) && causes.len() == 1 {
            let only = causes.pop()?;
            kind = only.kind;
            causes = only.causes;
            return Some(wrap(levels, &path, Failure { location: only.location, kind, causes }));
        }
        Some(wrap(levels, &path, Failure { location: pointer(&path), kind, causes }))
    }

    /// Follows the keywords from the schema of the failure above to another one on the way to that of a failure; returns
    /// the place of the value and the levels left out on the way.
    fn descend(
        &self,
        error: &ValidationError<'_, '_>,
        to: &str,
        scope: &Scope<'_>,
    ) -> (Vec<String>, Vec<Level>) {
        let mut path = scope.path.clone();
        let mut levels = Vec::new();
        let steps = to.strip_prefix(scope.schema).unwrap_or_default();
        let mut steps = steps.split('/').skip(1).peekable();
        let mut schema = scope.schema.to_owned();
        let mut raw = error.instance_location.tokens.iter().skip(scope.raw);
        let mut first = true;
        while let Some(keyword) = steps.next() {
            let parent = schema.clone();
            push(&mut schema, keyword);
            let mut moves = None;
            match keyword {
                "allOf" | "anyOf" | "oneOf" => {
                    push(&mut schema, steps.next().unwrap_or_default());
                    if !(first && scope.inside) {
                        let kind = match keyword {
                            "allOf" => Kind::AllOf,
                            "anyOf" => Kind::AnyOf,
                            _ => Kind::OneOf(None),
                        };
                        levels.push(Level { kind, depth: path.len() });
                    }
                }
                "dependentSchemas" | "dependencies" => push(&mut schema, steps.next().unwrap_or_default()),
                "properties" | "patternProperties" | "prefixItems" => {
                    let name = steps.next().unwrap_or_default();
                    push(&mut schema, name);
                    moves = Some((0, (keyword == "properties").then(|| unescape(name))));
                }
                "items"
                    if steps.peek().is_some_and(|step| step.bytes().all(|byte| byte.is_ascii_digit())) =>
                {
                    push(&mut schema, steps.next().unwrap_or_default());
                    moves = Some((0, None));
                }
                "items" | "additionalItems" => moves = Some((self.list_length(&parent), None)),
                "additionalProperties" | "contains" | "unevaluatedItems" | "unevaluatedProperties" => {
                    moves = Some((0, None));
                }
                _ => {}
            }
            if let Some((offset, name)) = moves {
                let token = match raw.next() {
                    Some(InstanceToken::Item(at)) => (at + offset).to_string(),
                    Some(InstanceToken::Prop(name)) => self.documents.restore(name).to_owned(),
                    None => name.unwrap_or_else(|| self.holder(error, &path)),
                };
                path.push(token);
            }
            first = false;
        }
        (path, levels)
    }

    /// Returns how many elements the list form of a schema takes before the rest: the engine counts from there.
    fn list_length(&self, schema: &str) -> usize {
        let Some(schema) = self.documents.at(schema) else { return 0 };
        let list = schema.get("prefixItems").or_else(|| schema.get("items"));
        list.and_then(Json::as_array).map_or(0, <[Json]>::len)
    }

    /// Finds the child of a value that has the property a failure is about.
    fn holder(&self, error: &ValidationError<'_, '_>, path: &[String]) -> String {
        let ErrorKind::PropertyName { prop } = &error.kind else { return String::new() };
        let value = self.instance.pointer(&pointer(path));
        let found = match value {
            Some(Value::Array(items)) => {
                items.iter().position(|item| item.get(prop.as_str()).is_some()).map(|at| at.to_string())
            }
            Some(Value::Object(members)) => members
                .iter()
                .find(|(_, value)| value.get(prop.as_str()).is_some())
                .map(|(name, _)| name.clone()),
            _ => None,
        };
        found.unwrap_or_default()
    }

    fn kind(&self, error: &ValidationError<'_, '_>) -> Option<Kind> {
        let written = |keyword: &str| self.documents.at(error.schema_url)?.get(keyword);
        Some(match &error.kind {
            ErrorKind::Enum { want } => Kind::Enum(match written("enum") {
                Some(Json::Array(want)) => want.iter().map(walk::shown).collect(),
                _ => want.iter().map(|want| walk::shown(&Json::from(want))).collect(),
            }),
            ErrorKind::Const { want } => Kind::Const(match written("const") {
                Some(want) => walk::shown(want),
                None => walk::shown(&Json::from(*want)),
            }),
            ErrorKind::Format { got, want, .. } => {
                let got = self.documents.restore(got.as_str().unwrap_or_default()).to_owned();
                let name = if *want == "go-regex" { "regex" } else { *want }.to_owned();
                // The engine's own check may be stricter than Go's.
                let fault = format::check(&name, &got).err()?;
                Kind::Format { got, name, fault }
            }
            ErrorKind::Pattern { got, want } => Kind::Pattern {
                got: self.documents.restore(got).to_owned(),
                want: written("pattern").and_then(Json::as_str).unwrap_or(want).to_owned(),
            },
            ErrorKind::PropertyName { prop } => Kind::PropertyName(self.documents.restore(prop).to_owned()),
            ErrorKind::MultipleOf { got, want } => {
                let decimal = |number: &Number| Decimal::parse(&number.to_string());
                // The engine divides floats, Go divides exactly.
                if decimal(got)?.is_multiple_of(&decimal(want)?) {
                    return None;
                }
                bound("multipleOf", got, want)
            }
            kind => simple(kind),
        })
    }
}

/// Converts the kinds that need nothing from the documents.
fn simple(kind: &ErrorKind<'_, '_>) -> Kind {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    match kind {
        ErrorKind::Group => Kind::Group,
        ErrorKind::Schema { url } => Kind::Schema((*url).to_owned()),
        ErrorKind::Reference { .. } => Kind::Reference,
        ErrorKind::RefCycle { url, kw_loc1, kw_loc2 } => {
            Kind::RefCycle { url: (*url).to_owned(), first: kw_loc1.clone(), second: kw_loc2.clone() }
        }
        ErrorKind::FalseSchema => Kind::FalseSchema,
        ErrorKind::Type { got, want } => Kind::Type {
            got: type_name(*got),
            want: want.iter().map(type_name).collect::<Vec<_>>().join(" or "),
        },
        ErrorKind::AdditionalProperties { got } => {
            Kind::AdditionalProperties(got.iter().map(|name| name.to_string()).collect())
        }
        ErrorKind::Required { want } => Kind::Required(owned(want)),
        ErrorKind::Dependency { prop, missing } | ErrorKind::DependentRequired { prop, missing } => {
            Kind::Dependency { property: (*prop).to_owned(), missing: owned(missing) }
        }
        ErrorKind::MinProperties { got, want } => count("minProperties", *got, *want),
        ErrorKind::MaxProperties { got, want } => count("maxProperties", *got, *want),
        ErrorKind::MinItems { got, want } => count("minItems", *got, *want),
        ErrorKind::MaxItems { got, want } => count("maxItems", *got, *want),
        ErrorKind::MinLength { got, want } => count("minLength", *got, *want),
        ErrorKind::MaxLength { got, want } => count("maxLength", *got, *want),
        ErrorKind::Contains => Kind::Contains,
        ErrorKind::MinContains { got, want } => Kind::MinContains { got: got.clone(), want: signed(*want) },
        ErrorKind::MaxContains { got, want } => Kind::MaxContains { got: got.clone(), want: signed(*want) },
        ErrorKind::UniqueItems { got: [first, second] } => Kind::UniqueItems(*first, *second),
        ErrorKind::AdditionalItems { got } => Kind::AdditionalItems(signed(*got)),
        ErrorKind::Minimum { got, want } => bound("minimum", got, want),
        ErrorKind::Maximum { got, want } => bound("maximum", got, want),
        ErrorKind::ExclusiveMinimum { got, want } => bound("exclusiveMinimum", got, want),
        ErrorKind::ExclusiveMaximum { got, want } => bound("exclusiveMaximum", got, want),
        ErrorKind::Not => Kind::Not,
        ErrorKind::AllOf => Kind::AllOf,
        ErrorKind::AnyOf => Kind::AnyOf,
        ErrorKind::OneOf(matched) => Kind::OneOf(*matched),
        other => Kind::Other(other.to_string()),
    }
}

fn type_name(name: boon::Type) -> &'static str {
    match name {
        boon::Type::Null => "null",
        boon::Type::Boolean => "boolean",
        boon::Type::Number => "number",
        boon::Type::Integer => "integer",
        boon::Type::String => "string",
        boon::Type::Array => "array",
        boon::Type::Object => "object",
    }
}

fn count(keyword: &'static str, got: usize, want: usize) -> Kind {
    Kind::Count { keyword, got: signed(got), want: signed(want) }
}

fn bound(keyword: &'static str, got: &Number, want: &Number) -> Kind {
    Kind::Bound { keyword, got: got.as_f64().unwrap_or(0.0), want: want.as_f64().unwrap_or(0.0) }
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Puts a failure below the levels that were left out, the first outermost.
fn wrap(levels: Vec<Level>, path: &[String], failure: Failure) -> Failure {
    levels.into_iter().rev().fold(failure, |inner, level| Failure {
        location: pointer(path.get(..level.depth).unwrap_or(path)),
        kind: level.kind,
        causes: vec![inner],
    })
}

/// Returns the beginning that two addresses share, in whole steps.
fn common<'u>(a: &'u str, b: &str) -> &'u str {
    let same = a.split_inclusive('/').zip(b.split_inclusive('/'));
    let same = same.take_while(|(a, b)| a.trim_end_matches('/') == b.trim_end_matches('/'));
    let length: usize = same.map(|(a, _)| a.len()).sum();
    a.get(..length).unwrap_or_default().trim_end_matches('/')
}

/// Returns the address of the last schema on the way from one to another that is not longer than a limit.
fn last_schema(from: &str, to: &str, limit: usize) -> String {
    let mut last = from.to_owned();
    let mut steps = to.strip_prefix(from).unwrap_or_default().split('/').skip(1).peekable();
    while let Some(keyword) = steps.next() {
        let mut schema = last.clone();
        push(&mut schema, keyword);
        let is_digits = |step: &&str| step.bytes().all(|byte| byte.is_ascii_digit());
        let names_one = match keyword {
            "allOf" | "anyOf" | "oneOf" | "dependentSchemas" | "dependencies" | "properties"
            | "patternProperties" | "prefixItems" => true,
            "items" => steps.peek().is_some_and(is_digits),
            _ => false,
        };
        if names_one {
            push(&mut schema, steps.next().unwrap_or_default());
        }
        if schema.len() > limit {
            break;
        }
        last = schema;
    }
    last
}

fn pointer(path: &[String]) -> String {
    let mut out = String::new();
    for token in path {
        out.push('/');
        out.push_str(&token.replace('~', "~0").replace('/', "~1"));
    }
    out
}

fn unescape(step: &str) -> String {
    url::decode(step).replace("~1", "/").replace("~0", "~")
}

fn push(address: &mut String, step: &str) {
    address.push('/');
    address.push_str(step);
}

/// Orders what the engine takes from a hash table: what one `unevaluatedItems` or `unevaluatedProperties` says about one
/// value.
fn sort_unevaluated(causes: &mut [&ValidationError<'_, '_>]) {
    let is_of_one = |a: &&ValidationError<'_, '_>, b: &&ValidationError<'_, '_>| {
        unevaluated_in(a.schema_url).is_some()
            && unevaluated_in(a.schema_url) == unevaluated_in(b.schema_url)
            && place(a).0 == place(b).0
    };
    for run in causes.chunk_by_mut(is_of_one) {
        run.sort_by_cached_key(|cause| match cause.instance_location.tokens.last() {
            Some(InstanceToken::Item(at)) => (*at, String::new()),
            Some(InstanceToken::Prop(name)) => (0, name.to_string()),
            None => (0, String::new()),
        });
    }
}

/// Returns the schema that a place in a schema is below as `unevaluatedItems` or `unevaluatedProperties`.
fn unevaluated_in(place: &str) -> Option<&str> {
    let (schema, keyword) = place.rsplit_once('/')?;
    matches!(keyword, "unevaluatedItems" | "unevaluatedProperties").then_some(schema)
}

/// Returns the place of the value a failure is about: of what holds it, and its own name.
fn place(error: &ValidationError<'_, '_>) -> (String, String) {
    let place = error.instance_location.to_string();
    place.rsplit_once('/').map(|(holder, own)| (holder.to_owned(), own.to_owned())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{common, last_schema};

    #[test]
    fn the_last_schema_that_addresses_share_is_found() {
        let shared = |a: &str, b: &str| last_schema("x#", a, common(a, b).len());
        assert_eq!(
            shared("x#/properties/a/anyOf/0", "x#/properties/a/anyOf/0/oneOf/1"),
            "x#/properties/a/anyOf/0"
        );
        assert_eq!(shared("x#/properties/a/items/1", "x#/properties/a/items/12"), "x#/properties/a");
        assert_eq!(shared("x#/properties/a", "x#/properties/ab"), "x#");
        assert_eq!(shared("x#", "x#/allOf/0"), "x#");
    }
}
