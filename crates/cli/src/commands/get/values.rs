//! `get values`: the values of a release.

use crate::commands::shared_flags::{OUTPUT, REVISION};
use crate::commands::table::{Arguments, Command, Invocation};
use crate::errors::CommandError;
use crate::flags::boolean;
use crate::output::{computed_values, go_json, user_values, yaml};
use crate::terminal;

pub(super) static COMMAND: Command = Command {
    name: "values",
    aliases: &[],
    usage: "RELEASE_NAME",
    summary: "Show the values of a release",
    description: "Prints the values that a revision was given, or with --all those that came of them and the chart's own.",
    example: "get values web --all --output json",
    arguments: Arguments::Exactly(1),
    flags: &[&[boolean("all", "print all values, the chart's own too").short('a'), OUTPUT, REVISION]],
    exclusive: &[],
    subcommands: &[],
    run: Some(run),
};

fn run(invocation: &Invocation) -> Result<(), CommandError> {
    let flags = &invocation.flags;
    let record = super::record(invocation)?;
    let (title, values) = match flags.bool("all") {
        true => ("COMPUTED VALUES", computed_values(&record)?),
        false => ("USER-SUPPLIED VALUES", user_values(&record)),
    };
    let text = match flags.string("output") {
        "json" => go_json(&values)?,
        "yaml" => yaml(&values)?,
        _ => {
            terminal::print(&format!("{title}:\n"));
            yaml(&values)?
        }
    };
    terminal::print_bytes(&text);
    Ok(())
}
