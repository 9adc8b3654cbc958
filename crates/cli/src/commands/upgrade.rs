//! `upgrade`: brings another version of a chart, or other values, to a release.

use actions::upgrade::{self, Reuse};
use actions::{DryRun, ErrorKind, history};
use release::Status;

use crate::commands::install::Released;
use crate::commands::release_flags::{
    dry_run, force_replace, max_history, rollback_on_failure, server_side, validation, wait,
};
use crate::commands::shared_flags::{self, CHANGING, CHART_SOURCE, RENDERING, REVISING, VALUES};
use crate::commands::table::{Arguments, Command, Invocation};
use crate::commands::{chart_source, install};
use crate::connect::{Scope, Session, with_session};
use crate::errors::CommandError;
use crate::flags::{Flag, Parsed, boolean};
use crate::renderer::Renderer;
use crate::reporters::{Plain, Progress};
use crate::{repositories, terminal};

const FLAGS: &[Flag] = &[
    shared_flags::dry_run("none"),
    boolean("install", "install the release if it does not exist yet").short('i'),
    boolean("reset-values", "start from the chart's own values"),
    boolean("reuse-values", "start from the values of the last revision; --reset-values goes before"),
    boolean(
        "reset-then-reuse-values",
        "start from the chart's own values with those of the last revision over them; the two above go before",
    ),
    boolean("recover", "take over a release that a command which is gone, such as Helm, left pending"),
];

pub(crate) static COMMAND: Command = Command {
    name: "upgrade",
    aliases: &[],
    usage: "[RELEASE] [CHART]",
    summary: "Upgrade a release",
    description: "Renders a chart for an existing release and changes what is different on the cluster. Without values the\n\
        ones of the last revision are taken again; with any value the chart's own are the start.",
    example: "upgrade web ./my-chart --install --set image.tag=2.1 --wait",
    arguments: Arguments::Exactly(2),
    flags: &[FLAGS, RENDERING, CHANGING, REVISING, VALUES, CHART_SOURCE],
    exclusive: &[&["force-replace", "force-conflicts"], &["force", "force-conflicts"]],
    subcommands: &[],
    run: Some(run),
};

fn run(invocation: &Invocation) -> Result<(), CommandError> {
    repositories::check_certificates(&invocation.flags)?;
    let dry_run = dry_run(&invocation.flags)?;
    let released = with_session(invocation, Scope::Own, |session| match start(invocation, session)? {
        Start::Upgrade => carry_out(invocation, dry_run, session),
        Start::Install { replaces } => install_instead(invocation, dry_run, replaces, session),
    })?;
    install::show(invocation, &released)
}

/// What to do for a release.
enum Start {
    Upgrade,
    Install {
        /// Whether an uninstalled release has the name.
        replaces: bool,
    },
}

/// Looks whether the release is there, if `--install` asks for it.
fn start(invocation: &Invocation, session: &Session) -> Result<Start, CommandError> {
    if !invocation.flags.bool("install") {
        return Ok(Start::Upgrade);
    }
    let name = &invocation.flags.arguments[0];
    let found = session.run(&Plain, async |connections| history::run(name, connections).await);
    match found {
        Err(error) if is_not_found(&error) => Ok(Start::Install { replaces: false }),
        Err(error) => Err(error.into()),
        Ok(history) => {
            let is_gone = history.last().is_some_and(|last| last.info.status == Status::Uninstalled);
            Ok(if is_gone { Start::Install { replaces: true } } else { Start::Upgrade })
        }
    }
}

fn is_not_found(error: &actions::Error) -> bool {
    matches!(error.kind(), ErrorKind::Storage(error) if error.is_not_found())
}

fn install_instead(
    invocation: &Invocation,
    dry_run: DryRun,
    replaces: bool,
    session: &Session,
) -> Result<Released, CommandError> {
    let flags = &invocation.flags;
    if flags.string("output") == "table" {
        let name = value::gofmt::quoted(flags.arguments[0].as_bytes());
        terminal::print(&format!("Release {name} does not exist. Installing it now.\n"));
    }
    let server_side = flags.string("server-side") != "false";
    install::carry_out(invocation, install::Options { dry_run, replaces, server_side }, session)
}

fn carry_out(invocation: &Invocation, dry_run: DryRun, session: &Session) -> Result<Released, CommandError> {
    let flags = &invocation.flags;
    let name = &flags.arguments[0];
    let source = chart_source::read_for_upgrade(invocation, &flags.arguments[1])?;
    let request = request(invocation, dry_run).map_err(|error| error.context("UPGRADE FAILED"))?;
    let mut renderer = Renderer::new(source, invocation)?;
    session.catch_signals();
    let progress = Progress::of(invocation, "upgrade", name)?;
    let outcome =
        session.run(&progress, async |connections| upgrade::run(&request, &mut renderer, connections).await);
    progress.finish(outcome.is_err());
    session.tell_cancelled(&flags.arguments[0]);
    let outcome = outcome.map_err(|failed| {
        session.explain(&failed.error, invocation, ("upgrade", name)).context("UPGRADE FAILED")
    })?;
    if flags.string("output") == "table" {
        let name = value::gofmt::quoted(name.as_bytes());
        terminal::print(&format!("Release {name} has been upgraded. Happy Helming!\n"));
    }
    Ok(Released { record: outcome.record, chart: renderer.into_chart() })
}

fn request(invocation: &Invocation, dry_run: DryRun) -> Result<upgrade::Request, CommandError> {
    let flags = &invocation.flags;
    Ok(upgrade::Request {
        name: flags.arguments[0].clone(),
        dry_run,
        hide_secrets: flags.bool("hide-secret"),
        disable_hooks: flags.bool("no-hooks"),
        server_side: server_side(flags)?,
        force_conflicts: flags.bool("force-conflicts"),
        force_replace: force_replace(flags),
        take_ownership: flags.bool("take-ownership"),
        validation: validation(flags),
        reuse: reuse(flags),
        wait: wait(flags),
        wait_for_jobs: flags.bool("wait-for-jobs"),
        timeout: flags.limit("timeout"),
        rollback_on_failure: rollback_on_failure(flags),
        cleanup_on_fail: flags.bool("cleanup-on-fail"),
        max_history: max_history(invocation),
        description: flags.string("description").to_owned(),
        labels: flags.pairs("labels"),
        recover: flags.bool("recover"),
    })
}

fn reuse(flags: &Parsed) -> Reuse {
    if flags.bool("reset-values") {
        Reuse::Reset
    } else if flags.bool("reuse-values") {
        Reuse::Reuse
    } else if flags.bool("reset-then-reuse-values") {
        Reuse::ResetThenReuse
    } else {
        Reuse::Default
    }
}
