//! Whether a schema is structural: every field is told apart from what only restricts values (apiextensions,
//! `apiserver/schema/validation.go` and `complete.go`).

use super::instance::{is_true, text};
use crate::failure::Cause;
use serde_json::{Value, json};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Root,
    Item,
    Field,
}

/// Problems of a schema at `path`, sorted by text.
pub(super) fn causes(schema: &Value, path: &str) -> Vec<Cause> {
    let mut causes = Vec::new();
    invariants(schema, Level::Root, path, &mut causes);
    restrictions_are_complete(schema, Some(schema), path, path, &mut causes);
    causes.sort_by_cached_key(|cause| format!("{}: {}", cause.field, cause.message));
    causes
}

fn children<'s>(schema: &'s Value, key: &str) -> impl Iterator<Item = (&'s String, &'s Value)> {
    schema.get(key).and_then(Value::as_object).into_iter().flatten()
}

fn clauses<'s>(schema: &'s Value, key: &str) -> &'s [Value] {
    schema.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn has_additional(schema: &Value) -> bool {
    schema.get("additionalProperties").is_some_and(|a| !a.is_null())
}

fn invariants(schema: &Value, level: Level, path: &str, causes: &mut Vec<Cause>) {
    let kind = text(schema, "type");
    match schema.get("items") {
        Some(items) => invariants(items, Level::Item, &format!("{path}.items"), causes),
        None if kind == "array" => causes.push(Cause::required(format!("{path}.items"), "must be specified")),
        None => {}
    }
    for (name, child) in children(schema, "properties") {
        invariants(child, Level::Field, &format!("{path}.properties[{name}]"), causes);
    }
    if has_additional(schema) {
        let at = format!("{path}.additionalProperties");
        if level == Level::Root {
            causes.push(Cause::forbidden(at.as_str(), "must not be used at the root"));
        }
        if let Some(child @ Value::Object(_)) = schema.get("additionalProperties") {
            invariants(child, Level::Field, &at, causes);
        }
    }
    extensions(schema, path, causes);
    restrictions(schema, either_number_or_text(schema), level, path, causes);
    embedded(schema, path, causes);
    type_at_level(schema, level, path, causes);
    type_fields(schema, level, path, causes);
}

fn extensions(schema: &Value, path: &str, causes: &mut Vec<Cause>) {
    if !is_true(schema, "x-kubernetes-int-or-string") {
        return;
    }
    for key in ["x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"] {
        if is_true(schema, key) {
            let why = "must be false if x-kubernetes-int-or-string is true";
            causes.push(Cause::invalid(format!("{path}.{key}"), &true.into(), why));
        }
    }
}

fn embedded(schema: &Value, path: &str, causes: &mut Vec<Cause>) {
    if !is_true(schema, "x-kubernetes-embedded-resource") {
        return;
    }
    if has_additional(schema) {
        let why = "must not be used if x-kubernetes-embedded-resource is set";
        causes.push(Cause::forbidden(format!("{path}.additionalProperties"), why));
    }
    let open = is_true(schema, "x-kubernetes-preserve-unknown-fields");
    if !open && children(schema, "properties").next().is_none() {
        let why = "must not be empty if x-kubernetes-embedded-resource is true without \
                   x-kubernetes-preserve-unknown-fields";
        causes.push(Cause::required(format!("{path}.properties"), why));
    }
}

fn type_at_level(schema: &Value, level: Level, path: &str, causes: &mut Vec<Cause>) {
    let (kind, at) = (text(schema, "type"), format!("{path}.type"));
    let open = is_true(schema, "x-kubernetes-int-or-string")
        || is_true(schema, "x-kubernetes-preserve-unknown-fields");
    if is_true(schema, "x-kubernetes-embedded-resource") && kind != "object" {
        let why = "must be object if x-kubernetes-embedded-resource is true";
        causes.push(match kind {
            "" => Cause::required(at.as_str(), why),
            other => Cause::invalid(at.as_str(), &other.into(), why),
        });
    } else if kind.is_empty() && !open {
        let of = match level {
            Level::Root => "at the root",
            Level::Item => "for specified array items",
            Level::Field => "for specified object fields",
        };
        causes.push(Cause::required(at.as_str(), &format!("must not be empty {of}")));
    }
    if level == Level::Root && !matches!(kind, "" | "object") {
        causes.push(Cause::invalid(at, &kind.into(), "must be object at the root"));
    }
}

// `kind`, `apiVersion` and `metadata` are the server's; a schema can only narrow the names.
fn type_fields(schema: &Value, level: Level, path: &str, causes: &mut Vec<Cause>) {
    let is_object = level == Level::Root || is_true(schema, "x-kubernetes-embedded-resource");
    let property = |name: &str| schema.get("properties").and_then(|p| p.get(name));
    for name in ["kind", "apiVersion"] {
        if let Some(own) = property(name).filter(|own| is_object && text(own, "type") != "string") {
            let at = format!("{path}.properties[{name}].type");
            causes.push(Cause::invalid(at, &text(own, "type").into(), "must be string"));
        }
    }
    let Some(metadata) = property("metadata") else { return };
    let at = format!("{path}.properties[metadata]");
    if is_object && text(metadata, "type") != "object" {
        causes.push(Cause::invalid(format!("{at}.type"), &text(metadata, "type").into(), "must be object"));
    }
    if level == Level::Root && !only_names(metadata) {
        let why = "must not specify anything other than name and generateName, but metadata is implicitly specified";
        causes.push(Cause::forbidden(at, why));
    }
}

fn only_names(metadata: &Value) -> bool {
    let Some(fields) = metadata.as_object() else { return true };
    let names =
        children(metadata, "properties").all(|(name, _)| matches!(name.as_str(), "name" | "generateName"));
    names && fields.keys().all(|key| matches!(key.as_str(), "type" | "default" | "properties"))
}

/// Where the two alternatives of an int-or-string stand, which may name types.
#[derive(Clone, Copy, PartialEq, Eq)]
enum NumberOrText {
    Nowhere,
    AnyOf,
    FirstAllOf,
}

fn either_number_or_text(schema: &Value) -> NumberOrText {
    let pattern = json!([{"type": "integer"}, {"type": "string"}]);
    if schema.get("anyOf") == Some(&pattern) {
        return NumberOrText::AnyOf;
    }
    match clauses(schema, "allOf").first() {
        Some(first) if first.get("anyOf") == Some(&pattern) => NumberOrText::FirstAllOf,
        _ => NumberOrText::Nowhere,
    }
}

fn restrictions(schema: &Value, skip: NumberOrText, level: Level, path: &str, causes: &mut Vec<Cause>) {
    for key in ["anyOf", "allOf", "oneOf"] {
        if key == "anyOf" && skip == NumberOrText::AnyOf {
            continue;
        }
        for (index, clause) in clauses(schema, key).iter().enumerate() {
            let inner = match skip {
                NumberOrText::FirstAllOf if key == "allOf" && index == 0 => NumberOrText::AnyOf,
                _ => NumberOrText::Nowhere,
            };
            restriction(clause, inner, level, &format!("{path}.{key}[{index}]"), causes);
        }
    }
    if let Some(not) = schema.get("not") {
        restriction(not, NumberOrText::Nowhere, level, &format!("{path}.not"), causes);
    }
    let pattern = text(schema, "pattern");
    if let Err(error) = sprig::regex::Regex::new(pattern.as_bytes()) {
        let why = format!("must be a valid regular expression, but isn't: {error}");
        causes.push(Cause::invalid(format!("{path}.pattern"), &pattern.into(), &why));
    }
}

/// What a clause of `anyOf` and the like may not say, and how that is put.
const ONLY_OUTSIDE: [(&str, &str); 13] = [
    ("type", "must be empty to be structural"),
    ("additionalProperties", "must be undefined to be structural"),
    ("default", "must be undefined to be structural"),
    ("title", "must be empty to be structural"),
    ("description", "must be empty to be structural"),
    ("nullable", "must be false to be structural"),
    ("externalDocs", "must be undefined to be structural"),
    ("x-kubernetes-preserve-unknown-fields", "must be false to be structural"),
    ("x-kubernetes-embedded-resource", "must be false to be structural"),
    ("x-kubernetes-int-or-string", "must be false to be structural"),
    ("x-kubernetes-list-map-keys", "must be empty to be structural"),
    ("x-kubernetes-list-type", "must be undefined to be structural"),
    ("x-kubernetes-map-type", "must be undefined to be structural"),
];

fn restriction(clause: &Value, skip: NumberOrText, level: Level, path: &str, causes: &mut Vec<Cause>) {
    restrictions(clause, skip, level, path, causes);
    if let Some(items) = clause.get("items") {
        restriction(items, NumberOrText::Nowhere, level, &format!("{path}.items"), causes);
    }
    for (name, child) in children(clause, "properties") {
        restriction(
            child,
            NumberOrText::Nowhere,
            Level::Field,
            &format!("{path}.properties[{name}]"),
            causes,
        );
    }
    let says = |key: &str| {
        clause.get(key).is_some_and(|v| !v.is_null() && v != &Value::Bool(false) && v.as_str() != Some(""))
    };
    for (key, why) in ONLY_OUTSIDE.iter().filter(|(key, _)| says(key)) {
        causes.push(Cause::forbidden(format!("{path}.{key}"), why));
    }
    if says("x-kubernetes-validations") {
        causes.push(Cause::forbidden(
            format!("{path}.x-kubernetes-validations"),
            "must be empty to be structural",
        ));
    }
    if clause.get("properties").is_some_and(|p| p.get("metadata").is_some()) {
        let why = "must not be specified in a nested context";
        causes.push(Cause::forbidden(format!("{path}.properties[metadata]"), why));
    }
}

// Whatever a clause restricts must be a field of the schema itself.
fn restrictions_are_complete(
    clause: &Value,
    schema: Option<&Value>,
    path: &str,
    clause_path: &str,
    causes: &mut Vec<Cause>,
) {
    if let Some(not) = clause.get("not") {
        clause_is_complete(not, schema, path, &format!("{clause_path}.not"), causes);
    }
    for key in ["allOf", "anyOf", "oneOf"] {
        for (index, inner) in clauses(clause, key).iter().enumerate() {
            clause_is_complete(inner, schema, path, &format!("{clause_path}.{key}[{index}]"), causes);
        }
    }
}

fn clause_is_complete(
    clause: &Value,
    schema: Option<&Value>,
    path: &str,
    clause_path: &str,
    causes: &mut Vec<Cause>,
) {
    let Some(own) = schema else {
        return causes.push(Cause::required(path, &format!("because it is defined in {clause_path}")));
    };
    restrictions_are_complete(clause, schema, path, clause_path, causes);
    if let Some(items) = clause.get("items") {
        let (path, clause_path) = (format!("{path}.items"), format!("{clause_path}.items"));
        clause_is_complete(items, own.get("items"), &path, &clause_path, causes);
    }
    for (name, child) in children(clause, "properties") {
        let (path, clause_path) =
            (format!("{path}.properties[{name}]"), format!("{clause_path}.properties[{name}]"));
        let field = own.get("properties").and_then(|p| p.get(name));
        clause_is_complete(child, field, &path, &clause_path, causes);
    }
}
