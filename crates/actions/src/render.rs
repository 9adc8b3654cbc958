//! The seam to rendering: an operation asks for the objects of a chart when it knows for whom and on what cluster.

use cluster::{Client, Discovery, ServerVersion};
use manifest::{Crd, ManifestSet};
use release::{ChartPart, Record};
use serde_json::{Map, Value};

/// A chart and the user's values, ready to be rendered.
///
/// Rendering is synchronous; the template function `lookup` may use `cluster::block_on` with
/// [`RenderInput::cluster`].
pub trait ChartRenderer {
    /// Drops the parts of the chart that conditions and tags switch off (`ProcessDependencies`); called before
    /// definitions are installed. On upgrades, values are settled first.
    ///
    /// # Errors
    /// In the renderer's words; the operation says that processing dependencies failed.
    fn process_dependencies(&mut self, values: ValuesMode<'_>) -> Result<(), RenderError>;

    /// Returns the files of `crds/` folders, root chart first; known after [`ChartRenderer::process_dependencies`].
    fn crds(&self) -> Vec<Crd>;

    /// Renders.
    ///
    /// # Errors
    /// In the renderer's words.
    fn render(&mut self, input: RenderInput<'_>) -> Result<Rendered, RenderError>;
}

/// What became of rendering; the text is shown as it is.
pub type RenderError = Box<dyn std::error::Error + Send + Sync>;

/// Which values an upgrade starts from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ValuesMode<'a> {
    /// The given ones only: installations and `--reset-values`.
    Given,
    /// The given ones, or those of the revision when none are given.
    GivenOrPrevious(&'a Record),
    /// The given ones over those of the revision and its chart's defaults (`--reuse-values`).
    Reuse(&'a Record),
    /// The given ones over those of the revision, with the new chart's defaults (`--reset-then-reuse-values`).
    ResetThenReuse(&'a Record),
}

/// For whom and on what cluster.
#[derive(Clone, Copy)]
pub struct RenderInput<'a> {
    /// `.Release.Name`.
    pub release_name: &'a str,
    /// `.Release.Namespace`.
    pub namespace: &'a str,
    /// `.Release.Revision`.
    pub revision: i64,
    /// `.Release.IsUpgrade`; `.Release.IsInstall` is its contrary.
    pub is_upgrade: bool,
    /// The cluster, unless it may not be asked.
    pub cluster: Option<LiveCluster<'a>>,
}

/// A cluster to render for.
#[derive(Clone, Copy)]
pub struct LiveCluster<'a> {
    /// For `lookup`, which finds nothing without it.
    pub client: Option<&'a Client>,
    /// `.Capabilities.KubeVersion`.
    pub version: &'a ServerVersion,
    /// `.Capabilities.APIVersions`.
    pub discovery: &'a Discovery,
}

/// What rendering yields.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rendered {
    /// Objects and hooks.
    pub set: ManifestSet,
    /// Rendered notes, empty when there are none.
    pub notes: String,
    /// The chart as it is stored.
    pub chart: ChartPart,
    /// The user's values as they are stored.
    pub config: Map<String, Value>,
    /// The values of the revision an upgrade started from as working the new ones in has left them; none if they were
    /// not touched. Helm notes nulls of the new values there and stores them with the old revision (`reuseValues`).
    pub previous_config: Option<Map<String, Value>>,
}
