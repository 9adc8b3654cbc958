//! `Chart.yaml` and lists of dependencies as JSON, with the fields that Go's `omitempty` leaves.

use serde_json::{Map as Object, Value, json};

use crate::{Dependency, Maintainer, Metadata};

/// Collects members, leaving out what Go's `omitempty` leaves out.
#[derive(Default)]
struct Members(Object<String, Value>);

impl Members {
    fn text(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.0.insert(name.to_owned(), Value::from(text));
        }
    }

    fn texts(&mut self, name: &str, texts: &[String]) {
        if !texts.is_empty() {
            self.0.insert(name.to_owned(), Value::from(texts));
        }
    }

    fn flag(&mut self, name: &str, flag: bool) {
        if flag {
            self.0.insert(name.to_owned(), Value::Bool(true));
        }
    }

    fn list(&mut self, name: &str, items: Vec<Value>) {
        if !items.is_empty() {
            self.0.insert(name.to_owned(), Value::Array(items));
        }
    }
}

/// Returns `Chart.yaml` as JSON, empty fields left out (`chart.Metadata`).
pub fn metadata_json(metadata: &Metadata) -> Value {
    let mut members = Members::default();
    members.text("name", &metadata.name);
    members.text("home", &metadata.home);
    members.texts("sources", &metadata.sources);
    members.text("version", &metadata.version);
    members.text("description", &metadata.description);
    members.texts("keywords", &metadata.keywords);
    let maintainers = metadata.maintainers.iter();
    members.list(
        "maintainers",
        maintainers.map(|entry| entry.as_ref().map_or(Value::Null, maintainer)).collect(),
    );
    members.text("icon", &metadata.icon);
    members.text("apiVersion", &metadata.api_version);
    members.text("condition", &metadata.condition);
    members.text("tags", &metadata.tags);
    members.text("appVersion", &metadata.app_version);
    members.flag("deprecated", metadata.deprecated);
    if let Some(annotations) = metadata.annotations.as_ref().filter(|annotations| !annotations.is_empty()) {
        members.0.insert("annotations".to_owned(), json!(annotations));
    }
    members.text("kubeVersion", &metadata.kube_version);
    members.list("dependencies", metadata.dependencies.iter().flatten().map(optional_dependency).collect());
    members.text("type", &metadata.chart_type);
    Value::Object(members.0)
}

fn maintainer(maintainer: &Maintainer) -> Value {
    let mut members = Members::default();
    members.text("name", &maintainer.name);
    members.text("email", &maintainer.email);
    members.text("url", &maintainer.url);
    Value::Object(members.0)
}

/// Returns a list of dependencies as JSON.
pub fn dependencies_json(entries: &[Option<Dependency>]) -> Value {
    entries.iter().map(optional_dependency).collect()
}

fn optional_dependency(entry: &Option<Dependency>) -> Value {
    entry.as_ref().map_or(Value::Null, dependency)
}

fn dependency(dependency: &Dependency) -> Value {
    let mut members = Members::default();
    members.0.insert("name".to_owned(), Value::from(dependency.name.as_str()));
    members.text("version", &dependency.version);
    members.0.insert("repository".to_owned(), Value::from(dependency.repository.as_str()));
    members.text("condition", &dependency.condition);
    members.texts("tags", &dependency.tags);
    members.flag("enabled", dependency.enabled);
    let imports =
        dependency.import_values.iter().map(|value| value::json::to_serde(value).unwrap_or_default());
    members.list("import-values", imports.collect());
    members.text("alias", &dependency.alias);
    Value::Object(members.0)
}
