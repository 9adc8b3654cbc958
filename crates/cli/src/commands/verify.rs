//! `verify`: checks what needs no signature; signatures are a later work.

use std::fs;

use crate::commands::shared_flags::{self, KEYRING};
use crate::commands::table::{Arguments, Command, Invocation};
use crate::errors::CommandError;

pub(crate) static COMMAND: Command = Command {
    name: "verify",
    aliases: &[],
    usage: "PATH",
    summary: "Check a chart's signature",
    description: "Checks that the archive of a chart is the one that its signature file names, and that the signature is of one\n\
        of the known keys.",
    example: "verify my-chart-0.1.0.tgz",
    arguments: Arguments::Exactly(1),
    flags: &[&[KEYRING]],
    exclusive: &[],
    subcommands: &[],
    run: Some(run),
};

/// Checks in Helm's order (downloader/chart_downloader.go, VerifyChart).
fn run(invocation: &Invocation) -> Result<(), CommandError> {
    let path = &invocation.flags.arguments[0];
    let fail = |text: String| Err(CommandError::message(text));
    let missing = |operation, path: &str, error: &std::io::Error| {
        chart::files::file_error(operation, path, error).to_string()
    };
    match fs::metadata(path) {
        Err(error) => return fail(missing("stat", path, &error)),
        Ok(about) if about.is_dir() => return fail("unpacked charts cannot be verified".to_owned()),
        Ok(_) if !path.to_lowercase().ends_with(".tgz") => {
            return fail("chart must be a tgz file".to_owned());
        }
        Ok(_) => {}
    }
    let signature = format!("{path}.prov");
    if let Err(error) = fs::metadata(&signature) {
        return fail(format!(
            "could not load provenance file {signature}: {}",
            missing("stat", &signature, &error)
        ));
    }
    let keyring = shared_flags::keyring(&invocation.flags);
    if let Err(error) = fs::File::open(&keyring) {
        return fail(format!("failed to load keyring: {}", missing("open", &keyring, &error)));
    }
    fail("checking a chart's signature is not available yet".to_owned())
}
