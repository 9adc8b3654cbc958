//! `show`: what a chart says of itself: metadata, default values, README, definitions.

use chart::{Chart, File};
use value::Value;
use value::jsonpath::Template;

use crate::commands::chart_source;
use crate::commands::shared_flags::CHART_SOURCE;
use crate::commands::table::{Arguments, Command, Invocation, Run};
use crate::errors::CommandError;
use crate::flags::{Flag, boolean, string};
use crate::{logging, repositories, terminal};

const DEVEL: &[Flag] = &[boolean("devel", "accept pre-release versions too")];
const JSONPATH: &[Flag] = &[string("jsonpath", "", "print only what this JSONPath template selects")];

pub(crate) static COMMAND: Command = Command {
    name: "show",
    aliases: &["inspect"],
    usage: "[command]",
    summary: "Show what a chart says of itself",
    description: "Shows the metadata, default values, README or custom resource definitions of a chart, or all of it.",
    example: "show values ./my-chart",
    arguments: Arguments::None,
    flags: &[],
    exclusive: &[],
    subcommands: &[&ALL, &CHART, &CRDS, &README, &VALUES],
    run: None,
};

static ALL: Command =
    part("all", "Show all of a chart", "show all ./my-chart", |invocation| show(invocation, all));
static CHART: Command = part("chart", "Show a chart's metadata", "show chart ./my-chart", |invocation| {
    show(invocation, metadata)
});
static CRDS: Command =
    part("crds", "Show a chart's custom resource definitions", "show crds ./my-chart", |invocation| {
        show(invocation, |out, chart| {
            definitions(out, chart);
            Ok(())
        })
    });
static README: Command = part("readme", "Show a chart's README", "show readme ./my-chart", |invocation| {
    show(invocation, |out, chart| {
        readme(out, chart, "");
        Ok(())
    })
});
static VALUES: Command = Command {
    flags: &[DEVEL, JSONPATH, CHART_SOURCE],
    ..part(
        "values",
        "Show a chart's default values",
        "show values ./my-chart --jsonpath '{.image}'",
        show_values,
    )
};

const fn part(name: &'static str, summary: &'static str, example: &'static str, run: Run) -> Command {
    Command {
        name,
        aliases: &[],
        usage: "[CHART]",
        summary,
        description: summary,
        example,
        arguments: Arguments::Exactly(1),
        flags: &[DEVEL, CHART_SOURCE],
        exclusive: &[],
        subcommands: &[],
        run: Some(run),
    }
}

/// Loads the chart and prints what is made of it (Helm: action/show.go, Run).
fn show(
    invocation: &Invocation,
    write: fn(&mut Vec<u8>, &Chart) -> Result<(), CommandError>,
) -> Result<(), CommandError> {
    let chart = load(invocation)?;
    let mut out = Vec::new();
    write(&mut out, &chart)?;
    terminal::print_bytes(&out);
    Ok(())
}

fn load(invocation: &Invocation) -> Result<Chart, CommandError> {
    let flags = &invocation.flags;
    repositories::check_certificates(flags)?;
    if invocation.settings.is_debug {
        logging::debug("original chart version", &[("version", flags.string("version"))]);
        if flags.bool("devel") && flags.non_empty("version").is_none() {
            logging::debug("setting version to >0.0.0-0", &[]);
        }
    }
    let path = chart_source::locate(invocation, &flags.arguments[0], repositories::tell_beside)?;
    let mut warnings = Vec::new();
    let result = chart::files::load_any_version(&path, &mut warnings);
    chart_source::print_warnings(&warnings);
    result.map_err(|error| CommandError::message(error.full_text()))
}

fn all(out: &mut Vec<u8>, chart: &Chart) -> Result<(), CommandError> {
    metadata(out, chart)?;
    if !chart.values.is_nil() {
        out.extend_from_slice(b"---\n");
        values_file(out, chart);
    }
    readme(out, chart, "---\n");
    definitions(out, chart);
    Ok(())
}

fn show_values(invocation: &Invocation) -> Result<(), CommandError> {
    let Some(text) = invocation.flags.non_empty("jsonpath") else {
        return show(invocation, |out, chart| {
            values_file(out, chart);
            Ok(())
        });
    };
    let chart = load(invocation)?;
    if chart.values.is_nil() {
        return Ok(());
    }
    let template = Template::parse(text)
        .map_err(|reason| CommandError::message(format!("error parsing jsonpath {text}: {reason}")))?;
    let mut out = Vec::new();
    // Helm: a template that finds nothing is no error (action/show.go drops it).
    let _ = template.write(&Value::Map(chart.values), &mut out);
    terminal::print_bytes(&out);
    Ok(())
}

fn metadata(out: &mut Vec<u8>, chart: &Chart) -> Result<(), CommandError> {
    let text = value::yaml::write_json(&chart::metadata_json(&chart.metadata));
    out.extend_from_slice(&text.map_err(|error| CommandError::message(error.to_string()))?);
    out.push(b'\n');
    Ok(())
}

/// Writes `values.yaml` as it stands in the chart, comments included.
fn values_file(out: &mut Vec<u8>, chart: &Chart) {
    if !chart.values.is_nil() {
        chart.raw.iter().filter(|file| &*file.name == "values.yaml").for_each(|file| push_line(out, file));
    }
}

fn readme(out: &mut Vec<u8>, chart: &Chart, separator: &str) {
    let is_readme = |file: &&File| {
        ["readme.md", "readme.txt", "readme"].iter().any(|name| file.name.eq_ignore_ascii_case(name))
    };
    if let Some(file) = chart.files.iter().find(is_readme) {
        out.extend_from_slice(separator.as_bytes());
        push_line(out, file);
    }
}

fn definitions(out: &mut Vec<u8>, chart: &Chart) {
    for definition in chart.crds() {
        if !definition.file.data.as_bytes().starts_with(b"---") {
            out.extend_from_slice(b"---\n");
        }
        push_line(out, &definition.file);
    }
}

fn push_line(out: &mut Vec<u8>, file: &File) {
    out.extend_from_slice(file.data.as_bytes());
    out.push(b'\n');
}
