//! What the user gives on the command line: values files and the `--set` family, in Helm's fixed order.

use value::{Map, Value};

use crate::values::{merge_maps, read, strvals};
use crate::{Error, ErrorKind, error::ReadError, go_text};

/// The texts of all flags that give values (Helm's `values.Options`). Their order within a flag counts, that between
/// flags does not.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// `-f`, `--values`
    pub files: Vec<String>,
    /// `--set-json`
    pub json: Vec<String>,
    /// `--set`
    pub set: Vec<String>,
    /// `--set-string`
    pub strings: Vec<String>,
    /// `--set-file`
    pub file_contents: Vec<String>,
    /// `--set-literal`
    pub literals: Vec<String>,
}

/// Returns the user's values (`Options.MergeValues`).
///
/// `read` is asked for every file by the name given; a name that is `-` but for blanks means the standard input, and
/// names may be URLs.
///
/// # Errors
/// What `read` fails with, and in Helm's words what is wrong with a file or flag.
pub fn gather(
    sources: &Sources,
    read: &mut dyn FnMut(&str) -> Result<Vec<u8>, ReadError>,
) -> Result<Map, Error> {
    let mut base = Map::new();
    for path in &sources.files {
        let text = read(path).map_err(ErrorKind::Read)?;
        let values =
            read::read(&text).map_err(|source| ErrorKind::ValuesFile { path: path.clone(), source })?;
        base = merge_maps(&base, &values);
    }
    for text in &sources.json {
        base = set_json(base, text)?;
    }
    for text in &sources.set {
        strvals::parse(text, &base).map_err(in_flag("--set"))?;
    }
    for text in &sources.strings {
        strvals::parse_string(text, &base).map_err(in_flag("--set-string"))?;
    }
    for text in &sources.file_contents {
        let mut contents =
            |path: &str| Ok(Value::from(value::Str::from(read(path).map_err(ErrorKind::Read)?)));
        strvals::parse_with(text, &base, &mut contents).map_err(in_flag("--set-file"))?;
    }
    for text in &sources.literals {
        strvals::parse_literal(text, &base).map_err(in_flag("--set-literal"))?;
    }
    Ok(base)
}

/// A text that begins with `{` is an object laid over the values, any other is `key=json,…`.
fn set_json(base: Map, text: &str) -> Result<Map, Error> {
    let trimmed = text.trim_matches(go_text::is_space);
    if trimmed.starts_with('{') {
        let object = value::json::read_map(trimmed.as_bytes())
            .map_err(|_| ErrorKind::JsonFlag(format!("JSON: {text}")))?;
        return Ok(merge_maps(&base, &object));
    }
    strvals::parse_json(text, &base).map_err(|_| ErrorKind::JsonFlag(text.to_owned()))?;
    Ok(base)
}

fn in_flag(flag: &'static str) -> impl FnOnce(Error) -> Error {
    move |source| ErrorKind::Flag { flag, source }.into()
}
