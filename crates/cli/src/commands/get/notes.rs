//! `get notes`: the notes of a release.

use crate::commands::shared_flags::REVISION;
use crate::commands::table::{Arguments, Command, Invocation};
use crate::errors::CommandError;
use crate::terminal;

pub(super) static COMMAND: Command = Command {
    name: "notes",
    aliases: &[],
    usage: "RELEASE_NAME",
    summary: "Show the notes of a release",
    description: "Prints the notes that a revision's chart gives its user.",
    example: "get notes web",
    arguments: Arguments::Exactly(1),
    flags: &[&[REVISION]],
    exclusive: &[],
    subcommands: &[],
    run: Some(run),
};

fn run(invocation: &Invocation) -> Result<(), CommandError> {
    let record = super::record(invocation)?;
    if !record.info.notes.is_empty() {
        terminal::print(&format!("NOTES:\n{}\n", record.info.notes));
    }
    Ok(())
}
