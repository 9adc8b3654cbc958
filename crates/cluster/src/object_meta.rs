//! Whether the metadata of a manifest is what Kubernetes' own type takes (apimachinery: meta/v1, `ObjectMeta`).
//!
//! Helm decodes every manifest's metadata into that type before anything goes to the cluster (cli-runtime:
//! resource/metadata_decoder.go), so that `labels: {version: 1.0}` ends an installation before it is recorded. Pure.

use serde_json::Value;
use value::time::Zone;

/// What a member may hold.
#[derive(Clone, Copy)]
enum Kind {
    /// A text of a Go type.
    Text(&'static str),
    /// A whole number.
    Integer,
    /// A boolean.
    Boolean,
    /// A time of RFC 3339.
    Time,
    /// Texts by name.
    Texts,
    /// A list of texts.
    TextList,
    /// A list of structs: the type's name, and its members.
    List(&'static str, &'static [Member]),
}

type Member = (&'static str, Kind);

const STRING: Kind = Kind::Text("string");
const UID: Kind = Kind::Text("types.UID");

/// The members in the order of their names, in which JSON made from YAML has them.
const OBJECT_META: &[Member] = &[
    ("annotations", Kind::Texts),
    ("creationTimestamp", Kind::Time),
    ("deletionGracePeriodSeconds", Kind::Integer),
    ("deletionTimestamp", Kind::Time),
    ("finalizers", Kind::TextList),
    ("generateName", STRING),
    ("generation", Kind::Integer),
    ("labels", Kind::Texts),
    ("managedFields", Kind::List("ManagedFieldsEntry", MANAGED_FIELDS_ENTRY)),
    ("name", STRING),
    ("namespace", STRING),
    ("ownerReferences", Kind::List("OwnerReference", OWNER_REFERENCE)),
    ("resourceVersion", STRING),
    ("selfLink", STRING),
    ("uid", UID),
];

const OWNER_REFERENCE: &[Member] = &[
    ("apiVersion", STRING),
    ("blockOwnerDeletion", Kind::Boolean),
    ("controller", Kind::Boolean),
    ("kind", STRING),
    ("name", STRING),
    ("uid", UID),
];

const MANAGED_FIELDS_ENTRY: &[Member] = &[
    ("apiVersion", STRING),
    ("fieldsType", STRING),
    ("manager", STRING),
    ("operation", Kind::Text("v1.ManagedFieldsOperationType")),
    ("subresource", STRING),
    ("time", Kind::Time),
];

/// Checks an object's metadata; what is null or unknown passes.
///
/// # Errors
/// The first member that holds something else, in the words of Go's decoder.
pub(crate) fn check(object: &Value) -> Result<(), String> {
    match &object["metadata"] {
        Value::Object(metadata) => check_members(OBJECT_META, "ObjectMeta", "metadata", metadata),
        _ => Ok(()),
    }
}

fn check_members(
    members: &[Member],
    owner: &str,
    path: &str,
    found: &serde_json::Map<String, Value>,
) -> Result<(), String> {
    for (name, kind) in members {
        if let Some(value) = found.get(*name).filter(|value| !value.is_null()) {
            check_member(*kind, &Place { owner, path: &format!("{path}.{name}") }, value)?;
        }
    }
    Ok(())
}

/// Where a value stands: Go names the struct, then the path.
struct Place<'a> {
    owner: &'a str,
    path: &'a str,
}

impl Place<'_> {
    fn refuse(&self, value: &Value, wanted: &str) -> Result<(), String> {
        let number = match value {
            Value::Number(number) if wanted == "int64" => format!(" {}", number_text(number)),
            _ => String::new(),
        };
        let Place { owner, path } = self;
        let found = kind_of(value);
        Err(format!(
            "json: cannot unmarshal {found}{number} into Go struct field {owner}.{path} of type {wanted}"
        ))
    }
}

fn check_member(kind: Kind, place: &Place<'_>, value: &Value) -> Result<(), String> {
    match (kind, value) {
        (Kind::Text(_), Value::String(_)) | (Kind::Boolean, Value::Bool(_)) => Ok(()),
        (Kind::Text(wanted), _) => place.refuse(value, wanted),
        (Kind::Boolean, _) => place.refuse(value, "bool"),
        (Kind::Integer, Value::Number(number)) if is_integer(number) => Ok(()),
        (Kind::Integer, _) => place.refuse(value, "int64"),
        (Kind::Time, Value::String(text)) => check_time(text),
        (Kind::Time, _) => place.refuse(value, "string"),
        (Kind::Texts, Value::Object(texts)) => check_texts(place, texts.values()),
        (Kind::Texts, _) => place.refuse(value, "map[string]string"),
        (Kind::TextList, Value::Array(texts)) => check_texts(place, texts),
        (Kind::TextList, _) => place.refuse(value, "[]string"),
        (Kind::List(name, members), Value::Array(entries)) => {
            entries.iter().filter(|entry| !entry.is_null()).try_for_each(|entry| match entry {
                Value::Object(entry) => check_members(members, name, place.path, entry),
                other => place.refuse(other, &format!("v1.{name}")),
            })
        }
        (Kind::List(name, _), _) => place.refuse(value, &format!("[]v1.{name}")),
    }
}

fn check_texts<'v>(place: &Place<'_>, texts: impl IntoIterator<Item = &'v Value>) -> Result<(), String> {
    let mut others = texts.into_iter().filter(|text| !text.is_string() && !text.is_null());
    others.next().map_or(Ok(()), |other| place.refuse(other, "string"))
}

fn check_time(text: &str) -> Result<(), String> {
    const RFC3339: &str = "2006-01-02T15:04:05Z07:00";
    value::time::parse(RFC3339, text, &Zone::Utc).map(|_| ()).map_err(|error| error.to_string())
}

/// A float that is whole is written without a fraction on the way from YAML to JSON.
fn is_integer(number: &serde_json::Number) -> bool {
    number.is_i64() || number.as_f64().is_some_and(|float| float.fract() == 0.0 && float.abs() < 9.3e18)
}

fn number_text(number: &serde_json::Number) -> String {
    let value = value::json::from_serde(&Value::Number(number.clone()));
    value::json::write(&value)
        .map_or_else(|_| number.to_string(), |text| String::from_utf8_lossy(&text).into_owned())
}

fn kind_of(value: &Value) -> &'static str {
    value::json::type_of(&value::json::from_serde(value))
}

/// Checks version and kind as validation reads them (kubectl: validation/schema.go, getObjectKind).
///
/// # Errors
/// Everything that is wrong with them.
pub(crate) fn check_identity(object: &Value) -> Result<(), String> {
    let mut wrong = Vec::new();
    match &object["apiVersion"] {
        Value::Null => wrong.push("apiVersion not set".to_owned()),
        Value::String(text) if text.matches('/').count() > 1 => {
            wrong.push(format!("unexpected GroupVersion string: {text}"));
        }
        Value::String(_) => {}
        _ => wrong.push("apiVersion isn't string type".to_owned()),
    }
    match &object["kind"] {
        Value::Null => wrong.push("kind not set".to_owned()),
        Value::String(_) => {}
        _ => wrong.push("kind isn't string type".to_owned()),
    }
    match wrong.as_slice() {
        [] => Ok(()),
        [one] => Err(one.clone()),
        several => Err(format!("[{}]", several.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{check, check_identity};

    fn wrong(metadata: Value) -> String {
        check(&json!({"metadata": metadata})).unwrap_err()
    }

    /// Texts that Helm 4.3.1 printed.
    #[test]
    fn what_is_of_another_type_is_named_as_go_names_it() {
        let begin = "json: cannot unmarshal";
        for (metadata, text) in [
            (
                json!({"labels": {"a": 5}}),
                "number into Go struct field ObjectMeta.metadata.labels of type string",
            ),
            (
                json!({"annotations": [5]}),
                "array into Go struct field ObjectMeta.metadata.annotations of type map[string]string",
            ),
            (json!({"uid": 5}), "number into Go struct field ObjectMeta.metadata.uid of type types.UID"),
            (
                json!({"generation": 1.5}),
                "number 1.5 into Go struct field ObjectMeta.metadata.generation of type int64",
            ),
            (
                json!({"generation": 1e20}),
                "number 100000000000000000000 into Go struct field ObjectMeta.metadata.generation of type int64",
            ),
            (
                json!({"finalizers": ["x", 5]}),
                "number into Go struct field ObjectMeta.metadata.finalizers of type string",
            ),
            (
                json!({"ownerReferences": "x"}),
                "string into Go struct field ObjectMeta.metadata.ownerReferences of type []v1.OwnerReference",
            ),
            (
                json!({"ownerReferences": [5]}),
                "number into Go struct field ObjectMeta.metadata.ownerReferences of type v1.OwnerReference",
            ),
            (
                json!({"ownerReferences": [{"controller": "x"}]}),
                "string into Go struct field OwnerReference.metadata.ownerReferences.controller of type bool",
            ),
            (
                json!({"creationTimestamp": 5}),
                "number into Go struct field ObjectMeta.metadata.creationTimestamp of type string",
            ),
        ] {
            assert_eq!(wrong(metadata), format!("{begin} {text}"));
        }
        assert_eq!(
            wrong(json!({"deletionTimestamp": "x"})),
            "parsing time \"x\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"x\" as \"2006\""
        );
    }

    #[test]
    fn the_rest_passes() {
        for metadata in [
            json!({"labels": {"a": null}, "annotations": null, "unknown": 5, "generation": 1000.0}),
            json!({"ownerReferences": [null], "managedFields": [{"fieldsV1": 5}], "finalizers": ["a", null]}),
            json!({"creationTimestamp": "2024-01-01T00:00:00Z"}),
            json!(5),
        ] {
            check(&json!({"metadata": metadata})).unwrap();
        }
    }

    #[test]
    fn version_and_kind_are_texts() {
        let wrong = |object: Value| check_identity(&object).unwrap_err();
        assert_eq!(wrong(json!({})), "[apiVersion not set, kind not set]");
        assert_eq!(wrong(json!({"apiVersion": 5, "kind": "x"})), "apiVersion isn't string type");
        assert_eq!(
            wrong(json!({"apiVersion": "a/b/c", "kind": "x"})),
            "unexpected GroupVersion string: a/b/c"
        );
    }
}
