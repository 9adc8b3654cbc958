//! Which repository a dependency comes from and in which version: decisions on what was read. Pure.

use std::collections::HashMap;

use chart::Dependency;
use value::semver::{Constraints, Version};

use crate::cache;
use crate::index::Index;
use crate::{Config, Error, Repository, oci};

/// In front of the names of repositories that only a chart names (downloader/manager.go, managerKeyPrefix).
pub(crate) const UNMANAGED: &str = "helm-manager-";

/// Returns whether a dependency lies in a folder.
pub(crate) fn local_path(repository: &str) -> Option<&str> {
    repository.strip_prefix("file://")
}

/// Returns whether a repository is an OCI registry.
pub(crate) fn is_oci(repository: &str) -> bool {
    repository.starts_with(oci::SCHEME)
}

/// Returns the names of the repositories that dependencies come from, by dependency, and puts the URL in the place of an
/// alias (`Manager.resolveRepoNames`).
///
/// # Errors
/// The repositories that are neither known nor URLs.
pub(crate) fn repository_names(
    dependencies: &mut [Option<Dependency>],
    config: &Config,
) -> Result<HashMap<String, String>, Error> {
    let mut names = HashMap::new();
    let mut missing = Vec::new();
    for dependency in dependencies.iter_mut().flatten().filter(|dependency| !dependency.repository.is_empty())
    {
        let wanted = &dependency.repository;
        if local_path(wanted).is_some() || is_oci(wanted) {
            names.insert(dependency.name.clone(), wanted.clone());
            continue;
        }
        let alias = wanted.strip_prefix('@').or_else(|| wanted.strip_prefix("alias:"));
        let is_it = |repository: &&Repository| {
            alias == Some(&repository.name) || value::url::is_same(&repository.url, wanted)
        };
        match config.repositories.iter().find(is_it) {
            Some(repository) => {
                names.insert(dependency.name.clone(), repository.name.clone());
                if alias == Some(&repository.name) {
                    dependency.repository = repository.url.clone();
                }
            }
            None if is_request_uri(wanted) => {
                names.insert(wanted.clone(), wanted.clone());
            }
            None => missing.push(wanted.clone()),
        }
    }
    if missing.is_empty() { Ok(names) } else { Err(no_definition(&missing)) }
}

/// Go's `url.ParseRequestURI`: a URL with a scheme, or a path from the root.
fn is_request_uri(text: &str) -> bool {
    text.starts_with('/') || value::url::is_request_url(text)
}

fn no_definition(missing: &[String]) -> Error {
    let mut text =
        format!("no repository definition for {}. Please add them via 'helm repo add'", missing.join(", "));
    let is_word =
        |name: &String| !name.contains("//") && !name.starts_with('@') && !name.starts_with("alias:");
    if missing.iter().any(is_word) {
        text.push_str(
            "\nNote that repositories must be URLs or aliases. For example, to refer to the \"example\"\n\
             repository, use \"https://charts.example.com/\" or \"@example\" instead of\n\
             \"example\". Don't forget to add the repo, too ('helm repo add').",
        );
    }
    Error::refused(text)
}

/// Gives names to repositories that only the dependencies name, and returns those (`ensureMissingRepos`).
pub(crate) fn unmanaged(
    dependencies: &[Option<Dependency>],
    names: &mut HashMap<String, String>,
) -> Vec<Repository> {
    let mut found = Vec::new();
    for dependency in dependencies.iter().flatten().filter(|dependency| !dependency.repository.is_empty()) {
        if names.contains_key(&dependency.name) {
            continue;
        }
        let url = dependency.repository.clone();
        let name = format!("{UNMANAGED}{}", cache::hex(&cache::hash(url.as_bytes())));
        names.insert(dependency.name.clone(), name.clone());
        found.push(Repository { name, url, ..Repository::default() });
    }
    found
}

/// Returns the repositories without those of a URL that comes again later.
pub(crate) fn without_doubles(repositories: &[Repository]) -> Vec<&Repository> {
    let address =
        |repository: &Repository| repository.url.strip_suffix('/').unwrap_or(&repository.url).to_owned();
    let last: HashMap<String, usize> =
        repositories.iter().enumerate().map(|(at, repository)| (address(repository), at)).collect();
    let is_last = |(at, repository): &(usize, &Repository)| last.get(&address(repository)) == Some(at);
    repositories.iter().enumerate().filter(is_last).map(|(_, repository)| repository).collect()
}

/// Returns the repositories of locked dependencies that are not known (`hasAllRepos`).
pub(crate) fn unknown(dependencies: &[Option<Dependency>], config: &Config) -> Vec<String> {
    let repositories = dependencies.iter().flatten().map(|dependency| &dependency.repository);
    let is_unknown = |wanted: &&String| {
        let bare = wanted.strip_suffix('/').unwrap_or(wanted);
        let is_elsewhere = !wanted.is_empty() && local_path(wanted).is_none() && !is_oci(wanted);
        is_elsewhere
            && !config.repositories.iter().any(|repository| value::url::is_same(&repository.url, bare))
    };
    repositories.filter(is_unknown).cloned().collect()
}

/// Returns the highest version of a dependency in an index that fits and can be fetched; nothing if there is none.
///
/// # Errors
/// When the index has no such chart.
pub(crate) fn version(
    dependency: &Dependency,
    range: &Constraints,
    index: &Index,
) -> Result<Option<String>, Error> {
    let chart = index.chart(&dependency.name).ok_or_else(|| {
        Error::refused(format!("{} chart not found in repo {}", dependency.name, dependency.repository))
    })?;
    let fits = |text: &str| Version::parse(text).is_ok_and(|version| range.check(&version));
    let entry = chart.entries().find(|entry| entry.urls().next().is_some() && fits(entry.version()));
    Ok(entry.map(|entry| entry.version().to_owned()))
}

/// Returns where the archive of a locked dependency lies in its repository's index (`findEntryByName`,
/// `findVersionedEntry`).
pub(crate) fn archive_url<'i>(index: &'i Index, name: &str, version: &str) -> Result<&'i str, Error> {
    let chart = index.chart(name).ok_or_else(|| Error::refused("entry not found"))?;
    let is_same = |other: &str| match (Version::parse(version), Version::parse(other)) {
        (Err(_), _) => version == other,
        (Ok(a), Ok(b)) => a == b,
        (Ok(_), Err(_)) => false,
    };
    let found = chart.entries().find_map(|entry| {
        let url = entry.urls().next()?;
        (version.is_empty() || is_same(entry.version())).then_some(url)
    });
    found.ok_or_else(|| Error::refused("no matching version"))
}

#[cfg(test)]
mod tests {
    use chart::Dependency;

    use super::{repository_names, unmanaged, without_doubles};
    use crate::{Config, Repository};

    fn dependency(name: &str, repository: &str) -> Option<Dependency> {
        Some(Dependency { name: name.into(), repository: repository.into(), ..Dependency::default() })
    }

    fn config() -> Config {
        let repository = |name: &str, url: &str| Repository {
            name: name.into(),
            url: url.into(),
            ..Repository::default()
        };
        let mut config = Config::default();
        config.repositories = vec![repository("r", "http://h/c"), repository("s", "http://h/c/")];
        config
    }

    #[test]
    fn aliases_and_urls_lead_to_repositories() {
        let mut dependencies =
            [dependency("a", "@r"), dependency("b", "http://h/c/"), dependency("c", "http://x")];
        let mut names = repository_names(&mut dependencies, &config()).unwrap();
        assert_eq!(dependencies[0].as_ref().unwrap().repository, "http://h/c");
        assert_eq!((names["a"].as_str(), names["b"].as_str()), ("r", "r"));
        let found = unmanaged(&dependencies, &mut names);
        assert_eq!(found.len(), 1);
        assert!(names["c"].starts_with("helm-manager-"));
    }

    #[test]
    fn words_are_no_repositories() {
        let text = repository_names(&mut [dependency("a", "stable")], &config()).unwrap_err().to_string();
        assert!(text.starts_with("no repository definition for stable. Please add them"), "{text}");
        assert!(text.contains("Note that repositories must be URLs"), "{text}");
    }

    #[test]
    fn of_doubles_the_last_counts() {
        let config = config();
        assert_eq!(without_doubles(&config.repositories)[0].name, "s");
    }
}
