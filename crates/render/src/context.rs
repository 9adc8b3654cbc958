//! What templates see: one context for each chart of the tree (Helm: engine.go, recAllTpls; values.go, ToRenderValues).

use std::rc::Rc;

use chart::{Chart, File};
use value::{Map, Type, Value};

use crate::Capabilities;
use crate::files_object::Files;
use crate::release::Release;

/// A template with the context it is executed in.
pub(crate) struct Renderable {
    /// Path from the root chart's name on: `app/charts/sub/templates/a.yaml`.
    pub(crate) path: String,
    /// The file.
    pub(crate) file: File,
    /// The context, shared by all templates of the chart.
    pub(crate) context: Map,
    /// `app/charts/sub/templates`
    pub(crate) base_path: Rc<str>,
}

/// Returns the templates of a chart and the charts below it.
pub(crate) fn renderables(
    chart: &Chart,
    values: &Map,
    release: &Release,
    capabilities: &Capabilities,
) -> Vec<Renderable> {
    let shared =
        Shared { release: Value::Map(release.context()), capabilities: Value::object(capabilities.clone()) };
    let mut found = Vec::new();
    shared.collect(chart, None, values.as_values(), &mut found);
    found
}

/// What all charts of a tree see alike.
struct Shared {
    release: Value,
    capabilities: Value,
}

impl Shared {
    fn collect(&self, chart: &Chart, parent: Option<&str>, values: Map, found: &mut Vec<Renderable>) -> Map {
        let path = chart.full_path(parent);
        let subcharts = Map::new();
        let files = Files::new(chart.files.iter().map(|file| (file.name.clone(), file.data.clone())));
        let metadata = chart.metadata.to_map();
        metadata.insert("IsRoot", Value::Bool(parent.is_none()));
        let context: Map = [
            ("Chart", Value::Map(metadata)),
            ("Files", Value::object(files)),
            ("Release", self.release.clone()),
            ("Capabilities", self.capabilities.clone()),
            ("Values", Value::Map(values.clone())),
            ("Subcharts", Value::Map(subcharts.clone())),
        ]
        .into_iter()
        .collect();
        for dependency in &chart.dependencies {
            let own = subchart_values(&values, dependency.name());
            let below = self.collect(dependency, Some(&path), own, found);
            subcharts.insert(dependency.name(), Value::Map(below));
        }
        let base_path: Rc<str> = Rc::from(chart::clean(&format!("{path}/templates")));
        for file in chart.templates.iter().filter(|file| !chart.is_library() || is_partial(&file.name)) {
            found.push(Renderable {
                path: chart::clean(&format!("{path}/{}", file.name)),
                file: file.clone(),
                context: context.as_values(),
                base_path: base_path.clone(),
            });
        }
        context
    }
}

/// Returns the table of a subchart's values, seen as `common.Values`; it is the parent's table, not a copy. The name is
/// a path, so a dot in it leads further down (Helm: values.go, Values.Table).
fn subchart_values(values: &Map, name: &str) -> Map {
    let mut table = values.clone();
    for key in name.split('.') {
        match table.get(key) {
            Some(Value::Map(below)) => table = below,
            _ => return Map::typed(Type::AnyMap, value::Entries::default()).as_values(),
        }
    }
    table.as_values()
}

/// Returns whether a file only defines templates: its name starts with `_`.
pub(crate) fn is_partial(path: &str) -> bool {
    path.rsplit('/').next().unwrap_or(path).starts_with('_')
}
