//! `template`: renders a chart and prints its manifests.

mod on_cluster;
mod output;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::mem::ManuallyDrop;
use std::rc::Rc;
use std::thread;

use chart::{Composition, SchemaCheck};
use manifest::Hook;
use render::{Capabilities, Failure, Host, KubeVersion};

use crate::commands::chart_source::{self, DryRun};
use crate::commands::shared_flags::{CHART_SOURCE, NAMING, RENDERING, VALUES, dry_run};
use crate::commands::table::{Arguments, Command, Invocation};
use crate::commands::template::output::{Output, show_only};
use crate::errors::CommandError;
use crate::flags::{Flag, Kind, Parsed, array, boolean, slice, string};
use crate::{ambient, logging, plugins, repositories, schema_log, terminal};

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
    repositories::check_certificates(flags)?;
    let strategy = chart_source::dry_run(flags, true)?;
    chart_source::tell_of_version(invocation);
    let (name, reference) = chart_source::name_and_chart(flags, Some("release-name"))?;
    let asked = Asked { invocation, name, reference, capabilities, strategy };
    let texts = gotmpl::Texts::default();
    thread::scope(|scope| print(asked, render::Ahead::new(&texts, scope, Rc::new(ambient::System))))
}

/// What a command line asks for.
struct Asked<'a> {
    invocation: &'a Invocation,
    name: String,
    reference: String,
    capabilities: Capabilities,
    strategy: DryRun,
}

/// Renders a chart, of which templates are parsed while it is read, and prints the manifests.
fn print(asked: Asked<'_>, mut ahead: render::Ahead<'_, '_>) -> Result<(), CommandError> {
    let Asked { invocation, name, reference, capabilities, strategy } = asked;
    let flags = &invocation.flags;
    let source = chart_source::read(invocation, &reference, repositories::tell_beside, &mut ahead)?;
    if strategy == DryRun::Server || flags.bool("validate") {
        return on_cluster::run(invocation, &name, source);
    }
    check_release_name(&name)?;
    let composition = ManuallyDrop::new(compose(source, invocation)?);
    let release = render::Release {
        name: name.clone(),
        namespace: namespace(invocation),
        revision: 1,
        is_upgrade: flags.bool("is-upgrade"),
    };
    let host = Host {
        ambient: Rc::new(ambient::System),
        lookup: None,
        resolve_host: resolver(flags),
        post_render: plugins::post_renderer(invocation)?,
    };
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
    let result = ManuallyDrop::new(render::render(&request, &host, Some(ahead)));
    match &*result {
        Ok(rendered) => {
            print_log(&rendered.log);
            check_labels(flags)?;
            let crds = || crate::renderer::crds(&composition.chart);
            Output { flags, name: &name, crds: &crds }.write(&rendered.set)
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
fn compose(source: chart_source::Source, invocation: &Invocation) -> Result<Composition, CommandError> {
    let skips_schema = invocation.flags.bool("skip-schema-validation");
    let check = match skips_schema {
        true => SchemaCheck::Skip,
        false => SchemaCheck::Validate(&crate::schema_sources::SchemaSources),
    };
    let told = (invocation.settings.is_debug && !skips_schema).then(|| source.chart.clone());
    let mut warnings = Vec::new();
    let result = chart::compose(source.chart, &source.values, check, &mut warnings);
    chart_source::print_warnings(&warnings);
    if let Some(chart) = told {
        schema_log::tell_of_loaded(&chart, &source.values);
    }
    result.map_err(|error| {
        if let chart::ErrorKind::Dependencies(cause) = error.kind() {
            logging::error("chart dependencies processing failed", &cause.full_text());
        }
        CommandError::message(error.full_text())
    })
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
    print_unsorted(invocation, &failure.files, &failure.hooks);
    CommandError::message(text)
}

/// Prints files whose manifests cannot be read, then hooks that could.
fn print_unsorted(invocation: &Invocation, files: &BTreeMap<String, String>, hooks: &[Hook]) {
    let mut unsorted = unsorted_manifests(files);
    for hook in output::shown_hooks(&invocation.flags, hooks) {
        let _ = write!(unsorted, "---\n# Source: {}\n{}\n", hook.path, hook.manifest);
    }
    match invocation.flags.list("show-only") {
        [] => terminal::print(&unsorted),
        // That a template is missing says less than the failure.
        patterns => drop(show_only(&unsorted, patterns)),
    }
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
