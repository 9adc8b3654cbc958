//! JSON objects whose fields stand in the order of Go's structs, and their text as `encoding/json` writes it.

use serde_core::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Value as Json, json};

use crate::{Dependency, Maintainer, Metadata};

/// An object whose fields keep the order in which they were added.
#[derive(Debug, Default)]
pub struct Fields(Vec<(String, Node)>);

/// A value of a field.
#[derive(Debug)]
pub enum Node {
    /// A value in which no order is to be kept.
    Plain(Json),
    /// An object.
    Object(Fields),
    /// A list.
    List(Vec<Node>),
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, node) in &self.0 {
            map.serialize_entry(name, node)?;
        }
        map.end()
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Node::Plain(value) => value.serialize(serializer),
            Node::Object(fields) => fields.serialize(serializer),
            Node::List(items) => items.serialize(serializer),
        }
    }
}

impl Fields {
    /// Adds a field.
    pub fn push(&mut self, name: impl Into<String>, node: Node) {
        self.0.push((name.into(), node));
    }

    /// Adds a text.
    pub fn text(&mut self, name: &str, text: &str) {
        self.push(name, Node::Plain(Json::from(text)));
    }

    /// Adds a text unless it is empty (`omitempty`).
    pub fn some_text(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.text(name, text);
        }
    }

    fn some_texts(&mut self, name: &str, texts: &[String]) {
        if !texts.is_empty() {
            self.push(name, Node::Plain(json!(texts)));
        }
    }

    /// Adds a flag if it is set.
    pub fn some_flag(&mut self, name: &str, flag: bool) {
        if flag {
            self.push(name, Node::Plain(Json::Bool(true)));
        }
    }
}

/// Adds the fields of `Chart.yaml` (`chart.Metadata`).
pub fn push_metadata(fields: &mut Fields, metadata: &Metadata) {
    fields.some_text("name", &metadata.name);
    fields.some_text("home", &metadata.home);
    fields.some_texts("sources", &metadata.sources);
    fields.some_text("version", &metadata.version);
    fields.some_text("description", &metadata.description);
    fields.some_texts("keywords", &metadata.keywords);
    if !metadata.maintainers.is_empty() {
        let maintainers = metadata.maintainers.iter();
        fields
            .push("maintainers", Node::List(maintainers.map(|entry| optional(entry, maintainer)).collect()));
    }
    fields.some_text("icon", &metadata.icon);
    fields.some_text("apiVersion", &metadata.api_version);
    fields.some_text("condition", &metadata.condition);
    fields.some_text("tags", &metadata.tags);
    fields.some_text("appVersion", &metadata.app_version);
    fields.some_flag("deprecated", metadata.deprecated);
    if let Some(annotations) = metadata.annotations.as_ref().filter(|annotations| !annotations.is_empty()) {
        fields.push("annotations", Node::Plain(json!(annotations)));
    }
    fields.some_text("kubeVersion", &metadata.kube_version);
    if let Some(dependencies) = metadata.dependencies.as_ref().filter(|entries| !entries.is_empty()) {
        fields.push("dependencies", dependency_list(dependencies));
    }
    fields.some_text("type", &metadata.chart_type);
}

fn optional<T>(entry: &Option<T>, node: fn(&T) -> Fields) -> Node {
    entry.as_ref().map_or(Node::Plain(Json::Null), |entry| Node::Object(node(entry)))
}

fn maintainer(maintainer: &Maintainer) -> Fields {
    let mut fields = Fields::default();
    fields.some_text("name", &maintainer.name);
    fields.some_text("email", &maintainer.email);
    fields.some_text("url", &maintainer.url);
    fields
}

/// Returns a list of dependencies, null entries included.
pub fn dependency_list(entries: &[Option<Dependency>]) -> Node {
    Node::List(entries.iter().map(|entry| optional(entry, dependency)).collect())
}

fn dependency(dependency: &Dependency) -> Fields {
    let mut fields = Fields::default();
    fields.text("name", &dependency.name);
    fields.some_text("version", &dependency.version);
    fields.text("repository", &dependency.repository);
    fields.some_text("condition", &dependency.condition);
    fields.some_texts("tags", &dependency.tags);
    fields.some_flag("enabled", dependency.enabled);
    if !dependency.import_values.is_empty() {
        let imports = dependency.import_values.iter();
        let imports = imports.map(|value| value::json::to_serde(value).unwrap_or_default()).collect();
        fields.push("import-values", Node::Plain(Json::Array(imports)));
    }
    fields.some_text("alias", &dependency.alias);
    fields
}

/// Returns `Chart.yaml` as JSON whose keys are sorted, empty fields left out.
pub fn metadata_json(metadata: &Metadata) -> Json {
    let mut fields = Fields::default();
    push_metadata(&mut fields, metadata);
    sorted(&fields)
}

/// Returns a list of dependencies as JSON whose keys are sorted.
pub fn dependencies_json(entries: &[Option<Dependency>]) -> Json {
    sorted(&dependency_list(entries))
}

fn sorted(value: &impl Serialize) -> Json {
    serde_json::to_value(value).unwrap_or_default()
}

/// Returns a value as `json.Marshal` writes it: what could be HTML is escaped.
pub fn marshal(value: &impl Serialize) -> String {
    escaped(serde_json::to_string(value).unwrap_or_default())
}

/// Returns a value as `json.MarshalIndent` with two blanks writes it.
pub fn marshal_indented(value: &impl Serialize) -> String {
    escaped(serde_json::to_string_pretty(value).unwrap_or_default())
}

/// These letters stand in no other place than inside of strings.
fn escaped(json: String) -> String {
    if !json.contains(['<', '>', '&', '\u{2028}', '\u{2029}', '\u{8}', '\u{c}']) {
        return json;
    }
    let mut out = String::with_capacity(json.len() + 16);
    for letter in json.chars() {
        match letter {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            _ => out.push(letter),
        }
    }
    out
}
