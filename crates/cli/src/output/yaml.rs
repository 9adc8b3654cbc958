//! YAML as Helm's `-o yaml` prints it (cli/output/output.go, EncodeYAML).

use serde::Serialize;

use crate::errors::CommandError;

/// Returns a value as sigs.k8s.io/yaml writes it: through JSON, keys sorted.
///
/// # Errors
/// When it has no such form.
pub(crate) fn yaml(value: &impl Serialize) -> Result<Vec<u8>, CommandError> {
    let failed = |text: String| CommandError::message(format!("unable to write YAML output: {text}"));
    let json = serde_json::to_value(value).map_err(|error| failed(error.to_string()))?;
    value::yaml::write_json(&json).map_err(|error| failed(error.to_string()))
}
