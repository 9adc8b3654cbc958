//! `repo index`: makes the index of a folder that is to be served as a repository.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use repo::index::{FullIndex, index_directory};

use crate::commands::table::{Arguments, Command, Invocation};
use crate::errors::CommandError;
use crate::flags::{Flag, boolean, string};
use crate::{clock, repositories};

const FLAGS: &[Flag] = &[
    boolean("json", "write JSON"),
    string("merge", "", "index whose entries are taken over where the folder has none"),
    string("url", "", "address under which the folder is served"),
];

pub(super) static COMMAND: Command = Command {
    name: "index",
    aliases: &[],
    usage: "[DIR]",
    summary: "Make the index of a folder of charts",
    description: "Reads the archives in a folder and in the folders below it, and writes index.yaml beside them.",
    example: "repo index ./charts --url https://charts.example.com",
    arguments: Arguments::Exactly(1),
    flags: &[FLAGS],
    exclusive: &[],
    subcommands: &[],
    run: Some(run),
};

/// Helm: cmd/repo_index.go, index.
fn run(invocation: &Invocation) -> Result<(), CommandError> {
    let flags = &invocation.flags;
    let said = |error: chart::Error| CommandError::message(error.full_text());
    let folder = chart::files::absolute(flags.arguments.first().map_or("", String::as_str)).map_err(said)?;
    let now = clock::now_text();
    let mut index = index_directory(Path::new(&folder), flags.string("url"), &now)?;
    let store = |index: &FullIndex, path: &Path| match flags.bool("json") {
        true => index.store_json(path),
        false => index.store(path),
    };
    if let Some(merged) = flags.non_empty("merge") {
        index.merge(to_merge(invocation, merged, &now, store)?);
    }
    index.settle()?;
    Ok(store(&index, &Path::new(&folder).join("index.yaml"))?)
}

/// Reads the index to merge; where there is none, an empty one is left.
fn to_merge(
    invocation: &Invocation,
    path: &str,
    now: &str,
    store: impl Fn(&FullIndex, &Path) -> Result<(), repo::Error>,
) -> Result<FullIndex, CommandError> {
    if fs::metadata(path).is_err_and(|error| error.kind() == ErrorKind::NotFound) {
        let empty =
            FullIndex { api_version: "v1".to_owned(), generated: now.to_owned(), ..FullIndex::default() };
        // Helm does not mind when this fails.
        let _ = store(&empty, Path::new(path));
        return Ok(empty);
    }
    let failed = |text: String| CommandError::message(format!("merge failed: {text}"));
    let bytes = chart::files::read(path).map_err(|error| failed(error.full_text()))?;
    let loaded = FullIndex::load(&bytes);
    let (index, skipped) =
        loaded.map_err(|error| failed(format!("error loading {path}: {}", error.full_text())))?;
    for entry in &skipped {
        repositories::tell(&invocation.settings, repo::Event::Skipped { entry, source: path });
    }
    Ok(index)
}
