//! `dependency update` and `dependency build` from beginning to end.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use chart::{API_VERSION_V1, Chart, Dependency, Lock};
use value::semver::{Constraints, Version};

use super::charts::{load_folder, local_folder};
use super::{download, refresh};
use crate::client::Indexes;
use crate::http::Access;
use crate::resolve::{self, is_oci, local_path};
use crate::{Client, Config, Error, ErrorKind, Event, Events, lock};

/// Makes an archive of a chart; returns its file name and contents.
pub type Pack<'a> = &'a dyn Fn(&Chart) -> Result<(String, Vec<u8>), Error>;

/// What to do with which chart.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The chart's folder.
    pub chart: &'a str,
    /// Whether repositories are not asked for their indexes.
    pub skips_refresh: bool,
    /// Whether signatures of fetched charts are asked for, which cannot be checked yet; those of folders are not, as in
    /// Helm.
    pub verifies: bool,
    /// How registries are reached.
    pub registries: &'a Access,
    /// The present time as Go writes it.
    pub now: &'a str,
    /// Packs dependencies that lie in folders.
    pub pack: Pack<'a>,
}

/// One run, with the indexes it has read.
pub(super) struct Run<'a> {
    pub(super) client: &'a Client,
    pub(super) request: Request<'a>,
    pub(super) config: Config,
    pub(super) indexes: Indexes,
    pub(super) events: Events<'a>,
}

/// Finds a version for each dependency, fetches it, and writes the lock (`Manager.Update`).
///
/// # Errors
/// When a version cannot be found or fetched; `charts/` is as it was then.
pub async fn update(client: &Client, request: Request<'_>, events: Events<'_>) -> Result<(), Error> {
    let chart = load(request.chart, events)?;
    update_chart(client, request, chart, events).await
}

async fn update_chart(
    client: &Client,
    request: Request<'_>,
    chart: Chart,
    events: Events<'_>,
) -> Result<(), Error> {
    let Some(mut declared) = chart.metadata.dependencies else { return Ok(()) };
    let config = Config::load_if_there(&client.stores().config)?;
    let mut run = Run { client, request, config, indexes: Indexes::default(), events };
    let mut names = run.names(&mut declared)?;
    let unmanaged = resolve::unmanaged(&declared, &mut names);
    if !request.skips_refresh {
        if !unmanaged.is_empty() {
            events(Event::UpdatingUnmanaged);
            refresh::all(&mut run, &unmanaged).await?;
        }
        refresh::configured(&mut run).await?;
    }
    let mut locked = run.resolve(&declared, &names).await?;
    download::all(&mut run, &mut locked).await?;
    let digest = lock::digest(&declared, &locked);
    if chart.lock.is_some_and(|old| old.digest == digest) {
        return Ok(());
    }
    let lock = Lock { generated: request.now.to_owned(), digest, dependencies: locked };
    lock::store(Path::new(request.chart), &lock, chart.metadata.api_version == API_VERSION_V1)
}

/// Fetches what the lock names; without one it is an update (`Manager.Build`).
///
/// # Errors
/// When the lock does not belong to the dependencies, or something cannot be fetched.
pub async fn build(client: &Client, request: Request<'_>, events: Events<'_>) -> Result<(), Error> {
    let mut chart = load(request.chart, events)?;
    let Some(lock) = chart.lock.take() else { return update_chart(client, request, chart, events).await };
    let mut declared = chart.metadata.dependencies.unwrap_or_default();
    let is_version_1 = chart.metadata.api_version == API_VERSION_V1;
    // Helm 2 hashed before aliases were replaced.
    let old_digest = lock::old_digest(&declared);
    let config = Config::load_if_there(&client.stores().config)?;
    let mut run = Run { client, request, config, indexes: Indexes::default(), events };
    run.names(&mut declared)?;
    if lock::digest(&declared, &lock.dependencies) != lock.digest {
        if !is_version_1 {
            return Err(Error::refused(
                "the lock file (Chart.lock) is out of sync with the dependencies file (Chart.yaml). Please update the \
                 dependencies with 'helm dependency update'",
            ));
        }
        events(Event::OldDigest);
        if old_digest != lock.digest {
            return Err(Error::refused(
                "the lock file (requirements.lock) is out of sync with the dependencies file (requirements.yaml). \
                 Please update the dependencies",
            ));
        }
    }
    let unknown = resolve::unknown(&lock.dependencies, &run.config);
    if !unknown.is_empty() {
        return Err(ErrorKind::UnknownRepositories(unknown).into());
    }
    if !request.skips_refresh {
        refresh::configured(&mut run).await?;
    }
    let mut locked = lock.dependencies;
    download::all(&mut run, &mut locked).await
}

/// Loads the chart, which must be a folder (`loadChartDir`).
fn load(path: &str, events: Events<'_>) -> Result<Chart, Error> {
    match fs::metadata(path) {
        Err(error) => {
            Err(Error::file("stat", Path::new(path), &error).context(format!("could not find {path}")))
        }
        Ok(about) if !about.is_dir() => Err(Error::refused("only unpacked charts can be updated")),
        Ok(_) => load_folder(path, events),
    }
}

impl Run<'_> {
    /// Returns which repositories the dependencies come from.
    fn names(&self, declared: &mut [Option<Dependency>]) -> Result<HashMap<String, String>, Error> {
        for dependency in declared.iter().flatten() {
            if local_path(&dependency.repository).is_some() {
                local_folder(&dependency.repository, self.request.chart)?;
                (self.events)(Event::LocalRepository { repository: &dependency.repository });
            }
        }
        resolve::repository_names(declared, &self.config)
    }

    /// Finds a version for each dependency (Helm: internal/resolver, Resolve).
    async fn resolve(
        &mut self,
        declared: &[Option<Dependency>],
        names: &HashMap<String, String>,
    ) -> Result<Vec<Option<Dependency>>, Error> {
        let mut missing = Vec::new();
        let mut locked = Vec::with_capacity(declared.len());
        for dependency in declared.iter().flatten() {
            let quoted = |text: &str| value::gofmt::quoted(text.as_bytes());
            let range = Constraints::parse(&dependency.version).map_err(|error| {
                Error::refused(format!(
                    "dependency {} has an invalid version/constraint format: {error}",
                    quoted(&dependency.name)
                ))
            })?;
            match self.version(dependency, &range, names).await? {
                Some(version) => locked.push(Some(Dependency {
                    name: dependency.name.clone(),
                    repository: dependency.repository.clone(),
                    version,
                    ..Dependency::default()
                })),
                None => missing.push(format!(
                    "{} (repository {}, version {})",
                    quoted(&dependency.name),
                    quoted(&dependency.repository),
                    quoted(&dependency.version)
                )),
            }
        }
        if missing.is_empty() {
            return Ok(locked);
        }
        Err(Error::refused(format!(
            "can't get a valid version for {} subchart(s): {}. Make sure a matching chart version exists in the repo, or \
             change the version constraint in Chart.yaml",
            missing.len(),
            missing.join(", ")
        )))
    }

    /// Returns the highest version of a dependency that a registry has and that fits. A version that is none of a range
    /// is taken as it stands, and so is what nothing fits: fetching it fails then.
    async fn version_in_registry(
        &self,
        dependency: &Dependency,
        range: &Constraints,
    ) -> Result<String, Error> {
        let Dependency { name, repository, version, .. } = dependency;
        if Version::parse(version).is_ok() {
            return Ok(version.clone());
        }
        let reference = format!("{repository}/{name}");
        let tags = self.client.tags(&reference, self.request.registries, self.events).await;
        let tags = tags.map_err(|error| {
            error.context(format!("could not retrieve list of tags for repository {repository}"))
        })?;
        let fits = |tag: &String| Version::parse(tag).is_ok_and(|version| range.check(&version));
        Ok(tags.into_iter().find(fits).unwrap_or_else(|| version.clone()))
    }

    async fn version(
        &mut self,
        dependency: &Dependency,
        range: &Constraints,
        names: &HashMap<String, String>,
    ) -> Result<Option<String>, Error> {
        let repository = &dependency.repository;
        if repository.is_empty() {
            local_folder(&chart::clean(&format!("charts/{}", dependency.name)), self.request.chart)?;
            return Ok(Some(dependency.version.clone()));
        }
        if local_path(repository).is_some() {
            let folder = local_folder(repository, self.request.chart)?;
            let version = load_folder(&folder, self.events)?.metadata.version;
            let fits = Version::parse(&version).is_ok_and(|version| range.check(&version));
            return Ok(fits.then_some(version));
        }
        if is_oci(repository) {
            return self.version_in_registry(dependency, range).await.map(Some);
        }
        let name = names.get(&dependency.name).map_or("", String::as_str);
        let index = self.indexes.load(self.client, name, self.events).map_err(|error| {
            error.context(format!("no cached repository for {name} found. (try 'helm repo update')"))
        })?;
        resolve::version(dependency, range, index)
    }
}
