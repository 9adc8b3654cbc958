//! `repo`: the chart repositories that names stand for.

mod add;
mod index;
mod list;
mod remove;
mod update;

use crate::commands::table::{Arguments, Command};

pub(crate) static COMMAND: Command = Command {
    name: "repo",
    aliases: &[],
    usage: "[command]",
    summary: "Manage chart repositories",
    description: "Adds, lists, updates and removes chart repositories, and makes the index of a folder of charts that is to\n\
        be served as one.",
    example: "repo add stable https://charts.example.com",
    arguments: Arguments::None,
    flags: &[],
    exclusive: &[],
    subcommands: &[&add::COMMAND, &list::COMMAND, &remove::COMMAND, &index::COMMAND, &update::COMMAND],
    run: None,
};
