//! `uninstall`: takes releases off the cluster.

use std::fmt::Write as _;

use actions::Reporter;
use actions::execute::{Kept, KeptObject};
use actions::uninstall;
use cluster::Propagation;

use crate::commands::release_flags::wait;
use crate::commands::shared_flags::{PROGRESS, TIMEOUT, WAIT};
use crate::commands::table::{Arguments, Command, Invocation};
use crate::connect::{Scope, Session, with_session};
use crate::errors::CommandError;
use crate::flags::{Flag, Parsed, boolean, string};
use crate::reporters::{DryRunUninstall, Progress};
use crate::terminal;

const FLAGS: &[Flag] = &[
    string("cascade", "background", "what becomes of owned objects: background, orphan or foreground"),
    string("description", "", "description to store with the revision"),
    boolean("dry-run", "only show what would be done"),
    boolean("ignore-not-found", "take a missing release for a success"),
    boolean("keep-history", "keep the revisions and mark the release as uninstalled"),
    boolean("no-hooks", "run no hooks"),
    TIMEOUT,
    WAIT,
];

pub(crate) static COMMAND: Command = Command {
    name: "uninstall",
    aliases: &["del", "delete", "un"],
    usage: "RELEASE_NAME [...]",
    summary: "Uninstall releases",
    description: "Deletes the objects of releases and their history, so that the names are free again. Objects annotated\n\
        with helm.sh/resource-policy: keep stay.",
    example: "uninstall web --wait",
    arguments: Arguments::AtLeast(1),
    flags: &[FLAGS, &[PROGRESS]],
    exclusive: &[],
    subcommands: &[],
    run: Some(run),
};

fn run(invocation: &Invocation) -> Result<(), CommandError> {
    let flags = &invocation.flags;
    let propagation = propagation(flags)?;
    with_session(invocation, Scope::Own, |session| {
        session.catch_signals();
        flags.arguments.iter().try_for_each(|name| uninstall_one(invocation, name, propagation, session))
    })
}

fn propagation(flags: &Parsed) -> Result<Propagation, CommandError> {
    match flags.string("cascade") {
        "background" => Ok(Propagation::Background),
        "foreground" => Ok(Propagation::Foreground),
        "orphan" => Ok(Propagation::Orphan),
        other => Err(CommandError::message(format!(
            "invalid cascade value ({other}). Must be \"background\", \"foreground\", or \"orphan\""
        ))),
    }
}

fn uninstall_one(
    invocation: &Invocation,
    name: &str,
    propagation: Propagation,
    session: &Session,
) -> Result<(), CommandError> {
    let flags = &invocation.flags;
    let request = uninstall::Request {
        name: name.to_owned(),
        dry_run: flags.bool("dry-run"),
        disable_hooks: flags.bool("no-hooks"),
        ignore_not_found: flags.bool("ignore-not-found"),
        keep_history: flags.bool("keep-history"),
        propagation,
        wait: wait(flags),
        timeout: flags.limit("timeout"),
        description: flags.string("description").to_owned(),
    };
    let gathered = DryRunUninstall::default();
    let progress = Progress::of(invocation, "uninstall", name)?;
    let reporter: &dyn Reporter = if request.dry_run { &gathered } else { &progress };
    let outcome = session.run(reporter, async |connections| uninstall::run(&request, connections).await);
    progress.finish(outcome.is_err());
    gathered.print();
    let outcome = outcome.map_err(|error| session.explain(&error, invocation, ("uninstall", name)))?;
    let kept = kept_text(&outcome.kept);
    if !kept.is_empty() {
        terminal::print(&format!("{kept}\n"));
    }
    terminal::print(&format!("release \"{name}\" uninstalled\n"));
    Ok(())
}

/// Names the objects that stay, by reason (action/uninstall.go, deleteRelease).
fn kept_text(kept: &Kept) -> String {
    let mut out = String::new();
    let line = |out: &mut String, object: &KeptObject, end: &str| {
        let _ = writeln!(out, "[{}] {}{end}", object.kind, object.name);
    };
    if !kept.by_policy.is_empty() {
        out.push_str("These resources were kept due to the resource policy:\n");
        kept.by_policy.iter().for_each(|object| line(&mut out, object, ""));
    }
    for (count, reason) in [
        (kept.not_owned.len(), "they are not owned by this release"),
        (kept.unverifiable.len(), "their ownership could not be verified"),
    ] {
        if count == 0 {
            continue;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        let _ = writeln!(out, "{count} resource(s) were not deleted because {reason}:");
        if reason.starts_with("they") {
            kept.not_owned.iter().for_each(|object| line(&mut out, object, ""));
        } else {
            kept.unverifiable
                .iter()
                .for_each(|(object, error)| line(&mut out, object, &format!(": {error}")));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use actions::execute::{Kept, KeptObject};

    use super::kept_text;

    #[test]
    fn kept_objects_are_named_by_reason() {
        let object = |name: &str| KeptObject { kind: "Secret".to_owned(), name: name.to_owned() };
        let kept = Kept {
            by_policy: vec![object("a")],
            not_owned: vec![object("b")],
            unverifiable: vec![(object("c"), "boom".to_owned())],
        };
        assert_eq!(
            kept_text(&kept),
            "These resources were kept due to the resource policy:\n[Secret] a\n\n\
             1 resource(s) were not deleted because they are not owned by this release:\n[Secret] b\n\n\
             1 resource(s) were not deleted because their ownership could not be verified:\n[Secret] c: boom\n"
        );
        assert_eq!(kept_text(&Kept::default()), "");
    }
}
