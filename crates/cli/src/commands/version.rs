//! `version`: which Helm this program is compatible with, and which build of it this is.

use value::Value;

use crate::commands::table::{Arguments, Command, Invocation};
use crate::errors::CommandError;
use crate::flags::{boolean, string};
use crate::go_struct::go_struct;
use crate::{template_output, terminal};

/// The version of Helm whose behaviour this program has.
pub(crate) const HELM_VERSION: &str = "v4.3.1";

/// What Helm says of how it was built, for who looks.
const GO_VERSION: &str = "go1.27.2";
const KUBE_CLIENT_VERSION: &str = "v1.37";

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
    let version = format!("{HELM_VERSION}+pintle.{}", env!("CARGO_PKG_VERSION"));
    if let Some(template) = invocation.flags.non_empty("template") {
        let fields = [
            ("Version", version.as_str()),
            ("GitCommit", ""),
            ("GitTreeState", "clean"),
            ("GoVersion", GO_VERSION),
            ("KubeClientVersion", KUBE_CLIENT_VERSION),
        ];
        let data = go_struct("version.BuildInfo", fields.map(|(name, text)| (name, Value::string(text))));
        let (out, ended) = template_output::execute(template, &data);
        terminal::print_bytes(&out);
        return ended;
    }
    if invocation.flags.bool("short") {
        terminal::print(&format!("{version}\n"));
    } else {
        terminal::print(&format!(
            "version.BuildInfo{{Version:\"{version}\", GitCommit:\"\", GitTreeState:\"clean\", \
             GoVersion:\"{GO_VERSION}\", KubeClientVersion:\"{KUBE_CLIENT_VERSION}\"}}\n"
        ));
    }
    Ok(())
}
