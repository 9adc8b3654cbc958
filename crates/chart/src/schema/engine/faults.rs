//! Helm's words for a schema that cannot be compiled.

use boon::CompileError;

use super::{Documents, convert};
use crate::schema::text::go_quote;
use crate::schema::{pattern, url};

/// Returns what Helm prints for an error of the engine's compiler.
pub(super) fn describe(error: &CompileError, documents: &Documents) -> String {
    match error {
        CompileError::ParseUrlError { url: address, .. } => {
            let original = documents.restore(address);
            let fault = url::check_reference(original).err();
            fault.unwrap_or_else(|| format!("error in parsing {}: ", go_quote(original)))
        }
        CompileError::LoadUrlError { url, src } => format!("failing loading {}: {src}", go_quote(url)),
        CompileError::UnsupportedUrlScheme { url } => {
            format!("no URLLoader registered for {}", go_quote(url))
        }
        CompileError::InvalidMetaSchemaUrl { url, src } => {
            format!("invalid $schema in {}: {src}", go_quote(url))
        }
        CompileError::UnsupportedDraft { url } => format!("draft {} is not supported", go_quote(url)),
        CompileError::MetaSchemaCycle { url } => format!("cycle in resolving $schema in {}", go_quote(url)),
        CompileError::ValidationError { url, src } => {
            match convert::convert(src, &serde_json::Value::Null, documents) {
                Some(failure) => format!("{} is not valid against metaschema: {failure}", go_quote(url)),
                None => format!("{} is not valid against metaschema", go_quote(url)),
            }
        }
        CompileError::ParseIdError { loc } => format!("error in parsing id at {}", go_quote(loc)),
        CompileError::ParseAnchorError { loc } => format!("error in parsing anchor at {}", go_quote(loc)),
        CompileError::DuplicateId { url, id, ptr1, ptr2 } => {
            let (id, url, first, second) = (go_quote(id), go_quote(url), go_quote(ptr1), go_quote(ptr2));
            format!("duplicate id {id} in {url} at {first} and {second}")
        }
        CompileError::DuplicateAnchor { anchor, url, ptr1, ptr2 } => {
            let (anchor, url, first, second) =
                (go_quote(anchor), go_quote(url), go_quote(ptr1), go_quote(ptr2));
            format!("duplicate anchor {anchor} in {url} at {first} and {second}")
        }
        CompileError::InvalidJsonPointer(place) => format!("invalid json-pointer {}", go_quote(place)),
        CompileError::JsonPointerNotFound(place) => {
            format!("json-pointer in {} not found", go_quote(&url::as_the_validator_writes(place)))
        }
        CompileError::AnchorNotFound { url, reference } => {
            let reference = go_quote(&url::as_the_validator_writes(reference));
            format!("anchor in {reference} not found in schema {}", go_quote(url))
        }
        CompileError::UnsupportedVocabulary { url, vocabulary } => {
            format!("unsupported vocabulary {} in {}", go_quote(vocabulary), go_quote(url))
        }
        CompileError::InvalidRegex { url, regex, src } => {
            let original = documents.restore(regex);
            let fault = pattern::compile(original).err().unwrap_or_else(|| src.to_string());
            format!("invalid regex {} at {}: {fault}", go_quote(original), go_quote(url))
        }
        CompileError::Bug(bug) => bug.to_string(),
    }
}
