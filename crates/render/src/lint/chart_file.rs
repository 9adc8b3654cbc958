//! The rules on `Chart.yaml` (Helm: lint/rules/chartfile.go).

use chart::{API_VERSION_V1, API_VERSION_V2, Metadata};
use value::gofmt::quoted;
use value::semver::{Constraints, Version};

use super::maintainer;
use super::message::Severity;
use super::run::{Place, Report};

const PATH: &str = "Chart.yaml";

pub(super) fn check(file: &Place, report: &mut Report) {
    let is_directory = matches!(file, Place::Directory(_));
    let problem = is_directory.then(|| "should be a file, not a directory".to_owned());
    report.check(Severity::Error, PATH, problem);
    let read = match file.contents() {
        Ok(text) => chart::read_metadata(text).map_err(|error| error.full_text()).map(|found| (text, found)),
        Err(reason) => Err(reason.to_owned()),
    };
    let (text, metadata) = match read {
        Ok(read) => read,
        Err(reason) => {
            report.check(Severity::Error, PATH, Some(format!("unable to parse YAML\n\t{reason}")));
            return;
        }
    };
    let strict = chart::check_metadata_strictly(text).err();
    let problem =
        strict.map(|error| format!("failed to strictly parse chart metadata file\n\t{}", error.full_text()));
    report.check(Severity::Warning, PATH, problem);
    check_fields(&metadata, text, report);
}

fn check_fields(metadata: &Metadata, text: &[u8], report: &mut Report) {
    let is_v2 = metadata.api_version == API_VERSION_V2;
    let has_dependencies = metadata.dependencies.as_ref().is_some_and(|list| !list.is_empty());
    let icon = metadata.icon.as_str();
    let api_version = metadata.api_version.as_str();
    let untyped = value::yaml::read_map(text, &value::yaml::Options::default()).unwrap_or_default();
    let not_text = |key: &str| match untyped.get(key)?.type_name() {
        "string" => None,
        found => Some(format!("{key} should be of type string but it's of type {found}")),
    };
    let errors = [
        name(&metadata.name),
        check_api_version(api_version),
        not_text("version"),
        version(&metadata.version),
        not_text("appVersion"),
        metadata.maintainers.iter().find_map(|entry| maintainer::check(entry.as_ref())),
        metadata
            .sources
            .iter()
            .find(|url| !is_request_url(url))
            .map(|url| format!("invalid source URL '{url}'")),
    ];
    errors.into_iter().for_each(|problem| {
        report.check(Severity::Error, PATH, problem);
    });
    report.check(Severity::Info, PATH, icon.is_empty().then(|| "icon is recommended".to_owned()));
    let is_bad = !icon.is_empty() && !is_request_url(icon);
    report.check(Severity::Error, PATH, is_bad.then(|| format!("invalid icon URL '{icon}'")));
    let is_bad = !metadata.chart_type.is_empty() && !is_v2;
    let problem = is_bad.then(|| {
        format!("chart type is not valid in apiVersion '{api_version}'. It is valid in apiVersion 'v2'")
    });
    report.check(Severity::Error, PATH, problem);
    let problem = (has_dependencies && !is_v2).then(|| {
        format!(
            "dependencies are not valid in the Chart file with apiVersion '{api_version}'. They are valid in \
             apiVersion 'v2'"
        )
    });
    report.check(Severity::Error, PATH, problem);
    let is_bad = Version::parse_strict(&metadata.version).is_err();
    let problem = is_bad.then(|| format!("version '{}' is not a valid SemVerV2", metadata.version));
    report.check(Severity::Warning, PATH, problem);
}

fn name(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("name is required".to_owned());
    }
    // Go: a base has no slash, unless the name is nothing but slashes.
    let is_path = name.contains('/') && name != "/";
    is_path.then(|| format!("chart name {} is invalid", quoted(name.as_bytes())))
}

fn check_api_version(version: &str) -> Option<String> {
    const LEGAL: &str = "The value must be either \"v1\" or \"v2\"";
    match version {
        "" => Some(format!("apiVersion is required. {LEGAL}")),
        API_VERSION_V1 | API_VERSION_V2 => None,
        other => Some(format!("apiVersion '{other}' is not valid. {LEGAL}")),
    }
}

fn version(text: &str) -> Option<String> {
    if text.is_empty() {
        return Some("version is required".to_owned());
    }
    let Ok(version) = Version::parse(text) else {
        return Some(format!("version '{text}' is not a valid SemVer"));
    };
    let violations = Constraints::parse(">0.0.0-0").ok()?.validate(&version).err()?;
    violations.first().map(|violation| format!("version {violation}"))
}

/// Returns whether a text is a URL with a scheme (govalidator's `IsRequestURL`).
fn is_request_url(text: &str) -> bool {
    sprig::is_request_url(text)
}
