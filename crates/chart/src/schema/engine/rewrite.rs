//! Rewrites a schema for the engine: Go's regular expressions become those of the `regex` crate, references become
//! strict ones, and what Go refuses becomes what the engine surely refuses too. Every change is noted, to be undone
//! in what is printed.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::schema::draft::Draft;
use crate::schema::engine::ROOT;
use crate::schema::json::{Json, Object};
use crate::schema::{format, pattern, text, url};

/// Begins what no engine takes for a regular expression.
const NO_PATTERN: &str = "[z-a]";

/// Keywords whose value is data and no schema.
const DATA: [&str; 4] = ["const", "default", "enum", "examples"];

/// Keywords whose members are named schemas.
const NAMED: [&str; 6] =
    ["$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties", "properties"];

/// Returns the schema as the engine gets it.
pub(super) fn rewrite(schema: &Json, draft: Draft, restored: &mut HashMap<String, String>) -> Value {
    Rewriter { draft, restored }.schema(schema)
}

struct Rewriter<'r> {
    draft: Draft,
    restored: &'r mut HashMap<String, String>,
}

impl Rewriter<'_> {
    fn schema(&mut self, schema: &Json) -> Value {
        match schema {
            Json::Object(members) => self.members(members),
            Json::Array(items) => Value::Array(items.iter().map(|item| self.schema(item)).collect()),
            _ => schema.to_value(),
        }
    }

    fn members(&mut self, members: &Object) -> Value {
        let mut out = Map::new();
        for (keyword, value) in members.iter() {
            if let Some(value) = self.keyword(keyword, value) {
                out.insert(keyword.to_owned(), value);
            }
        }
        Value::Object(out)
    }

    fn keyword(&mut self, keyword: &str, value: &Json) -> Option<Value> {
        Some(match (keyword, value) {
            _ if DATA.contains(&keyword) => value.to_value(),
            ("patternProperties", Json::Object(schemas)) => Value::Object(
                schemas.iter().map(|(name, schema)| (self.pattern(name), self.schema(schema))).collect(),
            ),
            (_, Json::Object(schemas)) if NAMED.contains(&keyword) => Value::Object(
                schemas.iter().map(|(name, schema)| (name.to_owned(), self.schema(schema))).collect(),
            ),
            ("pattern", Json::String(text)) => Value::String(self.pattern(text)),
            ("$ref" | "$dynamicRef" | "$recursiveRef" | "$id" | "id", Json::String(text)) => {
                Value::String(self.reference(text))
            }
            ("format", Json::String(name)) => match name.as_ref() {
                "regex" => Value::String("go-regex".to_owned()),
                _ if format::FORMATS.iter().any(|(known, _)| *known == name.as_ref()) => value.to_value(),
                // The engine knows formats that Helm does not.
                _ => return None,
            },
            _ => self.schema(value),
        })
    }

    fn note(&mut self, rewritten: String, original: &str) -> String {
        if rewritten != original {
            self.restored.insert(rewritten.clone(), original.to_owned());
        }
        rewritten
    }

    fn pattern(&mut self, original: &str) -> String {
        let rewritten = match pattern::compile(original) {
            Ok(regex) => regex.as_str().to_owned(),
            Err(_) => format!("{NO_PATTERN}{original}"),
        };
        self.note(rewritten, original)
    }

    fn reference(&mut self, original: &str) -> String {
        let rewritten = match format::check("uri-reference", original) {
            Ok(()) => encode(original),
            // Draft 4 does not check references, so they are left to be found when they are followed. The engine refuses
            // a host without its bracket.
            Err(_) if self.draft == Draft::V4 => match url::check_reference(original) {
                Ok(()) => encode(original),
                Err(_) => format!("http://[{}", url::encode_fragment(original)),
            },
            // An identifier with a fragment is wrong for a second reason, which must stay.
            Err(_) if original.trim_end_matches('#').contains('#') => "::#x".to_owned(),
            Err(_) => "::".to_owned(),
        };
        self.note(rewritten, original)
    }
}

/// Encodes what a strict URL may not hold.
pub(crate) fn encode(address: &str) -> String {
    let Some((address, fragment)) = address.split_once('#') else {
        return url::encode(address, "-._~:/?[]@!$&'()*+,;=%");
    };
    format!("{}#{}", encode(address), url::encode(fragment, "-._~:/?@!$&'()*+,;=%"))
}

/// Finds the identifiers that Go cannot read: the engine reads more.
///
/// # Errors
/// Helm's text for the first.
pub(super) fn check(schema: &Json, draft: Draft) -> Result<(), String> {
    check_at(schema, draft, &mut String::new())
}

fn check_at(schema: &Json, draft: Draft, pointer: &mut String) -> Result<(), String> {
    let length = pointer.len();
    match schema {
        Json::Object(members) => {
            check_names(members, draft, pointer)?;
            for (keyword, value) in members.iter().filter(|(keyword, _)| !DATA.contains(keyword)) {
                push(pointer, keyword);
                match value {
                    Json::Object(schemas) if NAMED.contains(&keyword) => {
                        for (name, schema) in schemas.iter() {
                            let length = pointer.len();
                            push(pointer, name);
                            check_at(schema, draft, pointer)?;
                            pointer.truncate(length);
                        }
                    }
                    Json::Object(_) | Json::Array(_) => check_at(value, draft, pointer)?,
                    _ => {}
                }
                pointer.truncate(length);
            }
        }
        Json::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                push(pointer, &at.to_string());
                check_at(item, draft, pointer)?;
                pointer.truncate(length);
            }
        }
        _ => {}
    }
    Ok(())
}

fn check_names(members: &Object, draft: Draft, pointer: &str) -> Result<(), String> {
    let hidden = draft < Draft::V2019 && members.get("$ref").and_then(Json::as_str).is_some();
    let id = members.get(draft.id_keyword()).and_then(Json::as_str).filter(|_| !hidden);
    match id {
        Some(id) if url::parse(url::split(id).0).is_err() => {
            Err(format!("error in parsing id at {}", text::go_quote(&format!("{ROOT}#{pointer}"))))
        }
        _ => Ok(()),
    }
}

fn push(pointer: &mut String, token: &str) {
    pointer.push('/');
    pointer.push_str(&url::encode_fragment(&token.replace('~', "~0").replace('/', "~1")));
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::{Draft, check, encode, rewrite};
    use crate::schema::read;

    #[test]
    fn wrong_identifiers_are_named_by_their_encoded_place() {
        let schema = read::read(br#"{"properties": {"%(": {"$id": "%%"}}}"#).unwrap();
        let expected = r#"error in parsing id at "file:///values.schema.json#/properties/%25%28""#;
        assert_eq!(check(&schema, Draft::V2020), Err(expected.to_owned()));
    }

    #[test]
    fn wrong_references_of_draft_4_are_left_to_be_followed() {
        let schema = read::read(br##"{"$ref": "#/%zz"}"##).unwrap();
        assert_eq!(check(&schema, Draft::V4), Ok(()));
        let mut restored = HashMap::new();
        let rewritten = rewrite(&schema, Draft::V4, &mut restored);
        let reference = rewritten["$ref"].as_str().unwrap();
        assert_eq!(restored[reference], "#/%zz");
    }

    #[test]
    fn fragments_hold_no_brackets() {
        assert_eq!(encode("http://[::1]/a#/b[#"), "http://[::1]/a#/b%5B%23");
    }
}
