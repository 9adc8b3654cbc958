//! `rollback`: brings an earlier revision of a release back.

use actions::rollback;

use crate::commands::release_flags::{dry_run, force_replace, max_history, server_side, wait};
use crate::commands::shared_flags::{self, PROGRESS, REVISING, TIMEOUT, WAIT};
use crate::commands::table::{Arguments, Command, Invocation};
use crate::connect::{Scope, with_session};
use crate::errors::CommandError;
use crate::flags::{Flag, boolean, string};
use crate::reporters::Progress;
use crate::terminal;

const FLAGS: &[Flag] = &[
    string("description", "", "description to store with the revision, of at most 256 characters"),
    shared_flags::dry_run("none"),
    boolean("force-conflicts", "take over fields that another manager owns"),
    boolean("force-replace", "replace objects in place of patching them"),
    boolean("force", "the same as --force-replace").deprecated("use --force-replace instead"),
    boolean("no-hooks", "run no hooks"),
    TIMEOUT,
    WAIT,
    boolean("wait-for-jobs", "with --wait, wait for Jobs to complete too"),
];

pub(crate) static COMMAND: Command = Command {
    name: "rollback",
    aliases: &[],
    usage: "<RELEASE> [REVISION]",
    summary: "Roll a release back to an earlier revision",
    description: "Makes an earlier revision the newest one again, the one before the last if none is named. What was\n\
        deployed stays in the history.",
    example: "rollback web 3 --wait",
    arguments: Arguments::AtLeast(1),
    flags: &[FLAGS, REVISING, &[PROGRESS]],
    exclusive: &[&["force-replace", "force-conflicts"], &["force", "force-conflicts"]],
    subcommands: &[],
    run: Some(run),
};

fn run(invocation: &Invocation) -> Result<(), CommandError> {
    let flags = &invocation.flags;
    let revision = flags.arguments.get(1).map_or(Ok(0), |text| revision(text))?;
    let request = rollback::Request {
        name: flags.arguments[0].clone(),
        revision,
        dry_run: dry_run(flags)?.is_dry(),
        disable_hooks: flags.bool("no-hooks"),
        server_side: server_side(flags)?,
        force_conflicts: flags.bool("force-conflicts"),
        force_replace: force_replace(flags),
        wait: wait(flags),
        wait_for_jobs: flags.bool("wait-for-jobs"),
        timeout: flags.limit("timeout"),
        cleanup_on_fail: flags.bool("cleanup-on-fail"),
        max_history: max_history(invocation),
        description: flags.string("description").to_owned(),
    };
    with_session(invocation, Scope::Own, |session| {
        session.catch_signals();
        let progress = Progress::of(invocation, "rollback", &request.name)?;
        let outcome = session.run(&progress, async |connections| rollback::run(&request, connections).await);
        progress.finish(outcome.is_err());
        outcome.map(drop).map_err(|error| session.explain(&error, invocation, ("rollback", &request.name)))
    })?;
    terminal::print("Rollback was a success! Happy Helming!\n");
    Ok(())
}

/// Reads a revision as Go's `strconv.Atoi` does.
fn revision(text: &str) -> Result<i64, CommandError> {
    value::strconv::parse_int(text, 10, 64).map_err(|error| {
        let reason = error.to_string().replace("strconv.ParseInt", "strconv.Atoi");
        CommandError::message(format!("could not convert revision to a number: {reason}"))
    })
}
