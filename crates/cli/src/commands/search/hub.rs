//! `search hub`: asks a hub for charts.

use serde::Serialize;
use serde_json::Value;

use crate::commands::shared_flags::OUTPUT;
use crate::commands::table::{Arguments, Command, Invocation};
use crate::errors::CommandError;
use crate::flags::{Flag, Kind, Parsed, boolean, string};
use crate::output::{Table, go_json, yaml};
use crate::{logging, repositories, terminal};

/// Where a hub answers searches, below its address (Helm: monocular.SearchPath).
const SEARCH_PATH: &str = "api/chartsvc/v1/charts/search";

const FLAGS: &[Flag] = &[
    string("endpoint", "https://hub.helm.sh", "address of the hub"),
    boolean("fail-on-no-result", "fail when nothing is found"),
    boolean("list-repo-url", "show the address of each chart's repository"),
    Flag::of("max-col-width", Kind::Uint, "50", "widest column of the table; 0 for any"),
    OUTPUT,
];

pub(super) static COMMAND: Command = Command {
    name: "hub",
    aliases: &[],
    usage: "[KEYWORD]",
    summary: "Search Artifact Hub or another hub",
    description: "Asks a hub, by default Artifact Hub, for charts that have the given words.",
    example: "search hub nginx --list-repo-url",
    arguments: Arguments::Any,
    flags: &[FLAGS],
    exclusive: &[],
    subcommands: &[],
    run: Some(run),
};

#[derive(Serialize)]
struct Repository<'a> {
    url: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct Element<'a> {
    url: String,
    version: &'a str,
    app_version: &'a str,
    description: &'a str,
    repository: Repository<'a>,
}

/// Helm: cmd/search_hub.go, run.
fn run(invocation: &Invocation) -> Result<(), CommandError> {
    let flags = &invocation.flags;
    let endpoint = flags.string("endpoint");
    let quoted = value::gofmt::quoted(endpoint.as_bytes());
    let asked = address(endpoint, &flags.arguments.join(" ")).map_err(|problem| {
        CommandError::message(format!("unable to create connection to {quoted}: {problem}"))
    })?;
    let answer = repositories::document(&asked, repositories::TIMEOUT, &|_| ()).map_err(|error| {
        if invocation.settings.is_debug {
            logging::debug("search failed", &[("error", &error.full_text())]);
        }
        CommandError::message(format!("unable to perform search against {quoted}"))
    })?;
    // Helm: an answer that cannot be read has no results.
    let answer: Value = serde_json::from_slice(&answer).unwrap_or_default();
    let results = answer["data"].as_array().map_or(&[][..], Vec::as_slice);
    let elements: Vec<Element<'_>> = results.iter().map(|result| element(endpoint, result)).collect();
    show(flags, &elements)
}

/// Returns where to ask.
fn address(endpoint: &str, words: &str) -> Result<String, String> {
    let mut url = value::url::parse(endpoint.as_bytes())?;
    let below = value::url::join("", &format!("{}/{SEARCH_PATH}", String::from_utf8_lossy(&url.path)))?;
    url.path = below.into_bytes();
    url.raw_path.clear();
    url.query = format!("q={}", value::url::query_escape(words)).into_bytes();
    Ok(String::from_utf8_lossy(&url.to_text()).into_owned())
}

fn element<'a>(endpoint: &str, result: &'a Value) -> Element<'a> {
    fn text<'v>(value: &'v Value, path: &str) -> &'v str {
        value.pointer(path).and_then(Value::as_str).unwrap_or_default()
    }
    let latest = "/relationships/latestChartVersion/data";
    let url = match text(result, "/artifactHub/packageUrl") {
        "" => format!("{endpoint}/charts/{}", text(result, "/id")),
        url => url.to_owned(),
    };
    Element {
        url,
        version: text(result, &format!("{latest}/version")),
        app_version: text(result, &format!("{latest}/app_version")),
        description: text(result, "/attributes/description"),
        repository: Repository {
            url: text(result, "/attributes/repo/url"),
            name: text(result, "/attributes/repo/name"),
        },
    }
}

fn show(flags: &Parsed, elements: &[Element<'_>]) -> Result<(), CommandError> {
    if elements.is_empty() && flags.bool("fail-on-no-result") {
        return Err(CommandError::message("no results found"));
    }
    match flags.string("output") {
        "json" => terminal::print_bytes(&go_json(&elements)?),
        "yaml" => terminal::print_bytes(&yaml(&elements)?),
        _ if elements.is_empty() => terminal::print("No results found\n"),
        _ => {
            let with_repository = flags.bool("list-repo-url");
            let width = usize::try_from(flags.uint("max-col-width")).unwrap_or(usize::MAX);
            let mut table = Table::new().limit(width);
            let row = |cells: [&str; 5]| {
                let count = if with_repository { 5 } else { 4 };
                cells.into_iter().take(count).map(str::to_owned).collect::<Vec<_>>()
            };
            table.add(row(["URL", "CHART VERSION", "APP VERSION", "DESCRIPTION", "REPO URL"]));
            for element in elements {
                let Element { url, version, app_version, description, repository } = element;
                table.add(row([url, version, app_version, description, repository.url]));
            }
            terminal::print(&table.text());
        }
    }
    Ok(())
}
