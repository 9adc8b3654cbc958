//! `pull`: fetches charts to files or folders.

use std::fs;
use std::path::Path;

use repo::Event;

use crate::commands::chart_source::{self, Wanted};
use crate::commands::shared_flags::CHART_SOURCE;
use crate::commands::table::{Arguments, Command, Invocation};
use crate::errors::CommandError;
use crate::flags::{Flag, Parsed, boolean, string};
use crate::{logging, plugins, repositories, terminal};

const FLAGS: &[Flag] = &[
    string("destination", ".", "folder for the archive, and in front of --untardir").short('d'),
    boolean("devel", "accept pre-release versions too; --version goes before"),
    boolean("prov", "fetch the signature without checking it"),
    boolean("untar", "unpack the archive"),
    string("untardir", ".", "folder to unpack in"),
];

pub(crate) static COMMAND: Command = Command {
    name: "pull",
    aliases: &["fetch"],
    usage: "[chart URL | repo/chartname] [...]",
    summary: "Fetch charts from a repository",
    description: "Fetches charts to the working directory, as archives or unpacked, without installing them.",
    example: "pull stable/nginx --version '^1.0.0' --untar",
    arguments: Arguments::AtLeast(1),
    flags: &[FLAGS, CHART_SOURCE],
    exclusive: &[],
    subcommands: &[],
    run: Some(run),
};

fn run(invocation: &Invocation) -> Result<(), CommandError> {
    let flags = &invocation.flags;
    let mut version = flags.string("version");
    if version.is_empty() && flags.bool("devel") {
        if invocation.settings.is_debug {
            logging::debug("setting version to >0.0.0-0", &[]);
        }
        version = ">0.0.0-0";
    }
    repositories::check_certificates(flags)?;
    plugins::look_for_getters(&invocation.settings.files.plugins);
    flags.arguments.iter().try_for_each(|reference| one(invocation, reference, version))
}

/// Helm: action/pull.go, Run.
fn one(invocation: &Invocation, reference: &str, version: &str) -> Result<(), CommandError> {
    let (flags, settings) = (&invocation.flags, &invocation.settings);
    let client = repositories::client(settings, repositories::TIMEOUT);
    let tell = |event: Event<'_>| repositories::tell(settings, event);
    let mut access = repositories::access(flags);
    let wanted = Wanted { reference, version, repository: flags.non_empty("repo") };
    let wants_signature = flags.bool("verify") || flags.bool("prov");
    let (place, archive, signature) = repo::block_on(async {
        let place = chart_source::find(&client, &wanted, &mut access, &tell).await?;
        let archive = client.download(&place, &access, &tell).await?;
        let signature =
            if wants_signature { Some(client.signature(&place, &access, &tell).await) } else { None };
        Ok((place, archive, signature))
    })?;
    let name = place.file_name();
    let path = joined(flags.string("destination"), &name);
    if !flags.bool("untar") {
        repo::write_file(Path::new(&path), &archive)?;
    }
    match signature {
        None => {}
        Some(Ok(_)) if flags.bool("verify") => return Err(chart_source::no_verification()),
        Some(Err(_)) if flags.bool("verify") => return Err(chart_source::no_signature(&place)),
        Some(Ok(_)) if flags.bool("untar") => {}
        Some(Ok(signature)) => repo::write_file(Path::new(&format!("{path}.prov")), &signature)?,
        Some(Err(error)) => terminal::print(&format!(
            "WARNING: Verification not found for {reference}: {}\n",
            error.full_text()
        )),
    }
    if flags.bool("untar") { unpack(flags, reference, &name, &archive) } else { Ok(()) }
}

fn unpack(flags: &Parsed, reference: &str, name: &str, archive: &[u8]) -> Result<(), CommandError> {
    let mut folder = flags.string("untardir").to_owned();
    if !folder.starts_with('/') {
        folder = joined(flags.string("destination"), &folder);
    }
    let chart = reference.rsplit('/').next().unwrap_or(reference);
    let target = if folder == "." { chart.to_owned() } else { joined(&folder, chart) };
    if fs::metadata(&target).is_ok() {
        return Err(CommandError::message(format!(
            "failed to untar: a file or directory with the name {target} already exists"
        )));
    }
    fs::create_dir_all(&target).map_err(|error| {
        let reason = chart::files::go_reason(&error);
        CommandError::message(format!("failed to untar (mkdir): mkdir {target}: {reason}"))
    })?;
    let temporary = tempfile::Builder::new().prefix("helm-").tempdir();
    let temporary = temporary.map_err(|error| CommandError::message(format!("failed to untar: {error}")))?;
    let path = temporary.path().join(name);
    repo::write_file(&path, archive)?;
    let expanded = chart::files::expand(&path.to_string_lossy(), &folder);
    expanded.map(|_| ()).map_err(|error| CommandError::message(error.full_text()))
}

/// Returns Go's `filepath.Join`.
fn joined(folder: &str, name: &str) -> String {
    match folder {
        "" => chart::clean(name),
        folder => chart::clean(&format!("{folder}/{name}")),
    }
}
