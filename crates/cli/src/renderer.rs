//! Rendering for the operations on releases: a chart and the user's values, rendered when it is known for whom and on
//! what cluster.

use std::collections::BTreeMap;
use std::rc::Rc;

use actions::{ChartRenderer, RenderError, RenderInput, Rendered, ValuesMode};
use chart::{Chart, SchemaCheck, Warning};
use cluster::Client;
use manifest::Crd;
use release::Record;
use render::{Capabilities, Host, KubeVersion, PostRender, Release};
use serde_json::{Map as Object, Value as Json};
use value::{Map, Value};

use crate::commands::chart_source::{Source, print_warnings};
use crate::commands::table::Invocation;
use crate::errors::CommandError;
use crate::{ambient, logging, lookup, plugins, schema_log, stored_chart, terminal};

/// A chart and the user's values, ready to be rendered.
pub(crate) struct Renderer {
    chart: Chart,
    values: Map,
    /// The values of the revision they were worked into.
    previous: Option<Map>,
    skips_schema: bool,
    with_subchart_notes: bool,
    enables_dns: bool,
    post_render: Option<Rc<PostRender>>,
    is_debug: bool,
    /// The rendered files, if something was wrong in them or on the way to them.
    failed_files: Option<BTreeMap<String, String>>,
}

impl Renderer {
    /// Takes a chart and the values, and what flags say of rendering.
    ///
    /// # Errors
    /// When the post-renderer is gone.
    pub(crate) fn new(source: Source, invocation: &Invocation) -> Result<Renderer, CommandError> {
        let flags = &invocation.flags;
        Ok(Renderer {
            chart: source.chart,
            values: source.values,
            previous: None,
            skips_schema: flags.bool("skip-schema-validation"),
            with_subchart_notes: flags.bool("render-subchart-notes"),
            enables_dns: flags.bool("enable-dns"),
            post_render: plugins::post_renderer(invocation)?,
            is_debug: invocation.settings.is_debug,
            failed_files: None,
        })
    }

    /// Settles which values an upgrade starts from (`Upgrade.reuseValues`).
    fn take_over(&mut self, mode: ValuesMode<'_>, warnings: &mut Vec<Warning>) -> Result<(), RenderError> {
        match mode {
            ValuesMode::Given => {}
            ValuesMode::GivenOrPrevious(record) => {
                if self.values.is_empty() && record.config.as_ref().is_some_and(|config| !config.is_empty()) {
                    let version = record.version.to_string();
                    self.debug(
                        "copying values from old release",
                        &[("name", &record.name), ("version", &version)],
                    );
                    self.values = config(record);
                }
            }
            ValuesMode::Reuse(record) => {
                self.debug("reusing the old release's values", &[]);
                let before = stored_chart::chart(record.chart.as_ref());
                let old = chart::values::coalesce(&before, &config(record), warnings)
                    .map_err(|error| format!("failed to rebuild old values: {}", error.full_text()))?;
                self.work_into(record, warnings);
                self.chart.values = old;
            }
            ValuesMode::ResetThenReuse(record) => {
                self.debug("merging values from old release to new values", &[]);
                self.work_into(record, warnings);
            }
        }
        Ok(())
    }

    /// Returns what there is to show of a failure, if it came after values were settled.
    pub(crate) fn failed_files(&self) -> Option<&BTreeMap<String, String>> {
        self.failed_files.as_ref()
    }

    /// Returns the chart, settled as it was rendered.
    pub(crate) fn into_chart(self) -> Chart {
        self.chart
    }

    fn debug(&self, message: &str, attributes: &[(&str, &str)]) {
        if self.is_debug {
            logging::debug(message, attributes);
        }
    }

    /// Adds to the values what only those of the revision have; both may be changed.
    fn work_into(&mut self, record: &Record, warnings: &mut Vec<Warning>) {
        let previous = config(record);
        chart::values::coalesce_tables(&self.values, &previous, warnings);
        self.previous = record.config.is_some().then_some(previous);
    }

    fn host(&self, client: Option<&Client>) -> Host {
        let resolve_host =
            self.enables_dns.then(|| -> Rc<render::ResolveHost> { Rc::new(ambient::resolve_host) });
        Host {
            ambient: Rc::new(ambient::System),
            lookup: client.map(lookup::function),
            resolve_host,
            post_render: self.post_render.clone(),
        }
    }

    fn schema_check(&self) -> SchemaCheck<'static> {
        if self.skips_schema {
            SchemaCheck::Skip
        } else {
            SchemaCheck::Validate(&crate::schema_sources::SchemaSources)
        }
    }
}

impl ChartRenderer for Renderer {
    fn process_dependencies(&mut self, mode: ValuesMode<'_>) -> Result<(), RenderError> {
        let mut warnings = Vec::new();
        let result = self.take_over(mode, &mut warnings).and_then(|()| {
            let processed = chart::dependencies::process(&mut self.chart, &self.values, &mut warnings);
            processed.map_err(|error| RenderError::from(inner_text(&error)))
        });
        print_warnings(&warnings);
        result
    }

    fn crds(&self) -> Vec<Crd> {
        crds(&self.chart)
    }

    fn render(&mut self, input: RenderInput<'_>) -> Result<Rendered, RenderError> {
        let mut warnings = Vec::new();
        let check = self.schema_check();
        let composed = chart::compose_processed(self.chart.clone(), &self.values, check, &mut warnings);
        print_warnings(&warnings);
        if self.is_debug && !self.skips_schema {
            schema_log::tell(&self.chart, &self.values);
        }
        let composition = composed.map_err(|error| RenderError::from(error.full_text()))?;
        let release = Release {
            name: input.release_name.to_owned(),
            namespace: input.namespace.to_owned(),
            revision: input.revision,
            is_upgrade: input.is_upgrade,
        };
        let capabilities = capabilities(&input);
        let request = render::Request {
            chart: &composition.chart,
            values: &composition.values,
            release: &release,
            capabilities: &capabilities,
            with_subchart_notes: self.with_subchart_notes,
            is_lint: false,
            is_strict: false,
        };
        let host = self.host(input.cluster.and_then(|cluster| cluster.client));
        let result = render::render(&request, &host, None);
        let log = result.as_ref().map_or_else(|failure| &failure.log, |rendered| &rendered.log);
        log.iter().for_each(|line| terminal::error_line(line));
        let rendered = result.map_err(|failure| {
            self.failed_files = Some(failure.files);
            RenderError::from(failure.error.to_string())
        })?;
        Ok(Rendered {
            set: rendered.set,
            notes: rendered.notes,
            chart: stored_chart::part(&self.chart)?,
            config: stored_values(&self.values)?,
            previous_config: self.previous.as_ref().map(stored_values).transpose()?,
        })
    }
}

/// Returns the files of `crds/` folders, root chart first.
pub(crate) fn crds(chart: &Chart) -> Vec<Crd> {
    let crd = |crd: chart::Crd| Crd {
        name: (*crd.file.name).to_owned(),
        path: crd.path,
        content: crd.file.data.to_string_lossy(),
    };
    chart.crds().into_iter().map(crd).collect()
}

/// Returns what follows "chart dependencies processing failed", which the operation says itself where Helm does.
fn inner_text(error: &chart::Error) -> String {
    match error.kind() {
        chart::ErrorKind::Dependencies(cause) => cause.full_text(),
        _ => error.full_text(),
    }
}

/// Returns what a cluster can do, or the assumed one.
fn capabilities(input: &RenderInput<'_>) -> Capabilities {
    let Some(cluster) = &input.cluster else { return Capabilities::default() };
    let version = &cluster.version.git_version;
    Capabilities {
        // Of a real cluster Helm compares the whole version with the chart's range.
        kube_version: KubeVersion {
            version: version.clone(),
            normalized: version.clone(),
            major: cluster.version.major.clone(),
            minor: cluster.version.minor.clone(),
        },
        api_versions: cluster.discovery.api_versions().map(str::to_owned).collect(),
    }
}

/// Returns the user's values of a revision.
pub(crate) fn config(record: &Record) -> Map {
    match value::json::from_serde(&Json::Object(record.config.clone().unwrap_or_default())) {
        Value::Map(values) => values,
        _ => Map::new(),
    }
}

fn stored_values(values: &Map) -> Result<Object<String, Json>, value::Error> {
    match value::json::to_serde(&Value::Map(values.clone()))? {
        Json::Object(members) => Ok(members),
        _ => Ok(Object::new()),
    }
}
