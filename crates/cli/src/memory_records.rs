//! Records in memory, read from files: `HELM_DRIVER=memory` (cmd/root.go, loadReleasesInMemory).

use std::fs;
use std::sync::Arc;

use release::{Driver, Memory, Record, Storage};
use serde_json::Value;
use value::yaml::{self, Duplicates};

use crate::settings::Settings;
use crate::{clock, logging};

/// Reads the files of the settings' list, which colons separate; each holds a list of records.
///
/// # Errors
/// In Helm's words, when a file cannot be read or holds something else, or a revision is there twice.
pub(crate) fn load(settings: &Settings) -> Result<Arc<Memory>, String> {
    let memory = Arc::new(Memory::default());
    let storage = Storage::new(Driver::Memory(Arc::clone(&memory)), "", clock::system());
    for file in settings.memory_files.split(':') {
        for record in records(file)? {
            if settings.is_debug {
                let key = release::key(&record.name, record.version);
                logging::debug("creating release", &[("key", &key)]);
            }
            cluster::block_on(storage.create(&record)).map_err(|error| error.to_string())?;
        }
    }
    Ok(memory)
}

fn records(file: &str) -> Result<Vec<Record>, String> {
    // Helm: the two operands of log.Fatal stand side by side.
    let unreadable =
        |error: std::io::Error| format!("Unable to read memory driver dataopen {file}: {}", reason(&error));
    let text = fs::read(file).map_err(unreadable)?;
    let refused = |reason: String| format!("Unable to unmarshal memory driver data: {reason}");
    let mut json = yaml::to_json(&text, Duplicates::LastWins).map_err(|error| refused(error.to_string()))?;
    if json.is_null() {
        return Ok(Vec::new());
    }
    json.as_array_mut().into_iter().flatten().for_each(settle_texts);
    if let Some(reason) = mismatch(&json) {
        return Err(refused(format!(
            "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {reason}"
        )));
    }
    serde_json::from_value(json).map_err(|error| refused(format!("error unmarshaling JSON: {error}")))
}

fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "no such file or directory".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

/// Members that are texts in Helm's structs, by path; a name before `*` means every item or member.
const TEXTS: &[&[&str]] = &[
    &["name"],
    &["namespace"],
    &["manifest"],
    &["apply_method"],
    &["info", "description"],
    &["info", "status"],
    &["info", "notes"],
    &["hooks", "*", "name"],
    &["hooks", "*", "kind"],
    &["hooks", "*", "path"],
    &["hooks", "*", "manifest"],
    &["chart", "metadata", "*"],
    &["chart", "metadata", "sources", "*"],
    &["chart", "metadata", "keywords", "*"],
    &["chart", "metadata", "annotations", "*"],
    &["chart", "metadata", "maintainers", "*", "*"],
    &["chart", "metadata", "dependencies", "*", "name"],
    &["chart", "metadata", "dependencies", "*", "version"],
    &["chart", "metadata", "dependencies", "*", "repository"],
    &["chart", "metadata", "dependencies", "*", "condition"],
    &["chart", "metadata", "dependencies", "*", "alias"],
    &["chart", "metadata", "dependencies", "*", "tags", "*"],
];

/// Returns the first place where Go finds another kind of value than its structs have, as far as the upper members of
/// records go.
fn mismatch(document: &Value) -> Option<String> {
    let Some(records) = document.as_array() else {
        return Some(format!("{} into Go value of type []*v1.Release", kind(document)));
    };
    records.iter().enumerate().find_map(|(at, record)| match record {
        Value::Object(members) => members.iter().find_map(|(name, member)| member_mismatch(at, name, member)),
        Value::Null => None,
        other => Some(format!("{} into .{at} of type v1.Release", kind(other))),
    })
}

fn member_mismatch(at: usize, name: &str, member: &Value) -> Option<String> {
    let (fits, wanted) = match name {
        "name" | "namespace" | "manifest" | "apply_method" => (member.is_string(), "string"),
        "version" => (member.is_i64(), "int"),
        "hooks" => (member.is_array(), "[]*v1.Hook"),
        "config" => (member.is_object(), "map[string]interface {}"),
        "chart" => (member.is_object(), "v2.Chart"),
        "info" if !member.is_object() && !member.is_null() => {
            return Some(format!("{} into Go value of type map[string]interface {{}}", kind(member)));
        }
        _ => return None,
    };
    if fits || member.is_null() {
        return None;
    }
    let found = match member {
        Value::Number(number) if name == "version" => {
            let text = number.as_f64().map(value::gofmt::float::format_general).unwrap_or_default();
            format!("number {text}")
        }
        other => kind(other).to_owned(),
    };
    Some(format!("{found} into Go struct field .{at}.{name} of type {wanted}"))
}

/// Returns how Go names the kind of a JSON value.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Makes texts of numbers and booleans where Helm's structs have texts, as sigs.k8s.io/yaml does
/// (convertToJSONableObject).
fn settle_texts(record: &mut Value) {
    TEXTS.iter().for_each(|path| settle(record, path));
}

fn settle(value: &mut Value, path: &[&str]) {
    let Some((name, rest)) = path.split_first() else { return make_text(value) };
    match value {
        Value::Array(items) if *name == "*" => items.iter_mut().for_each(|item| settle(item, rest)),
        Value::Object(members) if *name == "*" => {
            // The one member of the metadata that is neither text nor list.
            let texts = members.iter_mut().filter(|(member, _)| *member != "deprecated");
            texts.for_each(|(_, member)| settle(member, rest));
        }
        Value::Object(members) => {
            if let Some(member) = members.get_mut(*name) {
                settle(member, rest);
            }
        }
        _ => {}
    }
}

fn make_text(value: &mut Value) {
    let text = match value {
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(float) => value::gofmt::float::format_general(float),
            None => number.to_string(),
        },
        _ => return,
    };
    *value = Value::from(text);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{mismatch, settle_texts};

    #[test]
    fn what_does_not_fit_is_named_as_go_names_it() {
        for (document, expected) in [
            (json!({}), "object into Go value of type []*v1.Release"),
            (json!([1]), "number into .0 of type v1.Release"),
            (json!([{}, {"version": 1.5}]), "number 1.5 into Go struct field .1.version of type int"),
            (json!([{"name": [1]}]), "array into Go struct field .0.name of type string"),
            (json!([{"info": 3}]), "number into Go value of type map[string]interface {}"),
        ] {
            assert_eq!(mismatch(&document).as_deref(), Some(expected));
        }
        assert_eq!(mismatch(&json!([{"name": "a", "version": 1, "config": null}])), None);
    }

    #[test]
    fn numbers_in_the_place_of_texts_become_texts() {
        let mut record = json!({
            "name": 1, "version": 2,
            "chart": {"metadata": {"version": 1.5, "deprecated": true, "dependencies": [{"version": 3}]}, "values": {"a": 1}},
        });
        settle_texts(&mut record);
        assert_eq!(
            record,
            json!({
                "name": "1", "version": 2,
                "chart": {"metadata": {"version": "1.5", "deprecated": true, "dependencies": [{"version": "3"}]}, "values": {"a": 1}},
            })
        );
    }
}
