//! `version`: which Helm this program is compatible with, and which build of it this is.

use crate::commands::table::{Arguments, Command, Invocation};
use crate::errors::CommandError;
use crate::flags::{boolean, string};
use crate::terminal;

/// The version of Helm whose behaviour this program has.
pub(crate) const HELM_VERSION: &str = "v4.3.1";

pub(crate) static COMMAND: Command = Command {
    name: "version",
    aliases: &[],
    usage: "",
    summary: "Show the version",
    description: "Shows the version of Helm that this program is compatible with, followed by its own version as build\n\
        metadata.",
    example: "version --short",
    arguments: Arguments::None,
    flags: &[&[
        boolean("short", "print the version alone"),
        string("template", "", "Go template to print the version with"),
    ]],
    exclusive: &[],
    subcommands: &[],
    run: Some(run),
};

fn run(invocation: &Invocation) -> Result<(), CommandError> {
    let own = format!("pintle.{}", env!("CARGO_PKG_VERSION"));
    if invocation.flags.non_empty("template").is_some() {
        return Err(CommandError::message("version --template is not available yet; use --short"));
    }
    if invocation.flags.bool("short") {
        terminal::print(&format!("{HELM_VERSION}+{own}\n"));
    } else {
        terminal::print(&format!(
            "version.BuildInfo{{Version:\"{HELM_VERSION}+{own}\", GitCommit:\"\", GitTreeState:\"clean\", \
             GoVersion:\"go1.27.2\", KubeClientVersion:\"v1.37\"}}\n"
        ));
    }
    Ok(())
}
