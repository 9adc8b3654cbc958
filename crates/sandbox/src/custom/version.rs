//! The rules for what a version of a definition says beside its schema: columns, subresources, selectable fields,
//! deprecation.

use super::instance::text;
use crate::dig::Dig;
use crate::failure::Cause;
use crate::rules;
use serde_json::Value;

const COLUMN_TYPES: [&str; 5] = ["boolean", "date", "integer", "number", "string"];
const COLUMN_FORMATS: [&str; 9] =
    ["byte", "date", "date-time", "double", "float", "int32", "int64", "password", ""];
const MOST_SELECTABLE: usize = 8;

pub(super) fn deprecation_causes(version: &Value, path: &str, causes: &mut Vec<Cause>) {
    let Some(warning) = version.get("deprecationWarning").and_then(Value::as_str) else { return };
    let mut problem = |why: &str| {
        causes.push(Cause::invalid(format!("{path}.deprecationWarning"), &warning.into(), why));
    };
    if version.get("deprecated") != Some(&Value::Bool(true)) {
        return problem("can only be set for deprecated versions");
    }
    if warning.len() > 256 {
        problem("must be <= 256 characters long");
    }
    if warning.is_empty() {
        problem("must not be an empty string");
    }
    if let Some((index, _)) = warning.char_indices().find(|(_, c)| !value::gofmt::quote::is_printable(*c)) {
        problem(&format!(
            "must only contain printable UTF-8 characters; non-printable character found at index {index}"
        ));
    }
}

pub(super) fn column_causes(columns: Option<&Value>, path: &str, causes: &mut Vec<Cause>) {
    for (index, column) in columns.and_then(Value::as_array).into_iter().flatten().enumerate() {
        let at = |field: &str| format!("{path}[{index}].{field}");
        if text(column, "name").is_empty() {
            causes.push(Cause::required(at("name"), ""));
        }
        let kind = text(column, "type");
        let why = format!("must be one of {}", COLUMN_TYPES.join(","));
        if kind.is_empty() {
            causes.push(Cause::required(at("type"), &why));
        } else if !COLUMN_TYPES.contains(&kind) {
            causes.push(Cause::invalid(at("type"), &kind.into(), &why));
        }
        let format = text(column, "format");
        if !COLUMN_FORMATS.contains(&format) {
            let why = format!("must be one of {}", COLUMN_FORMATS[..8].join(","));
            causes.push(Cause::invalid(at("format"), &format.into(), &why));
        }
        let json_path = text(column, "jsonPath");
        if json_path.is_empty() {
            causes.push(Cause::required(at("JSONPath"), ""));
        } else {
            causes.extend(simple_path_cause(json_path, &at("JSONPath")));
        }
    }
}

fn simple_path_cause(path: &str, at: &str) -> Option<Cause> {
    (!path.starts_with('.'))
        .then(|| Cause::invalid(at, &path.into(), "must be a simple json path starting with ."))
}

pub(super) fn subresource_causes(subresources: Option<&Value>, path: &str, causes: &mut Vec<Cause>) {
    let Some(scale) = subresources.and_then(|s| s.get("scale")) else { return };
    for (field, below) in
        [("specReplicasPath", ".spec"), ("statusReplicasPath", ".status"), ("labelSelectorPath", ".status")]
    {
        let (given, at) = (text(scale, field), format!("{path}.scale.{field}"));
        if given.is_empty() {
            if field != "labelSelectorPath" {
                causes.push(Cause::required(at, ""));
            }
        } else if let Some(cause) = simple_path_cause(given, &at) {
            causes.push(cause);
        } else if !given.starts_with(&format!("{below}.")) {
            causes.push(Cause::invalid(at, &given.into(), &format!("should be a json path under {below}")));
        }
    }
}

pub(super) fn selectable_causes(version: &Value, path: &str, causes: &mut Vec<Cause>) {
    let Some(fields) = version.get("selectableFields").and_then(Value::as_array).filter(|f| !f.is_empty())
    else {
        return;
    };
    let Some(schema) = version.at("/schema/openAPIV3Schema") else {
        let why = "may only be set when validations.schema is included";
        return causes.push(Cause::invalid(path, &"".into(), why));
    };
    let mut seen: Vec<String> = Vec::new();
    for (index, field) in fields.iter().enumerate() {
        let (given, at) = (text(field, "jsonPath"), format!("{path}[{index}].jsonPath"));
        if given.is_empty() {
            causes.push(Cause::required(at, ""));
            continue;
        }
        let found = match rules::resolve_field_path(schema, given) {
            _ if given.contains('[') => Err("array notation is not allowed".to_owned()),
            found => found,
        };
        let (place, found) = match found {
            Ok(found) => found,
            Err(error) => {
                causes.push(Cause::invalid(at, &given.into(), &format!("is an invalid path: {error}")));
                continue;
            }
        };
        if place == "metadata" || place.starts_with("metadata.") {
            causes.push(Cause::invalid(at.as_str(), &given.into(), "must not point to fields in metadata"));
        }
        if !matches!(text(found, "type"), "string" | "boolean" | "integer") {
            let why = "must point to a field of type string, boolean or integer. Enum string fields and strings with \
                       formats are allowed.";
            causes.push(Cause::invalid(at.as_str(), &given.into(), why));
        }
        if seen.contains(&place) {
            causes.push(Cause::duplicate(at, &given.into()));
        } else {
            seen.push(place);
        }
    }
    if seen.len() > MOST_SELECTABLE {
        let message = format!("Too many: {}: must have at most {MOST_SELECTABLE} items", seen.len());
        causes.push(Cause { reason: "FieldValueTooMany", field: path.into(), message });
    }
}
