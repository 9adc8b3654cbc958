//! `repo list`: the repositories that have a name.

use std::path::Path;

use repo::{Config, Repository};
use serde::Serialize;

use crate::commands::shared_flags::OUTPUT;
use crate::commands::table::{Arguments, Command, Invocation};
use crate::errors::CommandError;
use crate::flags::{Flag, boolean};
use crate::output::{Table, go_json, yaml};
use crate::terminal;

const FLAGS: &[Flag] = &[boolean("no-headers", "print no header above the table"), OUTPUT];

pub(super) static COMMAND: Command = Command {
    name: "list",
    aliases: &["ls"],
    usage: "",
    summary: "List chart repositories",
    description: "Lists the names and addresses of the chart repositories.",
    example: "repo list -o json",
    arguments: Arguments::None,
    flags: &[FLAGS],
    exclusive: &[],
    subcommands: &[],
    run: Some(run),
};

#[derive(Serialize)]
struct Element<'a> {
    name: &'a str,
    url: &'a str,
}

fn run(invocation: &Invocation) -> Result<(), CommandError> {
    let flags = &invocation.flags;
    // Helm: a file that cannot be read is one without repositories (cmd/repo_list.go).
    let config = Config::load(Path::new(&invocation.settings.files.repository_config)).unwrap_or_default();
    let repositories = &config.repositories;
    let elements = || -> Vec<Element<'_>> {
        repositories.iter().map(|Repository { name, url, .. }| Element { name, url }).collect()
    };
    match flags.string("output") {
        "json" => terminal::print_bytes(&go_json(&elements())?),
        "yaml" => terminal::print_bytes(&yaml(&elements())?),
        _ if repositories.is_empty() => terminal::error_line("no repositories to show"),
        _ => {
            let mut table = Table::new();
            if !flags.bool("no-headers") {
                table.add(["NAME", "URL"]);
            }
            repositories.iter().for_each(|repository| table.add([&*repository.name, &*repository.url]));
            terminal::print(&table.text());
        }
    }
    Ok(())
}
