//! From arguments and flags to a loaded chart and the user's values: what `template`, `install` and `upgrade` share.

use std::io::Read;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use chart::{Chart, ReadError, Sources};
use value::Map;

use crate::commands::table::Invocation;
use crate::errors::CommandError;
use crate::flags::Parsed;
use crate::{logging, terminal};

/// A chart that can be installed, and what the user wants its values to be.
pub(crate) struct Source {
    /// The chart as loaded, dependencies not settled yet.
    pub(crate) chart: Chart,
    /// The user's values.
    pub(crate) values: Map,
}

/// Loads the chart and gathers the values (Helm: cmd/install.go, runInstall).
pub(crate) fn read(invocation: &Invocation, reference: &str) -> Result<Source, CommandError> {
    let source = load_source(invocation, reference)?;
    check_installable(&source.chart)?;
    check_version(&source.chart)?;
    warn_if_deprecated(&source.chart);
    check_dependencies(invocation, &source.chart)?;
    Ok(source)
}

/// As [`read`], but takes charts of any type (Helm: cmd/upgrade.go).
pub(crate) fn read_for_upgrade(invocation: &Invocation, reference: &str) -> Result<Source, CommandError> {
    let source = load_source(invocation, reference)?;
    check_version(&source.chart)?;
    check_dependencies(invocation, &source.chart)?;
    warn_if_deprecated(&source.chart);
    Ok(source)
}

fn load_source(invocation: &Invocation, reference: &str) -> Result<Source, CommandError> {
    if invocation.flags.non_empty("post-renderer").is_some() {
        return Err(CommandError::message("post-renderer plugins are not available yet"));
    }
    let is_debug = invocation.settings.is_debug;
    if is_debug {
        logging::debug("Original chart version", &[("version", invocation.flags.string("version"))]);
    }
    let path = locate(&invocation.flags, reference)?;
    if is_debug {
        logging::debug("Chart path", &[("path", &path)]);
    }
    let values = values(&invocation.flags)?;
    Ok(Source { chart: load(&path)?, values })
}

fn warn_if_deprecated(chart: &Chart) {
    if chart.metadata.deprecated {
        logging::warn("this chart is deprecated");
    }
}

/// Loads a chart and prints what Helm logs while it does.
pub(crate) fn load(path: &str) -> Result<Chart, CommandError> {
    let mut warnings = Vec::new();
    let result = chart::files::load(path, &mut warnings);
    print_warnings(&warnings);
    result.map_err(|error| CommandError::message(error.full_text()))
}

/// Prints log lines of the chart crate.
pub(crate) fn print_warnings(warnings: &[chart::Warning]) {
    for warning in warnings {
        terminal::error_line(&warning.to_string());
    }
}

/// Gathers the values that flags give.
pub(crate) fn values(flags: &Parsed) -> Result<Map, CommandError> {
    let sources = Sources {
        files: flags.list("values").to_vec(),
        json: flags.list("set-json").to_vec(),
        set: flags.list("set").to_vec(),
        strings: flags.list("set-string").to_vec(),
        file_contents: flags.list("set-file").to_vec(),
        literals: flags.list("set-literal").to_vec(),
    };
    chart::gather(&sources, &mut read_source).map_err(|error| CommandError::message(error.full_text()))
}

/// Reads a file that a flag names; `-` is standard input.
fn read_source(path: &str) -> Result<Vec<u8>, ReadError> {
    if path.trim() == "-" {
        let mut text = Vec::new();
        std::io::stdin().read_to_end(&mut text)?;
        return Ok(text);
    }
    if path.starts_with("http://") || path.starts_with("https://") {
        return Err(
            format!("values from URLs are not available yet: download {path} and pass the file").into()
        );
    }
    Ok(chart::files::read(path)?)
}

/// Turns a chart reference into a path (Helm: action/install.go, LocateChart).
pub(crate) fn locate(flags: &Parsed, reference: &str) -> Result<String, CommandError> {
    let name = reference.trim();
    let is_remote = flags.non_empty("repo").is_some();
    if !is_remote && Path::new(name).exists() {
        if flags.bool("verify") {
            return Err(CommandError::message(
                "checking a chart's signature (--verify) is not available yet",
            ));
        }
        let path = std::path::absolute(name).map_err(|error| CommandError::message(error.to_string()))?;
        return Ok(path.to_string_lossy().into_owned());
    }
    if !is_remote && (name.starts_with('/') || name.starts_with('.')) {
        let quoted = value::gofmt::quoted(name.as_bytes());
        return Err(CommandError::message(format!("path {quoted} not found")));
    }
    if !is_remote && !name.contains("://") {
        return Err(CommandError::message(match name.split_once('/') {
            Some((repository, _)) => format!("repo {repository} not found"),
            None => format!("non-absolute URLs should be in form of repo_name/path_to_chart, got: {name}"),
        }));
    }
    Err(CommandError::message(format!(
        "charts from repositories are not available yet: download {name} and pass the file"
    )))
}

/// Charts of version 3 are loaded, but no operation takes them (Helm: action/install.go, RunWithContext).
fn check_version(chart: &Chart) -> Result<(), CommandError> {
    match chart.metadata.api_version.as_str() {
        "v3" => Err(CommandError::message("invalid chart apiVersion")),
        _ => Ok(()),
    }
}

fn check_installable(chart: &Chart) -> Result<(), CommandError> {
    match chart.metadata.chart_type.as_str() {
        "" | "application" => Ok(()),
        other => Err(CommandError::message(format!("{other} charts are not installable"))),
    }
}

fn check_dependencies(invocation: &Invocation, chart: &Chart) -> Result<(), CommandError> {
    let Err(error) = chart::dependencies::check(chart) else { return Ok(()) };
    if invocation.flags.bool("dependency-update") {
        return Err(CommandError::message(
            "fetching dependencies (--dependency-update) is not available yet",
        ));
    }
    Err(CommandError::message(format!(
        "an error occurred while checking for chart dependencies. You may need to run 'helm dependency build' to fetch \
         missing dependencies: {}",
        error.full_text()
    )))
}

/// Tells release name and chart from the arguments (Helm: action/install.go, NameAndChart).
pub(crate) fn name_and_chart(
    flags: &Parsed,
    default_name: Option<&str>,
) -> Result<(String, String), CommandError> {
    let arguments = &flags.arguments;
    if arguments.len() > 2 {
        let unexpected = arguments[2..].join(", ");
        return Err(CommandError::message(format!(
            "expected at most two arguments, unexpected arguments: {unexpected}"
        )));
    }
    if let [name, chart] = arguments.as_slice() {
        for flag in ["generate-name", "name-template"] {
            if flags.bool(flag) || (flag == "name-template" && flags.non_empty(flag).is_some()) {
                return Err(CommandError::message(format!("cannot set --{flag} and also specify a name")));
            }
        }
        return Ok((name.clone(), chart.clone()));
    }
    let chart = arguments.first().cloned().unwrap_or_default();
    if let Some(template) = flags.non_empty("name-template") {
        return Ok((name_from_template(template)?, chart));
    }
    if let Some(name) = default_name {
        return Ok((name.to_owned(), chart));
    }
    if !flags.bool("generate-name") {
        return Err(CommandError::message("must either provide a name or specify --generate-name"));
    }
    Ok((generated_name(&chart), chart))
}

fn name_from_template(template: &str) -> Result<String, CommandError> {
    let message = |text: String| CommandError::message(text);
    let functions = sprig::functions(std::rc::Rc::new(crate::ambient::System));
    let mut set = gotmpl::TemplateSet::new("name-template", functions, gotmpl::Options::default());
    set.parse("name-template", template).map_err(|error| message(error.to_string()))?;
    let mut name = Vec::new();
    set.execute("name-template", &value::Value::Nil, &mut name)
        .map_err(|error| message(error.to_string()))?;
    Ok(String::from_utf8_lossy(&name).into_owned())
}

fn generated_name(chart: &str) -> String {
    let base = chart.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let base = if matches!(base, "" | ".") { "chart" } else { base };
    let base = base.split('.').next().unwrap_or(base);
    let seconds =
        SystemTime::now().duration_since(UNIX_EPOCH).map(|since| since.as_secs()).unwrap_or_default();
    format!("{base}-{seconds}")
}

/// Reads `--dry-run` (Helm: cmd/helpers.go, cmdGetDryRunFlagStrategy).
pub(crate) fn dry_run(flags: &Parsed, is_template: bool) -> Result<DryRun, CommandError> {
    let text = flags.string("dry-run");
    let quoted = value::gofmt::quoted(text.as_bytes());
    let never_none = || {
        CommandError::message(format!("invalid dry-run value ({quoted}). Must be \"server\" or \"client\""))
    };
    match text {
        "unset" => {
            logging::warn("--dry-run is deprecated and should be replaced with '--dry-run=client'");
            return Ok(DryRun::Client);
        }
        "client" => return Ok(DryRun::Client),
        "server" => return Ok(DryRun::Server),
        "none" if is_template => return Err(never_none()),
        "none" => return Ok(DryRun::None),
        _ => {}
    }
    let Ok(flag) = value::strconv::parse_bool(text) else {
        return Err(CommandError::message(format!(
            "invalid dry-run value ({quoted}). Must be \"none\", \"server\", or \"client\""
        )));
    };
    if is_template && !flag {
        return Err(never_none());
    }
    let (strategy, name) = if flag { (DryRun::Client, "client") } else { (DryRun::None, "none") };
    logging::warn(&format!(
        "boolean '--dry-run={text}' flag is deprecated and must be replaced with '--dry-run={name}'"
    ));
    Ok(strategy)
}

/// How much of an operation is only simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DryRun {
    /// Nothing: it is carried out.
    None,
    /// All of it, without a cluster.
    Client,
    /// All changes; the cluster is asked.
    Server,
}
