//! `install`: brings a chart to the cluster as a new release.

use actions::{DryRun, install};
use chart::Chart;
use release::Record;

use crate::commands::chart_source;
use crate::commands::release_flags::{dry_run, force_replace, rollback_on_failure, validation, wait};
use crate::commands::shared_flags::{self, CHANGING, CHART_SOURCE, NAMING, RENDERING, VALUES};
use crate::commands::table::{Arguments, Command, Invocation};
use crate::connect::{Scope, Session, with_session};
use crate::errors::CommandError;
use crate::flags::{Flag, Kind};
use crate::output::{Colours, Report};
use crate::renderer::Renderer;
use crate::reporters::Progress;
use crate::{repositories, terminal};

const FLAGS: &[Flag] = &[
    shared_flags::dry_run("none"),
    Flag::of("server-side", Kind::Bool, "true", "apply on the server in place of patching").bare("true"),
];

pub(crate) static COMMAND: Command = Command {
    name: "install",
    aliases: &[],
    usage: "[NAME] [CHART]",
    summary: "Install a chart",
    description: "Renders a chart and brings its objects to the cluster as a release of the given name. The chart is a\n\
        directory, an archive, a URL, or a name in a repository. With --sandbox no cluster is needed.",
    example: "install web ./my-chart -f values-prod.yaml --wait",
    arguments: Arguments::AtLeast(1),
    flags: &[FLAGS, RENDERING, NAMING, CHANGING, VALUES, CHART_SOURCE],
    exclusive: &[&["force-replace", "force-conflicts"], &["force", "force-conflicts"]],
    subcommands: &[],
    run: Some(run),
};

fn run(invocation: &Invocation) -> Result<(), CommandError> {
    repositories::check_certificates(&invocation.flags)?;
    let flags = &invocation.flags;
    let dry_run = dry_run(flags)?;
    let options =
        Options { dry_run, replaces: flags.bool("replace"), server_side: flags.bool("server-side") };
    let installed = with_session(invocation, Scope::Own, |session| carry_out(invocation, options, session));
    let released = installed.map_err(|error| error.context("INSTALLATION FAILED"))?;
    show(invocation, &released)
}

/// A new revision.
pub(crate) struct Released {
    /// What is stored of it.
    pub(crate) record: Record,
    /// The chart it was made of.
    pub(crate) chart: Chart,
}

/// What `install` and `upgrade --install` tell an installation each in its own way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    /// Whether anything is changed.
    pub(crate) dry_run: DryRun,
    /// Whether an uninstalled release may be replaced.
    pub(crate) replaces: bool,
    /// Whether the server merges.
    pub(crate) server_side: bool,
}

/// Loads the chart and installs it (cmd/install.go, runInstall).
pub(crate) fn carry_out(
    invocation: &Invocation,
    options: Options,
    session: &Session,
) -> Result<Released, CommandError> {
    let flags = &invocation.flags;
    chart_source::tell_of_version(invocation);
    let (name, reference) = chart_source::name_and_chart(flags, None)?;
    let source = chart_source::read(invocation, &reference, repositories::tell, &mut ())?;
    let request = install::Request {
        name,
        dry_run: options.dry_run,
        hide_secrets: flags.bool("hide-secret"),
        disable_hooks: flags.bool("no-hooks"),
        replace: options.replaces,
        create_namespace: flags.bool("create-namespace"),
        skip_crds: flags.bool("skip-crds"),
        server_side: options.server_side,
        force_conflicts: flags.bool("force-conflicts"),
        force_replace: force_replace(flags),
        take_ownership: flags.bool("take-ownership"),
        validation: validation(flags),
        wait: wait(flags),
        wait_for_jobs: flags.bool("wait-for-jobs"),
        timeout: flags.limit("timeout"),
        rollback_on_failure: rollback_on_failure(flags),
        description: flags.string("description").to_owned(),
        labels: flags.pairs("labels"),
        is_upgrade: false,
    };
    let mut renderer = Renderer::new(source, invocation)?;
    session.catch_signals();
    let progress = Progress::of(invocation, "install", &request.name)?;
    let outcome =
        session.run(&progress, async |connections| install::run(&request, &mut renderer, connections).await);
    progress.finish(outcome.is_err());
    session.tell_cancelled(&flags.arguments[0]);
    let release = &request.name;
    let outcome = outcome.map_err(|failed| session.explain(&failed.error, invocation, ("install", release)));
    Ok(Released { record: outcome?.record, chart: renderer.into_chart() })
}

/// Prints a new revision.
pub(crate) fn show(invocation: &Invocation, released: &Released) -> Result<(), CommandError> {
    let report = Report {
        record: &released.record,
        chart: Some(&released.chart),
        resources: &[],
        is_debug: invocation.settings.is_debug,
        shows_chart: false,
        hides_notes: invocation.flags.bool("hide-notes"),
        colours: Colours::of(&invocation.settings),
    };
    terminal::print_bytes(&report.in_format(invocation.flags.string("output"))?);
    Ok(())
}
