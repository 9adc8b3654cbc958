//! Repositories and charts as commands want them: fetched, and kept where Helm keeps them.

use std::collections::HashMap;
use std::fs;
use std::io::Read;
use std::path::PathBuf;
use std::time::Duration;

use flate2::read::GzDecoder;
use value::url;

use crate::at_once::at_once;
use crate::cache::{self, ContentCache};
use crate::http::{self, Access, Limit, TlsFiles};
use crate::index::{self, Index};
use crate::oci::{self, Asker, Login, Logins, Parcel, Part, Passes, Session};
use crate::{Config, Error, Event, Events, Repository};

/// How much an index may unpack to.
const MAX_INDEX_BYTES: u64 = 512 << 20;

/// Where configuration and caches lie.
#[derive(Debug, Clone)]
pub struct Stores {
    /// `repositories.yaml`.
    pub config: PathBuf,
    /// The folder of cached indexes.
    pub indexes: PathBuf,
    /// The file of logins of registries.
    pub logins: PathBuf,
    /// Downloaded charts.
    pub content: ContentCache,
}

/// Where a chart is to be had.
#[derive(Debug, Clone)]
pub struct Place {
    /// The URL of its archive.
    pub url: String,
    /// The hash of the archive, as the index has it, or of its manifest in a registry; empty if there is none.
    pub digest: String,
    /// Whether a repository's index led here. Helm does not tell then what came from a registry.
    pub is_listed: bool,
}

impl Place {
    /// Returns the URL of the signature.
    pub fn signature_url(&self) -> String {
        format!("{}.prov", self.url)
    }

    /// Returns the name of the archive's file (Go: `filepath.Base` of the path).
    pub fn file_name(&self) -> String {
        let parsed = url::parse(self.url.as_bytes()).unwrap_or_default();
        let path = String::from_utf8_lossy(&parsed.path).into_owned();
        if oci::is_in_registry(&parsed) {
            return oci::file_name(&path);
        }
        match path.trim_end_matches('/').rsplit('/').next() {
            Some(name) if !name.is_empty() => name.to_owned(),
            _ if path.is_empty() => ".".to_owned(),
            _ => "/".to_owned(),
        }
    }
}

/// Fetches from repositories.
pub struct Client {
    http: http::Client,
    stores: Stores,
    logins: Logins,
    passes: Passes,
}

impl Client {
    /// Returns a client; `timeout` is for each request, `environment` has the variables that name proxies and say where
    /// Docker keeps its logins.
    pub fn new(stores: Stores, timeout: Duration, environment: &dyn Fn(&str) -> Option<String>) -> Self {
        let logins = Logins::new(&stores.logins, environment);
        Client { http: http::Client::new(timeout, environment), stores, logins, passes: Passes::default() }
    }

    /// Returns how registries are asked.
    fn session<'a>(&'a self, access: &'a Access, events: Events<'a>) -> Session<'a> {
        let Access { username, password, tls, .. } = access;
        let asker = match username.is_empty() || password.is_empty() {
            true => Asker::Kept(&self.logins),
            false => Asker::Named { username, password },
        };
        // Helm forgets that there is no TLS when it makes a client for certificates.
        let is_plain = access.is_plain && !tls.is_custom();
        Session { http: &self.http, passes: &self.passes, asker, tls, is_plain, prefers_oauth: false, events }
    }

    /// Checks a login with a registry and keeps it (`Client.Login`).
    ///
    /// # Errors
    /// When the registry does not take it, or it cannot be kept.
    pub async fn log_in(
        &self,
        registry: &str,
        login: &Login,
        access: &Access,
        events: Events<'_>,
    ) -> Result<(), Error> {
        oci::check_registry(registry)?;
        let asker = Asker::Named { username: &login.username, password: &login.password };
        let session = Session { asker, is_plain: access.is_plain, ..self.session(access, events) };
        let by_oauth = Session { prefers_oauth: true, ..session };
        if oci::ping(&by_oauth, registry).await.is_err() {
            self.passes.forget(oci::host(registry));
            let quoted = value::gofmt::quoted(registry.as_bytes());
            let pinged = oci::ping(&session, registry).await;
            pinged.map_err(|error| error.context(format!("authenticating to {quoted}")))?;
        }
        self.logins.put(registry, login)
    }

    /// Forgets the login of a registry (`Client.Logout`).
    ///
    /// # Errors
    /// When it is there and stays.
    pub fn log_out(&self, registry: &str) -> Result<(), Error> {
        self.logins.remove(registry)
    }

    /// Pushes a chart to a registry.
    ///
    /// # Errors
    /// When its name or version cannot be a reference, or the registry refuses.
    pub async fn push(
        &self,
        remote: &str,
        parcel: Parcel<'_>,
        access: &Access,
        events: Events<'_>,
    ) -> Result<(), Error> {
        oci::push(self.session(access, events), remote, parcel).await
    }

    /// Returns the tags of a chart in a registry that are versions, the highest first.
    pub(crate) async fn tags(
        &self,
        reference: &str,
        access: &Access,
        events: Events<'_>,
    ) -> Result<Vec<String>, Error> {
        oci::tags(self.session(access, events), reference).await
    }

    /// Returns where configuration and caches lie.
    pub fn stores(&self) -> &Stores {
        &self.stores
    }

    /// Fetches a repository's index and keeps it (`ChartRepository.DownloadIndexFile`).
    ///
    /// # Errors
    /// When it does not arrive or is no index; what was kept before stays then.
    pub async fn update(&self, repository: &Repository, events: Events<'_>) -> Result<Index, Error> {
        let (bytes, index) = self.fetch_index(&repository.url, &access(repository), events).await?;
        let mut names = String::new();
        for chart in index.charts() {
            names.push_str(chart.name());
            names.push('\n');
        }
        cache::store_index(&self.stores.indexes, &repository.name, &bytes, &names)?;
        Ok(index)
    }

    /// Fetches the indexes of several repositories at the same time, tells of each in order, and returns the URLs of those
    /// that gave none (Helm: cmd/repo_update.go, updateCharts).
    ///
    /// # Errors
    /// None of its own; the signature is that of everything that waits.
    pub async fn update_all(
        &self,
        repositories: &[&Repository],
        events: Events<'_>,
    ) -> Result<Vec<String>, Error> {
        let requests = repositories.iter().map(|repository| self.update(repository, events));
        let results = at_once(requests.collect()).await;
        let mut failed = Vec::new();
        for (repository, result) in repositories.iter().zip(results) {
            let (name, url) = (repository.name.as_str(), repository.url.as_str());
            match result {
                Ok(_) => events(Event::Updated { name }),
                Err(error) => {
                    events(Event::NotUpdated { name, url: Some(url), error: &error });
                    failed.push(url.to_owned());
                }
            }
        }
        Ok(failed)
    }

    async fn fetch_index(
        &self,
        address: &str,
        access: &Access,
        events: Events<'_>,
    ) -> Result<(Vec<u8>, Index), Error> {
        let href = url::resolve_reference(address, "index.yaml").map_err(Error::refused)?;
        let bytes = match is_in_registry(&href) {
            // Helm takes registries for repositories too, and finds no index there.
            true => oci::pull(self.session(access, events), &href, Part::Archive).await?,
            false => plain(self.http.get(&href, access, Limit::Index, events).await?)?,
        };
        let index = index::read(&bytes)?;
        tell_skipped(&index, address, events);
        Ok((bytes, index))
    }

    /// Returns where a repository that is not configured has a chart (`FindChartInRepoURL`).
    ///
    /// # Errors
    /// When the index cannot be had, or has no such chart.
    pub async fn find(
        &self,
        repository: &str,
        chart: &str,
        version: &str,
        access: &Access,
        events: Events<'_>,
    ) -> Result<String, Error> {
        check_protocol(repository)?;
        let access = Access { owner: repository.to_owned(), ..access.clone() };
        let fetched = self.fetch_index(repository, &access, events).await;
        let (_, index) = fetched.map_err(|error| not_reached(error, repository))?;
        find_in(&index, repository, chart, version, events)
    }

    /// Reads the cached index of a repository (`LoadIndexFile`).
    ///
    /// # Errors
    /// When it is not there or no index.
    pub fn cached_index(&self, name: &str, events: Events<'_>) -> Result<Index, Error> {
        let path = cache::index_path(&self.stores.indexes, name);
        let bytes = fs::read(&path).map_err(|error| Error::file("open", &path, &error))?;
        let shown = path.display().to_string();
        let index =
            index::read(&bytes).map_err(|source| crate::ErrorKind::Index { path: shown.clone(), source })?;
        tell_skipped(&index, &shown, events);
        Ok(index)
    }

    /// Turns `repository/chart` or a URL into the place of an archive, and adds to the access what the repository's entry
    /// says (`ChartDownloader.ResolveChartVersion`).
    ///
    /// # Errors
    /// When there is no such repository, chart or version.
    pub async fn resolve(
        &self,
        reference: &str,
        version: &str,
        access: &mut Access,
        indexes: &mut Indexes,
        events: Events<'_>,
    ) -> Result<Place, Error> {
        events(Event::CacheSet);
        let invalid = || Error::refused(format!("invalid chart URL format: {reference}"));
        let parsed = url::parse(reference.as_bytes()).map_err(|_| invalid())?;
        if oci::is_in_registry(&parsed) {
            return oci::find(self.session(access, events), reference, version, &parsed).await;
        }
        let config = Config::load_if_there(&self.stores.config)?;
        if !parsed.scheme.is_empty() && !parsed.host.is_empty() && !parsed.path.is_empty() {
            let owner = self.owner(reference, &config, indexes, events)?;
            take_access(access, owner, reference);
            let place = Place { url: reference.to_owned(), digest: String::new(), is_listed: false };
            return check_scheme(&place.url).map(|()| place);
        }
        let path = String::from_utf8_lossy(&parsed.path).into_owned();
        let Some((name, chart)) = path.split_once('/') else {
            let shown = String::from_utf8_lossy(&parsed.to_text()).into_owned();
            return Err(Error::refused(format!(
                "non-absolute URLs should be in form of repo_name/path_to_chart, got: {shown}"
            )));
        };
        let repository = config.get(name).ok_or_else(|| Error::refused(format!("repo {name} not found")))?;
        if repository.url.is_empty() {
            return Err(Error::refused(format!("no URL found for repository {name}")));
        }
        check_protocol(&repository.url)?;
        take_access(access, Some(repository), reference);
        let index = indexes.load(self, name, events).map_err(not_cached)?;
        let entry = index.get(chart, version, events).map_err(|error| {
            error.context(format!(
                "chart {} matching {version} not found in {name} index. (try 'helm repo update')",
                value::gofmt::quoted(chart.as_bytes())
            ))
        })?;
        let Some(archive) = entry.urls().next() else {
            let quoted = value::gofmt::quoted(reference.as_bytes());
            return Err(Error::refused(format!("chart {quoted} has no downloadable URLs")));
        };
        let resolved = url::resolve_reference(&repository.url, archive).map_err(|_| invalid())?;
        let place = Place { url: resolved, digest: entry.digest().to_owned(), is_listed: true };
        check_scheme(&place.url).map(|()| place)
    }

    /// Returns the repository whose index has a URL (`scanReposForURL`).
    fn owner<'c>(
        &self,
        reference: &str,
        config: &'c Config,
        indexes: &mut Indexes,
        events: Events<'_>,
    ) -> Result<Option<&'c Repository>, Error> {
        for repository in &config.repositories {
            check_protocol(&repository.url)?;
            let index = indexes.load(self, &repository.name, events).map_err(not_cached)?;
            if index.has_url(reference) {
                return Ok(Some(repository));
            }
        }
        Ok(None)
    }

    /// Returns an archive from the cache, or fetches it without keeping it (`DownloadTo`).
    ///
    /// # Errors
    /// When it cannot be had.
    pub async fn download(
        &self,
        place: &Place,
        access: &Access,
        events: Events<'_>,
    ) -> Result<Vec<u8>, Error> {
        if let Some(hash) = cache::parse_digest(&place.digest)?
            && let Some(path) = self.stores.content.get(&hash)
            && let Ok(bytes) = fs::read(path)
        {
            events(Event::Cached { hash: &cache::hex(&hash) });
            return Ok(bytes);
        }
        self.fetch(place, Part::Archive, access, events).await
    }

    /// Fetches an archive or its signature, from a server or a registry.
    async fn fetch(
        &self,
        place: &Place,
        part: Part,
        access: &Access,
        events: Events<'_>,
    ) -> Result<Vec<u8>, Error> {
        if !is_in_registry(&place.url) {
            return match part {
                Part::Archive => self.http.get(&place.url, access, Limit::Archive, events).await,
                Part::Signature => {
                    self.http.get(&place.signature_url(), access, Limit::Document, events).await
                }
            };
        }
        let quiet = |event: Event<'_>| {
            if !matches!(event, Event::Pulled { .. } | Event::OldMediaType { .. }) {
                events(event);
            }
        };
        let events: Events<'_> = if place.is_listed { &quiet } else { events };
        oci::pull(self.session(access, events), &place.url, part).await
    }

    /// Fetches the signature that lies beside an archive.
    ///
    /// # Errors
    /// When there is none or it cannot be had.
    pub async fn signature(
        &self,
        place: &Place,
        access: &Access,
        events: Events<'_>,
    ) -> Result<Vec<u8>, Error> {
        self.fetch(place, Part::Signature, access, events).await
    }

    /// Returns where an archive is in the cache, after fetching it if need be (`DownloadToCache`); `wanted` is what the user
    /// asked for, reference and version.
    ///
    /// # Errors
    /// When it cannot be had or kept.
    pub async fn keep(
        &self,
        place: &Place,
        access: &Access,
        (reference, version): (&str, &str),
        events: Events<'_>,
    ) -> Result<PathBuf, Error> {
        let digest = cache::parse_digest(&place.digest);
        let digest = digest.map_err(|error| match error.to_string().starts_with("encoding/hex") {
            true => error.context("unable to decode digest"),
            false => error,
        })?;
        if let Some(hash) = digest
            && let Some(path) = self.stores.content.get(&hash)
        {
            events(Event::Cached { hash: &cache::hex(&hash) });
            return Ok(path);
        }
        events(Event::Keeping { reference, version });
        let bytes = self.fetch(place, Part::Archive, access, events).await?;
        // A manifest's digest was checked on the way from the registry. An index's Helm takes unseen, but a wrong one must
        // not stand for another chart later.
        let hash = match digest {
            Some(hash) if is_in_registry(&place.url) && !place.is_listed => hash,
            _ => cache::hash(&bytes),
        };
        let path = self.stores.content.put(&hash, &bytes)?;
        events(Event::Kept { hash: &cache::hex(&hash) });
        Ok(path)
    }
}

/// Indexes that were read in this run, so that each is read once.
#[derive(Default)]
pub struct Indexes(HashMap<String, Index>);

impl Indexes {
    /// Returns a repository's index, from the cache the first time.
    pub(crate) fn load(&mut self, client: &Client, name: &str, events: Events<'_>) -> Result<&Index, Error> {
        if !self.0.contains_key(name) {
            let index = client.cached_index(name, events)?;
            self.0.insert(name.to_owned(), index);
        }
        Ok(&self.0[name])
    }

    /// Keeps an index that was just fetched.
    pub(crate) fn insert(&mut self, name: &str, index: Index) {
        self.0.insert(name.to_owned(), index);
    }

    /// Returns an index that was read before.
    pub(crate) fn get(&self, name: &str) -> Option<&Index> {
        self.0.get(name)
    }
}

fn tell_skipped(index: &Index, source: &str, events: Events<'_>) {
    for entry in &index.skipped {
        events(Event::Skipped { entry, source });
    }
}

fn not_cached(error: Error) -> Error {
    error.context("no cached repo found. (try 'helm repo update')")
}

/// Words a repository that gives no index.
pub(crate) fn not_reached(error: Error, repository: &str) -> Error {
    error.context(format!(
        "looks like {} is not a valid chart repository or cannot be reached",
        value::gofmt::quoted(repository.as_bytes())
    ))
}

/// Looks a chart up in the index of a repository that is not configured.
pub(crate) fn find_in(
    index: &Index,
    repository: &str,
    chart: &str,
    version: &str,
    events: Events<'_>,
) -> Result<String, Error> {
    let quoted = |text: &str| value::gofmt::quoted(text.as_bytes());
    let what = match version {
        "" => format!("chart {}", quoted(chart)),
        version => format!("chart {} version {}", quoted(chart), quoted(version)),
    };
    let entry = index.get(chart, version, events);
    let entry = entry.map_err(|_| Error::refused(format!("{what} not found in {repository} repository")))?;
    let Some(archive) = entry.urls().next() else {
        return Err(Error::refused(format!("{what} has no downloadable URLs")));
    };
    url::resolve_reference(repository, archive)
        .map_err(|text| Error::refused(format!("failed to make chart URL absolute: {text}")))
}

/// Returns how to reach a repository.
fn access(repository: &Repository) -> Access {
    Access {
        username: repository.username.clone(),
        password: repository.password.clone(),
        owner: repository.url.clone(),
        passes_credentials: repository.passes_credentials,
        is_plain: false,
        tls: TlsFiles {
            cert_file: repository.cert_file.clone(),
            key_file: repository.key_file.clone(),
            ca_file: repository.ca_file.clone(),
            is_insecure: repository.is_insecure,
        },
    }
}

/// Lets a repository's entry override what flags say, as far as it says something. (Helm does not take over that a
/// repository's certificate is not to be checked.)
fn take_access(access: &mut Access, repository: Option<&Repository>, reference: &str) {
    let Some(repository) = repository else {
        access.owner = reference.to_owned();
        return;
    };
    access.owner.clone_from(&repository.url);
    let own = [&repository.cert_file, &repository.key_file, &repository.ca_file];
    if own.iter().any(|file| !file.is_empty()) {
        access.tls.cert_file.clone_from(&repository.cert_file);
        access.tls.key_file.clone_from(&repository.key_file);
        access.tls.ca_file.clone_from(&repository.ca_file);
    }
    if !repository.username.is_empty() && !repository.password.is_empty() {
        access.username.clone_from(&repository.username);
        access.password.clone_from(&repository.password);
        access.passes_credentials = repository.passes_credentials;
    }
}

/// Checks that a repository can be asked (`NewChartRepository`).
///
/// # Errors
/// When the text is no URL or its scheme has no handler.
pub fn check_protocol(address: &str) -> Result<(), Error> {
    let parsed = url::parse(address.as_bytes())
        .map_err(|_| Error::refused(format!("invalid chart URL format: {address}")))?;
    match &*parsed.scheme {
        b"http" | b"https" | b"oci" => Ok(()),
        other => {
            let scheme = String::from_utf8_lossy(other);
            Err(Error::refused(format!("could not find protocol handler for: {scheme}")))
        }
    }
}

fn check_scheme(address: &str) -> Result<(), Error> {
    let parsed = url::parse(address.as_bytes()).map_err(Error::refused)?;
    match &*parsed.scheme {
        b"http" | b"https" | b"oci" => Ok(()),
        other => {
            let scheme = value::gofmt::quoted(other);
            Err(Error::refused(format!("scheme {scheme} not supported")))
        }
    }
}

/// Writes an archive in one step (`PlatformAtomicWriteFile`).
///
/// # Errors
/// When the system refuses.
pub fn write_file(path: &std::path::Path, contents: &[u8]) -> Result<(), Error> {
    crate::atomic::write(path, contents, 0o644)
}

fn is_in_registry(address: &str) -> bool {
    url::parse(address.as_bytes()).is_ok_and(|parsed| oci::is_in_registry(&parsed))
}

/// Unpacks an index that a server sent packed without being asked to.
fn plain(bytes: Vec<u8>) -> Result<Vec<u8>, Error> {
    if !bytes.starts_with(&[0x1F, 0x8B]) {
        return Ok(bytes);
    }
    let mut unpacked = Vec::new();
    let mut decoder = GzDecoder::new(bytes.as_slice()).take(MAX_INDEX_BYTES);
    decoder
        .read_to_end(&mut unpacked)
        .map_err(|error| Error::refused(format!("unpack the index: {error}")))?;
    Ok(unpacked)
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn a_file_is_named_after_the_last_element_of_the_path() {
        let name = |url: &str| Place { url: url.into(), digest: String::new(), is_listed: false }.file_name();
        assert_eq!(name("http://h/a/b-1.0.0.tgz?x=y"), "b-1.0.0.tgz");
        assert_eq!(name("http://h/a%2Fb.tgz"), "b.tgz");
        assert_eq!(name("http://h/"), "/");
        assert_eq!(name("oci://h/a/b:1.0.0"), "b-1.0.0.tgz");
    }
}
