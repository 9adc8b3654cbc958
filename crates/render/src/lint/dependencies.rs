//! The rules on dependencies (Helm: lint/rules/dependencies.go).

use std::collections::HashSet;

use chart::Chart;

use super::message::Severity;
use super::run::{Report, Source};

pub(super) fn check(source: &Source, report: &mut Report) {
    report.warn(&source.warnings);
    let chart = match &source.chart {
        Ok(chart) => chart,
        Err(problem) => {
            report.check(Severity::Error, "", Some(format!("unable to load chart\n\t{problem}")));
            return;
        }
    };
    let path = source.directory.as_str();
    let problem = listed(undeclared(chart), "chart metadata is missing these dependencies");
    report.check(Severity::Error, path, problem);
    report.check(Severity::Error, path, listed(repeated(chart), "multiple dependencies with name or alias"));
    let problem = listed(absent(chart), "chart directory is missing these dependencies");
    report.check(Severity::Warning, path, problem);
}

fn listed(names: Vec<&str>, what: &str) -> Option<String> {
    (!names.is_empty()).then(|| format!("{what}: {}", names.join(",")))
}

fn undeclared(chart: &Chart) -> Vec<&str> {
    let declared: HashSet<&str> = chart.metadata.dependencies().map(|entry| entry.name.as_str()).collect();
    chart.dependencies.iter().map(Chart::name).filter(|name| !declared.contains(name)).collect()
}

fn absent(chart: &Chart) -> Vec<&str> {
    let present: HashSet<&str> = chart.dependencies.iter().map(Chart::name).collect();
    let declared = chart.metadata.dependencies().map(|entry| entry.name.as_str());
    declared.filter(|name| !present.contains(name)).collect()
}

fn repeated(chart: &Chart) -> Vec<&str> {
    let mut seen = HashSet::new();
    let keys = chart.metadata.dependencies().map(|entry| match entry.alias.as_str() {
        "" => entry.name.as_str(),
        alias => alias,
    });
    keys.filter(|key| !seen.insert(*key)).collect()
}
