//! Bodies to JSON values, with the duplicate fields that `fieldValidation` reports.

use crate::failure::Failure;
use crate::kinds::Kind;
use serde_core::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

/// A decoded body.
#[derive(Debug, Default)]
pub(crate) struct Decoded {
    pub(crate) value: Value,
    /// Problems of the text itself: `duplicate field "metadata.labels.a"`.
    pub(crate) duplicates: Vec<String>,
}

/// Decodes the body of a create or update.
///
/// # Errors
/// 400 with the texts of apimachinery's decoder.
pub(crate) fn object(body: &[u8], is_yaml: bool, kind: &Kind) -> Result<Decoded, Failure> {
    let unrecognized = |why: String| {
        let text = format!(
            "the object provided is unrecognized (must be of type {}): {why} ({})",
            kind.kind,
            snippet(body, is_yaml)
        );
        Failure::bad_request(text)
    };
    let decoded = if is_yaml { yaml(body) } else { json(body) };
    let parse =
        |error| if is_yaml { error } else { format!("couldn't get version/kind; json parse error: {error}") };
    let mut decoded = decoded.map_err(|error| unrecognized(parse(error)))?;
    let what = match &decoded.value {
        Value::Object(_) => return Ok(decoded),
        Value::Null => {
            decoded.value = Value::Object(Map::new());
            return Ok(decoded);
        }
        Value::Array(_) => "array",
        Value::String(_) => "string",
        Value::Number(_) => "number",
        Value::Bool(_) => "bool",
    };
    let into = r#"struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }"#;
    let error = format!("json: cannot unmarshal {what} into Go value of type {into}");
    Err(unrecognized(format!("couldn't get version/kind; json parse error: {error}")))
}

// apimachinery, `api/errors.go` of the serializer: text of JSON objects, hex of everything else.
pub(crate) fn snippet(body: &[u8], is_yaml: bool) -> String {
    const SHOWN: usize = 30;
    if body.is_empty() {
        return "<empty>".into();
    }
    let cut = &body[..body.len().min(SHOWN)];
    let text = if !is_yaml && body.starts_with(b"{") {
        String::from_utf8_lossy(cut).into_owned()
    } else {
        cut.iter().map(|b| format!("{b:02x}")).collect()
    };
    if body.len() > SHOWN { format!("{text} ...") } else { text }
}

/// Decodes JSON.
///
/// # Errors
/// Go's text for malformed JSON.
pub(crate) fn json(body: &[u8]) -> Result<Decoded, String> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let mut seed = Seed { path: String::new(), duplicates: Vec::new(), seen: None };
    let value = seed.read(&mut reader).and_then(|value| reader.end().map(|()| value));
    match value {
        Ok(value) => Ok(Decoded { value, duplicates: seed.duplicates }),
        Err(error) => Err(crate::go_json::error_text(body).unwrap_or_else(|| error.to_string())),
    }
}

/// Decodes the first document of a YAML body. JSON is YAML and is read as such.
///
/// # Errors
/// Says what is wrong with the text.
pub(crate) fn yaml(body: &[u8]) -> Result<Decoded, String> {
    if let Some(b'{' | b'[') = body.iter().find(|b| !b.is_ascii_whitespace())
        && let Ok(decoded) = json(body)
    {
        return Ok(decoded);
    }
    crate::yaml::decode(body)
}

/// The paths of a JSON body in the order of the text, for reports that follow it.
pub(crate) fn paths(body: &[u8]) -> Vec<String> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let mut seed = Seed { path: String::new(), duplicates: Vec::new(), seen: Some(Vec::new()) };
    let _ = seed.read(&mut reader);
    seed.seen.unwrap_or_default()
}

struct Seed {
    path: String,
    seen: Option<Vec<String>>,
    duplicates: Vec<String>,
}

impl Seed {
    fn read<'de, D: Deserializer<'de>>(&mut self, reader: D) -> Result<Value, D::Error> {
        Next(self).deserialize(reader)
    }
}

struct Next<'s>(&'s mut Seed);

impl<'de> DeserializeSeed<'de> for Next<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Next<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, v: bool) -> Result<Value, E> {
        Ok(Value::Bool(v))
    }

    fn visit_i64<E>(self, v: i64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_u64<E>(self, v: u64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_f64<E>(self, v: f64) -> Result<Value, E> {
        Ok(Number::from_f64(v).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, v: &str) -> Result<Value, E> {
        Ok(Value::String(v.to_owned()))
    }

    fn visit_string<E>(self, v: String) -> Result<Value, E> {
        Ok(Value::String(v))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let Next(seed) = self;
        let length = seed.path.len();
        let mut items = Vec::new();
        loop {
            seed.path.push_str(&format!("[{}]", items.len()));
            let item = access.next_element_seed(Next(seed));
            seed.path.truncate(length);
            match item? {
                Some(item) => items.push(item),
                None => return Ok(Value::Array(items)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let Next(seed) = self;
        let length = seed.path.len();
        let mut map = Map::new();
        while let Some(key) = access.next_key::<String>()? {
            if length > 0 {
                seed.path.push('.');
            }
            seed.path.push_str(&key);
            if let Some(seen) = &mut seed.seen {
                seen.push(seed.path.clone());
            }
            let value = access.next_value_seed(Next(seed));
            if map.contains_key(&key) {
                let text = format!("duplicate field {}", crate::failure::go_quote(&seed.path));
                if !seed.duplicates.contains(&text) {
                    seed.duplicates.push(text);
                }
            }
            seed.path.truncate(length);
            map.insert(key, value?);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_field_is_reported_once_with_its_path() {
        let decoded = json(br#"{"a":[{"b":1,"b":2,"b":3}]}"#).unwrap();
        assert_eq!(decoded.duplicates, [r#"duplicate field "a[0].b""#]);
        assert_eq!(decoded.value["a"][0]["b"], 3);
    }
}
