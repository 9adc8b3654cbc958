//! What Helm logs under `--debug` on its way through schemas (Helm: common/util/jsonschema.go).

use chart::{Chart, SchemaCheck};
use value::{Map, Value};

use crate::logging;

/// Tells of the schemas of a chart and of those below it, for a chart whose dependencies are settled.
pub(crate) fn tell(chart: &Chart, values: &Map) {
    let composed = chart::compose_processed(chart.clone(), values, SchemaCheck::Skip, &mut Vec::new());
    if let Ok(composition) = composed {
        tell_all(&composition.chart, &composition.values);
    }
}

/// As [`tell`], for a chart as it was loaded.
pub(crate) fn tell_of_loaded(chart: &Chart, values: &Map) {
    if let Ok(composition) = chart::compose(chart.clone(), values, SchemaCheck::Skip, &mut Vec::new()) {
        tell_all(&composition.chart, &composition.values);
    }
}

fn tell_all(chart: &Chart, values: &Map) {
    if let Some(schema) = &chart.schema {
        logging::debug("chart name", &[("chart-name", chart.name())]);
        tell_one(&schema.to_string_lossy());
    }
    let count = chart.dependencies.len().to_string();
    let attributes = [("chart", chart.name()), ("dependencies", &count)];
    logging::debug("number of dependencies in the chart", &attributes);
    for dependency in &chart.dependencies {
        if let Some(Value::Map(inner)) = values.get(dependency.name()) {
            tell_all(dependency, &inner);
        }
    }
}

/// Tells the text of a schema.
pub(crate) fn tell_one(schema: &str) {
    logging::debug("unmarshalled JSON schema", &[("schema", schema)]);
}
