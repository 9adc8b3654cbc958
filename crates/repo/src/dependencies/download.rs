//! Fetching all dependencies at once, told in the order in which Helm fetches them.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fs;
use std::path::Path;

use chart::Dependency;
use value::semver::{Constraints, Version};

use super::charts::{self, load_folder, local_folder};
use super::operation::Run;
use crate::at_once::at_once;
use crate::client::{Indexes, find_in, not_reached};
use crate::http::Access;
use crate::resolve::{self, UNMANAGED, is_oci, local_path};
use crate::{Error, Event, Place, Repository, cache, oci};

/// What is to be done for a dependency.
enum Step {
    /// Nothing: it lies in `charts/`.
    InCharts,
    /// It was packed.
    Packed(String, Vec<u8>),
    /// It is fetched.
    Fetch(Box<Fetch>),
    /// It is fetched for another.
    Already,
}

struct Fetch {
    /// What error texts name.
    url: String,
    archive: Archive,
    access: Access,
}

/// The archive of a dependency.
enum Archive {
    /// Its place is known.
    At(Place),
    /// A registry is asked for the place of this version.
    Tagged(String),
}

/// What registries told while several dependencies were fetched.
type Notes = RefCell<Vec<Note>>;

enum Note {
    OldMediaType(String),
    Pulled { reference: String, digest: String },
}

/// Why there is no step: some mistakes end everything at once, others are told as errors of saving.
enum Fault {
    AtOnce(Error),
    Saving(Error),
}

/// Brings all dependencies to `charts/`, or leaves it as it was (`Manager.downloadAll`).
pub(super) async fn all(run: &mut Run<'_>, dependencies: &mut [Option<Dependency>]) -> Result<(), Error> {
    let names: Vec<String> =
        run.config.repositories.iter().map(|repository| repository.name.clone()).collect();
    for name in names {
        run.indexes.load(run.client, &name, run.events)?;
    }
    let folder = Path::new(run.request.chart);
    let charts = folder.join("charts");
    charts::make_folder(&charts.to_string_lossy())?;
    let failed = |error| Error::file("mkdir", folder, &error);
    let temporary = tempfile::Builder::new().prefix("tmpcharts-").tempdir_in(folder).map_err(failed)?;
    (run.events)(Event::Saving { count: dependencies.len() });
    let mut seen = HashSet::new();
    let mut steps = Vec::with_capacity(dependencies.len());
    let mut fault = None;
    for dependency in dependencies.iter_mut().flatten() {
        match plan(run, dependency, &mut seen).await {
            Ok(step) => steps.push(step),
            Err(found) => {
                fault = Some(found);
                break;
            }
        }
    }
    let saved = save(run, dependencies, steps, fault, temporary.path()).await;
    match saved {
        Ok(()) => charts::settle(dependencies, temporary.path(), &charts, run.events),
        Err(Fault::AtOnce(error)) => Err(error),
        Err(Fault::Saving(error)) => {
            (run.events)(Event::NotSaved { error: &error });
            Err(error)
        }
    }
}

/// Fetches and writes what the steps say, and tells of them in order up to the first that fails.
async fn save(
    run: &Run<'_>,
    dependencies: &[Option<Dependency>],
    steps: Vec<Step>,
    fault: Option<Fault>,
    folder: &Path,
) -> Result<(), Fault> {
    let fetches: Vec<&Fetch> = steps
        .iter()
        .filter_map(|step| if let Step::Fetch(fetch) = step { Some(&**fetch) } else { None })
        .collect();
    let notes: Vec<Notes> = fetches.iter().map(|_| Notes::default()).collect();
    let requests = fetches.iter().zip(&notes).map(|(fetch, notes)| fetched(run, fetch, notes));
    let results = at_once(requests.collect()).await.into_iter();
    let mut results = results.zip(notes);
    let count = steps.len();
    for (dependency, step) in dependencies.iter().flatten().zip(steps) {
        tell(run, dependency, &step);
        match step {
            Step::InCharts | Step::Already => {}
            Step::Packed(name, archive) => write(folder, &name, &archive).map_err(Fault::Saving)?,
            Step::Fetch(fetch) => {
                let Some((result, notes)) = results.next() else { break };
                notes.into_inner().iter().for_each(|note| note.tell(run));
                let written = result.and_then(|(name, archive)| write(folder, &name, &archive));
                written.map_err(|error| {
                    Fault::Saving(error.context(format!("could not download {}", fetch.url)))
                })?;
            }
        }
    }
    let Some(fault) = fault else { return Ok(()) };
    // Helm tells of what it looks for in `charts/` before it looks.
    if let Some(dependency) =
        dependencies.iter().flatten().nth(count).filter(|next| next.repository.is_empty())
    {
        (run.events)(Event::ExpectedInCharts { name: &dependency.name });
    }
    Err(fault)
}

/// Fetches a dependency, and returns the name and the bytes of its archive. What a registry tells is noted, to be told
/// in order.
async fn fetched(run: &Run<'_>, fetch: &Fetch, notes: &Notes) -> Result<(String, Vec<u8>), Error> {
    let events = |event: Event<'_>| match event {
        Event::OldMediaType { media_type } => {
            notes.borrow_mut().push(Note::OldMediaType(media_type.to_owned()));
        }
        Event::Pulled { reference, digest } => {
            let (reference, digest) = (reference.to_owned(), digest.to_owned());
            notes.borrow_mut().push(Note::Pulled { reference, digest });
        }
        event => (run.events)(event),
    };
    let place = match &fetch.archive {
        Archive::At(place) => place.clone(),
        Archive::Tagged(version) => {
            let (mut access, mut indexes) = (fetch.access.clone(), Indexes::default());
            run.client.resolve(&fetch.url, version, &mut access, &mut indexes, &events).await?
        }
    };
    let archive = run.client.download(&place, &fetch.access, &events).await?;
    Ok((place.file_name(), archive))
}

impl Note {
    fn tell(&self, run: &Run<'_>) {
        (run.events)(match self {
            Note::OldMediaType(media_type) => Event::OldMediaType { media_type },
            Note::Pulled { reference, digest } => Event::Pulled { reference, digest },
        });
    }
}

fn tell(run: &Run<'_>, dependency: &Dependency, step: &Step) {
    let (name, repository) = (dependency.name.as_str(), dependency.repository.as_str());
    (run.events)(match step {
        Step::InCharts => Event::ExpectedInCharts { name },
        Step::Packed(..) => Event::Archiving { name, repository },
        Step::Fetch(_) => Event::Downloading { name, repository },
        Step::Already => Event::AlreadyDownloaded { name, repository },
    });
}

fn write(folder: &Path, name: &str, archive: &[u8]) -> Result<(), Error> {
    let path = folder.join(name);
    fs::write(&path, archive).map_err(|error| Error::file("open", &path, &error))
}

async fn plan(
    run: &mut Run<'_>,
    dependency: &mut Dependency,
    seen: &mut HashSet<String>,
) -> Result<Step, Fault> {
    if dependency.repository.is_empty() {
        return check_present(run, dependency).map(|()| Step::InCharts);
    }
    if local_path(&dependency.repository).is_some() {
        return pack(run, dependency).map_err(Fault::Saving);
    }
    if is_oci(&dependency.repository) {
        return plan_from_registry(run, dependency).map_err(Fault::AtOnce);
    }
    let url = url_of(run, dependency).await;
    let (url, repository) = url.map_err(|error| Fault::Saving(error.context("could not find ")))?;
    if !seen.insert(url.clone()) {
        return Ok(Step::Already);
    }
    refuse_verification(run, &url).map_err(Fault::Saving)?;
    let mut access = Access::default();
    if let Some(repository) = repository {
        access.username = repository.username;
        access.password = repository.password;
        access.passes_credentials = repository.passes_credentials;
        access.tls.is_insecure = repository.is_insecure;
        access.tls.ca_file = repository.ca_file;
        access.tls.cert_file = repository.cert_file;
        access.tls.key_file = repository.key_file;
    }
    let place = run.client.resolve(&url, "", &mut access, &mut run.indexes, run.events).await;
    let place = place.map_err(|error| Fault::Saving(error.context(format!("could not download {url}"))))?;
    Ok(Step::Fetch(Box::new(Fetch { url, archive: Archive::At(place), access })))
}

/// Plans to fetch a dependency from a registry, each for itself, as Helm does.
fn plan_from_registry(run: &Run<'_>, dependency: &Dependency) -> Result<Step, Error> {
    let Dependency { name, version, repository, .. } = dependency;
    let url = format!("{repository}/{name}:{version}");
    let (reference, version) = oci::dependency_reference(&url)?;
    refuse_verification(run, reference)?;
    let (url, archive) = (reference.to_owned(), Archive::Tagged(version.to_owned()));
    Ok(Step::Fetch(Box::new(Fetch { url, archive, access: run.request.registries.clone() })))
}

/// Signatures are checked by a later work; what was asked for must not be left out quietly.
fn refuse_verification(run: &Run<'_>, url: &str) -> Result<(), Error> {
    if !run.request.verifies {
        return Ok(());
    }
    let error = Error::refused("signatures of charts (--verify) are not available yet");
    Err(error.context(format!("could not download {url}")))
}

/// Checks a dependency without a repository, which must lie in `charts/` as a folder.
fn check_present(run: &Run<'_>, dependency: &Dependency) -> Result<(), Fault> {
    let path = chart::clean(&format!("{}/charts/{}", run.request.chart, dependency.name));
    let name = &dependency.name;
    let loaded = load_folder(&path, run.events);
    let chart =
        loaded.map_err(|error| Fault::AtOnce(error.context(format!("unable to load chart '{path}'"))))?;
    let found = &chart.metadata.version;
    let range = Constraints::parse(&dependency.version).map_err(|error| {
        let text = format!("dependency {name} has an invalid version/constraint format: {error}");
        Fault::AtOnce(Error::refused(text))
    })?;
    let version = Version::parse(found).map_err(|error| {
        let text = format!("invalid version {} for dependency {name}: {error}", dependency.version);
        Fault::AtOnce(Error::refused(text))
    })?;
    if range.check(&version) {
        return Ok(());
    }
    Err(Fault::Saving(Error::refused(format!(
        "dependency {name} at version {found} does not satisfy the constraint {}",
        dependency.version
    ))))
}

/// Packs a dependency that lies in a folder, and notes the version it has (`tarFromLocalDir`).
fn pack(run: &Run<'_>, dependency: &mut Dependency) -> Result<Step, Error> {
    let folder = local_folder(&dependency.repository, run.request.chart)?;
    let chart = load_folder(&folder, run.events)?;
    let name = &dependency.name;
    let range = Constraints::parse(&dependency.version).map_err(|error| {
        Error::refused(format!("dependency {name} has an invalid version/constraint format: {error}"))
    })?;
    let version =
        Version::parse(&chart.metadata.version).map_err(|error| Error::refused(error.to_string()))?;
    if !range.check(&version) {
        return Err(Error::refused(format!("can't get a valid version for dependency {name}")));
    }
    let (file, archive) = (run.request.pack)(&chart)?;
    dependency.version.clone_from(&chart.metadata.version);
    Ok(Step::Packed(file, archive))
}

/// Returns where a dependency's archive lies, and the configured repository it comes from (`findChartURL`).
async fn url_of(run: &mut Run<'_>, dependency: &Dependency) -> Result<(String, Option<Repository>), Error> {
    let Dependency { name, version, repository, .. } = dependency;
    let known = run.config.repositories.iter().find(|known| value::url::is_same(repository, &known.url));
    if let Some(known) = known.cloned() {
        let index = run.indexes.load(run.client, &known.name, run.events)?;
        let archive = resolve::archive_url(index, name, version)?;
        let url = value::url::resolve_reference(repository, archive).map_err(Error::refused)?;
        return Ok((url, Some(known)));
    }
    let own = format!("{UNMANAGED}{}", cache::hex(&cache::hash(repository.as_bytes())));
    let fetched = match run.indexes.get(&own) {
        Some(_) => Ok(()),
        None => {
            let asked = Repository { name: own.clone(), url: repository.clone(), ..Repository::default() };
            let index = run.client.update(&asked, run.events).await;
            index.map(|index| run.indexes.insert(&own, index)).map_err(|error| not_reached(error, repository))
        }
    };
    let found = fetched.and_then(|()| {
        let index = run.indexes.load(run.client, &own, run.events)?;
        find_in(index, repository, name, version, run.events)
    });
    let url = found.map_err(|error| error.context(format!("chart {name} not found in {repository}")))?;
    Ok((url, None))
}
