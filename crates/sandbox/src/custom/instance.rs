//! A value against a schema (kube-openapi, `pkg/validation/validate`): the same checks in the same order, so that the
//! same findings come first.

use super::chosen;
use super::findings::{Findings, number_text};
use super::formats;
use serde_json::{Map, Number, Value};
use sprig::regex::{Cache, Regex};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The regular expressions of a definition, compiled when first used.
#[derive(Debug, Default)]
pub(crate) struct Patterns(Mutex<Cache>);

impl Patterns {
    /// The compiled expression, or what is wrong with it.
    pub(super) fn get(&self, pattern: &str) -> Result<Arc<Regex>, String> {
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cache.get(pattern.as_bytes()).map_err(|error| error.to_string())
    }
}

/// A value with what stood in its place before the change, where that can be told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'v> {
    pub(super) value: &'v Value,
    pub(super) before: Option<&'v Value>,
}

/// Checks `subject`, which stands at `place`. What a change left as it was is not complained about again
/// (`CRDValidationRatcheting`).
pub(super) fn check(schema: &Value, subject: Subject<'_>, place: &str, patterns: &Patterns) -> Findings {
    let mut findings = Findings::default();
    if subject.before == Some(subject.value) {
        findings.matched += 1;
        return findings;
    }
    if subject.value.is_null() {
        check_type(schema, subject.value, place, &mut findings);
        check_enum(schema, subject.value, place, &mut findings);
        return findings;
    }
    if !types(schema).is_empty() || format(schema).is_some() {
        let before = findings.is_empty();
        check_type(schema, subject.value, place, &mut findings);
        findings.matched += usize::from(before && findings.is_empty()) + 1;
    }
    chosen::check(schema, subject.value, place, patterns, &mut findings);
    findings.matched += 2;
    match subject.value {
        Value::String(text) => check_string(schema, text, place, patterns, &mut findings),
        Value::Number(number) => check_number(schema, number, place, &mut findings),
        Value::Array(items) => check_items(schema, items, subject.before, place, patterns, &mut findings),
        _ => {}
    }
    check_enum(schema, subject.value, place, &mut findings);
    findings.matched += 2;
    if let Value::Object(fields) = subject.value {
        check_object(schema, fields, subject.before, place, patterns, &mut findings);
        findings.matched += 1;
    }
    findings
}

pub(super) fn text<'s>(schema: &'s Value, key: &str) -> &'s str {
    schema.get(key).and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn is_true(schema: &Value, key: &str) -> bool {
    schema.get(key) == Some(&Value::Bool(true))
}

fn limit(schema: &Value, key: &str) -> Option<u64> {
    schema.get(key).and_then(Value::as_u64)
}

fn types(schema: &Value) -> Vec<&str> {
    if is_true(schema, "x-kubernetes-int-or-string") {
        return vec!["integer", "string"];
    }
    match text(schema, "type") {
        "" => Vec::new(),
        one => vec![one],
    }
}

/// The format, if it means anything for the type of the schema.
pub(super) fn format(schema: &Value) -> Option<&str> {
    let format = text(schema, "format");
    let known = match types(schema).as_slice() {
        [] | ["string"] => formats::is_known(format),
        ["integer"] => matches!(format, "int32" | "int64"),
        ["number"] => matches!(format, "float" | "double"),
        _ => false,
    };
    (known && !format.is_empty()).then_some(format)
}

fn type_of(value: &Value) -> (&'static str, &'static str) {
    match value {
        Value::Null => ("null", ""),
        Value::Bool(_) => ("boolean", ""),
        Value::String(_) => ("string", ""),
        Value::Array(_) => ("array", ""),
        Value::Object(_) => ("object", ""),
        Value::Number(n) if n.is_f64() || n.as_i64().is_none() => ("number", "float64"),
        Value::Number(_) => ("integer", "int64"),
    }
}

fn check_type(schema: &Value, value: &Value, place: &str, findings: &mut Findings) {
    let types = types(schema);
    if value.is_null() {
        if !types.is_empty() && !is_true(schema, "nullable") {
            findings.wrong_type(place, &types.join(","), "null");
        }
        return;
    }
    let (kind, own_format) = type_of(value);
    let has = |name: &str| types.contains(&name);
    let whole = value.as_f64().is_some_and(|n| n.fract() == 0.0 && n.abs() < 9.007_199_254_740_992e15);
    let fits = has(kind) || kind == "number" && whole && has("integer") || kind == "integer" && has("number");
    let is_text = matches!(value, Value::String(_) | Value::Array(_));
    if let Some(format) = format(schema) {
        if !is_text && !fits && own_format != format {
            return findings.wrong_type(place, format, own_format);
        }
        if is_text && !has("number") && !has("integer") {
            return;
        }
    }
    if !fits {
        findings.wrong_type(place, &types.join(","), kind);
    }
}

fn check_enum(schema: &Value, value: &Value, place: &str, findings: &mut Findings) {
    let Some(allowed) = schema.get("enum").and_then(Value::as_array).filter(|list| !list.is_empty()) else {
        return;
    };
    let same = |one: &Value| match (one, value) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (a, b) => !a.is_null() && a == b,
    };
    if !allowed.iter().any(same) {
        findings.not_supported(place, value, allowed);
    }
}

fn check_string(schema: &Value, text_: &str, place: &str, patterns: &Patterns, findings: &mut Findings) {
    findings.matched += 1;
    check_text(schema, text_, place, patterns, findings);
    if let Some(format) = format(schema) {
        findings.matched += 1;
        if !formats::is_valid(format, text_, patterns) {
            findings.wrong_type(place, format, text_);
        }
    }
}

// The first broken rule is the one to report.
fn check_text(schema: &Value, text_: &str, place: &str, patterns: &Patterns, findings: &mut Findings) {
    let length = u64::try_from(text_.chars().count()).unwrap_or(u64::MAX);
    if let Some(most) = limit(schema, "maxLength").filter(|most| length > *most) {
        return findings.too_long(place, most);
    }
    if let Some(least) = limit(schema, "minLength").filter(|least| length < *least) {
        return findings.broken(place, text_.into(), &format!("should be at least {least} chars long"));
    }
    let pattern = text(schema, "pattern");
    if pattern.is_empty() {
        return;
    }
    match patterns.get(pattern) {
        Ok(regex) if regex.is_match(text_.as_bytes()) => {}
        Ok(_) => findings.broken(place, text_.into(), &format!("should match '{pattern}'")),
        Err(error) => {
            let rule = format!("should match '{pattern}, but pattern is invalid: {error}'");
            findings.broken(place, text_.into(), &rule);
        }
    }
}

// `IsValueValidAgainstRange`: whether a number can be one of the schema's type at all.
fn out_of_range(schema: &Value, number: &Number, what: &str, place: &str) -> Option<String> {
    if types(schema).as_slice() != ["integer"] {
        return None;
    }
    let float = number.as_f64().unwrap_or(0.0);
    #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and small enough")]
    let whole =
        number.as_i64().or_else(|| (float.fract() == 0.0 && float.abs() < 9e18).then_some(float as i64));
    let (fits, kind) = match format(schema) {
        Some("int32") => {
            (whole.is_some_and(|n| i32::try_from(n).is_ok()), "integer with format int32".to_owned())
        }
        Some(format) => (whole.is_some(), format!("integer with format {format}")),
        None => (whole.is_some(), "integer (default format)".to_owned()),
    };
    (!fits).then(|| format!("{what} value must be of type {kind} in {place}"))
}

fn check_number(schema: &Value, number: &Number, place: &str, findings: &mut Findings) {
    findings.matched += 2;
    if let Some(text) = out_of_range(schema, number, "Checked", place) {
        findings.general(text);
    }
    for (key, what) in
        [("multipleOf", "MultipleOf"), ("minimum", "Minimum boundary"), ("maximum", "Maximum boundary")]
    {
        let Some(Value::Number(bound)) = schema.get(key) else { continue };
        if let Some(text) = out_of_range(schema, bound, what, place) {
            findings.general(text);
        }
        if let Some(rule) = broken_bound(schema, key, number, bound) {
            findings.broken(place, Value::Number(number.clone()), &rule);
        }
    }
}

fn broken_bound(schema: &Value, key: &str, number: &Number, bound: &Number) -> Option<String> {
    let (value, limit) = (number.as_f64()?, bound.as_f64()?);
    let exclusive = |key| is_true(schema, key);
    let shown = number_text(bound);
    let (broken, rule) = match key {
        "multipleOf" => {
            let fits = match (number.as_i64(), bound.as_i64()) {
                (Some(number), Some(factor)) => factor > 0 && number % factor == 0,
                _ if limit < 1.0 => (1.0 / limit * value).fract() == 0.0,
                _ => (value / limit).fract() == 0.0,
            };
            (!fits, format!("should be a multiple of {shown}"))
        }
        "minimum" if exclusive("exclusiveMinimum") => {
            (value <= limit, format!("should be greater than {shown}"))
        }
        "minimum" => (value < limit, format!("should be greater than or equal to {shown}")),
        _ if exclusive("exclusiveMaximum") => (value >= limit, format!("should be less than {shown}")),
        _ => (value > limit, format!("should be less than or equal to {shown}")),
    };
    broken.then_some(rule)
}

fn check_items(
    schema: &Value,
    items: &[Value],
    before: Option<&Value>,
    place: &str,
    patterns: &Patterns,
    findings: &mut Findings,
) {
    if let Some(item_schema) = schema.get("items") {
        let known = keyed_items(schema, before);
        for (index, value) in items.iter().enumerate() {
            let before = known.as_ref().and_then(|known| known.get(&item_key(schema, value)).copied());
            let subject = Subject { value, before };
            findings.merge(check(item_schema, subject, &format!("{place}[{index}]"), patterns));
        }
    }
    let size = u64::try_from(items.len()).unwrap_or(u64::MAX);
    if let Some(least) = limit(schema, "minItems").filter(|least| size < *least) {
        findings.broken(place, size.into(), &format!("should have at least {least} items"));
    }
    if let Some(most) = limit(schema, "maxItems").filter(|most| size > *most) {
        findings.too_many(place, items.len(), most, "items");
    }
    findings.matched += 2;
}

/// The old items of a list whose items have keys.
pub(super) fn keyed_items<'v>(
    schema: &Value,
    before: Option<&'v Value>,
) -> Option<HashMap<String, &'v Value>> {
    if text(schema, "x-kubernetes-list-type") != "map" {
        return None;
    }
    let items = before?.as_array()?;
    Some(items.iter().map(|item| (item_key(schema, item), item)).collect())
}

/// The values of an item's keys as one text.
pub(super) fn item_key(schema: &Value, item: &Value) -> String {
    let keys = schema.get("x-kubernetes-list-map-keys").and_then(Value::as_array);
    let values = keys.into_iter().flatten().filter_map(Value::as_str).map(|key| item.get(key));
    values.map(|value| value.map_or_else(|| "\0".to_owned(), Value::to_string)).collect::<Vec<_>>().join("\0")
}

fn check_object(
    schema: &Value,
    fields: &Map<String, Value>,
    before: Option<&Value>,
    place: &str,
    patterns: &Patterns,
    findings: &mut Findings,
) {
    let count = u64::try_from(fields.len()).unwrap_or(u64::MAX);
    if let Some(least) = limit(schema, "minProperties").filter(|least| count < *least) {
        findings.broken(place, count.into(), &format!("should have at least {least} properties"));
    }
    if let Some(most) = limit(schema, "maxProperties").filter(|most| count > *most) {
        findings.too_many(place, fields.len(), most, "properties");
    }
    let before = |name: &str| before.and_then(|b| b.get(name));
    let properties = schema.get("properties").and_then(Value::as_object);
    let named = |name: &str| properties.and_then(|p| p.get(name));
    let additional = schema.get("additionalProperties");
    for (name, value) in fields.iter().filter(|(name, _)| named(name).is_none()) {
        match additional {
            Some(rest @ Value::Object(_)) => {
                let subject = Subject { value, before: before(name) };
                findings.merge(check(rest, subject, &format!("{place}.{name}"), patterns));
            }
            Some(Value::Bool(false)) => {
                findings.broken(&format!("{place}.{name}"), name.as_str().into(), "is a forbidden property");
            }
            _ => {}
        }
    }
    for (name, child) in properties.into_iter().flatten() {
        let Some(value) = fields.get(name) else { continue };
        let child_place = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
        findings.merge(check(child, Subject { value, before: before(name) }, &child_place, patterns));
    }
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    for name in required.filter_map(Value::as_str).filter(|name| !fields.contains_key(*name)) {
        findings.required(&format!("{place}.{name}"));
    }
}
