//! The rules for schemas of definitions besides being structural (apiextensions,
//! `validation.ValidateCustomResourceDefinitionOpenAPISchema`), and for the defaults in them.

use super::instance::{self, Patterns, Subject, is_true, text};
use super::{embedded, formats, lists, structural};
use crate::failure::{Cause, go_quote};
use crate::rules;
use serde_json::{Value, json};

const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];
/// Keywords that OpenAPI has and definitions may not use.
const UNSUPPORTED: [&str; 6] =
    ["id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref"];
/// What may stand at the root beside `type` when the status is a subresource, as Go prints the list.
const AT_ROOT: &str = "[$schema Description Format ExternalDocs Title Type Maximum ExclusiveMaximum Minimum \
     ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties \
     ExternalDocs Example XPreserveUnknownFields XValidations AnyOf OneOf AllOf Not]";

/// Problems of the whole schema of a version; `path` is where it stands.
pub(super) fn causes(schema: &Value, has_status: bool, path: &str) -> Vec<Cause> {
    let mut causes = Vec::new();
    let at = format!("{path}.openAPIV3Schema");
    if has_status {
        status_root(schema, path, &mut causes);
    }
    if is_true(schema, "nullable") {
        causes.push(Cause::forbidden(format!("{at}.nullable"), "nullable cannot be true at the root"));
    }
    let shape = if is_convertible(schema) { structural::causes(schema, &at) } else { Vec::new() };
    let mut walk = Walk { own: Vec::new(), rules: Vec::new(), with_rules: false };
    if shape.is_empty() && is_convertible(schema) {
        let defaults = default_causes(schema, &at);
        walk.with_rules = defaults.is_empty();
        causes.extend(defaults);
    } else {
        causes.extend(shape);
    }
    let place = Place { root: true, ..Place::default() };
    walk.schema(schema, &at, &place);
    causes.extend(walk.own);
    causes.extend(walk.rules);
    causes
}

// What `NewStructural` takes at all; what it does not take has its own messages.
fn is_convertible(schema: &Value) -> bool {
    let plain = UNSUPPORTED.iter().all(|key| schema.get(key).is_none())
        && !schema.get("items").is_some_and(Value::is_array);
    plain && subschemas(schema).iter().all(|(_, child)| is_convertible(child))
}

fn status_root(schema: &Value, path: &str, causes: &mut Vec<Cause>) {
    let Some(fields) = schema.as_object() else { return };
    if text(schema, "type") != "object" && !text(schema, "type").is_empty() {
        let why = "only \"object\" is allowed as the type at the root of the schema if the status subresource is enabled";
        causes.push(Cause::invalid(
            format!("{path}.openAPIV3Schema.type"),
            &text(schema, "type").into(),
            why,
        ));
    }
    let barred = |key: &String| {
        matches!(
            key.as_str(),
            "additionalProperties"
                | "maxProperties"
                | "minProperties"
                | "enum"
                | "default"
                | "nullable"
                | "$ref"
        )
    };
    if fields.keys().any(barred) {
        let why = format!(
            "only {AT_ROOT} fields are allowed at the root of the schema if the status subresource is enabled"
        );
        causes.push(Cause::invalid(format!("{path}.openAPIV3Schema"), schema, &why));
    }
}

/// The schemas directly within a schema, with the rest of their path, in the order of the checks.
fn subschemas(schema: &Value) -> Vec<(String, &Value)> {
    let mut all = Vec::new();
    let mut map = |key: &str| {
        for (name, child) in schema.get(key).and_then(Value::as_object).into_iter().flatten() {
            all.push((format!("{key}[{name}]"), child));
        }
    };
    map("properties");
    if let Some(child @ Value::Object(_)) = schema.get("additionalProperties") {
        all.insert(0, ("additionalProperties".to_owned(), child));
    }
    if let Some(not) = schema.get("not") {
        all.push(("not".to_owned(), not));
    }
    for key in ["allOf", "oneOf", "anyOf"] {
        for (index, child) in schema.get(key).and_then(Value::as_array).into_iter().flatten().enumerate() {
            all.push((format!("{key}[{index}]"), child));
        }
    }
    if let Some(items @ Value::Object(_)) = schema.get("items") {
        all.push(("items".to_owned(), items));
    }
    all
}

/// Where a schema stands, as far as that decides what it may say.
#[derive(Clone, Default)]
struct Place {
    root: bool,
    in_metadata: bool,
    /// Why there may be no defaults.
    no_defaults: Option<String>,
    /// The part of the schema above which old and new values cannot be matched.
    uncorrelated: Option<String>,
    /// In a clause of `anyOf` and the like.
    nested: bool,
}

struct Walk {
    own: Vec<Cause>,
    rules: Vec<Cause>,
    with_rules: bool,
}

impl Walk {
    fn schema(&mut self, schema: &Value, path: &str, place: &Place) {
        let before = self.own.len();
        keywords(schema, path, place, &mut self.own);
        for (step, child) in subschemas(schema) {
            self.schema(child, &format!("{path}.{step}"), &place.child(schema, &step, path));
        }
        list_and_map_types(schema, path, &mut self.own);
        map_items(schema, path, &mut self.own);
        rule_texts(schema, path, &mut self.own);
        if self.with_rules && !place.nested && self.own.len() == before {
            let uncorrelated = place.uncorrelated.as_deref();
            self.rules.extend(rules::definition_causes(schema, place.root, path, uncorrelated));
        }
    }
}

impl Place {
    fn child(&self, schema: &Value, step: &str, path: &str) -> Place {
        let mut next = Place {
            root: false,
            in_metadata: self.in_metadata,
            no_defaults: self.no_defaults.clone(),
            uncorrelated: self.uncorrelated.clone(),
            nested: self.nested,
        };
        let (key, rest) = step.split_once('[').unwrap_or((step, ""));
        match key {
            "additionalProperties" if self.in_metadata => {
                next.no_defaults = Some("inside additionalProperties applying to object metadata".into());
            }
            "properties" => {
                if text(schema, "x-kubernetes-map-type") == "atomic" {
                    next.uncorrelated.get_or_insert_with(|| path.to_owned());
                }
                let name = rest.trim_end_matches(']');
                let own = self.root || is_true(schema, "x-kubernetes-embedded-resource");
                if own && matches!(name, "metadata" | "kind" | "apiVersion") {
                    next.in_metadata = true;
                    if self.root {
                        next.no_defaults = Some(format!("in top-level {name}"));
                    }
                }
            }
            "items" if text(schema, "x-kubernetes-list-type") != "map" => {
                next.uncorrelated.get_or_insert_with(|| path.to_owned());
            }
            "not" | "allOf" | "oneOf" | "anyOf" => next.nested = true,
            _ => {}
        }
        next
    }
}

fn keywords(schema: &Value, path: &str, place: &Place, causes: &mut Vec<Cause>) {
    let kind = text(schema, "type");
    if !kind.is_empty() && !TYPES.contains(&kind) {
        causes.push(Cause::unsupported(format!("{path}.type"), &kind.into(), &TYPES));
    }
    if let Some(reason) = place.no_defaults.as_ref().filter(|_| schema.get("default").is_some()) {
        causes.push(Cause::forbidden(format!("{path}.default"), &format!("must not be set {reason}")));
    }
    for key in UNSUPPORTED.iter().filter(|key| schema.get(**key).is_some()) {
        causes.push(Cause::forbidden(format!("{path}.{key}"), &format!("{key} is not supported")));
    }
    if kind == "null" {
        let why = "type cannot be set to null, use nullable as an alternative";
        causes.push(Cause::forbidden(format!("{path}.type"), why));
    }
    if schema.get("items").is_some_and(Value::is_array) {
        let why = "items must be a schema object and not an array";
        causes.push(Cause::forbidden(format!("{path}.items"), why));
    }
    if place.in_metadata && is_true(schema, "x-kubernetes-embedded-resource") {
        let at = format!("{path}.x-kubernetes-embedded-resource");
        causes.push(Cause::forbidden(at, "must not be used inside of resource meta"));
    }
    if is_true(schema, "uniqueItems") {
        let why = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic";
        causes.push(Cause::forbidden(format!("{path}.uniqueItems"), why));
    }
    let additional = schema.get("additionalProperties").filter(|a| **a != Value::Bool(true));
    if additional.is_some()
        && schema.get("properties").and_then(Value::as_object).is_some_and(|p| !p.is_empty())
    {
        let why = "additionalProperties and properties are mutual exclusive";
        causes.push(Cause::forbidden(format!("{path}.additionalProperties"), why));
    }
}

// A type that an extension needs: missing or another one.
fn needs_type(schema: &Value, wanted: &str, path: &str, why: &str, causes: &mut Vec<Cause>) -> bool {
    let kind = text(schema, "type");
    match kind {
        kind if kind == wanted => return true,
        "" => causes.push(Cause::required(format!("{path}.type"), why)),
        other => causes.push(Cause::invalid(format!("{path}.type"), &other.into(), why)),
    }
    false
}

fn list_and_map_types(schema: &Value, path: &str, causes: &mut Vec<Cause>) {
    if schema.get("x-kubernetes-preserve-unknown-fields") == Some(&Value::Bool(false)) {
        let at = format!("{path}.x-kubernetes-preserve-unknown-fields");
        causes.push(Cause::invalid(at, &false.into(), "must be true or undefined"));
    }
    let (map_type, list_type) =
        (text(schema, "x-kubernetes-map-type"), text(schema, "x-kubernetes-list-type"));
    if !map_type.is_empty() {
        needs_type(schema, "object", path, "must be object if x-kubernetes-map-type is specified", causes);
        if !matches!(map_type, "atomic" | "granular") {
            let at = format!("{path}.x-kubernetes-map-type");
            causes.push(Cause::unsupported(at, &map_type.into(), &["atomic", "granular"]));
        }
    }
    if list_type.is_empty() {
        return keys_without_map(schema, "", path, causes);
    }
    let why = "must be array if x-kubernetes-list-type is specified";
    if needs_type(schema, "array", path, why, causes) && list_type == "set" {
        set_items(schema, path, causes);
    }
    if !matches!(list_type, "atomic" | "set" | "map") {
        let at = format!("{path}.x-kubernetes-list-type");
        causes.push(Cause::unsupported(at, &list_type.into(), &["atomic", "set", "map"]));
    }
    keys_without_map(schema, list_type, path, causes);
}

fn map_keys(schema: &Value) -> Vec<&str> {
    let keys = schema.get("x-kubernetes-list-map-keys").and_then(Value::as_array);
    keys.into_iter().flatten().filter_map(Value::as_str).collect()
}

fn keys_without_map(schema: &Value, list_type: &str, path: &str, causes: &mut Vec<Cause>) {
    if map_keys(schema).is_empty() || list_type == "map" {
        return;
    }
    let (at, why) =
        (format!("{path}.x-kubernetes-list-type"), "must be map if x-kubernetes-list-map-keys is non-empty");
    causes.push(match list_type {
        "" => Cause::required(at, why),
        other => Cause::invalid(at, &other.into(), why),
    });
}

// The items of a set are compared as a whole.
fn set_items(schema: &Value, path: &str, causes: &mut Vec<Cause>) {
    let Some(items) = schema.get("items") else { return };
    let why = "must be atomic as item of a list with x-kubernetes-list-type=set";
    let own = items.get("x-kubernetes-list-type").cloned().unwrap_or_default();
    let (key, wrong) = match text(items, "type") {
        "array" => {
            ("x-kubernetes-list-type", !matches!(text(items, "x-kubernetes-list-type"), "" | "atomic"))
        }
        "object" => ("x-kubernetes-map-type", text(items, "x-kubernetes-map-type") != "atomic"),
        _ => return,
    };
    if wrong {
        let shown = if own.is_null() { "null".into() } else { own };
        causes.push(Cause::invalid(format!("{path}.items.{key}"), &shown, why));
    }
}

fn map_items(schema: &Value, path: &str, causes: &mut Vec<Cause>) {
    let list_type = text(schema, "x-kubernetes-list-type");
    let keys = map_keys(schema);
    let items = schema.get("items");
    if list_type == "map" {
        if keys.is_empty() {
            let why = "must not be empty if x-kubernetes-list-type is map";
            causes.push(Cause::required(format!("{path}.x-kubernetes-list-map-keys"), why));
        }
        match items {
            None => {
                let why = "must have a schema if x-kubernetes-list-type is map";
                causes.push(Cause::required(format!("{path}.items"), why));
            }
            Some(items) if text(items, "type") != "object" => {
                let why = "must be object if parent array's x-kubernetes-list-type is map";
                causes.push(Cause::invalid(format!("{path}.items.type"), &text(items, "type").into(), why));
            }
            Some(items) => keys_of_items(items, &keys, path, causes),
        }
    }
    let Some(items) = items.filter(|_| matches!(list_type, "set" | "map")) else { return };
    if is_true(items, "nullable") {
        let why = format!("cannot be nullable when x-kubernetes-list-type is {list_type}");
        causes.push(Cause::forbidden(format!("{path}.items.nullable"), &why));
    }
    if list_type == "map" {
        keys_are_there(items, &keys, path, causes);
    }
}

fn keys_of_items(items: &Value, keys: &[&str], path: &str, causes: &mut Vec<Cause>) {
    let at = format!("{path}.x-kubernetes-list-map-keys");
    for (index, key) in keys.iter().enumerate() {
        match items.get("properties").and_then(|p| p.get(key)) {
            Some(property) if matches!(text(property, "type"), "array" | "object") => {
                let why = "must be a scalar type if parent array's x-kubernetes-list-type is map";
                let at = format!("{path}.items.properties[{key}].type");
                causes.push(Cause::invalid(at, &text(items, "type").into(), why));
            }
            Some(_) => {}
            None => {
                causes.push(Cause::invalid(
                    at.as_str(),
                    &json!(keys),
                    "entries must all be names of item properties",
                ));
            }
        }
        if keys[..index].contains(key) {
            causes.push(Cause::invalid(at.as_str(), &json!(keys), "must not contain duplicate entries"));
        }
    }
}

// Every item must have its keys.
fn keys_are_there(items: &Value, keys: &[&str], path: &str, causes: &mut Vec<Cause>) {
    let required = items.get("required").and_then(Value::as_array);
    let is_required = |key: &str| required.into_iter().flatten().any(|r| r.as_str() == Some(key));
    for key in keys {
        let Some(property) = items.get("properties").and_then(|p| p.get(key)) else { continue };
        let at = format!("{path}.items.properties[{key}]");
        if !is_required(key) && property.get("default").is_none() {
            let why = "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property";
            causes.push(Cause::required(format!("{at}.default"), why));
        }
        if is_true(property, "nullable") {
            let why = "this property is in x-kubernetes-list-map-keys, so it cannot be nullable";
            causes.push(Cause::forbidden(format!("{at}.nullable"), why));
        }
    }
}

// The texts around a CEL rule; the rule itself is compiled later.
fn rule_texts(schema: &Value, path: &str, causes: &mut Vec<Cause>) {
    let rules = schema.get("x-kubernetes-validations").and_then(Value::as_array);
    for (index, rule) in rules.into_iter().flatten().enumerate() {
        let at = |field: &str| format!("{path}.x-kubernetes-validations[{index}].{field}");
        let (source, message) = (text(rule, "rule"), text(rule, "message"));
        let breaks = |text: &str| text.contains(['\n', '\r']);
        if source.trim().is_empty() {
            causes.push(Cause::required(at("rule"), "rule is not specified"));
        } else if !message.is_empty() && message.trim().is_empty() {
            causes.push(Cause::invalid(at("message"), &message.into(), "must be non-empty if specified"));
        } else if breaks(message.trim()) {
            causes.push(Cause::invalid(at("message"), &message.into(), "must not contain line breaks"));
        } else if breaks(source.trim()) && message.trim().is_empty() {
            let why = "message must be specified if rule contains line breaks";
            causes.push(Cause::required(at("message"), why));
        }
        let expression = text(rule, "messageExpression");
        if !expression.is_empty() && expression.trim().is_empty() {
            causes.push(Cause::required(
                at("messageExpression"),
                "messageExpression must be non-empty if specified",
            ));
        }
        let reason = text(rule, "reason");
        let reasons =
            ["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"];
        if !reason.is_empty() && !reasons.contains(&reason) {
            causes.push(Cause::unsupported(at("reason"), &reason.into(), &reasons));
        }
        field_path(schema, text(rule, "fieldPath"), &at("fieldPath"), causes);
    }
}

fn field_path(schema: &Value, path: &str, at: &str, causes: &mut Vec<Cause>) {
    if path.is_empty() {
        return;
    }
    if path.trim().is_empty() {
        causes.push(Cause::invalid(at, &path.into(), "must be non-empty if specified"));
    }
    if path.contains(['\n', '\r']) {
        causes.push(Cause::invalid(at, &path.into(), "must not contain line breaks"));
    }
    if rules::resolve_field_path(schema, path).is_err() {
        causes.push(Cause::invalid(at, &path.into(), "must be a valid path"));
    }
}

// apiextensions, `defaulting/validation.go`: a default is a value of its schema, with no fields that would be dropped.
fn default_causes(schema: &Value, path: &str) -> Vec<Cause> {
    let mut causes = Vec::new();
    if let Some(default) = schema.get("default").filter(|d| !d.is_null()) {
        let at = format!("{path}.default");
        let (mut pruned, mut unknown) = (default.clone(), Vec::new());
        crate::crds::prune(&mut pruned, schema, "", &mut unknown);
        if pruned != *default {
            causes.push(Cause::invalid(at.as_str(), default, "must not have unknown fields"));
        }
        let patterns = Patterns::default();
        let found = embedded::causes(schema, default, &at);
        causes.extend(if found.is_empty() {
            let subject = Subject { value: default, before: None };
            let mut found = instance::check(schema, subject, "", &patterns).into_causes(&at);
            found.extend(lists::causes(schema, default, &at));
            found
        } else {
            found
        });
    }
    for (step, child) in subschemas(schema) {
        if step == "items" || step.starts_with("properties[") {
            causes.extend(default_causes(child, &format!("{path}.{step}")));
        }
    }
    causes
}

/// Warnings about a definition: formats nobody checks, and sets of what server-side apply cannot tell apart.
pub(crate) fn warnings(definition: &Value) -> Vec<String> {
    let versions = definition["spec"]["versions"].as_array();
    let schemas: Vec<&Value> =
        versions.into_iter().flatten().filter_map(|v| v.get("schema")?.get("openAPIV3Schema")).collect();
    let (mut formats_, mut sets) = (Vec::new(), std::collections::BTreeSet::new());
    let same = schemas.first().is_some_and(|first| schemas.iter().all(|s| s == first));
    for schema in schemas.iter().take(if same { 1 } else { usize::MAX }) {
        collect_warnings(schema, &mut formats_, &mut sets);
    }
    formats_.extend(sets);
    formats_
}

fn collect_warnings(schema: &Value, found: &mut Vec<String>, sets: &mut std::collections::BTreeSet<String>) {
    let format = text(schema, "format");
    let known = match text(schema, "type") {
        "" | "string" => formats::is_known(format),
        "integer" => matches!(format, "int32" | "int64"),
        "number" => matches!(format, "float" | "double"),
        _ => false,
    };
    if !format.is_empty() && !known {
        found.push(format!("unrecognized format {}", go_quote(format)));
    }
    let item = schema.get("items").map_or("", |items| text(items, "type"));
    if text(schema, "x-kubernetes-list-type") == "set" && matches!(item, "object" | "array") {
        sets.insert(format!(
            "x-kubernetes-list-type: set for items of type \"{item}\" is not supported by server-side apply or CEL \
             validation rules"
        ));
    }
    for (_, child) in subschemas(schema) {
        collect_warnings(child, found, sets);
    }
}
