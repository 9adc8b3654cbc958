//! The columns of each kind, from `tables/columns.txt` or a CustomResourceDefinition.

use super::custom;
use crate::kinds::Kind;
use serde_json::{Value, json};

/// Of `metadata.name`, for kinds of all sorts.
pub(super) const NAME_HELP: &str = "Name must be unique within a namespace. Is required when creating resources, although some \
     resources may allow a client to request the generation of an appropriate name automatically. Name is primarily \
     intended for creation idempotence and configuration definition. Cannot be updated. More info: \
     https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names";
/// Of `metadata.creationTimestamp`.
pub(super) const CREATED_HELP: &str = "CreationTimestamp is a timestamp representing the server time when this object was \
     created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set \
     this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for \
     lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";

/// The column definitions of a kind.
pub(crate) fn of(kind: &Kind) -> Vec<Value> {
    if kind.custom.is_some() {
        return custom::columns(kind);
    }
    match line(kind) {
        Some(line) => line.split('\t').skip(1).map(parse).collect(),
        // `rest.NewDefaultTableConvertor`
        None => vec![
            column("Name", "string", "name", 0, NAME_HELP),
            column("Created At", "date", "", 0, CREATED_HELP),
        ],
    }
}

/// Whether the kind has columns of its own.
pub(super) fn is_known(kind: &Kind) -> bool {
    line(kind).is_some()
}

fn line(kind: &Kind) -> Option<&'static str> {
    let lines = include_str!("../../tables/columns.txt").lines();
    lines.into_iter().find(|line| line.split('\t').next() == Some(kind.storage.as_str()))
}

fn parse(text: &str) -> Value {
    let mut parts = text.splitn(5, '|');
    let mut next = || parts.next().unwrap_or_default();
    let (name, kind, format, priority, help) = (next(), next(), next(), next(), next());
    let help = match help {
        "$name" => NAME_HELP.to_owned(),
        "$created" => CREATED_HELP.to_owned(),
        // The printers quote the API types, whose comments do not list the values.
        text => {
            text.replace("\\n", "\n").split("\n\nPossible enum values:").next().unwrap_or_default().to_owned()
        }
    };
    column(name, kind, format, priority.parse().unwrap_or(0), &help)
}

/// One column definition.
pub(super) fn column(name: &str, kind: &str, format: &str, priority: i64, help: &str) -> Value {
    json!({"name": name, "type": kind, "format": format, "description": help, "priority": priority})
}
