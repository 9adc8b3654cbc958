//! Values files: one or several YAML documents, the later merged over the earlier.

use value::yaml::Options;
use value::{Entries, Map, Str, Value};

use crate::{Error, ErrorKind, go_text};

/// Reads a values file, which may hold several documents (Helm's `loader.LoadValues`).
///
/// # Errors
/// When a document is not YAML or not a table, or a line begins with `---` and goes on.
pub fn read(text: &[u8]) -> Result<Map, Error> {
    if is_one_document(text) {
        return read_document(text);
    }
    let mut values = Map::new();
    let mut is_first = true;
    let mut documents = Documents { rest: text };
    while let Some(document) = documents.next()? {
        let document = read_document(&document)?;
        values = if is_first { document } else { merge_maps(&values, &document) };
        is_first = false;
    }
    Ok(values)
}

fn read_document(text: &[u8]) -> Result<Map, Error> {
    value::yaml::read_map(text, &Options::default())
        .map_err(|error| ErrorKind::ValuesDocument(ErrorKind::Yaml(error).into()).into())
}

/// Returns whether splitting and joining the lines would change nothing; so it is with nearly all files.
fn is_one_document(text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else { return false };
    text.ends_with('\n') && !text.starts_with("---") && !text.contains("\n---") && !text.contains('\r')
}

/// Lays one table over another; neither is changed, tables that only one has are shared (`loader.MergeMaps`).
pub fn merge_maps(below: &Map, above: &Map) -> Map {
    let mut merged: Entries = below.borrow().clone();
    for (key, value) in above.borrow().iter() {
        let both = match (merged.get(key), value) {
            (Some(Value::Map(below)), Value::Map(above)) => Some(merge_maps(below, above)),
            _ => None,
        };
        merged.insert(Str::clone(key), both.map_or_else(|| value.clone(), Value::Map));
    }
    Map::from(merged)
}

/// Splits a text at lines of `---` (Kubernetes' `YAMLReader`). The first separator stays with the first document, as
/// there.
struct Documents<'a> {
    rest: &'a [u8],
}

impl Documents<'_> {
    fn next(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let mut document = Vec::new();
        while !self.rest.is_empty() {
            let end = self.rest.iter().position(|byte| *byte == b'\n').map_or(self.rest.len(), |at| at + 1);
            let (line, rest) = self.rest.split_at(end);
            self.rest = rest;
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if let Some(after) = line.strip_prefix(b"---") {
                check_separator(after)?;
                if !document.is_empty() {
                    return Ok(Some(document));
                }
            }
            document.extend_from_slice(line);
            document.push(b'\n');
        }
        Ok((!document.is_empty()).then_some(document))
    }
}

fn check_separator(after: &[u8]) -> Result<(), Error> {
    let after = value::go_lossy(after);
    let after = after.trim_matches(go_text::is_space);
    if after.is_empty() || after.starts_with('#') {
        return Ok(());
    }
    Err(ErrorKind::Separator(format!("invalid Yaml document separator: {after}")).into())
}
