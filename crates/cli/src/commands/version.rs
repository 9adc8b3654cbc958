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

/// This program's own version.
const OWN_VERSION: &str = env!("CARGO_PKG_VERSION");

/// The commit that this program was built from, where the build says so.
const GIT_COMMIT: &str = match option_env!("PINTLE_GIT_COMMIT") {
    Some(commit) => commit,
    None => "",
};

/// How many letters of a commit tell it from others.
const SHORT_COMMIT_LENGTH: usize = 7;

pub(crate) static COMMAND: Command = Command {
    name: "version",
    aliases: &[],
    usage: "",
    summary: "Show the version",
    description: "Shows the version of Helm that this program is compatible with, followed by its own version as build\n\
        metadata. A template finds the fields Version, GitCommit, GitTreeState, GoVersion, KubeClientVersion and Pintle.",
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
    let version = format!("{HELM_VERSION}+pintle.{OWN_VERSION}");
    if let Some(template) = invocation.flags.non_empty("template") {
        let fields = [
            ("Version", version.as_str()),
            ("GitCommit", GIT_COMMIT),
            ("GitTreeState", "clean"),
            ("GoVersion", GO_VERSION),
            ("KubeClientVersion", KUBE_CLIENT_VERSION),
            ("Pintle", OWN_VERSION),
        ];
        let data = go_struct("version.BuildInfo", fields.map(|(name, text)| (name, Value::string(text))));
        let (out, ended) = template_output::execute(template, &data);
        terminal::print_bytes(&out);
        return ended;
    }
    if invocation.flags.bool("short") {
        terminal::print(&format!("{}\n", short(GIT_COMMIT)));
    } else {
        terminal::print(&format!(
            "version.BuildInfo{{Version:\"{version}\", GitCommit:\"{GIT_COMMIT}\", GitTreeState:\"clean\", \
             GoVersion:\"{GO_VERSION}\", KubeClientVersion:\"{KUBE_CLIENT_VERSION}\"}}\n"
        ));
    }
    Ok(())
}

/// Returns the version of Helm, and the commit of this build as build metadata in Helm's form (cmd/version.go).
fn short(commit: &str) -> String {
    match commit.get(..SHORT_COMMIT_LENGTH) {
        Some(commit) => format!("{HELM_VERSION}+g{commit}"),
        None => HELM_VERSION.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn the_short_form_takes_seven_letters_of_a_commit() {
        assert_eq!(short(""), "v4.3.1");
        assert_eq!(short("0123456789abcdef"), "v4.3.1+g0123456");
    }
}
