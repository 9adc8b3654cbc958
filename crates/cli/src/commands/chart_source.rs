//! From arguments and flags to a loaded chart and the user's values: what `template`, `install` and `upgrade` share.

use std::io::Read;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use chart::{Chart, Meanwhile, ReadError, Sources};
use repo::http::Access;
use repo::{Client, Event, Events, Indexes, Place};
use value::Map;

use crate::commands::dependency;
use crate::commands::table::Invocation;
use crate::errors::CommandError;
use crate::flags::Parsed;
use crate::repositories::Tell;
use crate::settings::Settings;
use crate::{logging, plugins, repositories, terminal};

/// A chart that can be installed, and what the user wants its values to be.
pub(crate) struct Source {
    /// The chart as loaded, dependencies not settled yet.
    pub(crate) chart: Chart,
    /// The user's values.
    pub(crate) values: Map,
}

/// Loads the chart and gathers the values (Helm: cmd/install.go, runInstall).
pub(crate) fn read(
    invocation: &Invocation,
    reference: &str,
    events: Tell,
    meanwhile: &mut dyn Meanwhile,
) -> Result<Source, CommandError> {
    let path = locate(invocation, reference, events)?;
    if invocation.settings.is_debug {
        logging::debug("Chart path", &[("path", &path)]);
    }
    let mut source = load_source(invocation, &path, meanwhile)?;
    check_installable(&source.chart)?;
    check_version(&source.chart)?;
    warn_if_deprecated(&source.chart);
    check_dependencies(invocation, &mut source.chart, &path, events)?;
    Ok(source)
}

/// As [`read`], but takes charts of any type (Helm: cmd/upgrade.go).
pub(crate) fn read_for_upgrade(invocation: &Invocation, reference: &str) -> Result<Source, CommandError> {
    tell_of_devel(invocation);
    let path = locate(invocation, reference, repositories::tell)?;
    let mut source = load_source(invocation, &path, &mut ())?;
    check_version(&source.chart)?;
    check_dependencies(invocation, &mut source.chart, &path, repositories::tell)?;
    warn_if_deprecated(&source.chart);
    Ok(source)
}

/// Tells which version is asked for, before the arguments are looked at (Helm: cmd/install.go, runInstall).
pub(crate) fn tell_of_version(invocation: &Invocation) {
    if invocation.settings.is_debug {
        logging::debug("Original chart version", &[("version", invocation.flags.string("version"))]);
    }
    tell_of_devel(invocation);
}

fn tell_of_devel(invocation: &Invocation) {
    let flags = &invocation.flags;
    if invocation.settings.is_debug && flags.bool("devel") && flags.non_empty("version").is_none() {
        logging::debug("setting version to >0.0.0-0", &[]);
    }
}

/// Gathers the values and loads a chart.
fn load_source(
    invocation: &Invocation,
    path: &str,
    meanwhile: &mut dyn Meanwhile,
) -> Result<Source, CommandError> {
    let values = values(invocation)?;
    Ok(Source { chart: load_while(path, meanwhile)?, values })
}

fn warn_if_deprecated(chart: &Chart) {
    if chart.metadata.deprecated {
        logging::warn("this chart is deprecated");
    }
}

/// Loads a chart and prints what Helm logs while it does.
pub(crate) fn load(path: &str) -> Result<Chart, CommandError> {
    load_while(path, &mut ())
}

fn load_while(path: &str, meanwhile: &mut dyn Meanwhile) -> Result<Chart, CommandError> {
    let mut warnings = Vec::new();
    let result = chart::files::load_while(path, &mut warnings, meanwhile);
    print_warnings(&warnings);
    result.map_err(|error| CommandError::message(error.full_text()))
}

/// Prints log lines of the chart crate.
pub(crate) fn print_warnings(warnings: &[chart::Warning]) {
    for warning in warnings {
        terminal::error_line(&warning.to_string());
    }
}

/// Gathers the values that flags give.
pub(crate) fn values(invocation: &Invocation) -> Result<Map, CommandError> {
    let flags = &invocation.flags;
    plugins::look_for_getters(&invocation.settings.files.plugins);
    let sources = Sources {
        files: flags.list("values").to_vec(),
        json: flags.list("set-json").to_vec(),
        set: flags.list("set").to_vec(),
        strings: flags.list("set-string").to_vec(),
        file_contents: flags.list("set-file").to_vec(),
        literals: flags.list("set-literal").to_vec(),
    };
    let tell = |event: Event<'_>| repositories::tell(&invocation.settings, event);
    let mut read = |path: &str| read_source(path, &tell);
    chart::gather(&sources, &mut read).map_err(|error| CommandError::message(error.full_text()))
}

/// Reads a file that a flag names; `-` is standard input.
fn read_source(path: &str, events: Events<'_>) -> Result<Vec<u8>, ReadError> {
    if path.trim() == "-" {
        let mut text = Vec::new();
        std::io::stdin().read_to_end(&mut text)?;
        return Ok(text);
    }
    if value::url::parse(path.as_bytes())?.scheme.starts_with(b"http") {
        let fetched = repositories::document(path, repositories::TIMEOUT, events);
        return Ok(fetched.map_err(|error| error.full_text())?);
    }
    Ok(chart::files::read(path)?)
}

/// Turns a chart reference into a path; a chart from a repository is fetched to the cache (Helm: action/install.go,
/// LocateChart).
pub(crate) fn locate(invocation: &Invocation, reference: &str, events: Tell) -> Result<String, CommandError> {
    let flags = &invocation.flags;
    let name = reference.trim();
    let is_remote = flags.non_empty("repo").is_some();
    if !is_remote && Path::new(name).exists() {
        refuse_signature(flags, name)?;
        let path = std::path::absolute(name).map_err(|error| CommandError::message(error.to_string()))?;
        return Ok(chart::clean(&path.to_string_lossy()));
    }
    if !is_remote && (name.starts_with('/') || name.starts_with('.')) {
        let quoted = value::gofmt::quoted(name.as_bytes());
        return Err(CommandError::message(format!("path {quoted} not found")));
    }
    fetch(&invocation.settings, flags, name, events)
}

fn refuse_signature(flags: &Parsed, path: &str) -> Result<(), CommandError> {
    match flags.bool("verify") {
        false => Ok(()),
        // Helm: downloader/chart_downloader.go, VerifyChart
        true if Path::new(path).is_dir() => Err(CommandError::message("unpacked charts cannot be verified")),
        true => Err(no_verification()),
    }
}

/// Signatures are checked by a later work; what was asked for must not be left out quietly.
pub(crate) fn no_verification() -> CommandError {
    CommandError::message("checking a chart's signature (--verify) is not available yet")
}

/// Words a signature that could not be fetched.
pub(crate) fn no_signature(place: &Place) -> CommandError {
    let url = value::gofmt::quoted(place.signature_url().as_bytes());
    CommandError::message(format!("failed to fetch provenance {url}"))
}

/// Fetches a chart to the cache and returns where it is.
fn fetch(settings: &Settings, flags: &Parsed, reference: &str, events: Tell) -> Result<String, CommandError> {
    let given = flags.string("version").trim();
    let version = if given.is_empty() && flags.bool("devel") { ">0.0.0-0" } else { given };
    let client = repositories::client(settings, repositories::TIMEOUT);
    let tell = |event: Event<'_>| events(settings, event);
    let mut access = repositories::access(flags);
    let wanted = Wanted { reference, version, repository: flags.non_empty("repo") };
    // Helm makes the folder whether it is needed or not.
    let _ = std::fs::create_dir_all(&settings.files.repository_cache);
    let (place, path, signature) = repo::block_on(async {
        let place = find(&client, &wanted, &mut access, &tell).await?;
        let named = if wanted.repository.is_some() { &place.url } else { reference };
        let path = client.keep(&place, &access, (named, version), &tell).await?;
        let signature =
            if flags.bool("verify") { Some(client.signature(&place, &access, &tell).await) } else { None };
        Ok((place, path, signature))
    })?;
    match signature {
        None => {}
        Some(Ok(_)) => return Err(no_verification()),
        Some(Err(_)) => return Err(no_signature(&place)),
    }
    let path = std::path::absolute(&path).map_err(|error| CommandError::message(error.to_string()))?;
    Ok(path.to_string_lossy().into_owned())
}

/// A chart that is asked for.
pub(crate) struct Wanted<'a> {
    /// `repository/chart`, a URL, or a chart's name in a repository that is named by its URL.
    pub(crate) reference: &'a str,
    /// The version or range; empty for the newest.
    pub(crate) version: &'a str,
    /// The URL of a repository that has no name.
    pub(crate) repository: Option<&'a str>,
}

/// Finds where a chart lies, and settles for whom credentials are.
///
/// # Errors
/// In Helm's words.
pub(crate) async fn find(
    client: &Client,
    wanted: &Wanted<'_>,
    access: &mut Access,
    events: Events<'_>,
) -> Result<Place, repo::Error> {
    let mut reference = wanted.reference.to_owned();
    if let Some(repository) = wanted.repository {
        reference = client.find(repository, &reference, wanted.version, access, events).await?;
        if !access.passes_credentials && !is_same_server(repository, &reference) {
            (access.username, access.password) = Default::default();
        }
    }
    client.resolve(&reference, wanted.version, access, &mut Indexes::default(), events).await
}

/// Returns whether two URLs lead to the same server (Helm: action/install.go, urlEqual).
fn is_same_server(a: &str, b: &str) -> bool {
    match (value::url::parse(a.as_bytes()), value::url::parse(b.as_bytes())) {
        (Ok(a), Ok(b)) => repo::http::is_same_origin(&a, &b),
        _ => false,
    }
}

/// Charts of version 3 are loaded, but no operation takes them (Helm: action/install.go, RunWithContext).
fn check_version(chart: &Chart) -> Result<(), CommandError> {
    match chart.metadata.api_version.as_str() {
        "v3" => Err(CommandError::message("invalid chart apiVersion")),
        _ => Ok(()),
    }
}

fn check_installable(chart: &Chart) -> Result<(), CommandError> {
    match chart.metadata.chart_type.as_str() {
        "" | "application" => Ok(()),
        other => Err(CommandError::message(format!("{other} charts are not installable"))),
    }
}

/// Checks that dependencies are there; with `--dependency-update` those that are not are fetched.
fn check_dependencies(
    invocation: &Invocation,
    chart: &mut Chart,
    path: &str,
    events: Tell,
) -> Result<(), CommandError> {
    let Err(error) = chart::dependencies::check(chart) else { return Ok(()) };
    if !invocation.flags.bool("dependency-update") {
        return Err(CommandError::message(format!(
            "an error occurred while checking for chart dependencies. You may need to run 'helm dependency build' to fetch \
             missing dependencies: {}",
            error.full_text()
        )));
    }
    dependency::update(invocation, path, events)?;
    *chart = load(path).map_err(|error| error.context("failed reloading chart after repo update"))?;
    Ok(())
}

/// Tells release name and chart from the arguments (Helm: action/install.go, NameAndChart).
pub(crate) fn name_and_chart(
    flags: &Parsed,
    default_name: Option<&str>,
) -> Result<(String, String), CommandError> {
    let arguments = &flags.arguments;
    if arguments.len() > 2 {
        let unexpected = arguments[2..].join(", ");
        return Err(CommandError::message(format!(
            "expected at most two arguments, unexpected arguments: {unexpected}"
        )));
    }
    if let [name, chart] = arguments.as_slice() {
        for flag in ["generate-name", "name-template"] {
            if flags.bool(flag) || (flag == "name-template" && flags.non_empty(flag).is_some()) {
                return Err(CommandError::message(format!("cannot set --{flag} and also specify a name")));
            }
        }
        return Ok((name.clone(), chart.clone()));
    }
    let chart = arguments.first().cloned().unwrap_or_default();
    if let Some(template) = flags.non_empty("name-template") {
        return Ok((name_from_template(template)?, chart));
    }
    if let Some(name) = default_name {
        return Ok((name.to_owned(), chart));
    }
    if !flags.bool("generate-name") {
        return Err(CommandError::message("must either provide a name or specify --generate-name"));
    }
    Ok((generated_name(&chart), chart))
}

fn name_from_template(template: &str) -> Result<String, CommandError> {
    let message = |text: String| CommandError::message(text);
    let functions = sprig::functions(std::rc::Rc::new(crate::ambient::System));
    let mut set = gotmpl::TemplateSet::new("name-template", functions, gotmpl::Options::default());
    set.parse("name-template", template).map_err(|error| message(error.to_string()))?;
    let mut name = Vec::new();
    set.execute("name-template", &value::Value::Nil, &mut name)
        .map_err(|error| message(error.to_string()))?;
    Ok(String::from_utf8_lossy(&name).into_owned())
}

fn generated_name(chart: &str) -> String {
    let base = chart.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let base = if matches!(base, "" | ".") { "chart" } else { base };
    let base = base.split('.').next().unwrap_or(base);
    let seconds =
        SystemTime::now().duration_since(UNIX_EPOCH).map(|since| since.as_secs()).unwrap_or_default();
    format!("{base}-{seconds}")
}

/// Reads `--dry-run` (Helm: cmd/helpers.go, cmdGetDryRunFlagStrategy).
pub(crate) fn dry_run(flags: &Parsed, is_template: bool) -> Result<DryRun, CommandError> {
    let text = flags.string("dry-run");
    let quoted = value::gofmt::quoted(text.as_bytes());
    let never_none = || {
        CommandError::message(format!("invalid dry-run value ({quoted}). Must be \"server\" or \"client\""))
    };
    match text {
        "unset" => {
            logging::warn("--dry-run is deprecated and should be replaced with '--dry-run=client'");
            return Ok(DryRun::Client);
        }
        "client" => return Ok(DryRun::Client),
        "server" => return Ok(DryRun::Server),
        "none" if is_template => return Err(never_none()),
        "none" => return Ok(DryRun::None),
        _ => {}
    }
    let Ok(flag) = value::strconv::parse_bool(text) else {
        return Err(CommandError::message(format!(
            "invalid dry-run value ({quoted}). Must be \"none\", \"server\", or \"client\""
        )));
    };
    if is_template && !flag {
        return Err(never_none());
    }
    let (strategy, name) = if flag { (DryRun::Client, "client") } else { (DryRun::None, "none") };
    logging::warn(&format!(
        "boolean '--dry-run={text}' flag is deprecated and must be replaced with '--dry-run={name}'"
    ));
    Ok(strategy)
}

/// How much of an operation is only simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DryRun {
    /// Nothing: it is carried out.
    None,
    /// All of it, without a cluster.
    Client,
    /// All changes; the cluster is asked.
    Server,
}
