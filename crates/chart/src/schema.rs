//! Validation of values by `values.schema.json`, with Helm's texts (Helm: pkg/chart/common/util/jsonschema.go, on
//! santhosh-tekuri/jsonschema v6). Knows no files and no network: documents elsewhere come through a `Loader`.
//!
//! A plain schema is walked as it stands; all others go through the `boon` crate.

mod decimal;
mod draft;
mod engine;
mod equality;
mod failure;
mod format;
mod json;
mod pattern;
mod plain;
mod read;
mod text;
mod url;
mod walk;

use std::fmt;

use engine::Fault;
use json::Json;

pub use pattern::compile as compile_go_pattern;

/// Fetches documents that a schema refers to.
pub trait Loader {
    /// Returns the bytes behind a `file:`, `http:` or `https:` URL without fragment; `file_path` has the path of the
    /// first kind.
    ///
    /// # Errors
    /// The text Go gives, such as `open /defs.json: no such file or directory`; `failing loading "…": ` is put before.
    fn load(&self, url: &str) -> Result<Vec<u8>, String>;
}

/// Returns the path a `file:` URL names, percent signs decoded; the host is ignored, as Helm does.
pub fn file_path(url: &str) -> Option<String> {
    let parsed = url::parse(url).ok()?;
    (parsed.scheme == "file").then(|| url::decode(parsed.path))
}

/// Values that do not fit a schema, or a schema that cannot be used. The text is what Helm prints below
/// `values don't meet the specifications of the schema(s) in the following chart(s):`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaError(Box<str>);

impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SchemaError {}

/// Something to be told to the user beside the outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// A reference to this URN, which nobody resolves, allows every value. Helm logs
    /// `unresolved URN reference ignored; using permissive schema` once for each.
    UnresolvedUrn(String),
}

/// The outcome of a validation and the warnings on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validation {
    /// The failure, if values or schema are wrong.
    pub result: Result<(), SchemaError>,
    /// In the order they were met, each once.
    pub warnings: Vec<Warning>,
}

/// A chart as far as its schema is concerned.
#[derive(Debug, Clone)]
pub struct SchemaNode<'a> {
    /// The chart's name, or its alias as a dependency.
    pub name: &'a str,
    /// The bytes of `values.schema.json`, if the chart has one.
    pub schema: Option<&'a [u8]>,
    /// The charts it depends on, as they were kept.
    pub dependencies: Vec<SchemaNode<'a>>,
}

/// Validates the values of one chart by its schema. The failure of values ends with a newline, that of a schema does
/// not, as in Helm.
pub fn validate(schema: &[u8], values: &serde_json::Value, loader: &dyn Loader) -> Validation {
    let mut warnings = Vec::new();
    let result = validate_one(schema, &Json::from(values), loader, &mut warnings);
    Validation { result: result.map_err(SchemaError::new), warnings }
}

/// Validates coalesced values by the schemas of a chart and of all charts below it (Helm: `ValidateAgainstSchema`).
pub fn validate_chart(chart: &SchemaNode<'_>, values: &serde_json::Value, loader: &dyn Loader) -> Validation {
    let mut warnings = Vec::new();
    let mut failures = String::new();
    // Most charts have no schema at all: their values are not even copied.
    if chart.has_schema() {
        chart.validate(&Json::from(values), loader, &mut warnings, &mut failures);
    }
    let result = if failures.is_empty() { Ok(()) } else { Err(SchemaError::new(failures)) };
    Validation { result, warnings }
}

impl SchemaError {
    fn new(text: String) -> Self {
        Self(text.into())
    }
}

impl SchemaNode<'_> {
    fn has_schema(&self) -> bool {
        self.schema.is_some() || self.dependencies.iter().any(Self::has_schema)
    }

    fn validate(
        &self,
        values: &Json,
        loader: &dyn Loader,
        warnings: &mut Vec<Warning>,
        failures: &mut String,
    ) {
        if let Some(schema) = self.schema
            && let Err(failure) = validate_one(schema, values, loader, warnings)
        {
            failures.push_str(self.name);
            failures.push_str(":\n");
            failures.push_str(&failure);
        }
        for dependency in &self.dependencies {
            match values.get(dependency.name) {
                None | Some(Json::Null) => {}
                Some(inner @ Json::Object(_)) => dependency.validate(inner, loader, warnings, failures),
                Some(other) => {
                    failures.push_str(dependency.name);
                    failures.push_str(":\ninvalid type for values: expected object (map), got ");
                    failures.push_str(go_type(other));
                    failures.push('\n');
                }
            }
        }
    }
}

/// Names the Go type of a value as `%T` does.
fn go_type(value: &Json) -> &'static str {
    match value {
        Json::Null => "<nil>",
        Json::Bool(_) => "bool",
        Json::Number(_) => "float64",
        Json::String(_) => "string",
        Json::Array(_) => "[]interface {}",
        Json::Object(_) => "map[string]interface {}",
    }
}

fn validate_one(
    schema: &[u8],
    values: &Json,
    loader: &dyn Loader,
    warnings: &mut Vec<Warning>,
) -> Result<(), String> {
    let schema = read::read(schema)?;
    let walked = plain::draft_of(&schema).and_then(|draft| walk::validate(&schema, draft, values));
    let failure = match walked {
        Some(failures) if failures.is_empty() => return Ok(()),
        Some(failures) => engine::root(&format!("{}#", engine::ROOT), failures),
        None => match engine::validate(&schema, values, loader, warnings) {
            Ok(()) => return Ok(()),
            Err(Fault::Schema(text)) => return Err(text),
            Err(Fault::Values(failure)) => *failure,
        },
    };
    // Helm takes away the line that names the schema (JSONSchemaValidationError).
    let text = failure.to_string();
    let heading = format!("jsonschema validation failed with '{}#'\n", engine::ROOT);
    Err(format!("{}\n", text.strip_prefix(&heading).unwrap_or(&text)))
}
