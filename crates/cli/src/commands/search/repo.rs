//! `search repo`: looks through the indexes of the repositories that were added.

use std::path::Path;

use ::repo::index::Index;
use ::repo::search::{self, Found, Query};
use ::repo::{Config, Event};
use chart::schema::compile_go_pattern;
use serde::Serialize;
use value::semver::Constraints;

use crate::commands::shared_flags::OUTPUT;
use crate::commands::table::{Arguments, Command, Invocation};
use crate::errors::CommandError;
use crate::flags::{Flag, Kind, Parsed, boolean, string};
use crate::output::{Table, go_json, yaml};
use crate::settings::Settings;
use crate::{logging, repositories, terminal};

const FLAGS: &[Flag] = &[
    boolean("devel", "find pre-release versions too; --version goes before"),
    boolean("fail-on-no-result", "fail when nothing is found"),
    Flag::of("max-col-width", Kind::Uint, "50", "widest column of the table; 0 for any"),
    OUTPUT,
    boolean("regexp", "take the words for a regular expression").short('r'),
    string("version", "", "range that versions must lie in"),
    boolean("versions", "show every version of a chart").short('l'),
];

pub(super) static COMMAND: Command = Command {
    name: "repo",
    aliases: &[],
    usage: "[keyword]",
    summary: "Search the repositories that were added",
    description: "Looks for charts whose name, description or keywords have the given words, and shows the newest stable\n\
        version of each. Nothing is fetched: `repo update` brings the indexes up to date.",
    example: "search repo nginx --version '^1.0.0' --versions",
    arguments: Arguments::Any,
    flags: &[FLAGS],
    exclusive: &[],
    subcommands: &[],
    run: Some(run),
};

/// Helm: cmd/search_repo.go, run.
fn run(invocation: &Invocation) -> Result<(), CommandError> {
    let (flags, settings) = (&invocation.flags, &invocation.settings);
    let range = range(flags, settings);
    let all_versions = flags.bool("versions");
    let indexes = indexes(settings)?;
    let words = flags.arguments.join(" ");
    let pattern = match flags.bool("regexp") && !flags.arguments.is_empty() {
        true => Some(compile_go_pattern(&words).map_err(CommandError::message)?),
        false => None,
    };
    let find =
        |line: &str| pattern.as_ref().and_then(|pattern| pattern.find(line)).map(|found| found.start());
    let query = match (&pattern, flags.arguments.is_empty()) {
        (Some(_), _) => Query::Expression(&find),
        (None, true) => Query::All,
        (None, false) => Query::Literal(&words),
    };
    // A range always looks at every version, and there is always one.
    let found = search::search(&indexes, true, &query);
    let range = Constraints::parse(&range)
        .map_err(|error| CommandError::message(format!("an invalid version/constraint format: {error}")))?;
    show(flags, &search::in_range(found, &range, all_versions))
}

fn range(flags: &Parsed, settings: &Settings) -> String {
    let given = flags.string("version");
    if settings.is_debug {
        logging::debug("original chart version", &[("version", given)]);
    }
    let chosen = match (given, flags.bool("devel")) {
        ("", true) => ">0.0.0-0",
        ("", false) => ">0.0.0",
        (given, _) => return given.to_owned(),
    };
    if settings.is_debug {
        logging::debug(&format!("setting version to {chosen}"), &[]);
    }
    chosen.to_owned()
}

/// Reads the cached indexes; a repository without one is told of and left out.
fn indexes(settings: &Settings) -> Result<Vec<(String, Index)>, CommandError> {
    // Helm: a file that cannot be read is one without repositories.
    let config = Config::load(Path::new(&settings.files.repository_config)).unwrap_or_default();
    if config.repositories.is_empty() {
        return Err(CommandError::message("no repositories configured"));
    }
    let client = repositories::client(settings, repositories::TIMEOUT);
    let tell = |event: Event<'_>| repositories::tell(settings, event);
    let mut indexes = Vec::with_capacity(config.repositories.len());
    for repository in &config.repositories {
        match client.cached_index(&repository.name, &tell) {
            Ok(index) => indexes.push((repository.name.clone(), index)),
            Err(error) => logging::line(
                logging::Level::Warn,
                "repo is corrupt or missing",
                &[("repo", &repository.name), ("error", &error.full_text())],
            ),
        }
    }
    Ok(indexes)
}

#[derive(Serialize)]
struct Element<'a> {
    name: &'a str,
    version: &'a str,
    app_version: &'a str,
    description: &'a str,
}

fn show(flags: &Parsed, found: &[Found<'_>]) -> Result<(), CommandError> {
    if found.is_empty() && flags.bool("fail-on-no-result") {
        return Err(CommandError::message("no results found"));
    }
    let elements: Vec<Element<'_>> = found
        .iter()
        .map(|found| Element {
            name: &found.name,
            version: found.entry.version(),
            app_version: found.entry.app_version(),
            description: found.entry.description(),
        })
        .collect();
    match flags.string("output") {
        "json" => terminal::print_bytes(&go_json(&elements)?),
        "yaml" => terminal::print_bytes(&yaml(&elements)?),
        _ if elements.is_empty() => terminal::print("No results found\n"),
        _ => {
            let width = usize::try_from(flags.uint("max-col-width")).unwrap_or(usize::MAX);
            let mut table = Table::new().limit(width);
            table.add(["NAME", "CHART VERSION", "APP VERSION", "DESCRIPTION"]);
            for element in &elements {
                table.add([element.name, element.version, element.app_version, element.description]);
            }
            terminal::print(&table.text());
        }
    }
    Ok(())
}
