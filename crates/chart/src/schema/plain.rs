//! Recognises a plain schema: valid by its metaschema, complete in itself, without identifiers inside and without the
//! keywords that look at what other keywords did. Such a schema is walked as it stands (`walk.rs`); compiling the
//! metaschemas would cost more than all the rest of a `helm template`.
//!
//! Whatever is not certain here is left to the engine: a wrong "no" costs time, a wrong "yes" would be a difference.

use super::decimal::Decimal;
use super::draft::Draft;
use super::equality;
use super::json::{Json, Object};
use super::{format, pattern, url};

/// Returns the draft of a plain schema.
pub(crate) fn draft_of(schema: &Json) -> Option<Draft> {
    let Json::Object(members) = schema else {
        return matches!(schema, Json::Bool(_)).then_some(Draft::LATEST);
    };
    let draft = match members.get("$schema") {
        Some(address) => Draft::from_url(address.as_str()?)?,
        None => Draft::LATEST,
    };
    let mut survey = Survey { draft, schemas: Vec::new(), references: Vec::new() };
    if !survey.object(schema, members, true) {
        return None;
    }
    survey.references_lead_to_schemas(schema).then_some(draft)
}

/// Returns what a local reference (`#`, `#/…`) leads to.
pub(crate) fn target<'a>(root: &'a Json, reference: &str) -> Option<&'a Json> {
    let pointer = reference.strip_prefix('#')?;
    let local = pointer.is_empty() || pointer.starts_with('/');
    if !local || pointer.contains('%') || !well_escaped(pointer) { None } else { root.pointer(pointer) }
}

fn well_escaped(pointer: &str) -> bool {
    pointer.split('~').skip(1).all(|part| part.starts_with(['0', '1']))
}

struct Survey<'a> {
    draft: Draft,
    /// Where schemas stand, by address.
    schemas: Vec<*const Json>,
    references: Vec<&'a str>,
}

impl<'a> Survey<'a> {
    fn references_lead_to_schemas(&mut self, root: &Json) -> bool {
        if self.references.is_empty() {
            return true;
        }
        self.schemas.sort_unstable();
        self.references.iter().all(|reference| {
            target(root, reference)
                .is_some_and(|target| self.schemas.binary_search(&std::ptr::from_ref(target)).is_ok())
        })
    }

    fn schema(&mut self, schema: &'a Json) -> bool {
        match schema {
            Json::Bool(_) if self.draft > Draft::V4 => {
                self.schemas.push(std::ptr::from_ref(schema));
                true
            }
            Json::Object(members) => self.object(schema, members, false),
            _ => false,
        }
    }

    fn object(&mut self, schema: &'a Json, members: &'a Object, root: bool) -> bool {
        self.schemas.push(std::ptr::from_ref(schema));
        let bounds = self.draft > Draft::V4
            || (!members.contains("exclusiveMaximum") || members.contains("maximum"))
                && (!members.contains("exclusiveMinimum") || members.contains("minimum"));
        bounds && members.iter().all(|(keyword, value)| self.keyword(keyword, value, root))
    }

    /// Says whether the metaschema allows the value and this walk understands it.
    fn keyword(&mut self, keyword: &str, value: &'a Json, root: bool) -> bool {
        let draft = self.draft;
        match keyword {
            "$schema" => root,
            "id" | "$id" if keyword == draft.id_keyword() => root && value.as_str().is_some_and(is_plain_id),
            "$ref" => match value.as_str() {
                Some(reference) => {
                    self.references.push(reference);
                    format::check("uri-reference", reference).is_ok()
                }
                None => false,
            },
            "$anchor"
            | "$dynamicAnchor"
            | "$dynamicRef"
            | "$recursiveRef"
            | "$recursiveAnchor"
            | "$vocabulary"
            | "unevaluatedItems"
            | "unevaluatedProperties"
            | "contentSchema" => draft < Draft::V2019,
            "title" | "description" | "format" => value.as_str().is_some(),
            "$comment" | "contentMediaType" | "contentEncoding" => {
                draft < Draft::V7 || value.as_str().is_some()
            }
            "examples" => draft < Draft::V7 || value.as_array().is_some(),
            "readOnly" | "writeOnly" => draft < Draft::V7 || value.as_bool().is_some(),
            "deprecated" => draft < Draft::V2019 || value.as_bool().is_some(),
            "uniqueItems" => value.as_bool().is_some(),
            "multipleOf" => number(value).is_some_and(|number| !number.is_negative() && !number.is_zero()),
            "maximum" | "minimum" => number(value).is_some(),
            "exclusiveMaximum" | "exclusiveMinimum" if draft == Draft::V4 => value.as_bool().is_some(),
            "exclusiveMaximum" | "exclusiveMinimum" => number(value).is_some(),
            "maxLength" | "minLength" | "maxItems" | "minItems" | "maxProperties" | "minProperties" => {
                is_count(value)
            }
            "maxContains" | "minContains" => draft < Draft::V2019 || is_count(value),
            "pattern" => value.as_str().is_some_and(|text| pattern::check(text).is_ok()),
            "required" => self.is_names(value),
            "enum" => self.is_enumeration(value),
            "type" => is_type(value),
            _ => self.applicator(keyword, value),
        }
    }

    fn applicator(&mut self, keyword: &str, value: &'a Json) -> bool {
        let draft = self.draft;
        match keyword {
            "properties" | "definitions" => self.schemas_by_name(value),
            "patternProperties" => {
                value.as_object().is_some_and(|members| members.keys().all(|key| pattern::check(key).is_ok()))
                    && self.schemas_by_name(value)
            }
            "$defs" | "dependentSchemas" => draft < Draft::V2019 || self.schemas_by_name(value),
            "dependentRequired" => {
                draft < Draft::V2019
                    || value.as_object().is_some_and(|all| all.iter().all(|(_, names)| self.is_names(names)))
            }
            "dependencies" => value.as_object().is_some_and(|all| {
                all.iter().all(
                    |(_, one)| if one.as_array().is_some() { self.is_names(one) } else { self.schema(one) },
                )
            }),
            "additionalItems" if draft == Draft::V2020 => false,
            "additionalItems" | "additionalProperties" => value.as_bool().is_some() || self.schema(value),
            "items" if value.as_array().is_some() => draft < Draft::V2020 && self.schema_list(value),
            "items" | "not" => self.schema(value),
            "prefixItems" => draft < Draft::V2020 || self.schema_list(value),
            "contains" | "propertyNames" => draft < Draft::V6 || self.schema(value),
            "if" | "then" | "else" => draft < Draft::V7 || self.schema(value),
            "allOf" | "anyOf" | "oneOf" => self.schema_list(value),
            _ => true,
        }
    }

    fn schemas_by_name(&mut self, value: &'a Json) -> bool {
        value.as_object().is_some_and(|members| members.iter().all(|(_, schema)| self.schema(schema)))
    }

    fn schema_list(&mut self, value: &'a Json) -> bool {
        value
            .as_array()
            .is_some_and(|items| !items.is_empty() && items.iter().all(|schema| self.schema(schema)))
    }

    fn is_names(&self, value: &Json) -> bool {
        value.as_array().is_some_and(|items| {
            (self.draft > Draft::V4 || !items.is_empty())
                && items.iter().all(|item| item.as_str().is_some())
                && equality::duplicates(items).is_none()
        })
    }

    fn is_enumeration(&self, value: &Json) -> bool {
        value.as_array().is_some_and(|items| {
            self.draft >= Draft::V2019 || !items.is_empty() && equality::duplicates(items).is_none()
        })
    }
}

/// An identifier that only changes the base of references, and no reference here has one.
fn is_plain_id(id: &str) -> bool {
    !id.is_empty() && !id.contains('#') && !id.contains('\\') && url::parse(id).is_ok()
}

fn number(value: &Json) -> Option<Decimal> {
    match value {
        Json::Number(text) => Decimal::parse(text),
        _ => None,
    }
}

fn is_count(value: &Json) -> bool {
    number(value).is_some_and(|number| number.is_integer() && !number.is_negative())
}

fn is_type(value: &Json) -> bool {
    let named = |value: &Json| {
        let known = ["array", "boolean", "integer", "null", "number", "object", "string"];
        value.as_str().is_some_and(|name| known.contains(&name))
    };
    match value {
        Json::Array(items) => {
            !items.is_empty() && items.iter().all(named) && equality::duplicates(items).is_none()
        }
        _ => named(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::read::read;

    fn draft(schema: &str) -> Option<Draft> {
        draft_of(&read(schema.as_bytes()).unwrap())
    }

    #[test]
    fn what_needs_the_metaschema_or_another_document_is_not_plain() {
        for schema in [
            r#"{"type":"nope"}"#,
            r#"{"properties":{"a":5}}"#,
            r#"{"$ref":"other.json"}"#,
            r##"{"$ref":"#/nope"}"##,
            r##"{"$ref":"#/x/y","x":{"y":{}}}"##,
            r#"{"pattern":"("}"#,
            r#"{"unevaluatedProperties":false}"#,
            r#"{"$schema":"http://example.com/mine"}"#,
            r#"{"$schema":"http://json-schema.org/draft-04/schema#","required":[]}"#,
            "5",
        ] {
            assert_eq!(draft(schema), None, "{schema}");
        }
    }

    #[test]
    fn common_schemas_are_plain() {
        assert_eq!(draft("true"), Some(Draft::V2020));
        let schema = r##"{"$schema":"http://json-schema.org/draft-07/schema#","$id":"http://example.com/x.json",
            "properties":{"a":{"$ref":"#/definitions/b"}},"definitions":{"b":{"type":["string","null"]}}}"##;
        assert_eq!(draft(schema), Some(Draft::V7));
    }
}
