//! `lint`: checks charts by Helm's rules.

use std::fmt::Write as _;
use std::fs;
use std::rc::Rc;

use chart::files;
use chart::schema::Loader;
use render::lint::{self, Message, Place, Severity, Source, Told};
use render::{Host, KubeVersion};
use tempfile::TempDir;
use value::Map;

use crate::commands::shared_flags::VALUES;
use crate::commands::table::{Arguments, Command, Invocation};
use crate::commands::{chart_source, template};
use crate::errors::CommandError;
use crate::flags::{Flag, Parsed, boolean, string};
use crate::{ambient, schema_log, terminal};

const FLAGS: &[Flag] = &[
    string("kube-version", "", "version of Kubernetes to assume, also for deprecations"),
    boolean("quiet", "print only warnings and errors"),
    boolean("skip-schema-validation", "do not check values against values.schema.json"),
    boolean("strict", "fail on warnings too"),
    boolean("with-subcharts", "check the charts in charts/ too"),
];

pub(crate) static COMMAND: Command = Command {
    name: "lint",
    aliases: &[],
    usage: "PATH",
    summary: "Check a chart for mistakes",
    description: "Checks charts. What keeps a chart from being installed is an error, what breaks with conventions a warning.",
    example: "lint ./my-chart --strict",
    arguments: Arguments::AtLeast(1),
    flags: &[FLAGS, VALUES],
    exclusive: &[],
    subcommands: &[],
    run: Some(run),
};

fn run(invocation: &Invocation) -> Result<(), CommandError> {
    let flags = &invocation.flags;
    let kube_version = kube_version(flags)?;
    let paths = paths(flags);
    let values = chart_source::values(invocation)?;
    let namespace = template::namespace(invocation);
    let linter = Linter {
        values: &values,
        namespace: &namespace,
        kube_version: kube_version.as_ref(),
        schema_loader: (!flags.bool("skip-schema-validation"))
            .then_some(&crate::schema_sources::SchemaSources),
        is_debug: invocation.settings.is_debug,
        host: Host { ambient: Rc::new(ambient::System), lookup: None, resolve_host: None, post_render: None },
    };
    let tolerated = if flags.bool("strict") { Severity::Info } else { Severity::Warning };
    let is_quiet = flags.bool("quiet");
    let (mut failed, mut remarkable) = (0, 0);
    let mut out = String::new();
    for path in &paths {
        let result = linter.lint(path);
        let is_remarkable = match &result {
            Ok(messages) => messages.iter().any(|message| message.severity > Severity::Info),
            Err(_) => true,
        };
        let is_failed = match &result {
            Ok(messages) => messages.iter().any(|message| message.severity > tolerated),
            Err(_) => true,
        };
        remarkable += usize::from(is_remarkable);
        failed += usize::from(is_failed);
        if is_remarkable || !is_quiet {
            push_result(&mut out, path, &result, is_quiet);
        }
    }
    terminal::print(&out);
    let summary = format!("{} chart(s) linted, {failed} chart(s) failed", paths.len());
    if failed > 0 {
        return Err(CommandError::message(summary));
    }
    if !is_quiet || remarkable > 0 {
        terminal::print(&format!("{summary}\n"));
    }
    Ok(())
}

fn push_result(out: &mut String, path: &str, result: &Result<Vec<Message>, String>, is_quiet: bool) {
    let _ = writeln!(out, "==> Linting {path}");
    match result {
        Err(problem) => {
            let _ = writeln!(out, "Error {problem}");
        }
        Ok(messages) => {
            for message in messages.iter().filter(|message| !is_quiet || message.severity > Severity::Info) {
                let _ = writeln!(out, "{message}");
            }
        }
    }
    out.push('\n');
}

fn kube_version(flags: &Parsed) -> Result<Option<KubeVersion>, CommandError> {
    let Some(text) = flags.non_empty("kube-version") else { return Ok(None) };
    let version = KubeVersion::parse(text);
    version
        .map(Some)
        .map_err(|reason| CommandError::message(format!("invalid kube version '{text}': {reason}")))
}

/// Returns the charts to check: the arguments, then, if wanted, what lies in their `charts/`.
fn paths(flags: &Parsed) -> Vec<String> {
    let mut paths = flags.arguments.clone();
    if flags.bool("with-subcharts") {
        for path in &flags.arguments {
            collect_charts(&joined(path, "charts"), &mut paths);
        }
    }
    paths
}

/// Finds charts and archives below a path, in the order of names; links are not followed (Go: `filepath.Walk`).
fn collect_charts(path: &str, found: &mut Vec<String>) {
    let Ok(about) = fs::symlink_metadata(path) else { return };
    let name = path.rsplit('/').next().unwrap_or(path);
    if name == "Chart.yaml" {
        found.push(path.rsplit_once('/').map_or(".", |(directory, _)| directory).to_owned());
    } else if is_archive(path) {
        found.push(path.to_owned());
    }
    if about.is_dir() {
        let entries = fs::read_dir(path).into_iter().flatten().flatten();
        let mut names: Vec<String> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort_unstable();
        names.iter().for_each(|name| collect_charts(&format!("{path}/{name}"), found));
    }
}

fn is_archive(path: &str) -> bool {
    path.ends_with(".tgz") || path.ends_with(".tar.gz")
}

/// Returns Go's `filepath.Join`: nothing in front adds no slash.
fn joined(directory: &str, name: &str) -> String {
    if directory.is_empty() { name.to_owned() } else { chart::clean(&format!("{directory}/{name}")) }
}

/// What all charts of a run are checked with.
struct Linter<'a> {
    values: &'a Map,
    namespace: &'a str,
    kube_version: Option<&'a KubeVersion>,
    schema_loader: Option<&'a crate::schema_sources::SchemaSources>,
    is_debug: bool,
    host: Host,
}

impl Linter<'_> {
    /// Checks one chart and prints what Helm logs meanwhile (Helm: action/lint.go, lintChart).
    fn lint(&self, path: &str) -> Result<Vec<Message>, String> {
        if !is_archive(path) {
            return self.lint_directory(path);
        }
        let temporary = unpacked(path)?;
        self.lint_directory(&temporary.1)
    }

    fn lint_directory(&self, path: &str) -> Result<Vec<Message>, String> {
        files::stat(&joined(path, "Chart.yaml"))
            .map_err(|error| format!("unable to check Chart.yaml file in chart: {}", error.full_text()))?;
        let source = source(path).map_err(|error| error.full_text())?;
        let report = lint::run(&lint::Request {
            source: &source,
            values: self.values,
            namespace: self.namespace,
            kube_version: self.kube_version,
            schema_loader: self.schema_loader.map(|loader| -> &dyn Loader { loader }),
            host: &self.host,
        });
        report.log.iter().for_each(|told| self.tell(told, &source));
        Ok(report.messages)
    }

    fn tell(&self, told: &Told, source: &Source) {
        match (told, &source.schema, &source.chart) {
            (Told::Line(line), ..) => terminal::error_line(line),
            (Told::ValuesSchema, Place::File(schema), _) if self.is_debug => {
                schema_log::tell_one(&String::from_utf8_lossy(schema));
            }
            (Told::ChartSchemas, _, Ok(chart)) if self.is_debug => {
                schema_log::tell_of_loaded(chart, self.values);
            }
            _ => {}
        }
    }
}

/// Unpacks an archive to a directory that lives as long as its handle.
fn unpacked(path: &str) -> Result<(TempDir, String), String> {
    let directory = tempfile::Builder::new().prefix("helm-lint").tempdir();
    let directory =
        directory.map_err(|error| format!("unable to create temp dir to extract tarball: {error}"))?;
    files::stat(path).map_err(|error| {
        let text = error.full_text();
        format!("unable to open tarball: {}", text.replacen("stat ", "open ", 1))
    })?;
    let chart = files::expand(path, &directory.path().to_string_lossy())
        .map_err(|error| format!("unable to extract tarball: {}", error.full_text()))?;
    Ok((directory, chart))
}

fn source(path: &str) -> Result<Source, chart::Error> {
    let directory = files::absolute(path)?;
    let read = |name: &str| place(&format!("{directory}/{name}"), true);
    let look = |name: &str| place(&format!("{directory}/{name}"), false);
    let mut warnings = Vec::new();
    let chart = files::load_any_version(&directory, &mut warnings);
    Ok(Source {
        chart_file: read("Chart.yaml"),
        values: read("values.yaml"),
        schema: read("values.schema.json"),
        templates: look("templates"),
        crds: look("crds"),
        chart: chart.map_err(|error| error.full_text()),
        warnings,
        directory,
    })
}

fn place(path: &str, with_contents: bool) -> Place {
    let Ok(about) = fs::metadata(path) else { return Place::Missing };
    if !with_contents && !about.is_dir() {
        return Place::File(Vec::new());
    }
    if !with_contents {
        return Place::Directory(String::new());
    }
    match files::read(path) {
        Ok(contents) => Place::File(contents),
        Err(error) if about.is_dir() => Place::Directory(error.full_text()),
        Err(error) => Place::Unreadable(error.full_text()),
    }
}
