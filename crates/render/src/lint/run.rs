//! All rules over one chart, in Helm's order.

use chart::schema::Loader;
use chart::{Chart, Warning};
use value::Map;

use super::message::{Message, Severity};
use super::{chart_file, crds, dependencies, templates, values};
use crate::{Host, KubeVersion};

/// A chart's directory as the rules look at it.
pub struct Source {
    /// The absolute path.
    pub directory: String,
    /// `Chart.yaml`.
    pub chart_file: Place,
    /// `values.yaml`.
    pub values: Place,
    /// `values.schema.json`.
    pub schema: Place,
    /// Whether `templates` is there; a file's contents do not matter.
    pub templates: Place,
    /// As `templates`, for `crds`.
    pub crds: Place,
    /// The chart loaded from the directory, or why it cannot be.
    pub chart: Result<Chart, String>,
    /// What loading it warned of.
    pub warnings: Vec<Warning>,
}

/// What stands at a path.
pub enum Place {
    /// Nothing.
    Missing,
    /// A directory; with Go's text for an attempt to read it.
    Directory(String),
    /// A file with its contents.
    File(Vec<u8>),
    /// Something that cannot be read; with Go's text.
    Unreadable(String),
}

impl Place {
    /// Returns the contents, or Go's text for why there are none.
    pub(super) fn contents(&self) -> Result<&[u8], &str> {
        match self {
            Place::File(contents) => Ok(contents),
            Place::Directory(reason) | Place::Unreadable(reason) => Err(reason),
            Place::Missing => Err("no such file or directory"),
        }
    }
}

/// What to check, and for what.
pub struct Request<'a> {
    /// The chart.
    pub source: &'a Source,
    /// The user's values. As in Helm, the chart's own values are worked into their tables, which the next chart of the
    /// same run sees.
    pub values: &'a Map,
    /// The namespace that templates see.
    pub namespace: &'a str,
    /// The version of Kubernetes, if one is assumed.
    pub kube_version: Option<&'a KubeVersion>,
    /// Fetches documents that schemas refer to; without it values are not checked.
    pub schema_loader: Option<&'a dyn Loader>,
    /// The world that templates may ask.
    pub host: &'a Host,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Report {
    /// The findings in order.
    pub messages: Vec<Message>,
    /// What is logged meanwhile, in order.
    pub log: Vec<Told>,
}

/// Something that Helm logs.
#[derive(Debug, PartialEq, Eq)]
pub enum Told {
    /// A line in Helm's form.
    Line(String),
    /// The chart's own values are checked against its schema, which only `--debug` shows.
    ValuesSchema,
    /// The values are checked against the schemas of the whole tree of charts, which only `--debug` shows.
    ChartSchemas,
}

impl Report {
    /// Adds a finding, if there is one; returns whether there was none.
    pub(super) fn check(&mut self, severity: Severity, path: &str, problem: Option<String>) -> bool {
        let is_good = problem.is_none();
        let path = path.to_owned();
        self.messages.extend(problem.map(|problem| Message { severity, path, problem }));
        is_good
    }

    pub(super) fn warn(&mut self, warnings: &[Warning]) {
        self.log.extend(warnings.iter().map(|warning| Told::Line(warning.to_string())));
    }
}

/// Checks a chart (Helm: lint.go, RunAll).
pub fn run(request: &Request<'_>) -> Report {
    let mut report = Report::default();
    chart_file::check(&request.source.chart_file, &mut report);
    values::check(request, &mut report);
    templates::check(request, &mut report);
    dependencies::check(request.source, &mut report);
    crds::check(request.source, &mut report);
    report
}
