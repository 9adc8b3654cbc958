//! Chart repositories for commands: the client, and the words for what it tells.

use std::time::Duration;
use std::{env, fs};

use repo::cache::ContentCache;
use repo::http::{self, Access, Limit, TlsFiles};
use repo::{Client, Config, Event, Events, Stores};

use crate::errors::CommandError;
use crate::flags::Parsed;
use crate::settings::{Files, Settings};
use crate::{logging, registry_log, terminal};

/// How long one request may take (Helm: getter.DefaultHTTPTimeout).
pub(crate) const TIMEOUT: Duration = Duration::from_secs(120);

/// Returns the client; nothing is read or opened yet.
pub(crate) fn client(settings: &Settings, timeout: Duration) -> Client {
    let files = &settings.files;
    let stores = Stores {
        config: files.repository_config.clone().into(),
        indexes: files.repository_cache.clone().into(),
        logins: files.registry_config.clone().into(),
        content: ContentCache::new(&files.content_cache),
    };
    Client::new(stores, timeout, &|name| env::var(name).ok())
}

/// Returns how flags say that a repository is reached.
pub(crate) fn access(flags: &Parsed) -> Access {
    Access {
        username: flags.string("username").to_owned(),
        password: flags.string("password").to_owned(),
        owner: String::new(),
        passes_credentials: flags.bool("pass-credentials"),
        tls: TlsFiles {
            cert_file: flags.string("cert-file").to_owned(),
            key_file: flags.string("key-file").to_owned(),
            ca_file: flags.string("ca-file").to_owned(),
            is_insecure: flags.bool("insecure-skip-tls-verify"),
        },
        is_plain: flags.bool("plain-http"),
    }
}

/// Checks the files with certificates that flags name, as commands do that could want a registry, whatever chart they
/// are given (Helm: cmd/root.go, newRegistryClient).
///
/// # Errors
/// In Helm's words.
pub(crate) fn check_certificates(flags: &Parsed) -> Result<(), CommandError> {
    access(flags).tls.check().map_err(|error| {
        let reason = error.full_text();
        CommandError::message(format!(
            "missing registry client: can't create TLS config for client: {reason}"
        ))
    })
}

/// Fetches a document that a user named in place of a file.
///
/// # Errors
/// In Helm's words.
pub(crate) fn document(url: &str, timeout: Duration, events: Events<'_>) -> Result<Vec<u8>, repo::Error> {
    let client = http::Client::new(timeout, &|name| env::var(name).ok());
    let access = Access { owner: url.to_owned(), ..Access::default() };
    repo::block_on(client.get(url, &access, Limit::Document, events))
}

/// Repositories that are gone: their names, where they were, and where their charts are now.
const GONE: &[(&str, &str, &str)] = &[
    ("stable", "kubernetes-charts.storage.googleapis.com", "https://charts.helm.sh/stable"),
    ("incubator", "kubernetes-charts-incubator.storage.googleapis.com", "https://charts.helm.sh/incubator"),
];

/// Warns of repositories that are gone, as Helm does before every command (cmd/root.go, checkForExpiredRepos).
pub(crate) fn warn_of_gone(files: &Files) {
    let Ok(text) = fs::read(&files.repository_config) else { return };
    // Most files name none, and are not read any further.
    if !String::from_utf8_lossy(&text).contains("storage.googleapis.com") {
        return;
    }
    let Ok(config) = Config::read(&text) else { return };
    for (name, old, new) in GONE {
        let Some(repository) = config.get(name) else { return };
        if repository.url.contains(old) {
            terminal::error_line(&format!(
                "WARNING: \"{old}\" is deprecated for \"{name}\" and will be deleted Nov. 13, 2020.\n\
                 WARNING: You should switch to \"{new}\" via:\n\
                 WARNING: helm repo add \"{name}\" \"{new}\" --force-update"
            ));
        }
    }
}

/// Tells what happened, in Helm's words: some on standard output, some in the log.
pub(crate) fn tell(settings: &Settings, event: Event<'_>) {
    let quoted = |text: &str| value::gofmt::quoted(text.as_bytes());
    match event {
        Event::Skipped { entry, source } => log_skipped(entry, source),
        Event::Selected { chart, range, selected } if settings.is_debug => logging::debug(
            "selected version matching constraint",
            &[("chart", chart), ("constraint", range), ("selected", selected)],
        ),
        Event::CacheSet if settings.is_debug => logging::debug("set up default downloader cache", &[]),
        Event::Keeping { reference, version } if settings.is_debug => {
            logging::debug("attempting to download chart", &[("ref", reference), ("version", version)]);
        }
        Event::Cached { hash } if settings.is_debug => {
            logging::debug("found chart in cache", &[("id", hash)]);
        }
        Event::Kept { hash } if settings.is_debug => {
            logging::debug("put downloaded chart in cache", &[("id", hash)]);
        }
        Event::Fetching { url } if settings.is_debug => logging::debug("fetching", &[("url", url)]),
        Event::Answered { url, status, length } if settings.is_debug => {
            let length = length.map_or_else(|| "-1".to_owned(), |length| length.to_string());
            let attributes = [("url", url), ("status", status), ("content-length", &length)];
            logging::debug("fetch complete", &attributes);
        }
        Event::Closest { chart, requested, selected } => logging::line(
            logging::Level::Warn,
            "unable to find exact version requested; falling back to closest available version",
            &[("chart", chart), ("requested", requested), ("selected", selected)],
        ),
        Event::UpdatingUnmanaged => say("Getting updates for unmanaged Helm repositories..."),
        Event::Updating => say("Hang tight while we grab the latest from your chart repositories..."),
        Event::Updated { name } => {
            say(&format!("...Successfully got an update from the {} chart repository", quoted(name)));
        }
        Event::NotUpdated { name, url, error } => {
            let url = url.map_or_else(String::new, |url| format!(" ({url})"));
            let name = quoted(name);
            let error = error.full_text();
            say(&format!("...Unable to get an update from the {name} chart repository{url}:\n\t{error}"));
        }
        Event::UpdateComplete => say("Update Complete. ⎈Happy Helming!⎈"),
        Event::Saving { count } => say(&format!("Saving {count} charts")),
        Event::ExpectedInCharts { name } => say(&format!(
            "Dependency {name} did not declare a repository. Assuming it exists in the charts directory"
        )),
        Event::Archiving { name, repository } if settings.is_debug => {
            say(&format!("Archiving {name} from repo {repository}"));
        }
        Event::LocalRepository { repository } if settings.is_debug => {
            say(&format!("Repository from local path: {repository}"));
        }
        Event::Downloading { name, repository } => {
            say(&format!("Downloading {name} from repo {repository}"));
        }
        Event::AlreadyDownloaded { name, repository } => {
            say(&format!("Already downloaded {name} from repo {repository}"));
        }
        Event::NotSaved { error } => say(&format!("Save error occurred:  {}", error.full_text())),
        Event::NotVerified { path, reason, is_new: true } => {
            terminal::print(&format!("Could not verify {path} for moving: {reason} (Skipping)"));
        }
        Event::NotVerified { path, reason, is_new: false } => {
            say(&format!("Could not verify {path} for deletion: {reason} (Skipping)"));
        }
        Event::DeletingOutdated => say("Deleting outdated charts"),
        Event::OldDigest => {
            logging::info("warning: a valid Helm v3 hash was not found. Checking against Helm v2 hash...");
        }
        Event::OldMediaType { .. } | Event::Pulled { .. } | Event::Pushed { .. } => {
            note(&event).iter().for_each(|line| say(line));
        }
        Event::RegistryAsked { .. } | Event::RegistryAnswered { .. } | Event::RegistrySilent { .. }
            if settings.is_debug =>
        {
            registry_log::log(&event);
        }
        Event::ChartWarning(warning) => terminal::error_line(&warning.to_string()),
        _ => {}
    }
}

/// As [`tell`], for commands whose output is manifests or parts of charts: what came from a registry is told on standard
/// error.
pub(crate) fn tell_beside(settings: &Settings, event: Event<'_>) {
    match note(&event) {
        lines if lines.is_empty() => tell(settings, event),
        lines => lines.iter().for_each(|line| terminal::error_line(line)),
    }
}

/// As [`tell`], for commands that keep to themselves how they come to dependencies: only what is logged, and what came
/// from a registry.
pub(crate) fn tell_log(settings: &Settings, event: Event<'_>) {
    let is_told = matches!(
        event,
        Event::Skipped { .. }
            | Event::ChartWarning(_)
            | Event::CacheSet
            | Event::Cached { .. }
            | Event::Fetching { .. }
            | Event::Answered { .. }
            | Event::RegistryAsked { .. }
            | Event::RegistryAnswered { .. }
            | Event::RegistrySilent { .. }
            | Event::OldMediaType { .. }
            | Event::Pulled { .. }
    );
    if is_told {
        tell(settings, event);
    }
}

/// Where events go.
pub(crate) type Tell = fn(&Settings, Event<'_>);

/// What Helm says of underscores in tags.
const UNDERSCORE: &str = "
OCI artifact references (e.g. tags) do not support the plus sign (+). To support
storing semantic versions, Helm adopts the convention of changing plus (+) to
an underscore (_) in chart version tags when pushing to a registry and back to
a plus (+) when pulling from a registry.";

/// Returns what Helm says of a chart that came from a registry or went there (pkg/registry/client.go).
fn note(event: &Event<'_>) -> Vec<String> {
    let (verb, reference, digest) = match event {
        Event::OldMediaType { media_type } => {
            return vec![format!("Warning: chart media type {media_type} is deprecated")];
        }
        Event::Pulled { reference, digest } => ("Pulled", reference, digest),
        Event::Pushed { reference, digest } => ("Pushed", reference, digest),
        _ => return Vec::new(),
    };
    let mut lines = vec![format!("{verb}: {reference}"), format!("Digest: {digest}")];
    // Of what is pushed, Helm looks at the tag only.
    let part = if verb == "Pushed" { reference.rsplit(':').next().unwrap_or_default() } else { reference };
    if part.contains('_') {
        lines.extend([format!("{reference} contains an underscore."), UNDERSCORE.to_owned()]);
    }
    lines
}

fn say(line: &str) {
    terminal::print(&format!("{line}\n"));
}

fn log_skipped(entry: &repo::index::Skipped, source: &str) {
    let name = entry.chart.as_str();
    match &entry.problem {
        None => logging::line(
            logging::Level::Warn,
            "skipping loading invalid entry for chart: empty entry",
            &[("name", name), ("source", source)],
        ),
        Some((version, error)) => logging::line(
            logging::Level::Warn,
            "skipping loading invalid entry for chart",
            &[("name", name), ("version", version), ("source", source), ("error", error)],
        ),
    }
}

impl From<repo::Error> for CommandError {
    fn from(error: repo::Error) -> Self {
        CommandError::message(error.full_text())
    }
}
