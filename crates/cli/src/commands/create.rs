//! `create`: a new chart from the scaffold or from a starter.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use chart::{Chart, File, create};

use crate::commands::chart_source;
use crate::commands::table::{Arguments, Command, Invocation};
use crate::errors::CommandError;
use crate::flags::{Flag, string};
use crate::terminal;

const FLAGS: &[Flag] = &[
    string("starter", "", "starter to begin with: its name, or an absolute path").short('p'),
    string("chart-api-version", "v2", "version of the chart format: v2 or v3").hidden(),
];

pub(crate) static COMMAND: Command = Command {
    name: "create",
    aliases: &[],
    usage: "NAME",
    summary: "Begin a new chart",
    description: "Makes a folder with a chart that can be installed as it is: a Deployment with a Service, and what goes with\n\
        them. Starters are charts in $HELM_DATA_HOME/starters; <CHARTNAME> in them becomes the new name.",
    example: "create my-chart",
    arguments: Arguments::Exactly(1),
    flags: &[FLAGS],
    exclusive: &[],
    subcommands: &[],
    run: Some(run),
};

fn run(invocation: &Invocation) -> Result<(), CommandError> {
    let flags = &invocation.flags;
    let target = &flags.arguments[0];
    terminal::print(&format!("Creating {target}\n"));
    check_api_version(flags.string("chart-api-version"))?;
    let (folder, name) = split(target);
    match flags.non_empty("starter") {
        Some(starter) => {
            let path = match Path::new(starter).is_absolute() {
                true => starter.to_owned(),
                false => chart::clean(&format!("{}/starters/{starter}", invocation.settings.files.data_home)),
            };
            from_starter(&folder, &name, &path)
        }
        None => from_scaffold(&folder, &name),
    }
}

fn check_api_version(version: &str) -> Result<(), CommandError> {
    const GATE: &str = "HELM_EXPERIMENTAL_CHART_V3";
    let is_open = std::env::var(GATE).is_ok_and(|text| !text.is_empty());
    match version {
        "v2" | "" => Ok(()),
        "v3" if is_open => Err(CommandError::message("creating charts of version 3 is not available yet")),
        "v3" => Err(CommandError::message(format!(
            "this feature has been marked as experimental and is not enabled by default. Please set {GATE}=1 in your \
             environment to use this feature"
        ))),
        other => {
            Err(CommandError::message(format!("unsupported chart API version: {other} (supported: v2, v3)")))
        }
    }
}

/// Splits a path as Go's `filepath.Dir` and `filepath.Base` do.
fn split(path: &str) -> (String, String) {
    let trimmed = path.trim_end_matches('/');
    let base = match (path.is_empty(), trimmed) {
        (true, _) => ".",
        (false, "") => "/",
        (false, trimmed) => trimmed.rsplit('/').next().unwrap_or(trimmed),
    };
    let folder =
        path.rsplit_once('/').map_or(".", |(folder, _)| if folder.is_empty() { "/" } else { folder });
    (chart::clean(folder), base.to_owned())
}

/// Writes the scaffold (Helm: chart/v2/util/create.go, Create).
fn from_scaffold(folder: &str, name: &str) -> Result<(), CommandError> {
    create::check_name(name).map_err(|error| CommandError::message(error.to_string()))?;
    let folder = std::path::absolute(folder).map_err(|error| path_error("getwd", "", &error))?;
    let folder = chart::clean(&folder.to_string_lossy());
    match fs::metadata(&folder) {
        Err(error) => return Err(path_error("stat", &folder, &error)),
        Ok(about) if !about.is_dir() => {
            return Err(CommandError::message(format!("no such directory {folder}")));
        }
        Ok(_) => {}
    }
    let root = chart::clean(&format!("{folder}/{name}"));
    check_root(&root)?;
    for file in create::scaffold(name) {
        let path = format!("{root}/{}", file.name);
        if fs::exists(&path).unwrap_or(false) {
            let quoted = value::gofmt::quoted(path.as_bytes());
            terminal::print(&format!("WARNING: File {quoted} already exists. Overwriting.\n"));
        }
        write(&path, &file)?;
    }
    make_folder(&format!("{root}/charts"))
}

/// Writes a starter under a new name (`CreateFrom`, `SaveDir`).
fn from_starter(folder: &str, name: &str, starter: &str) -> Result<(), CommandError> {
    let chart = load(starter).map_err(|error| error.context(&format!("could not load {starter}")))?;
    let files = create::from_starter(name, &chart, SystemTime::now())
        .map_err(|error| CommandError::message(error.full_text()))?;
    let root = chart::clean(&format!("{folder}/{name}"));
    check_root(&root)?;
    files.iter().try_for_each(|file| write(&format!("{root}/{}", file.name), file))
}

fn load(path: &str) -> Result<Chart, CommandError> {
    let mut warnings = Vec::new();
    let loaded = chart::files::load_any_version(path, &mut warnings);
    chart_source::print_warnings(&warnings);
    loaded.map_err(|error| CommandError::message(error.full_text()))
}

fn check_root(root: &str) -> Result<(), CommandError> {
    match fs::metadata(root) {
        Ok(about) if !about.is_dir() => {
            Err(CommandError::message(format!("file {root} already exists and is not a directory")))
        }
        _ => Ok(()),
    }
}

fn write(path: &str, file: &File) -> Result<(), CommandError> {
    if let Some((folder, _)) = path.rsplit_once('/') {
        make_folder(folder)?;
    }
    fs::write(path, &*file.data).map_err(|error| path_error("open", path, &error))
}

fn make_folder(path: &str) -> Result<(), CommandError> {
    fs::create_dir_all(path).map_err(|error| {
        // Go names the first folder that could not be made.
        let missing = Path::new(path).ancestors().filter(|path| !path.exists()).last();
        let named = missing.map_or_else(|| path.to_owned(), |path| path.display().to_string());
        path_error("mkdir", &named, &error)
    })
}

fn path_error(operation: &'static str, path: &str, error: &std::io::Error) -> CommandError {
    CommandError::message(chart::files::file_error(operation, path, error).to_string())
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn paths_are_split_as_go_does() {
        for (path, folder, base) in [
            ("foo", ".", "foo"),
            ("a/b/foo", "a/b", "foo"),
            ("foo/", "foo", "foo"),
            ("/foo", "/", "foo"),
            ("", ".", "."),
            ("/", "/", "/"),
        ] {
            assert_eq!(split(path), (folder.to_owned(), base.to_owned()), "{path}");
        }
    }
}
