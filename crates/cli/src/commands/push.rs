//! `push`: checks what is asked for; registries are a later work.

use std::fs;

use crate::commands::shared_flags::SERVER;
use crate::commands::table::{Arguments, Command, Invocation};
use crate::errors::CommandError;
use crate::repositories;

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
    repositories::check_certificates(&invocation.flags)?;
    let (archive, remote) = (&invocation.flags.arguments[0], &invocation.flags.arguments[1]);
    let fail = |text: String| Err(CommandError::message(text));
    match scheme(remote) {
        None => return fail(format!("invalid chart URL format: {remote}")),
        Some(scheme) if scheme.is_empty() => {
            return fail("scheme prefix missing from remote (e.g. \"oci://\")".to_owned());
        }
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

/// Returns the scheme of a URL, empty for none; `None` if Go's `url.Parse` takes it for no URL.
fn scheme(url: &str) -> Option<String> {
    let (before, _) = url.split_once(':').filter(|(before, _)| !before.contains('/')).unwrap_or((url, ""));
    if before.len() == url.len() {
        return Some(String::new());
    }
    let is_part = |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'+' | b'-' | b'.');
    let is_scheme =
        before.starts_with(|first: char| first.is_ascii_alphabetic()) && before.bytes().all(is_part);
    is_scheme.then(|| before.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::scheme;

    #[test]
    fn schemes_are_told_as_go_does() {
        for (url, expected) in [
            ("oci://x", Some("oci")),
            ("OCI://x", Some("oci")),
            ("x", Some("")),
            ("a/b:c", Some("")),
            ("://x", None),
            ("1:x", None),
            ("a b:c", None),
        ] {
            assert_eq!(scheme(url).as_deref(), expected, "{url}");
        }
    }
}
