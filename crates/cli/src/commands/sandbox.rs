//! `sandbox`: the embedded clusters themselves: serving one to other programs, what is in it, emptying and moving it.

mod contents;
mod serve;

use std::path::PathBuf;

use crate::commands::table::{Arguments, Command, Invocation};
use crate::connect::{open_sandbox, sandbox_file};
use crate::errors::{CommandError, chain};

/// The sandbox meant where none is named.
const DEFAULT: &str = "default";

pub(crate) static COMMAND: Command = Command {
    name: "sandbox",
    aliases: &[],
    usage: "[command]",
    summary: "Serve, inspect, empty, save and load embedded clusters",
    description: "An embedded cluster is an API server of Kubernetes in this program, with controllers that only pretend: no\n\
        container ever runs. Each one lives in a file of its own. --sandbox names the one meant.",
    example: "sandbox serve --kubeconfig sandbox.kubeconfig",
    arguments: Arguments::None,
    flags: &[],
    exclusive: &[],
    subcommands: &[&serve::COMMAND, &contents::STATUS, &contents::RESET, &contents::LOAD, &contents::DUMP],
    run: None,
};

/// Returns the name and the file of the sandbox meant.
fn chosen(invocation: &Invocation) -> Result<(&str, PathBuf), CommandError> {
    let name = invocation.settings.sandbox.as_deref().unwrap_or(DEFAULT);
    Ok((name, sandbox_file(&invocation.settings, name)?))
}

fn open(invocation: &Invocation, options: sandbox::Options) -> Result<sandbox::Sandbox, CommandError> {
    let (_, file) = chosen(invocation)?;
    open_sandbox(&file, &options).map_err(|error| CommandError::message(chain(&error)))
}
