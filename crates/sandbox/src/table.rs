//! Other forms of a response: metadata only, and tables.

use crate::failure::Failure;
use crate::request::Form;
use serde_json::{Value, json};

/// Returns `object` in that form; `None` if it stays as it is.
///
/// # Errors
/// If the form cannot be made.
pub(crate) fn in_form(object: &Value, form: Form) -> Result<Option<Value>, Failure> {
    if object.get("kind").and_then(Value::as_str) == Some("Status") {
        return Ok(None);
    }
    match form {
        Form::Object => Ok(None),
        Form::Partial => Ok(Some(partial(object))),
        Form::Table => Ok(Some(table(object))),
    }
}

fn partial(object: &Value) -> Value {
    let one = |object: &Value| {
        json!({
            "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
            "metadata": object.get("metadata").cloned().unwrap_or_default(),
        })
    };
    match object.get("items").and_then(Value::as_array) {
        Some(items) => json!({
            "kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1",
            "metadata": object.get("metadata").cloned().unwrap_or_default(),
            "items": items.iter().map(one).collect::<Vec<_>>(),
        }),
        None => one(object),
    }
}

const NAME_HELP: &str = "Name must be unique within a namespace. Is required when creating resources, although some \
     resources may allow a client to request the generation of an appropriate name automatically. Name is primarily \
     intended for creation idempotence and configuration definition. Cannot be updated. More info: \
     https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names";
const CREATED_HELP: &str = "CreationTimestamp is a timestamp representing the server time when this object was \
     created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set \
     this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for \
     lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";

// The default table (`rest.NewDefaultTableConvertor`): name and creation time. Columns of kinds come later.
fn table(object: &Value) -> Value {
    let items: Vec<&Value> = match object.get("items").and_then(Value::as_array) {
        Some(items) => items.iter().collect(),
        None => vec![object],
    };
    let rows: Vec<Value> = items
        .into_iter()
        .map(|item| {
            let metadata = item.get("metadata").cloned().unwrap_or_default();
            let cells = json!([metadata["name"], metadata["creationTimestamp"]]);
            let partial = json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata});
            json!({"cells": cells, "object": partial})
        })
        .collect();
    let column = |name: &str, kind: &str, format: &str, help: &str| json!({"name": name, "type": kind, "format": format, "description": help, "priority": 0});
    let mut metadata = object.get("metadata").cloned().unwrap_or_default();
    if object.get("items").is_none() {
        metadata = json!({"resourceVersion": metadata["resourceVersion"]});
    }
    json!({
        "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
        "columnDefinitions": [
            column("Name", "string", "name", NAME_HELP), column("Created At", "date", "", CREATED_HELP)
        ],
        "rows": rows,
    })
}
