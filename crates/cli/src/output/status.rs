//! A revision as `status`, `install`, `upgrade`, `test` and `get all` show it (cmd/status.go, statusPrinter).

use std::fmt::Write as _;

use chart::Chart;
use manifest::{Hook, HookEvent, Time};
use release::Record;
use serde_json::Value;

use super::colours::Colours;
use super::{RowPrinter, go_json, ordered_release, yaml};
use crate::clock::{self, ANSIC};
use crate::errors::CommandError;
use crate::renderer::config;
use crate::stored_chart;

/// A revision and how to show it.
pub(crate) struct Report<'a> {
    /// The revision.
    pub(crate) record: &'a Record,
    /// The chart it was just made of, whose subcharts' values are shown too; records do not keep subcharts.
    pub(crate) chart: Option<&'a Chart>,
    /// Its objects, by kind: tables for people, else the objects themselves.
    pub(crate) resources: &'a [(String, Vec<Value>)],
    /// Whether values, hooks and manifest are shown.
    pub(crate) is_debug: bool,
    /// Whether the chart is named.
    pub(crate) shows_chart: bool,
    /// Whether notes are left out.
    pub(crate) hides_notes: bool,
    /// Colours.
    pub(crate) colours: Colours,
}

impl Report<'_> {
    /// Returns the report in a format of `--output`.
    ///
    /// # Errors
    /// When values cannot be written.
    pub(crate) fn in_format(&self, format: &str) -> Result<Vec<u8>, CommandError> {
        match format {
            "json" => go_json(&ordered_release(self.record, self.resources)),
            "yaml" => yaml(&ordered_release(self.record, self.resources)),
            _ => self.text().map(String::into_bytes),
        }
    }

    fn text(&self) -> Result<String, CommandError> {
        let mut out = String::new();
        self.push_head(&mut out);
        self.push_resources(&mut out);
        push_tests(self.record, &mut out);
        if self.is_debug {
            self.push_values(&mut out)?;
        }
        let info = &self.record.info;
        if self.is_debug || info.description.eq_ignore_ascii_case("Dry run complete") {
            out.push_str("HOOKS:\n");
            out.push_str(&hooks_text(&self.record.hooks));
            let _ = writeln!(out, "MANIFEST:\n{}", self.record.manifest);
        }
        if !self.hides_notes && !info.notes.is_empty() {
            let _ = writeln!(out, "NOTES:\n{}", info.notes.trim());
        }
        Ok(out)
    }

    fn push_head(&self, out: &mut String) {
        let record = self.record;
        let _ = writeln!(out, "NAME: {}", record.name);
        if let Some(time) = record.info.last_deployed.filter(|time| !time.is_zero()) {
            let _ = writeln!(out, "LAST DEPLOYED: {}", ansic(time));
        }
        let _ = writeln!(out, "NAMESPACE: {}", self.colours.namespace(&record.namespace));
        let _ = writeln!(out, "STATUS: {}", self.colours.status(&record.info.status));
        let _ = writeln!(out, "REVISION: {}", record.version);
        if self.shows_chart {
            for (title, member) in [("CHART", "name"), ("VERSION", "version"), ("APP_VERSION", "appVersion")]
            {
                let _ = writeln!(out, "{title}: {}", record.chart_metadata(member));
            }
        }
        let _ = writeln!(out, "DESCRIPTION: {}", record.info.description);
    }

    /// Helm shows the kinds in no order; here they are in that of the manifest.
    fn push_resources(&self, out: &mut String) {
        if self.resources.is_empty() {
            return;
        }
        let mut printer = RowPrinter::default();
        out.push_str("RESOURCES:\n");
        for (kind, tables) in self.resources {
            let _ = writeln!(out, "==> {kind}");
            tables.iter().for_each(|table| printer.print(table, out));
            out.push('\n');
        }
        out.push('\n');
    }

    fn push_values(&self, out: &mut String) -> Result<(), CommandError> {
        let computed = match self.chart {
            Some(chart) => coalesced(chart, self.record)?,
            None => computed_values(self.record)?,
        };
        for (title, values) in
            [("USER-SUPPLIED VALUES", user_values(self.record)), ("COMPUTED VALUES", computed)]
        {
            let _ = write!(out, "{title}:\n{}\n", String::from_utf8_lossy(&yaml(&values)?));
        }
        Ok(())
    }
}

fn ansic(time: Time) -> String {
    // The zone's name is not part of this form, so its offset is all that matters.
    clock::shown(time, &value::time::Zone::Utc).format(ANSIC)
}

fn push_tests(record: &Record, out: &mut String) {
    let runs = |hook: &Hook| hook.events.iter().filter(|event| **event == HookEvent::Test).count();
    if record.hooks.iter().all(|hook| runs(hook) == 0) {
        out.push_str("TEST SUITE: None\n");
    }
    for hook in &record.hooks {
        let Some(started) = hook.last_run.started_at.filter(|time| !time.is_zero()) else { continue };
        for _ in 0..runs(hook) {
            let _ = write!(
                out,
                "TEST SUITE:     {}\nLast Started:   {}\nLast Completed: {}\nPhase:          {}\n",
                hook.name,
                ansic(started),
                ansic(hook.last_run.completed_at.unwrap_or(Time::ZERO)),
                hook.last_run.phase.as_str()
            );
        }
    }
}

/// Returns hooks under their `# Source:` lines.
pub(crate) fn hooks_text(hooks: &[Hook]) -> String {
    hooks.iter().fold(String::new(), |mut out, hook| {
        let _ = write!(out, "---\n# Source: {}\n{}\n", hook.path, hook.manifest);
        out
    })
}

/// Returns the values a user gave; null when a stored revision has none.
pub(crate) fn user_values(record: &Record) -> Value {
    record.config.clone().map_or(Value::Null, Value::Object)
}

/// Works a revision's values out from those given and the chart's.
///
/// # Errors
/// When they cannot be.
pub(crate) fn computed_values(record: &Record) -> Result<Value, CommandError> {
    coalesced(&stored_chart::chart(record.chart.as_ref()), record)
}

fn coalesced(chart: &Chart, record: &Record) -> Result<Value, CommandError> {
    let mut warnings = Vec::new();
    let values = chart::values::coalesce(chart, &config(record), &mut warnings);
    crate::commands::chart_source::print_warnings(&warnings);
    let values = values.map_err(|error| CommandError::message(error.full_text()))?;
    value::json::to_serde(&value::Value::Map(values))
        .map_err(|error| CommandError::message(error.to_string()))
}
