//! The rules on `values.yaml` (Helm: lint/rules/values.go).

use chart::{Warning, schema};
use value::{Map, Value};

use super::message::Severity;
use super::object;
use super::run::{Place, Report, Request, Told};

const PATH: &str = "values.yaml";

pub(super) fn check(request: &Request<'_>, report: &mut Report) {
    if let Place::Missing = request.source.values {
        report.check(Severity::Info, PATH, Some("file does not exist".to_owned()));
        return;
    }
    let problem = validate(request, report);
    report.check(Severity::Error, PATH, problem.err());
}

fn validate(request: &Request<'_>, report: &mut Report) -> Result<(), String> {
    let values = match request.source.values.contents() {
        Ok(contents) => read(contents),
        Err(reason) => Err(reason.to_owned()),
    };
    let values = values.map_err(|problem| format!("unable to parse YAML: {problem}"))?;
    // Helm: only the top level is checked against the top-level schema; subcharts are not looked at.
    let coalesced = Map::new();
    let mut warnings = Vec::new();
    chart::values::coalesce_tables(&coalesced, request.values, &mut warnings);
    chart::values::coalesce_tables(&coalesced, &values, &mut warnings);
    report.warn(&warnings);
    let schema = request.source.schema.contents().unwrap_or_default();
    let Some(loader) = request.schema_loader.filter(|_| !schema.is_empty()) else { return Ok(()) };
    let json = value::json::to_serde(&Value::Map(coalesced)).map_err(|error| error.to_string())?;
    report.log.push(Told::ValuesSchema);
    let validation = schema::validate(schema, &json, loader);
    let unresolved = validation.warnings.into_iter().map(|warning| match warning {
        schema::Warning::UnresolvedUrn(urn) => Warning::UnresolvedUrn { urn },
    });
    report.warn(&unresolved.collect::<Vec<_>>());
    validation.result.map_err(|error| error.to_string())
}

/// Reads the first document alone, unlike the loader of charts (`common.ReadValues`).
fn read(text: &[u8]) -> Result<Map, String> {
    match value::yaml::read(text, &value::yaml::Options::default()) {
        Ok(Value::Map(values)) => Ok(values),
        Ok(Value::Nil) => Ok(Map::new()),
        Ok(other) => Err(object::wrong_type(&other, &[], "common.Values")),
        Err(error) => Err(error.to_string()),
    }
}
