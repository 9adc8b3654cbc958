//! What tables say of a revision's chart (cmd/history.go, formatChartName and formatAppVersion).

use release::{ChartPart, Record};

/// Found in records of unknown origin, which have no chart.
const MISSING: &str = "MISSING";

fn chart(record: &Record) -> Option<&ChartPart> {
    record.chart.as_ref().filter(|chart| !chart.metadata.is_null())
}

/// Returns name and version of the chart, joined by a dash.
pub(crate) fn chart_title(record: &Record) -> String {
    match chart(record) {
        Some(_) => format!("{}-{}", record.chart_metadata("name"), record.chart_metadata("version")),
        None => MISSING.to_owned(),
    }
}

/// Returns the version of the application in the chart.
pub(crate) fn app_version(record: &Record) -> String {
    match chart(record) {
        Some(_) => record.chart_metadata("appVersion").to_owned(),
        None => MISSING.to_owned(),
    }
}
