//! `get metadata`: what a release is, without its objects.

use std::fmt::Write as _;

use manifest::Time;
use release::{Labels, Record};
use serde::Serialize;
use serde_json::Value;
use value::time::Zone;

use crate::clock::{self, RFC3339};
use crate::commands::shared_flags::{OUTPUT, REVISION};
use crate::commands::table::{Arguments, Command, Invocation};
use crate::errors::CommandError;
use crate::output::{go_json, yaml};
use crate::terminal;

pub(super) static COMMAND: Command = Command {
    name: "metadata",
    aliases: &[],
    usage: "RELEASE_NAME",
    summary: "Show the metadata of a release",
    description: "Shows name, chart, versions, labels, state and time of a revision.",
    example: "get metadata web --output json",
    arguments: Arguments::Exactly(1),
    flags: &[&[OUTPUT, REVISION]],
    exclusive: &[],
    subcommands: &[],
    run: Some(run),
};

/// What is shown (action/get_metadata.go, Metadata).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata<'a> {
    name: &'a str,
    chart: &'a str,
    version: &'a str,
    app_version: &'a str,
    #[serde(skip_serializing_if = "is_empty")]
    annotations: &'a Value,
    #[serde(skip_serializing_if = "Labels::is_empty")]
    labels: &'a Labels,
    #[serde(skip_serializing_if = "Option::is_none")]
    dependencies: Option<release::Dependencies<'a>>,
    namespace: &'a str,
    revision: i64,
    status: &'a str,
    deployed_at: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    apply_method: &'a str,
}

fn is_empty(annotations: &Value) -> bool {
    annotations.as_object().is_none_or(serde_json::Map::is_empty)
}

fn run(invocation: &Invocation) -> Result<(), CommandError> {
    let record = super::record(invocation)?;
    let metadata = metadata(&record);
    let text = match invocation.flags.string("output") {
        "json" => go_json(&metadata)?,
        "yaml" => yaml(&metadata)?,
        _ => text(&metadata).into_bytes(),
    };
    terminal::print_bytes(&text);
    Ok(())
}

fn metadata(record: &Record) -> Metadata<'_> {
    let chart = record.chart.as_ref().map_or(&Value::Null, |chart| &chart.metadata);
    let dependencies = &chart["dependencies"];
    let has_dependencies = dependencies.as_array().is_some_and(|list| !list.is_empty());
    let deployed = record.info.last_deployed.unwrap_or(Time::ZERO);
    Metadata {
        name: &record.name,
        chart: record.chart_metadata("name"),
        version: record.chart_metadata("version"),
        app_version: record.chart_metadata("appVersion"),
        annotations: &chart["annotations"],
        labels: &record.labels,
        dependencies: has_dependencies.then_some(release::Dependencies(dependencies)),
        namespace: &record.namespace,
        revision: record.version,
        status: record.info.status.as_str(),
        deployed_at: clock::shown(deployed, &Zone::Utc).format(RFC3339),
        apply_method: &record.apply_method,
    }
}

fn text(metadata: &Metadata<'_>) -> String {
    let annotations = metadata.annotations.as_object().into_iter().flatten();
    let annotations = annotations.map(|(key, text)| (key.as_str(), text.as_str().unwrap_or_default()));
    let labels = metadata.labels.iter().map(|(key, text)| (key.as_str(), text.as_str()));
    let revision = metadata.revision.to_string();
    let mut out = String::new();
    for (title, text) in [
        ("NAME", metadata.name),
        ("CHART", metadata.chart),
        ("VERSION", metadata.version),
        ("APP_VERSION", metadata.app_version),
        ("ANNOTATIONS", &pairs(annotations)),
        ("LABELS", &pairs(labels)),
        ("DEPENDENCIES", &dependency_names(metadata)),
        ("NAMESPACE", metadata.namespace),
        ("REVISION", &revision),
        ("STATUS", metadata.status),
        ("DEPLOYED_AT", &metadata.deployed_at),
        ("APPLY_METHOD", &apply_method(metadata.apply_method)),
    ] {
        let _ = writeln!(out, "{title}: {text}");
    }
    out
}

/// Returns `a=b,c=d`, sorted.
fn pairs<'a>(entries: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut pairs: Vec<String> = entries.map(|(key, text)| format!("{key}={text}")).collect();
    pairs.sort();
    pairs.join(",")
}

fn dependency_names(metadata: &Metadata<'_>) -> String {
    let list = metadata.dependencies.as_ref().and_then(|dependencies| dependencies.0.as_array());
    let names = list.into_iter().flatten().map(|entry| entry["name"].as_str().unwrap_or_default());
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names.join(",")
}

fn apply_method(word: &str) -> String {
    match word {
        "" => "client-side apply (defaulted)".to_owned(),
        "csa" => "client-side apply".to_owned(),
        "ssa" => "server-side apply".to_owned(),
        other => format!("unknown ({})", value::gofmt::quoted(other.as_bytes())),
    }
}
