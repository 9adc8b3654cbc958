//! `get hooks`: the hooks of a release.

use crate::commands::shared_flags::REVISION;
use crate::commands::table::{Arguments, Command, Invocation};
use crate::errors::CommandError;
use crate::output::hooks_text;
use crate::terminal;

pub(super) static COMMAND: Command = Command {
    name: "hooks",
    aliases: &[],
    usage: "RELEASE_NAME",
    summary: "Show the hooks of a release",
    description: "Prints the hooks of a revision as YAML documents.",
    example: "get hooks web",
    arguments: Arguments::Exactly(1),
    flags: &[&[REVISION]],
    exclusive: &[],
    subcommands: &[],
    run: Some(run),
};

fn run(invocation: &Invocation) -> Result<(), CommandError> {
    let record = super::record(invocation)?;
    terminal::print(&hooks_text(&record.hooks));
    Ok(())
}
