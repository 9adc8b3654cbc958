//! `search`: looks for charts.

mod hub;
mod repo;

use crate::commands::table::{Arguments, Command};

pub(crate) static COMMAND: Command = Command {
    name: "search",
    aliases: &[],
    usage: "[command]",
    summary: "Search for charts",
    description: "Looks for charts in the repositories that were added, or on a hub.",
    example: "search repo nginx",
    arguments: Arguments::None,
    flags: &[],
    exclusive: &[],
    subcommands: &[&hub::COMMAND, &repo::COMMAND],
    run: None,
};
