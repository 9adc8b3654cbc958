//! What the rules know of an object in a manifest, and how they read one (Helm: lint/rules/template.go, k8sYamlStruct;
//! k8s.io/apimachinery, util/yaml/decoder.go).

use value::gofmt::float::{Notation, Size, append_float};
use value::yaml::Options;
use value::{Map, Number, Value};

/// The part of an object that rules look at.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Object {
    pub(super) api_version: String,
    pub(super) kind: String,
    pub(super) name: String,
}

/// Returns the objects of a text with several documents; empty documents and nulls are left out. Ends with the first
/// document that cannot be read.
pub(super) fn objects(text: &[u8]) -> impl Iterator<Item = Result<Object, String>> {
    let read = |document: Result<std::borrow::Cow<'_, [u8]>, value::Error>| match document {
        Ok(document) => read(&document).transpose(),
        Err(error) => Some(Err(error.to_string())),
    };
    value::yaml::documents(text).filter_map(read)
}

/// Reads one document; nothing when it is null.
fn read(document: &[u8]) -> Result<Option<Object>, String> {
    if let Ok(head) = value::yaml::head(document)
        && !(head.api_version.is_empty() && head.kind.is_empty() && head.metadata.is_none())
    {
        let name = head.metadata.unwrap_or_default().name;
        return Ok(Some(Object { api_version: head.api_version, kind: head.kind, name }));
    }
    let numbers = value::yaml::Numbers::IntOrFloat;
    let options = Options { numbers, ..Options::default() };
    match value::yaml::read(document, &options).map_err(|error| error.to_string())? {
        Value::Nil => Ok(None),
        Value::Map(map) => object(&map).map(Some),
        other => Err(wrong_type(&other, &[], "rules.k8sYamlStruct")),
    }
}

fn object(map: &Map) -> Result<Object, String> {
    let mut object = Object::default();
    for (key, value) in map.borrow().iter() {
        let key = key.to_string_lossy();
        match key.to_ascii_lowercase().as_str() {
            "apiversion" => text(value, &[&key], &mut object.api_version)?,
            "kind" => text(value, &[&key], &mut object.kind)?,
            "metadata" => match value {
                Value::Nil => {}
                Value::Map(metadata) => read_metadata(metadata, &key, &mut object.name)?,
                other => return Err(wrong_type(other, &[&key], "rules.k8sYamlMetadata")),
            },
            _ => {}
        }
    }
    Ok(object)
}

fn read_metadata(metadata: &Map, parent: &str, name: &mut String) -> Result<(), String> {
    for (key, value) in metadata.borrow().iter() {
        let key = key.to_string_lossy();
        match key.to_ascii_lowercase().as_str() {
            "name" => text(value, &[parent, &key], name)?,
            "namespace" => text(value, &[parent, &key], &mut String::new())?,
            _ => {}
        }
    }
    Ok(())
}

/// A text field; numbers and booleans become text (sigs.k8s.io/yaml).
fn text(value: &Value, path: &[&str], into: &mut String) -> Result<(), String> {
    *into = match value {
        Value::Nil => return Ok(()),
        Value::String(text) => text.to_string_lossy(),
        Value::Bool(flag) => flag.to_string(),
        Value::Int(number) | Value::Int64(number) => number.to_string(),
        Value::Number(Number::Uint64(number)) => number.to_string(),
        Value::Float64(number) => {
            let mut out = Vec::new();
            append_float(&mut out, *number, Notation::General, None, Size::Bits32);
            String::from_utf8_lossy(&out).into_owned()
        }
        other => return Err(wrong_type(other, path, "string")),
    };
    Ok(())
}

/// Returns the words of Go's `encoding/json` for a value of another type than its field.
pub(super) fn wrong_type(found: &Value, path: &[&str], wanted: &str) -> String {
    let found = value::json::type_of(found);
    let target = match path {
        [] => "Go value".to_owned(),
        path => format!("Go struct field .{}", path.join(".")),
    };
    let text = format!("json: cannot unmarshal {found} into {target} of type {wanted}");
    format!("error unmarshaling JSON: while decoding JSON: {text}")
}

#[cfg(test)]
mod tests {
    use super::objects;

    #[test]
    fn null_documents_are_no_objects() {
        let found: Vec<_> =
            objects(b"# nothing\n---\nkind: A\nmetadata: {name: 5}\n---\n{}\n---\n- a\n").collect();
        assert_eq!(found.len(), 3);
        assert_eq!(found[0].as_ref().unwrap().name, "5");
        assert!(found[1].as_ref().unwrap().kind.is_empty());
        let error = "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type \
                     rules.k8sYamlStruct";
        assert_eq!(found[2].as_ref().unwrap_err(), error);
    }
}
