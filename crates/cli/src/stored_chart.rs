//! Charts as release records hold them, and back: a chart's own files without its subcharts.

use std::rc::Rc;
use std::time::SystemTime;

use chart::{Chart, Dependency, Lock, Maintainer, Metadata};
use manifest::Time;
use release::{Blob, ChartPart};
use serde_json::{Map as Object, Value, json};
use value::time::Zone;
use value::{Map, Type};

use crate::clock;

/// Returns what a record keeps of a chart whose dependencies are settled (chart/v2/chart.go).
///
/// # Errors
/// When the default values have no JSON form.
pub(crate) fn part(chart: &Chart) -> Result<ChartPart, value::Error> {
    let zone = clock::local_zone();
    let schema_file = chart.raw.iter().find(|file| &*file.name == "values.schema.json");
    let schema_time = schema_file.and_then(|file| file.modified).map(|time| stamp(time, &zone));
    Ok(ChartPart {
        metadata: metadata(&chart.metadata),
        lock: chart.lock.as_ref().map_or(Value::Null, lock),
        templates: files(&chart.templates, &zone),
        values: value::json::to_serde(&value::Value::Map(chart.values.clone()))?,
        schema: chart.schema.as_deref().map(Blob::from_bytes),
        schema_modified: chart.schema.as_ref().and(schema_time).unwrap_or(Time::ZERO),
        files: files(&chart.files, &zone),
        modified: chart.modified.map(|time| stamp(time, &zone)),
    })
}

/// Returns a chart of a record's name and default values; all that values are worked out from.
pub(crate) fn chart(part: Option<&ChartPart>) -> Chart {
    let name = part.and_then(|part| part.metadata["name"].as_str()).unwrap_or_default().to_owned();
    let values = match part.map(|part| value::json::from_serde(&part.values)) {
        Some(value::Value::Map(values)) => values,
        _ => Map::nil(Type::AnyMap),
    };
    Chart {
        metadata: Metadata { name, ..Metadata::default() },
        lock: None,
        templates: Rc::from([]),
        values,
        schema: None,
        files: Rc::from([]),
        raw: Rc::from([]),
        modified: None,
        dependencies: Vec::new(),
    }
}

/// Go keeps the time of a file in the local zone.
fn stamp(time: SystemTime, zone: &Zone) -> Time {
    let time = value::time::Time::from_system(time, Zone::Utc);
    let (offset_seconds, _) = zone.at(time.seconds);
    Time { unix_seconds: time.seconds, nanoseconds: time.nanoseconds, offset_seconds }
}

fn files(files: &[chart::File], zone: &Zone) -> Option<Vec<release::File>> {
    let stored = files.iter().map(|file| release::File {
        name: (*file.name).to_owned(),
        data: Some(Blob::from_bytes(&file.data)),
        modified: file.modified.map(|time| stamp(time, zone)),
    });
    Some(stored.collect::<Vec<_>>()).filter(|stored| !stored.is_empty())
}

fn lock(lock: &Lock) -> Value {
    let generated = match lock.generated.parse::<Time>() {
        Ok(time) => time.to_string(),
        Err(_) => Time::ZERO.to_string(),
    };
    json!({"generated": generated, "digest": lock.digest, "dependencies": dependencies(&lock.dependencies)})
}

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
pub(crate) fn metadata(metadata: &Metadata) -> Value {
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

fn dependencies(entries: &[Option<Dependency>]) -> Value {
    // Go: a lock without dependencies holds a nil slice.
    if entries.is_empty() { Value::Null } else { entries.iter().map(optional_dependency).collect() }
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

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use chart::File;
    use serde_json::json;

    use super::{chart, part};

    #[test]
    fn a_chart_is_stored_as_helm_stores_it() {
        let file = |name: &str, text: &str| File::new(Rc::from(name), text.as_bytes().to_vec());
        let files = vec![
            file("Chart.yaml", "apiVersion: v2\nname: app\nversion: 0.1.0\nappVersion: \"1\"\n"),
            file("values.yaml", "a: 1\nb: 1.5\n"),
            file("templates/a.yaml", "hi"),
        ];
        let loaded = chart::from_files(files, &mut Vec::new()).unwrap();
        let stored = part(&loaded).unwrap();
        assert_eq!(
            serde_json::to_value(&stored).unwrap(),
            json!({
                "metadata": {"name": "app", "version": "0.1.0", "apiVersion": "v2", "appVersion": "1"},
                "lock": null,
                "templates": [{"name": "templates/a.yaml", "data": "aGk="}],
                "values": {"a": 1, "b": 1.5},
                "schema": null,
                "schemamodtime": "0001-01-01T00:00:00Z",
                "files": null,
            })
        );
        assert_eq!(chart(Some(&stored)).values.len(), 2);
    }
}
