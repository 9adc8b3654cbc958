//! A chart and the user's values to what templates see: the enabled charts and the values of each.

use value::{Map, Value};

use crate::schema::{self, SchemaNode};
use crate::values::coalesce;
use crate::{Chart, Error, ErrorKind, Warning, dependencies};

/// A chart whose dependencies are settled, with the values for its whole tree.
#[derive(Clone)]
pub struct Composition {
    /// The chart, disabled dependencies left out and aliases given.
    pub chart: Chart,
    /// The values of the root (Go type `common.Values`); those of a subchart stand below its name.
    pub values: Map,
}

/// Whether values are checked against the charts' `values.schema.json`.
#[derive(Clone, Copy)]
pub enum SchemaCheck<'a> {
    /// They are; documents that the schemas refer to come through the loader.
    Validate(&'a dyn schema::Loader),
    /// They are not (`--skip-schema-validation`).
    Skip,
}

/// Settles the dependencies and works the user's values into the defaults of all charts (Helm's
/// `ProcessDependencies` and `ToRenderValues`). The user's values are not changed.
///
/// # Errors
/// When values for a subchart are not a table, or break a schema.
pub fn compose(
    mut chart: Chart,
    values: &Map,
    schema_check: SchemaCheck<'_>,
    warnings: &mut Vec<Warning>,
) -> Result<Composition, Error> {
    dependencies::process(&mut chart, values, warnings)?;
    compose_processed(chart, values, schema_check, warnings)
}

/// As [`compose`], for a chart whose dependencies are settled already ([`dependencies::process`]), because Helm asks the
/// cluster in between (`ToRenderValues`).
///
/// # Errors
/// As [`compose`].
pub fn compose_processed(
    chart: Chart,
    values: &Map,
    schema_check: SchemaCheck<'_>,
    warnings: &mut Vec<Warning>,
) -> Result<Composition, Error> {
    let values = coalesce::coalesce(&chart, values, warnings)?;
    if let SchemaCheck::Validate(loader) = schema_check {
        validate(&chart, &values, loader, warnings)?;
    }
    Ok(Composition { chart, values: values.as_values() })
}

/// Checks values by the schemas of all charts (`ValidateAgainstSchema`).
fn validate(
    chart: &Chart,
    values: &Map,
    loader: &dyn schema::Loader,
    warnings: &mut Vec<Warning>,
) -> Result<(), Error> {
    if !has_schema(chart) {
        return Ok(());
    }
    let json = value::json::to_serde(&Value::Map(values.clone())).map_err(ErrorKind::Json)?;
    let validation = schema::validate_chart(&schema_node(chart), &json, loader);
    warnings.extend(validation.warnings.into_iter().map(|warning| match warning {
        schema::Warning::UnresolvedUrn(urn) => Warning::UnresolvedUrn { urn },
    }));
    validation.result.map_err(|error| ErrorKind::Schema(error).into())
}

fn has_schema(chart: &Chart) -> bool {
    chart.schema.is_some() || chart.dependencies.iter().any(has_schema)
}

fn schema_node(chart: &Chart) -> SchemaNode<'_> {
    SchemaNode {
        name: chart.name(),
        schema: chart.schema.as_deref(),
        dependencies: chart.dependencies.iter().map(schema_node).collect(),
    }
}
