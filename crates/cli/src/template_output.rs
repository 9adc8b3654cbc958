//! Output through a Go template: `get all --template`, `version --template` (cmd/printer.go, tpl).

use gotmpl::{Options, TemplateSet};
use manifest::{Hook, Time};
use release::{ChartPart, Record};
use serde_json::Value as Json;
use value::time::Zone;
use value::{List, Map, Type, Value};

use crate::clock;
use crate::errors::CommandError;
use crate::go_struct::go_struct;

/// Executes a template without functions of its own.
///
/// # Errors
/// In Go's words; the output up to the error is returned all the same.
pub(crate) fn execute(template: &str, data: &Value) -> (Vec<u8>, Result<(), CommandError>) {
    let mut set = TemplateSet::new("_", Vec::new(), Options::default());
    let mut out = Vec::new();
    if let Err(error) = set.parse("_", template) {
        return (out, Err(CommandError::message(error.to_string())));
    }
    let executed = set.execute("_", data, &mut out);
    (out, executed.map_err(|error| CommandError::message(error.to_string())))
}

/// Returns a revision under the name `Release`.
pub(crate) fn release_data(record: &Record) -> Value {
    Value::Map([("Release", release(record))].into_iter().collect())
}

fn release(record: &Record) -> Value {
    let config = match &record.config {
        Some(config) => value::json::from_serde(&Json::Object(config.clone())),
        None => Value::Map(Map::nil(Type::AnyMap)),
    };
    go_struct(
        "*v1.Release",
        [
            ("Name", text(&record.name)),
            ("Info", info(record)),
            ("Chart", record.chart.as_ref().map_or(Value::Nil, chart)),
            ("Config", config),
            ("Manifest", text(&record.manifest)),
            ("Hooks", Value::list(record.hooks.iter().map(hook).collect())),
            ("Version", Value::Int(record.version)),
            ("Namespace", text(&record.namespace)),
            ("Labels", labels(record)),
            ("ApplyMethod", text(&record.apply_method)),
        ],
    )
}

fn text(text: &str) -> Value {
    Value::string(text)
}

fn time(time: Option<Time>) -> Value {
    Value::object(clock::shown(time.unwrap_or(Time::ZERO), &Zone::Utc))
}

fn labels(record: &Record) -> Value {
    let labels = record.labels.iter().map(|(key, label)| (key.as_str(), text(label)));
    Value::Map(Map::typed(Type::StringMap, labels.collect()))
}

fn info(record: &Record) -> Value {
    let info = &record.info;
    go_struct(
        "*v1.Info",
        [
            ("FirstDeployed", time(info.first_deployed)),
            ("LastDeployed", time(info.last_deployed)),
            ("Deleted", time(info.deleted)),
            ("Description", text(&info.description)),
            ("Status", text(info.status.as_str())),
            ("RollbackRevision", Value::Int(info.rollback_revision)),
            ("Notes", text(&info.notes)),
            ("Resources", Value::Map(Map::nil(Type::AnyMap))),
        ],
    )
}

fn hook(hook: &Hook) -> Value {
    let words = |words: Vec<&str>| Value::list(words.into_iter().map(text).collect());
    let last_run = go_struct(
        "v1.HookExecution",
        [
            ("StartedAt", time(hook.last_run.started_at)),
            ("CompletedAt", time(hook.last_run.completed_at)),
            ("Phase", text(hook.last_run.phase.as_str())),
        ],
    );
    go_struct(
        "*v1.Hook",
        [
            ("Name", text(&hook.name)),
            ("Kind", text(&hook.kind)),
            ("Path", text(&hook.path)),
            ("Manifest", text(&hook.manifest)),
            ("Events", words(hook.events.iter().map(|event| event.as_str()).collect())),
            ("LastRun", last_run),
            ("Weight", Value::Int(hook.weight)),
            ("DeletePolicies", words(hook.delete_policies.iter().map(String::as_str).collect())),
            ("OutputLogPolicies", words(hook.output_log_policies.iter().map(String::as_str).collect())),
        ],
    )
}

fn chart(chart: &ChartPart) -> Value {
    let metadata = &chart.metadata;
    let values = match value::json::from_serde(&chart.values) {
        Value::Nil => Value::Map(Map::nil(Type::AnyMap)),
        values => values,
    };
    go_struct(
        "*v2.Chart",
        [
            ("Metadata", if metadata.is_null() { Value::Nil } else { metadata_value(metadata) }),
            ("Lock", value::json::from_serde(&chart.lock)),
            ("Templates", files(chart.templates.as_deref())),
            ("Values", values),
            ("Files", files(chart.files.as_deref())),
            // Methods in Go, which a template calls by the same names.
            ("Name", member_text(metadata, "name")),
            ("AppVersion", member_text(metadata, "appVersion")),
        ],
    )
}

fn files(files: Option<&[release::File]>) -> Value {
    let file = |file: &release::File| {
        let data = file.data.as_ref().and_then(release::Blob::to_bytes).unwrap_or_default();
        let bytes = data.iter().map(|byte| Value::Number(value::Number::Uint8(*byte))).collect();
        let data = Value::List(List::typed(Type::Bytes, bytes));
        go_struct(
            "*common.File",
            [("Name", text(&file.name)), ("Data", data), ("ModTime", time(file.modified))],
        )
    };
    Value::list(files.into_iter().flatten().map(file).collect())
}

fn member_text(object: &Json, member: &str) -> Value {
    text(object[member].as_str().unwrap_or_default())
}

fn texts(object: &Json, member: &str) -> Value {
    let items = object[member].as_array().into_iter().flatten();
    Value::list(items.map(|item| text(item.as_str().unwrap_or_default())).collect())
}

fn metadata_value(metadata: &Json) -> Value {
    let list = |member: &str, item: fn(&Json) -> Value| {
        Value::list(metadata[member].as_array().into_iter().flatten().map(item).collect())
    };
    let annotations = metadata["annotations"].as_object().into_iter().flatten();
    let annotations =
        annotations.map(|(key, value)| (key.as_str(), text(value.as_str().unwrap_or_default())));
    let plain = |member| member_text(metadata, member);
    go_struct(
        "*v2.Metadata",
        [
            ("Name", plain("name")),
            ("Home", plain("home")),
            ("Sources", texts(metadata, "sources")),
            ("Version", plain("version")),
            ("Description", plain("description")),
            ("Keywords", texts(metadata, "keywords")),
            ("Maintainers", list("maintainers", maintainer)),
            ("Icon", plain("icon")),
            ("APIVersion", plain("apiVersion")),
            ("Condition", plain("condition")),
            ("Tags", plain("tags")),
            ("AppVersion", plain("appVersion")),
            ("Deprecated", Value::Bool(metadata["deprecated"] == true)),
            ("Annotations", Value::Map(Map::typed(Type::StringMap, annotations.collect()))),
            ("KubeVersion", plain("kubeVersion")),
            ("Dependencies", list("dependencies", dependency)),
            ("Type", plain("type")),
        ],
    )
}

fn maintainer(maintainer: &Json) -> Value {
    let plain = |member| member_text(maintainer, member);
    go_struct("*v2.Maintainer", [("Name", plain("name")), ("Email", plain("email")), ("URL", plain("url"))])
}

fn dependency(dependency: &Json) -> Value {
    let plain = |member| member_text(dependency, member);
    go_struct(
        "*v2.Dependency",
        [
            ("Name", plain("name")),
            ("Version", plain("version")),
            ("Repository", plain("repository")),
            ("Condition", plain("condition")),
            ("Tags", texts(dependency, "tags")),
            ("Enabled", Value::Bool(dependency["enabled"] == true)),
            ("ImportValues", value::json::from_serde(&dependency["import-values"])),
            ("Alias", plain("alias")),
        ],
    )
}

#[cfg(test)]
mod tests {
    use release::{ChartPart, Record};
    use serde_json::json;

    use super::{execute, release_data};

    fn check(template: &str, expected: &str) {
        let metadata = json!({"name": "app", "version": "1.2", "dependencies": [{"name": "d"}]});
        let chart = ChartPart { metadata, ..ChartPart::default() };
        let config = json!({"a": {"b": 5}}).as_object().cloned();
        let record = Record { name: "r".into(), chart: Some(chart), config, version: 3, ..Record::default() };
        let (out, ended) = execute(template, &release_data(&record));
        let text = String::from_utf8(out).unwrap();
        let error = ended.err().map_or(String::new(), |error| error.text().to_owned());
        assert_eq!(text + &error, expected, "{template}");
    }

    #[test]
    fn fields_are_reached_by_their_go_names() {
        check("{{.Release.Name}} {{.Release.Version}} {{.Release.Info.Status}}", "r 3 unknown");
        check("{{.Release.Chart.Metadata.Version}} {{.Release.Chart.Name}}", "1.2 app");
        check("{{range .Release.Chart.Metadata.Dependencies}}{{.Name}}{{end}}", "d");
        check("{{.Release.Config.a.b}}", "5");
        check("{{.Release.Info.LastDeployed}}", "0001-01-01 00:00:00 +0000 UTC");
        // What a map holds is an interface to Go, whose type `with` looks through.
        check(
            "{{.Release.nope}}",
            "template: _:1:10: executing \"_\" at <.Release.nope>: can't evaluate field nope in type interface {}",
        );
        check(
            "{{with .Release}}{{.nope}}{{end}}",
            "template: _:1:19: executing \"_\" at <.nope>: can't evaluate field nope in type *v1.Release",
        );
    }
}
