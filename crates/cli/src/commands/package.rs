//! `package`: packs chart folders into archives.

use std::env;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chart::package::{self, Times};
use chart::{API_VERSION_V3, Chart};
use tempfile::Builder;
use value::semver::Version;

use crate::commands::shared_flags::{self, KEYRING, SERVER};
use crate::commands::table::{Arguments, Command, Invocation};
use crate::commands::{chart_source, dependency};
use crate::errors::CommandError;
use crate::flags::{Flag, Parsed, boolean, string};
use crate::{plugins, repositories, terminal};

const FLAGS: &[Flag] = &[
    boolean("sign", "sign the archive"),
    string("key", "", "name of the key to sign with"),
    KEYRING,
    string("passphrase-file", "", "file with the passphrase of the key, or - for standard input"),
    string("version", "", "version to give the chart"),
    string("app-version", "", "appVersion to give the chart"),
    string("destination", ".", "folder for the archive").short('d'),
    boolean("dependency-update", "fetch dependencies into charts/ first").short('u'),
];

pub(crate) static COMMAND: Command = Command {
    name: "package",
    aliases: &[],
    usage: "[CHART_PATH] [...]",
    summary: "Pack charts into archives",
    description: "Packs the folder of a chart into an archive that is named after chart and version. With\n\
        SOURCE_DATE_EPOCH set, the same files give the same archive, byte for byte.",
    example: "package ./my-chart --version 1.2.3 --destination dist",
    arguments: Arguments::Any,
    flags: &[FLAGS, SERVER],
    exclusive: &[],
    subcommands: &[],
    run: Some(run),
};

fn run(invocation: &Invocation) -> Result<(), CommandError> {
    let flags = &invocation.flags;
    if flags.arguments.is_empty() {
        return Err(CommandError::message("need at least one argument, the path to the chart"));
    }
    let times = times()?;
    if flags.bool("sign") {
        for name in ["key", "keyring"] {
            if flags.string(name).is_empty() {
                return Err(CommandError::message(format!("--{name} is required for signing a package")));
            }
        }
    }
    repositories::check_certificates(flags)?;
    plugins::look_for_getters(&invocation.settings.files.plugins);
    for path in &flags.arguments {
        let saved = one(invocation, path, times)?;
        terminal::print(&format!("Successfully packaged chart and saved it to: {saved}\n"));
    }
    Ok(())
}

/// Returns which times the members of an archive get.
///
/// # Errors
/// When `SOURCE_DATE_EPOCH` is no time.
pub(crate) fn times() -> Result<Times, CommandError> {
    Ok(match source_date_epoch()? {
        Some(time) => Times::All(time),
        None => Times::OfFiles { now: SystemTime::now() },
    })
}

/// Reads `SOURCE_DATE_EPOCH` (Helm: cmd/source_date_epoch.go).
fn source_date_epoch() -> Result<Option<SystemTime>, CommandError> {
    let Some(text) = env::var("SOURCE_DATE_EPOCH").ok().filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let invalid = |reason: String| CommandError::message(format!("invalid SOURCE_DATE_EPOCH: {reason}"));
    let seconds = value::strconv::parse_int(&text, 10, 64).map_err(|error| invalid(error.to_string()))?;
    let seconds = u64::try_from(seconds).map_err(|_| invalid("must not be negative".to_owned()))?;
    let time = UNIX_EPOCH.checked_add(Duration::from_secs(seconds));
    time.map(Some).ok_or_else(|| invalid("no time is so late".to_owned()))
}

/// Packs one chart and returns where (Helm: action/package.go, Run).
fn one(invocation: &Invocation, path: &str, times: Times) -> Result<String, CommandError> {
    let flags = &invocation.flags;
    if let Err(error) = fs::metadata(path) {
        return Err(path_error("stat", path, &error));
    }
    if flags.bool("dependency-update") {
        let chart = chart::files::absolute(path).map_err(|error| CommandError::message(error.full_text()))?;
        dependency::update(invocation, &chart, repositories::tell_log)?;
    }
    let mut chart = load(path)?;
    if let Some(version) = flags.non_empty("version") {
        chart.metadata.version = version.to_owned();
    }
    Version::parse(&chart.metadata.version).map_err(|error| CommandError::message(error.to_string()))?;
    if let Some(version) = flags.non_empty("app-version") {
        chart.metadata.app_version = version.to_owned();
    }
    chart::dependencies::check(&chart).map_err(|error| CommandError::message(error.full_text()))?;
    let unsigned = if flags.bool("sign") { Some(keyring_error(flags)?) } else { None };
    let folder = destination(flags)?;
    let saved = save(&chart, &folder, times).map_err(|error| error.context("failed to save"))?;
    unsigned.map_or(Ok(saved), Err)
}

fn load(path: &str) -> Result<Chart, CommandError> {
    let mut warnings = Vec::new();
    let loaded = chart::files::load_directory(path, &mut warnings);
    chart_source::print_warnings(&warnings);
    let chart = loaded.map_err(|error| CommandError::message(error.full_text()))?;
    match chart.metadata.api_version.as_str() {
        API_VERSION_V3 => Err(CommandError::message("invalid chart apiVersion")),
        _ => Ok(chart),
    }
}

/// Returns Helm's error for a keyring that cannot be read, which comes after the archive is there. With a keyring,
/// nothing is written: an archive without the signature that was asked for is of no use.
fn keyring_error(flags: &Parsed) -> Result<CommandError, CommandError> {
    let keyring = shared_flags::keyring(flags);
    match fs::File::open(&keyring) {
        Err(error) => Ok(path_error("open", &keyring, &error)),
        Ok(_) => Err(CommandError::message("signing a chart (--sign) is not available yet")),
    }
}

fn destination(flags: &Parsed) -> Result<String, CommandError> {
    match flags.string("destination") {
        "." => {
            let folder = env::current_dir().map_err(|error| path_error("getwd", "", &error))?;
            Ok(folder.to_string_lossy().into_owned())
        }
        folder => Ok(folder.to_owned()),
    }
}

/// Writes the archive in one step: whoever looks finds none, the old one, or the new one.
fn save(chart: &Chart, folder: &str, times: Times) -> Result<String, CommandError> {
    let path = chart::clean(&format!("{}{}", prefix(folder), package::file_name(chart)));
    let folder =
        path.rsplit_once('/').map_or(".", |(folder, _)| if folder.is_empty() { "/" } else { folder });
    match fs::metadata(folder) {
        Ok(about) if !about.is_dir() => {
            return Err(CommandError::message(format!("is not a directory: {folder}")));
        }
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            fs::create_dir_all(folder).map_err(|error| path_error("mkdir", folder, &error))?;
        }
        Err(error) => return Err(path_error("stat", folder, &error).context(&format!("stat {folder}"))),
    }
    let bytes = package::archive(chart, times).map_err(|error| CommandError::message(error.full_text()))?;
    write_whole(&path, folder, &bytes)?;
    Ok(path)
}

fn prefix(folder: &str) -> String {
    if folder.is_empty() { String::new() } else { format!("{folder}/") }
}

fn write_whole(path: &str, folder: &str, bytes: &[u8]) -> Result<(), CommandError> {
    let failed = |error: &std::io::Error| path_error("open", path, error);
    let mut builder = Builder::new();
    builder.prefix(".package-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder).map_err(|error| failed(&error))?;
    file.write_all(bytes).map_err(|error| failed(&error))?;
    file.persist(Path::new(path)).map_err(|error| failed(&error.error))?;
    Ok(())
}

fn path_error(operation: &'static str, path: &str, error: &std::io::Error) -> CommandError {
    CommandError::message(chart::files::file_error(operation, path, error).to_string())
}
