//! `push`: uploads charts to registries.

use std::fs;
use std::path::Path;

use repo::{Event, Parcel};
use value::time::Time;

use crate::commands::shared_flags::SERVER;
use crate::commands::table::{Arguments, Command, Invocation};
use crate::errors::CommandError;
use crate::{clock, repositories};

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

/// Helm: uploader/chart_uploader.go, UploadTo; pusher/ocipusher.go, push.
fn run(invocation: &Invocation) -> Result<(), CommandError> {
    let (flags, settings) = (&invocation.flags, &invocation.settings);
    repositories::check_certificates(flags)?;
    let (path, remote) = (&flags.arguments[0], &flags.arguments[1]);
    let remote = checked(remote)?;
    let about = fs::metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => CommandError::message(format!("{path}: no such file")),
        _ => file_error("stat", path, &error),
    })?;
    if about.is_dir() {
        return Err(CommandError::message("cannot push directory, must provide chart archive (.tgz)"));
    }
    let loaded = chart::files::load(path, &mut Vec::new());
    let chart = loaded.map_err(|error| CommandError::message(error.full_text()))?;
    let archive = fs::read(path).map_err(|error| file_error("open", path, &error))?;
    let signature = format!("{path}.prov");
    let signature = match Path::new(&signature).exists() {
        true => Some(fs::read(&signature).map_err(|error| file_error("open", &signature, &error))?),
        false => None,
    };
    let created = about.modified().map_err(|error| file_error("stat", path, &error))?;
    let created = Time::from_system(created, clock::local_zone()).format(clock::RFC3339);
    let parcel = Parcel { metadata: &chart.metadata, archive, signature, created: &created };
    let client = repositories::client(settings, repositories::TIMEOUT);
    let tell = |event: Event<'_>| repositories::tell(settings, event);
    Ok(repo::block_on(client.push(&remote, parcel, &repositories::access(flags), &tell))?)
}

fn file_error(operation: &'static str, path: &str, error: &std::io::Error) -> CommandError {
    CommandError::message(chart::files::file_error(operation, path, error).to_string())
}

/// Returns the URL of the folder in a registry, as Go writes it.
fn checked(remote: &str) -> Result<String, CommandError> {
    let url = value::url::parse(remote.as_bytes())
        .map_err(|_| CommandError::message(format!("invalid chart URL format: {remote}")))?;
    match &*url.scheme {
        b"oci" => Ok(String::from_utf8_lossy(&url.to_text()).into_owned()),
        b"" => Err(CommandError::message("scheme prefix missing from remote (e.g. \"oci://\")")),
        scheme => {
            let scheme = value::gofmt::quoted(scheme);
            Err(CommandError::message(format!("scheme {scheme} not supported")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::checked;

    #[test]
    fn only_registries_are_pushed_to() {
        assert_eq!(checked("OCI://x/y").unwrap(), "oci://x/y");
        for (remote, reason) in [
            ("x", "scheme prefix missing from remote (e.g. \"oci://\")"),
            ("a/b:c", "scheme prefix missing from remote (e.g. \"oci://\")"),
            ("http://x", "scheme \"http\" not supported"),
            ("://x", "invalid chart URL format: ://x"),
            ("1:x", "invalid chart URL format: 1:x"),
        ] {
            assert_eq!(checked(remote).unwrap_err().text(), reason);
        }
    }
}
