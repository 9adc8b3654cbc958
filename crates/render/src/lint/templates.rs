//! The rules on `templates/` and on what templates render (Helm: lint/rules/template.go).

use chart::{Chart, File, SchemaCheck, Warning};
use value::gofmt::quoted;
use value::{Map, Value};

use super::message::Severity;
use super::object::{self, Object};
use super::run::{Place, Report, Request, Told};
use super::{deprecation, object_name};
use crate::log::Log;
use crate::render::Texts;
use crate::{Capabilities, KubeVersion, Release, render};

const PATH: &str = "templates/";

/// Longer lines are too long for the reader that Helm uses (bufio.MaxScanTokenSize).
const MAX_LINE_BYTES: usize = 64 * 1024;

pub(super) fn check(request: &Request<'_>, report: &mut Report) {
    let problem = match &request.source.templates {
        Place::Missing => {
            report.check(Severity::Warning, PATH, Some("directory does not exist".to_owned()));
            return;
        }
        Place::Directory(_) => None,
        Place::File(_) => Some("not a directory".to_owned()),
        Place::Unreadable(reason) => Some(reason.clone()),
    };
    if !report.check(Severity::Error, PATH, problem) {
        return;
    }
    report.warn(&request.source.warnings);
    match &request.source.chart {
        Ok(chart) => check_chart(request, chart, report),
        Err(problem) => {
            report.check(Severity::Error, PATH, Some(problem.clone()));
        }
    }
}

fn check_chart(request: &Request<'_>, chart: &Chart, report: &mut Report) {
    let mut warnings = Vec::new();
    let prepared = prepare(request, chart.clone(), &mut warnings);
    report.warn(&warnings);
    let Some(prepared) = prepared else { return };
    report.log.extend(request.schema_loader.map(|_| Told::ChartSchemas));
    let rendered = prepared.and_then(|(chart, values)| {
        let log = Log::default();
        let rendered = rendered_texts(request, &chart, &values, &log);
        report.log.extend(log.take().into_iter().map(Told::Line));
        rendered.map(|texts| (chart, texts))
    });
    match rendered {
        Ok((chart, texts)) => check_files(request, &chart, &texts, report),
        Err(problem) => {
            report.check(Severity::Error, PATH, Some(problem));
        }
    }
}

/// Settles dependencies and values. As in Helm nothing is said of dependencies that cannot be settled, and the values
/// are worked into the defaults twice, which logs twice.
fn prepare(
    request: &Request<'_>,
    mut chart: Chart,
    warnings: &mut Vec<Warning>,
) -> Option<Result<(Chart, Map), String>> {
    chart::dependencies::process(&mut chart, request.values, warnings).ok()?;
    let values = chart::values::coalesce(&chart, request.values, warnings).ok()?;
    let check = request.schema_loader.map_or(SchemaCheck::Skip, SchemaCheck::Validate);
    let composed = chart::compose_processed(chart, &values, check, warnings);
    Some(match composed {
        Ok(composition) => Ok((composition.chart, composition.values)),
        Err(error) => Err(error.full_text()),
    })
}

fn rendered_texts(request: &Request<'_>, chart: &Chart, values: &Map, log: &Log) -> Result<Texts, String> {
    let mut capabilities = Capabilities::default();
    if let Some(version) = request.kube_version {
        capabilities.kube_version = version.clone();
    }
    let release = Release {
        name: "test-release".to_owned(),
        namespace: request.namespace.to_owned(),
        revision: 0,
        is_upgrade: false,
    };
    let inner = render::Request {
        chart,
        values,
        release: &release,
        capabilities: &capabilities,
        with_subchart_notes: false,
        is_lint: true,
        is_strict: false,
    };
    render::texts(&inner, request.host, log, None).map_err(|error| error.to_string())
}

fn check_files(request: &Request<'_>, chart: &Chart, rendered: &Texts, report: &mut Report) {
    let default = Capabilities::default().kube_version;
    let version = request.kube_version.unwrap_or(&default);
    for file in chart.templates.iter() {
        let extension = extension(&file.name);
        let is_known = matches!(extension, ".yaml" | ".yml" | ".tpl" | ".txt");
        let problem = (!is_known).then(|| {
            format!("file extension '{extension}' not valid. Valid extensions are .yaml, .yml, .tpl, or .txt")
        });
        report.check(Severity::Error, &file.name, problem);
        if !matches!(extension.to_ascii_lowercase().as_str(), ".yaml" | ".yml") {
            continue;
        }
        let path = chart::clean(&format!("{}/{}", chart.name(), file.name));
        let Some(text) = rendered.files.get(&path) else {
            continue;
        };
        if let Some(flaw) = rendered.flaws.get(&path) {
            report.check(Severity::Warning, &file.name, indent(text));
            report.check(Severity::Error, &file.name, Some(unreadable(flaw)));
            return;
        }
        if !text.trim().is_empty() && !check_manifest(file, text, version, report) {
            // Helm: a manifest that cannot be read ends the rule for all files.
            return;
        }
    }
}

/// Checks what a template rendered; returns whether all of it could be read.
fn check_manifest(file: &File, text: &str, version: &KubeVersion, report: &mut Report) -> bool {
    let path = &file.name;
    report.check(Severity::Warning, path, indent(text));
    for object in object::objects(text.as_bytes()) {
        let object = match object {
            Ok(object) => object,
            Err(problem) => return report.check(Severity::Error, path, Some(unreadable(&problem))),
        };
        report.check(Severity::Warning, path, object_name::check(&object));
        report.check(Severity::Warning, path, deprecation::check(&object, version));
        report.check(Severity::Error, path, selector(&object, text));
        report.check(Severity::Error, path, list_annotations(&object, text));
    }
    true
}

fn unreadable(problem: &str) -> String {
    format!("unable to parse YAML: {problem}")
}

fn extension(path: &str) -> &str {
    let base = path.rsplit('/').next().unwrap_or(path);
    base.rfind('.').and_then(|dot| base.get(dot..)).unwrap_or_default()
}

fn indent(text: &str) -> Option<String> {
    for line in text.split('\n') {
        if line.len() >= MAX_LINE_BYTES {
            return Some("bufio.Scanner: token too long".to_owned());
        }
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.trim().is_empty() {
            continue;
        }
        return line.starts_with([' ', '\t']).then(|| {
            let line = quoted(line.as_bytes());
            format!("document starts with an illegal indent: {line}, which may cause parsing problems")
        });
    }
    None
}

fn selector(object: &Object, text: &str) -> Option<String> {
    let kind = object.kind.as_str();
    let needs_one = matches!(kind, "Deployment" | "ReplicaSet" | "DaemonSet" | "StatefulSet");
    let is_missing = needs_one && !text.contains("matchLabels") && !text.contains("matchExpressions");
    is_missing.then(|| {
        let name = quoted(object.name.as_bytes());
        format!("a {kind} must contain matchLabels or matchExpressions, and {name} does not")
    })
}

fn list_annotations(object: &Object, text: &str) -> Option<String> {
    if object.kind != "List" {
        return None;
    }
    // Helm: it is the first document that is looked at, whichever is the list.
    let list = value::yaml::read_map(text.as_bytes(), &value::yaml::Options::default()).ok()?;
    let items = field(&Value::Map(list), "items")?;
    let is_kept = |item: &Value| {
        let annotations = field(item, "metadata").and_then(|metadata| field(&metadata, "annotations"));
        annotations.is_some_and(|found| field(&found, "helm.sh/resource-policy").is_some())
    };
    let is_any_kept = items.as_list()?.iter().any(is_kept);
    is_any_kept.then(|| "annotation 'helm.sh/resource-policy' within List objects are ignored".to_owned())
}

fn field(value: &Value, name: &str) -> Option<Value> {
    value.as_map()?.get(name)
}

#[cfg(test)]
mod tests {
    use super::{extension, indent};

    #[test]
    fn only_the_first_line_with_something_on_it_may_not_be_indented() {
        assert_eq!(indent("\n \na: 1\n  b: 2\n"), None);
        let text = "document starts with an illegal indent: \"  a: 1\", which may cause parsing problems";
        assert_eq!(indent("\n  a: 1\n").as_deref(), Some(text));
        assert!(indent(&"x".repeat(70_000)).is_some());
    }

    #[test]
    fn the_extension_is_that_of_the_last_element() {
        assert_eq!((extension("a.b/c"), extension("a/b.tar.gz")), ("", ".gz"));
    }
}
