//! `get`: what is stored of a release, one part at a time.

mod all;
mod hooks;
mod manifest;
mod metadata;
mod notes;
mod values;

use actions::get;
use release::Record;

use crate::commands::table::{Arguments, Command, Invocation};
use crate::connect::{Scope, with_session};
use crate::errors::CommandError;
use crate::reporters::Plain;

pub(crate) static COMMAND: Command = Command {
    name: "get",
    aliases: &[],
    usage: "[command]",
    summary: "Show what is stored of a release",
    description: "Shows the values, manifest, notes, hooks or metadata of a revision, or all of it.",
    example: "get values web --all",
    arguments: Arguments::None,
    flags: &[],
    exclusive: &[],
    subcommands: &[
        &all::COMMAND,
        &hooks::COMMAND,
        &manifest::COMMAND,
        &metadata::COMMAND,
        &notes::COMMAND,
        &values::COMMAND,
    ],
    run: None,
};

/// Reads the revision that arguments and flags name.
fn record(invocation: &Invocation) -> Result<Record, CommandError> {
    let (name, revision) = (&invocation.flags.arguments[0], invocation.flags.int("revision"));
    with_session(invocation, Scope::Own, |session| {
        let found = session.run(&Plain, async |connections| get::run(name, revision, connections).await);
        found.map_err(CommandError::from)
    })
}
