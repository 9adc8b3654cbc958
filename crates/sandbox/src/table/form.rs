//! Tables and partial objects as a whole: columns, rows, what of the objects comes along.

use super::{cells, columns};
use crate::failure::{Failure, go_quote};
use crate::kinds::Kind;
use serde_json::{Map, Value, json};

/// What of each object a row carries (`includeObject`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Include {
    None,
    Metadata,
    Object,
}

impl Include {
    /// Reads the parameter.
    ///
    /// # Errors
    /// 400 for another word.
    pub(crate) fn parse(text: &str) -> Result<Include, Failure> {
        match text {
            "None" => Ok(Include::None),
            "" | "Metadata" => Ok(Include::Metadata),
            "Object" => Ok(Include::Object),
            other => Err(Failure::bad_request(format!(
                "Unable to convert to Table as requested: includeObject: Invalid value: {}: must be 'Metadata', 'Object', \
                 'None', or empty",
                go_quote(other)
            ))),
        }
    }
}

/// How a table was asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) kind: &'a Kind,
    pub(crate) include: Include,
    pub(crate) version: &'static str,
    /// The time that ages count to.
    pub(crate) now: &'a str,
    /// Later events of a watch do not repeat the columns.
    pub(crate) with_columns: bool,
}

/// The metadata of an object or list alone.
pub(crate) fn partial(object: &Value) -> Value {
    match object.get("items").and_then(Value::as_array) {
        Some(items) => json!({
            "kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1",
            "metadata": list_metadata(object.get("metadata")), "items": items.iter().map(partial_object).collect::<Vec<_>>(),
        }),
        None => partial_object(object),
    }
}

fn partial_object(object: &Value) -> Value {
    json!({
        "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
        "metadata": object.get("metadata").cloned().unwrap_or_default(),
    })
}

// Lists of custom resources say that nothing follows; tables and partial lists leave it out.
pub(crate) fn list_metadata(metadata: Option<&Value>) -> Value {
    let mut metadata = metadata.and_then(Value::as_object).cloned().unwrap_or_default();
    if metadata.get("continue").and_then(Value::as_str) == Some("") {
        metadata.remove("continue");
    }
    Value::Object(metadata)
}

/// An object or list as a table.
pub(crate) fn table(object: &Value, asked: Asked<'_>) -> Value {
    match object.get("items").and_then(Value::as_array) {
        Some(items) => {
            table_of(list_metadata(object.get("metadata")), &items.iter().collect::<Vec<_>>(), asked)
        }
        None => {
            let version = object.get("metadata").and_then(|m| m.get("resourceVersion"));
            table_of(json!({"resourceVersion": version}), &[object], asked)
        }
    }
}

/// Objects as a table.
pub(crate) fn table_of(metadata: Value, items: &[&Value], asked: Asked<'_>) -> Value {
    let definitions = match asked.with_columns {
        true => Value::from(columns::of(asked.kind)),
        false => Value::Null,
    };
    json!({
        "kind": "Table", "apiVersion": asked.version, "metadata": metadata,
        "columnDefinitions": definitions,
        "rows": items.iter().map(|item| row(item, asked)).collect::<Vec<_>>(),
    })
}

fn row(item: &Value, asked: Asked<'_>) -> Value {
    let mut row = Map::new();
    row.insert("cells".into(), cells::of(asked.kind, item, asked.now).into());
    if let Some(conditions) = cells::conditions(asked.kind, item) {
        row.insert("conditions".into(), conditions);
    }
    let object = match asked.include {
        Include::None => Value::Null,
        Include::Metadata => partial_object(item),
        Include::Object => {
            let mut whole = item.clone();
            whole["kind"] = asked.kind.kind.clone().into();
            whole["apiVersion"] = asked.kind.api_version().into();
            whole
        }
    };
    row.insert("object".into(), object);
    Value::Object(row)
}
