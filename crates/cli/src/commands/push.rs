//! `push`: checks what is asked for; registries are a later work.

use std::fs;

use crate::commands::shared_flags::SERVER;
use crate::commands::table::{Arguments, Command, Invocation};
use crate::errors::CommandError;

pub(crate) static COMMAND: Command = Command {
    name: "push",
    aliases: &[],
    usage: "[chart] [remote]",
    summary: "Push a chart to a registry",
    description: "Uploads the archive of a chart to an OCI registry, under its own name and version.",
    example: "push my-chart-0.1.0.tgz oci://registry.example.com/charts",
    arguments: Arguments::AtLeast(2),
    flags: &[SERVER],
    exclusive: &[],
    subcommands: &[],
    run: Some(run),
};

fn run(invocation: &Invocation) -> Result<(), CommandError> {
    let (archive, remote) = (&invocation.flags.arguments[0], &invocation.flags.arguments[1]);
    let fail = |text: String| Err(CommandError::message(text));
    match remote.split_once(':').map(|(scheme, _)| scheme.to_lowercase()) {
        None => return fail("scheme prefix missing from remote (e.g. \"oci://\")".to_owned()),
        Some(scheme) if scheme != "oci" => {
            return fail(format!("scheme {} not supported", value::gofmt::quoted(scheme.as_bytes())));
        }
        Some(_) => {}
    }
    match fs::metadata(archive) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return fail(format!("{archive}: no such file"));
        }
        Err(error) => return fail(chart::files::file_error("stat", archive, &error).to_string()),
        Ok(about) if about.is_dir() => {
            return fail("cannot push directory, must provide chart archive (.tgz)".to_owned());
        }
        Ok(_) => {}
    }
    chart::files::load(archive, &mut Vec::new()).map_err(|error| CommandError::message(error.full_text()))?;
    fail("pushing charts to a registry is not available yet".to_owned())
}
