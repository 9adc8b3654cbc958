//! `template`: renders a chart and prints its manifests.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::mem::ManuallyDrop;
use std::path::Path;
use std::rc::Rc;

use chart::{Chart, Composition, SchemaCheck};
use manifest::{Hook, HookEvent};
use render::{Capabilities, Failure, Host, KubeVersion, Rendered};
use value::{Map, Value};

use crate::commands::chart_source::{self, DryRun};
use crate::commands::shared_flags::{CHART_SOURCE, NAMING, RENDERING, VALUES, dry_run};
use crate::commands::table::{Arguments, Command, Invocation};
use crate::errors::CommandError;
use crate::flags::{Flag, Kind, Parsed, array, boolean, slice, string};
use crate::{ambient, logging, terminal};

const FLAGS: &[Flag] = &[
    slice("api-versions", "API versions that the cluster is assumed to have; may be repeated").short('a'),
    dry_run("client"),
    boolean("include-crds", "print the chart's CRDs too"),
    boolean("is-upgrade", "render as an upgrade in place of an installation"),
    string("kube-version", "", "version of Kubernetes to assume"),
    string("output-dir", "", "write files below this directory in place of printing"),
    boolean("release-name", "with --output-dir, add a folder of the release's name"),
    Flag::of("server-side", Kind::Bool, "true", "taken for symmetry with install; nothing is applied")
        .bare("true"),
    array("show-only", "print only what these templates render; may be repeated").short('s'),
    boolean("skip-tests", "leave test hooks out"),
    boolean("validate", "the same as --dry-run=server").deprecated("use '--dry-run=server' instead"),
    boolean("hide-notes", "")
        .deprecated("this flag has no effect for 'helm template' and will be removed in Helm 5"),
    boolean("render-subchart-notes", "")
        .deprecated("this flag has no effect for 'helm template' and will be removed in Helm 5"),
];

pub(crate) static COMMAND: Command = Command {
    name: "template",
    aliases: &[],
    usage: "[NAME] [CHART]",
    summary: "Render a chart and print the manifests",
    description: "Renders a chart's templates without a cluster and prints the manifests in the order of their\n\
        installation. What a cluster would say of itself can be set with --kube-version and --api-versions.",
    example: "template web ./my-chart -f values-prod.yaml --show-only templates/deployment.yaml",
    arguments: Arguments::AtLeast(1),
    flags: &[FLAGS, RENDERING, NAMING, VALUES, CHART_SOURCE],
    exclusive: &[
        &["force-replace", "force-conflicts"],
        &["force", "force-conflicts"],
        &["validate", "dry-run"],
    ],
    subcommands: &[],
    run: Some(run),
};

fn run(invocation: &Invocation) -> Result<(), CommandError> {
    let flags = &invocation.flags;
    let capabilities = capabilities(flags)?;
    let strategy = chart_source::dry_run(flags, true)?;
    let (name, reference) = chart_source::name_and_chart(flags, Some("release-name"))?;
    let source = chart_source::read(invocation, &reference)?;
    if strategy == DryRun::Server || flags.bool("validate") {
        return Err(CommandError::message("template --dry-run=server is not available yet"));
    }
    if flags.non_empty("post-renderer").is_some() {
        return Err(CommandError::message("post-renderer plugins are not available yet"));
    }
    check_release_name(&name)?;
    let composition = ManuallyDrop::new(compose(source, flags)?);
    if invocation.settings.is_debug && !flags.bool("skip-schema-validation") {
        log_schemas(&composition.chart, &composition.values);
    }
    let release = render::Release {
        name: name.clone(),
        namespace: namespace(invocation),
        revision: 1,
        is_upgrade: flags.bool("is-upgrade"),
    };
    let host = Host { ambient: Rc::new(ambient::System), lookup: None, resolve_host: resolver(flags) };
    let request = render::Request {
        chart: &composition.chart,
        values: &composition.values,
        release: &release,
        capabilities: &capabilities,
        with_subchart_notes: false,
        is_lint: false,
        is_strict: false,
    };
    // The process ends soon: what is large is left to the system, which takes it back at once.
    let result = ManuallyDrop::new(render::render(&request, &host));
    match &*result {
        Ok(rendered) => {
            print_log(&rendered.log);
            check_labels(flags)?;
            Output { flags, name: &name, composition: &composition }.write(rendered)
        }
        Err(failure) => Err(fail(invocation, failure)),
    }
}

fn capabilities(flags: &Parsed) -> Result<Capabilities, CommandError> {
    let mut capabilities = Capabilities::default();
    if let Some(text) = flags.non_empty("kube-version") {
        capabilities.kube_version = KubeVersion::parse(text)
            .map_err(|reason| CommandError::message(format!("invalid kube version '{text}': {reason}")))?;
    }
    capabilities.api_versions.extend_from_slice(flags.list("api-versions"));
    Ok(capabilities)
}

/// Settles dependencies and values, and prints what Helm logs meanwhile.
fn compose(source: chart_source::Source, flags: &Parsed) -> Result<Composition, CommandError> {
    let check = match flags.bool("skip-schema-validation") {
        true => SchemaCheck::Skip,
        false => SchemaCheck::Validate(&crate::schema_sources::SchemaSources),
    };
    let mut warnings = Vec::new();
    let result = chart::compose(source.chart, &source.values, check, &mut warnings);
    chart_source::print_warnings(&warnings);
    result.map_err(|error| {
        if let chart::ErrorKind::Dependencies(cause) = error.kind() {
            logging::error("chart dependencies processing failed", &cause.full_text());
        }
        CommandError::message(error.full_text())
    })
}

/// Prints what Helm logs on its way through the schemas of all charts (Helm: common/util/jsonschema.go).
fn log_schemas(chart: &Chart, values: &Map) {
    if chart.schema.is_some() {
        logging::debug("chart name", &[("chart-name", chart.name())]);
    }
    let count = chart.dependencies.len().to_string();
    let attributes = [("chart", chart.name()), ("dependencies", &count)];
    logging::debug("number of dependencies in the chart", &attributes);
    for dependency in &chart.dependencies {
        if let Some(Value::Map(inner)) = values.get(dependency.name()) {
            log_schemas(dependency, &inner);
        }
    }
}

fn check_release_name(name: &str) -> Result<(), CommandError> {
    let Err(reason) = actions::check_release_name(name) else { return Ok(()) };
    let text = format!("release name {}: {reason}", value::gofmt::quoted(name.as_bytes()));
    logging::error("release name check failed", &text);
    Err(CommandError::message(format!("release name check failed: {text}")))
}

fn check_labels(flags: &Parsed) -> Result<(), CommandError> {
    if release::has_system_labels(&flags.pairs("labels")) {
        return Err(CommandError::message(format!(
            "user supplied labels contains system reserved label name. System labels: [{}]",
            release::SYSTEM_LABELS.join(" ")
        )));
    }
    Ok(())
}

pub(super) fn namespace(invocation: &Invocation) -> String {
    let given = &invocation.settings.namespace;
    if given.is_empty() { "default".to_owned() } else { given.clone() }
}

fn resolver(flags: &Parsed) -> Option<Rc<render::ResolveHost>> {
    flags.bool("enable-dns").then(|| -> Rc<render::ResolveHost> { Rc::new(ambient::resolve_host) })
}

fn print_log(lines: &[String]) {
    lines.iter().for_each(|line| terminal::error_line(line));
}

/// Words a failure; with `--debug` the manifests that cannot be read are printed first.
fn fail(invocation: &Invocation, failure: &Failure) -> CommandError {
    print_log(&failure.log);
    let text = failure.error.to_string();
    if !invocation.settings.is_debug {
        return CommandError::message(format!("{text}\n\nUse --debug flag to render out invalid YAML"));
    }
    let unsorted = unsorted_manifests(&failure.files);
    match invocation.flags.list("show-only") {
        [] => terminal::print(&unsorted),
        // That a template is missing says less than the failure.
        patterns => drop(show_only(&unsorted, patterns)),
    }
    CommandError::message(text)
}

/// Returns files whose manifests cannot be read, in the order in which templates are rendered: the deepest first,
/// else backwards (Helm: engine.go, sortTemplates).
fn unsorted_manifests(files: &BTreeMap<String, String>) -> String {
    let mut shown: Vec<_> = files.iter().filter(|(_, content)| !content.trim().is_empty()).collect();
    shown.sort_by_key(|(path, _)| Reverse((path.matches('/').count(), *path)));
    let mut out = String::new();
    for (path, content) in shown {
        let _ = write!(out, "---\n# Source: {path}\n{content}\n");
    }
    format!("{}\n", out.trim())
}

/// Where manifests go: standard output, or files.
struct Output<'a> {
    flags: &'a Parsed,
    name: &'a str,
    composition: &'a Composition,
}

impl Output<'_> {
    fn write(&self, rendered: &Rendered) -> Result<(), CommandError> {
        let directory = self.flags.non_empty("output-dir");
        let pieces = match directory {
            Some(directory) => {
                self.write_files(directory, rendered)?;
                vec![Cow::Borrowed("\n")]
            }
            None => self.pieces(rendered),
        };
        match self.flags.list("show-only") {
            [] => {
                terminal::print_pieces(pieces.iter().map(|piece| &**piece));
                Ok(())
            }
            patterns => show_only(&pieces.concat(), patterns),
        }
    }

    fn hooks<'r>(&self, rendered: &'r Rendered) -> impl Iterator<Item = &'r Hook> {
        let (no_hooks, skip_tests) = (self.flags.bool("no-hooks"), self.flags.bool("skip-tests"));
        let is_left_out =
            move |hook: &Hook| no_hooks || (skip_tests && hook.events.contains(&HookEvent::Test));
        rendered.set.hooks.iter().filter(move |hook| !is_left_out(hook))
    }

    /// Returns the manifests, trimmed at both ends as a whole, followed by the hooks (Helm: cmd/template.go).
    fn pieces<'r>(&'r self, rendered: &'r Rendered) -> Vec<Cow<'r, str>> {
        let mut out = Vec::new();
        if self.flags.bool("include-crds") {
            for crd in self.composition.chart.crds() {
                let content = crd.file.data.to_string_lossy();
                push_document(&mut out, Cow::Owned(crd.path), Cow::Owned(content));
            }
        }
        for manifest in &rendered.set.manifests {
            push_document(&mut out, manifest.path.as_str().into(), manifest.content.as_str().into());
        }
        trim_end(&mut out);
        out.push("\n".into());
        for hook in self.hooks(rendered) {
            push_document(&mut out, hook.path.as_str().into(), hook.manifest.as_str().into());
        }
        out
    }

    fn write_files(&self, directory: &str, rendered: &Rendered) -> Result<(), CommandError> {
        let mut files = Files { written: HashSet::new() };
        if self.flags.bool("include-crds") {
            for crd in self.composition.chart.crds() {
                files.write(directory, &crd.path, &crd.file.data.to_str_lossy())?;
            }
        }
        let below = match self.flags.bool("release-name") {
            true => format!("{directory}/{}", self.name),
            false => directory.to_owned(),
        };
        for manifest in &rendered.set.manifests {
            files.write(&below, &manifest.path, &manifest.content)?;
        }
        for hook in self.hooks(rendered) {
            files.write(&below, &hook.path, &hook.manifest)?;
        }
        Ok(())
    }
}

fn push_document<'r>(out: &mut Vec<Cow<'r, str>>, path: Cow<'r, str>, content: Cow<'r, str>) {
    out.extend(["---\n# Source: ".into(), path, "\n".into(), content, "\n".into()]);
}

/// Takes white space off the end. (There is none to take off the front: documents begin with dashes.)
fn trim_end(pieces: &mut Vec<Cow<'_, str>>) {
    while let Some(last) = pieces.pop() {
        let length = last.trim_end().len();
        if length > 0 {
            pieces.push(match last {
                Cow::Borrowed(text) => text.get(..length).unwrap_or_default().into(),
                Cow::Owned(mut text) => {
                    text.truncate(length);
                    text.into()
                }
            });
            return;
        }
    }
}

/// Files of `--output-dir`: the first document of a path starts the file anew, further ones are appended.
struct Files {
    written: HashSet<String>,
}

impl Files {
    fn write(&mut self, directory: &str, path: &str, content: &str) -> Result<(), CommandError> {
        let file_name = format!("{directory}/{path}");
        let fail = |error: std::io::Error| unwritable("open", &file_name, &error);
        if let Some((parent, _)) = file_name.rsplit_once('/') {
            create_directory(parent)?;
        }
        let is_new = !self.written.contains(&file_name);
        let mut options = OpenOptions::new();
        let options =
            if is_new { options.write(true).create(true).truncate(true) } else { options.append(true) };
        let mut file = options.open(&file_name).map_err(fail)?;
        let document = format!("---\n# Source: {path}\n{content}\n");
        file.write_all(document.as_bytes()).map_err(fail)?;
        terminal::print(&format!("wrote {file_name}\n"));
        self.written.insert(file_name);
        Ok(())
    }
}

/// Makes a directory and those above it (Helm: action/install.go, ensureDirectoryForFile).
fn create_directory(directory: &str) -> Result<(), CommandError> {
    if let Err(error) = fs::metadata(directory)
        && error.kind() != ErrorKind::NotFound
    {
        return Err(unwritable("stat", directory, &error));
    }
    fs::create_dir_all(directory).map_err(|error| {
        // Go names the first directory that could not be made.
        let missing = Path::new(directory).ancestors().filter(|path| !path.exists()).last();
        let named = missing.map_or_else(|| directory.to_owned(), |path| path.display().to_string());
        unwritable("mkdir", &named, &error)
    })
}

/// Words a failure of the system as Go does: lower case, without a number.
fn unwritable(operation: &str, path: &str, error: &std::io::Error) -> CommandError {
    let reason = chart::files::go_reason(error);
    CommandError::message(format!(
        "{operation} {path}: {reason}\n\nUse --debug flag to render out invalid YAML"
    ))
}

/// Prints the documents whose template matches one of the patterns, in the order of the patterns.
fn show_only(text: &str, patterns: &[String]) -> Result<(), CommandError> {
    let documents = manifest::split(text);
    let mut out = String::new();
    for pattern in patterns {
        let mut is_missing = true;
        for document in &documents {
            if source_below_chart(document).is_some_and(|path| chart::ignore::path_match(pattern, path)) {
                let _ = write!(out, "---\n{document}\n");
                is_missing = false;
            }
        }
        if is_missing {
            return Err(CommandError::message(format!("could not find template {pattern} in chart")));
        }
    }
    terminal::print(&out);
    Ok(())
}

/// Returns the template of a document below the chart's name, from its `# Source:` line.
fn source_below_chart(document: &str) -> Option<&str> {
    let (_, after) = document.split_once("# Source: ")?;
    let line = after.lines().next()?;
    line.split_once('/').map(|(_, path)| path).filter(|path| !path.is_empty())
}
