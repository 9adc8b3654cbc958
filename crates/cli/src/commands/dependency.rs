//! `dependency`: the charts that a chart depends on.

mod fetch;
mod list;

use crate::commands::table::{Arguments, Command};

pub(crate) use fetch::update;

pub(crate) static COMMAND: Command = Command {
    name: "dependency",
    aliases: &["dep", "dependencies"],
    usage: "[command]",
    summary: "Manage a chart's dependencies",
    description: "Lists, fetches and rebuilds what lies in a chart's charts/ directory. What a chart depends on stands in its\n\
        Chart.yaml: names, versions or ranges, and repositories (a URL, @name of a repository, or file://path).",
    example: "dependency update ./my-chart",
    arguments: Arguments::None,
    flags: &[],
    exclusive: &[],
    subcommands: &[&list::COMMAND, &fetch::UPDATE, &fetch::BUILD],
    run: None,
};

/// Returns the chart that the argument names, the working directory by default (Go: `filepath.Clean`).
fn chart_path(arguments: &[String]) -> String {
    arguments.first().map_or_else(|| ".".to_owned(), |path| chart::clean(path))
}
