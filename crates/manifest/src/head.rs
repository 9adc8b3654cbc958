//! The head of an object: what sorting, hooks and policies look at. Not the object itself.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind};

const METADATA_TYPE: &str = "struct { Name string \"json:\\\"name\\\"\"; Annotations map[string]string \"json:\\\"annotations\\\"\" }";

/// The identifying members of an object, as `SimpleHead` in Helm's `pkg/release/v1/util/manifest.go` reads them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// `apiVersion`, empty when absent.
    pub api_version: String,
    /// `kind`, empty when absent.
    pub kind: String,
    /// `metadata.name`, empty when absent.
    pub name: String,
    /// `metadata.namespace`, empty when absent or not a text (Helm does not read it here).
    pub namespace: String,
    /// `metadata.annotations`.
    pub annotations: BTreeMap<String, String>,
}

impl Head {
    /// Reads the head of a parsed document; `null` (an empty document) has an empty head.
    ///
    /// # Errors
    /// [`ErrorKind::HeadType`] for members of a wrong type. Numbers and booleans become text, as
    /// `sigs.k8s.io/yaml` does for Go fields of type string.
    pub fn from_object(object: &Value) -> Result<Head, Error> {
        let map = match object {
            Value::Null => return Ok(Head::default()),
            Value::Object(map) => map,
            other => return Err(mismatch(json_word(other), "value", "util.SimpleHead")),
        };
        let mut head = Head {
            api_version: text(member(map, "apiVersion"), "struct field .apiVersion")?,
            kind: text(member(map, "kind"), "struct field .kind")?,
            ..Head::default()
        };
        match member(map, "metadata") {
            None | Some(Value::Null) => {}
            Some(Value::Object(metadata)) => read_metadata(metadata, &mut head)?,
            Some(other) => {
                return Err(mismatch(json_word(other), "struct field .metadata", METADATA_TYPE));
            }
        }
        Ok(head)
    }
}

fn read_metadata(metadata: &Map<String, Value>, head: &mut Head) -> Result<(), Error> {
    head.name = text(member(metadata, "name"), "struct field .metadata.name")?;
    if let Some(Value::String(namespace)) = member(metadata, "namespace") {
        head.namespace.clone_from(namespace);
    }
    match member(metadata, "annotations") {
        None | Some(Value::Null) => {}
        Some(Value::Object(annotations)) => {
            for (key, value) in annotations {
                let value = text(Some(value), "struct field .metadata.annotations")?;
                head.annotations.insert(key.clone(), value);
            }
        }
        Some(other) => {
            let place = "struct field .metadata.annotations";
            return Err(mismatch(json_word(other), place, "map[string]string"));
        }
    }
    Ok(())
}

/// Finds a member as Go's decoder does: the exact name first, then one that differs in case only.
fn member<'a>(map: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    map.get(name)
        .or_else(|| map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

fn text(value: Option<&Value>, place: &'static str) -> Result<String, Error> {
    match value {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(Value::Bool(flag)) => Ok(flag.to_string()),
        Some(Value::Number(number)) => Ok(number_text(number)),
        Some(other) => Err(mismatch(json_word(other), place, "string")),
    }
}

/// Writes a number as `sigs.k8s.io/yaml` does for a text field: integers as they are, all else as
/// `strconv.FormatFloat(f, 'g', -1, 32)`.
fn number_text(number: &serde_json::Number) -> String {
    if number.is_i64() || number.is_u64() {
        return number.to_string();
    }
    let float = number.as_f64().unwrap_or(f64::NAN) as f32;
    let scientific = format!("{float:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    // strconv's %g: exponents below -4 and from 6 on are written.
    if (-4..6).contains(&exponent) {
        return format!("{float}");
    }
    format!("{mantissa}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

fn json_word(value: &Value) -> &'static str {
    match value {
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) | Value::Null => "string",
    }
}

fn mismatch(found: &'static str, place: &'static str, wanted: &'static str) -> Error {
    ErrorKind::HeadType { found, place, wanted }.into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Head;

    #[test]
    fn numbers_and_booleans_become_text() {
        let head = Head::from_object(&json!({"metadata": {"name": 5, "annotations": {"a": true}}})).unwrap();
        assert_eq!(head.name, "5");
        assert_eq!(head.annotations["a"], "true");
    }

    #[test]
    fn floats_are_written_as_32_bit_go_floats() {
        let name = |value| Head::from_object(&json!({"metadata": {"name": value}})).unwrap().name;
        assert_eq!(name(json!(1000000.5)), "1.0000005e+06");
        assert_eq!(name(json!(123456789.0)), "1.2345679e+08");
        assert_eq!(name(json!(0.00001)), "1e-05");
        assert_eq!(name(json!(1.5)), "1.5");
    }

    #[test]
    fn member_names_ignore_case() {
        let head = Head::from_object(&json!({"Kind": "Pod", "METADATA": {"NAME": "x"}})).unwrap();
        assert_eq!((head.kind.as_str(), head.name.as_str()), ("Pod", "x"));
    }

    #[test]
    fn wrong_types_have_gos_texts() {
        let text = |value| Head::from_object(&value).unwrap_err().to_string();
        assert_eq!(
            text(json!({"metadata": {"annotations": 5}})),
            "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal number into Go struct field \
             .metadata.annotations of type map[string]string"
        );
        assert_eq!(
            text(json!("a")),
            "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal string into Go value of type \
             util.SimpleHead"
        );
        assert_eq!(
            text(json!({"metadata": 5})),
            "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal number into Go struct field \
             .metadata of type struct { Name string \"json:\\\"name\\\"\"; Annotations map[string]string \
             \"json:\\\"annotations\\\"\" }"
        );
    }
}
