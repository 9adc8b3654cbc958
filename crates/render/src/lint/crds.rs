//! The rules on `crds/` (Helm: lint/rules/crds.go).

use super::message::Severity;
use super::object;
use super::run::{Place, Report, Source};

const PATH: &str = "crds/";

pub(super) fn check(source: &Source, report: &mut Report) {
    match &source.crds {
        Place::Missing => return,
        Place::Directory(_) => {}
        Place::File(_) => {
            report.check(Severity::Error, PATH, Some("not a directory".to_owned()));
            return;
        }
        Place::Unreadable(reason) => {
            report.check(Severity::Error, PATH, Some(reason.clone()));
            return;
        }
    }
    report.warn(&source.warnings);
    match &source.chart {
        Err(problem) => {
            report.check(Severity::Error, PATH, Some(problem.clone()));
        }
        Ok(chart) => {
            let crds = chart.crds();
            let mut files = crds.iter().map(|crd| &crd.file);
            // Helm: a file that cannot be read ends the rule.
            let _ = files.all(|file| check_file(&file.name, file.data.as_bytes(), report));
        }
    }
}

fn check_file(path: &str, text: &[u8], report: &mut Report) -> bool {
    for object in object::objects(text) {
        let object = match object {
            Ok(object) => object,
            Err(problem) => {
                let problem = format!("unable to parse YAML: {problem}");
                return report.check(Severity::Error, path, Some(problem));
            }
        };
        let is_foreign = !object.api_version.starts_with("apiextensions.k8s.io");
        let problem = is_foreign.then(|| "apiVersion is not in 'apiextensions.k8s.io'".to_owned());
        report.check(Severity::Error, path, problem);
        let is_other = object.kind != "CustomResourceDefinition";
        let problem = is_other.then(|| "object kind is not 'CustomResourceDefinition'".to_owned());
        report.check(Severity::Error, path, problem);
    }
    true
}
