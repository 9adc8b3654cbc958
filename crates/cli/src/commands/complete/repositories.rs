//! What Helm's files know of repositories: their names, charts, versions. Nothing is fetched.

use std::cmp::Reverse;
use std::fs;

use serde_json::Value;
use value::semver::Version;
use value::time::{Time, Zone};
use value::yaml::Duplicates;

use super::{Candidates, Directive, Place};
use crate::settings::Settings;

/// Ways to name a chart that is in no repository.
const PREFIXES: &[&str] = &[
    "oci://\tin a registry",
    "https://\tat a URL",
    "http://\tat a URL, without TLS",
    "file://\tin a local folder",
];

/// How times are written in an index.
const INDEX_TIME: &str = "2006-01-02T15:04:05.999999999Z07:00";

/// Returns the repositories with their addresses, except those given already.
pub(super) fn names(settings: &Settings, given: &[String]) -> Vec<String> {
    let document = read(&settings.files.repository_config).unwrap_or_default();
    let entries = document["repositories"].as_array().into_iter().flatten();
    let named = entries
        .filter_map(|entry| Some((entry["name"].as_str()?, entry["url"].as_str().unwrap_or_default())));
    let fitting = named.filter(|(name, _)| !given.iter().any(|given| given == name));
    fitting.map(|(name, url)| format!("{name}\t{url}")).collect()
}

/// Returns charts of repositories, beginnings of URLs, and files if wanted (Helm: cmd/search_repo.go, compListCharts).
pub(super) fn charts(place: &Place, with_files: bool) -> Candidates {
    let (settings, typed) = (&place.invocation.settings, place.typed.as_str());
    let mut lines = Vec::new();
    let mut needs_more = false;
    for line in names(settings, &[]) {
        let (name, url) = line.split_once('\t').unwrap_or((&line, ""));
        if typed.strip_prefix(name).is_some_and(|rest| rest.starts_with('/')) {
            // All of them: shells may match other parts of a name than its beginning.
            lines.extend(charts_of(settings, name));
            needs_more = false;
            break;
        }
        if name.starts_with(typed) {
            lines.push(format!("{name}/\t{url}"));
            needs_more = true;
        }
    }
    let prefixes = PREFIXES.iter().filter(|prefix| prefix.starts_with(typed));
    let before = lines.len();
    lines.extend(prefixes.map(|prefix| (*prefix).to_owned()));
    needs_more |= lines.len() > before;
    if with_files && typed.is_empty() {
        lines.push("./\tin a folder below this one".to_owned());
        lines.push("/\tin a folder anywhere".to_owned());
    } else if with_files && !lines.is_empty() {
        // With candidates the shell offers no files of its own.
        lines.extend(files_here().into_iter().filter(|name| name.starts_with(typed)));
    }
    let space = if needs_more { Directive::NO_SPACE } else { Directive::DEFAULT };
    let files = if with_files { Directive::DEFAULT } else { Directive::NO_FILES };
    Candidates::new(lines, space.and(files))
}

fn files_here() -> Vec<String> {
    let entries = fs::read_dir(".").into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort_unstable();
    names
}

/// Returns the charts of a repository as `repository/chart`, from the list of names, else from the index.
fn charts_of(settings: &Settings, repository: &str) -> Vec<String> {
    let names = match fs::read_to_string(cached(settings, repository, "charts.txt")) {
        Ok(text) => text.lines().map(str::to_owned).collect(),
        Err(_) => {
            let index = read(&cached(settings, repository, "index.yaml")).unwrap_or_default();
            let entries = index["entries"].as_object().into_iter().flatten();
            entries.map(|(name, _)| name.clone()).collect::<Vec<_>>()
        }
    };
    names.into_iter().map(|name| format!("{repository}/{name}")).collect()
}

/// Returns the versions of `repository/chart`, newest first (Helm: cmd/flags.go,
/// compVersionFlag).
pub(super) fn versions(place: &Place, chart: &str) -> Candidates {
    let [repository, name] = chart.split('/').collect::<Vec<_>>()[..] else {
        return Candidates::none(Directive::NO_FILES);
    };
    let index = read(&cached(&place.invocation.settings, repository, "index.yaml")).unwrap_or_default();
    let mut entries: Vec<&Value> = index["entries"][name].as_array().into_iter().flatten().collect();
    // What is no version comes last (repo/v1/index.go, ChartVersions.Less).
    let version = |entry: &&Value| Version::parse(entry["version"].as_str().unwrap_or_default()).ok();
    entries.sort_by_key(|entry| Reverse(version(entry)));
    Candidates::new(entries.into_iter().filter_map(version_line).collect(), Directive::NO_FILES)
}

fn version_line(entry: &Value) -> Option<String> {
    let text = |name: &str| match &entry[name] {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    let version = Some(text("version")).filter(|version| !version.is_empty())?;
    let app = Some(text("appVersion")).filter(|app| !app.is_empty());
    let app = app.map(|app| format!("App: {app}, ")).unwrap_or_default();
    let created = value::time::parse(INDEX_TIME, &text("created"), &Zone::Utc).unwrap_or(Time::ZERO);
    let deprecated = if entry["deprecated"] == true { "(deprecated)" } else { "" };
    Some(format!("{version}\t{app}Created: {} {deprecated}", created.format("January 2, 2006")))
}

/// Returns where something of a repository is kept.
fn cached(settings: &Settings, repository: &str, what: &str) -> String {
    format!("{}/{repository}-{what}", settings.files.repository_cache)
}

fn read(path: &str) -> Option<Value> {
    let bytes = fs::read(path).ok()?;
    value::yaml::to_json(&bytes, Duplicates::LastWins).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::version_line;

    #[test]
    fn a_version_says_what_it_brings() {
        let entry = json!({"version": "1.2.3", "appVersion": "9", "created": "2024-05-06T07:08:09Z"});
        assert_eq!(version_line(&entry).unwrap(), "1.2.3\tApp: 9, Created: May 6, 2024 ");
        let entry = json!({"version": 2, "deprecated": true});
        assert_eq!(version_line(&entry).unwrap(), "2\tCreated: January 1, 0001 (deprecated)");
        assert_eq!(version_line(&json!({})), None);
    }
}
