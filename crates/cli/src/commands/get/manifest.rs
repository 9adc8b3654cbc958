//! `get manifest`: the objects of a release.

use crate::commands::shared_flags::REVISION;
use crate::commands::table::{Arguments, Command, Invocation};
use crate::errors::CommandError;
use crate::terminal;

pub(super) static COMMAND: Command = Command {
    name: "manifest",
    aliases: &[],
    usage: "RELEASE_NAME",
    summary: "Show the objects of a release",
    description: "Prints the objects of a revision as YAML documents, as they were rendered.",
    example: "get manifest web --revision 2",
    arguments: Arguments::Exactly(1),
    flags: &[&[REVISION]],
    exclusive: &[],
    subcommands: &[],
    run: Some(run),
};

fn run(invocation: &Invocation) -> Result<(), CommandError> {
    let record = super::record(invocation)?;
    terminal::print(&format!("{}\n", record.manifest));
    Ok(())
}
