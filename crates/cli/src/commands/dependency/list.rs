//! `dependency list`: which dependencies a chart declares, and whether they are there.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use chart::{Chart, Dependency, Metadata, ignore};
use value::semver::{Constraints, Version};

use super::chart_path;
use crate::commands::chart_source;
use crate::commands::table::{Arguments, Command, Invocation};
use crate::errors::CommandError;
use crate::flags::{Flag, Kind};
use crate::output::Table;
use crate::terminal;

const FLAGS: &[Flag] =
    &[Flag::of("max-col-width", Kind::Uint, "80", "widest column of the table; 0 for any")];

pub(super) static COMMAND: Command = Command {
    name: "list",
    aliases: &["ls"],
    usage: "CHART",
    summary: "List a chart's dependencies",
    description: "Lists the dependencies that a chart declares and whether each lies in charts/ in a fitting version. Nothing\n\
        is changed. The chart is a directory or an archive.",
    example: "dependency list ./my-chart",
    arguments: Arguments::AtMost(1),
    flags: &[FLAGS],
    exclusive: &[],
    subcommands: &[],
    run: Some(run),
};

/// Prints table and warnings (Helm: action/dependency.go, List).
fn run(invocation: &Invocation) -> Result<(), CommandError> {
    let flags = &invocation.flags;
    let path = chart_path(&flags.arguments);
    let chart = load(&path).map_err(|error| CommandError::message(error.full_text()))?;
    let Some(declared) = &chart.metadata.dependencies else {
        terminal::print(&format!("WARNING: no dependencies at {}\n", joined(&path, "charts")));
        return Ok(());
    };
    let mut table = Table::new().limit(usize::try_from(flags.uint("max-col-width")).unwrap_or(usize::MAX));
    table.add(["NAME", "VERSION", "REPOSITORY", "STATUS"]);
    for dependency in declared.iter().flatten() {
        let status = status(&path, dependency, &chart);
        table.add([&*dependency.name, &*dependency.version, &*dependency.repository, status]);
    }
    let mut out = table.text();
    out.push('\n');
    warn_of_others(&path, &chart.metadata, &mut out);
    terminal::print(&out);
    Ok(())
}

fn load(path: &str) -> Result<Chart, chart::Error> {
    let mut warnings = Vec::new();
    let result = chart::files::load_any_version(path, &mut warnings);
    chart_source::print_warnings(&warnings);
    result
}

/// Returns Go's `filepath.Join`.
fn joined(directory: &str, name: &str) -> String {
    chart::clean(&format!("{directory}/{name}"))
}

/// Returns the paths in a directory whose names match, in the order of names (Go: `filepath.Glob`); `None` for a
/// malformed pattern.
fn glob(directory: &str, pattern: &str) -> Option<Vec<String>> {
    if !ignore::is_pattern(pattern) {
        return None;
    }
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| ignore::path_match(pattern, name))
        .collect();
    names.sort_unstable();
    Some(names.iter().map(|name| joined(directory, name)).collect())
}

/// Says whether a dependency is there: as archives, whose names count, else as what was loaded (Helm:
/// action/dependency.go, dependencyStatus).
fn status(path: &str, dependency: &Dependency, parent: &Chart) -> &'static str {
    let name = &dependency.name;
    let pattern = joined(&joined(path, "charts"), &format!("{name}-*.tgz"));
    let (directory, pattern) = pattern.rsplit_once('/').unwrap_or((".", &pattern));
    let Some(archives) = glob(directory, pattern) else { return "bad pattern" };
    let is_versioned = |archive: &&String| {
        let base = archive.rsplit('/').next().unwrap_or(archive);
        let stem = base.strip_suffix(".tgz").unwrap_or(base);
        let version = stem.strip_prefix(&format!("{name}-")).unwrap_or(stem);
        Version::parse_strict(version).is_ok()
    };
    let candidates: Vec<&String> = match archives.as_slice() {
        [only] => vec![only],
        several => several.iter().filter(is_versioned).collect(),
    };
    match candidates.as_slice() {
        [archive] if Path::new(archive).exists() => return archive_status(archive, dependency),
        [] | [_] => {}
        _ => return "too many matches",
    }
    // Helm: of several charts of one name, the last counts.
    match parent.dependencies.iter().rfind(|chart| chart.name() == name) {
        None => "missing",
        Some(chart) => version_problem(&chart.metadata.version, &dependency.version).unwrap_or("unpacked"),
    }
}

fn archive_status(archive: &str, dependency: &Dependency) -> &'static str {
    match load(archive) {
        Err(_) => "corrupt",
        Ok(chart) if chart.name() != dependency.name => "misnamed",
        Ok(chart) => version_problem(&chart.metadata.version, &dependency.version).unwrap_or("ok"),
    }
}

fn version_problem(found: &str, wanted: &str) -> Option<&'static str> {
    if found == wanted {
        return None;
    }
    match (Constraints::parse(wanted), Version::parse(found)) {
        (Ok(range), Ok(version)) if range.check(&version) => None,
        (Ok(_), Ok(_)) => Some("wrong version"),
        _ => Some("invalid version"),
    }
}

/// Warns of what lies in `charts/` but is not declared (printMissing).
fn warn_of_others(path: &str, metadata: &Metadata, out: &mut String) {
    for path in glob(&joined(path, "charts"), "*").unwrap_or_default() {
        let about = match chart::files::stat(&path) {
            Ok(about) => about,
            Err(error) => {
                let _ = writeln!(out, "Warning: {}", error.full_text());
                continue;
            }
        };
        if !about.is_dir() && !path.ends_with(".tgz") {
            continue;
        }
        let quoted = value::gofmt::quoted(path.as_bytes());
        let _ = match load(&path) {
            Err(_) => writeln!(out, "WARNING: {quoted} is not a chart."),
            Ok(chart) if metadata.dependencies().any(|dependency| dependency.name == chart.name()) => Ok(()),
            Ok(_) => writeln!(out, "WARNING: {quoted} is not in Chart.yaml."),
        };
    }
}
