//! Charts as release records hold them, and back: a chart's own files without its subcharts.

use std::rc::Rc;
use std::time::SystemTime;

use chart::{Chart, Lock, Metadata};
use manifest::Time;
use release::{Blob, ChartPart};
use serde_json::{Value, json};
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
        metadata: chart::metadata_json(&chart.metadata),
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
    // Go: a lock without dependencies holds a nil slice.
    let dependencies = match lock.dependencies.is_empty() {
        true => Value::Null,
        false => chart::dependencies_json(&lock.dependencies),
    };
    json!({"generated": generated, "digest": lock.digest, "dependencies": dependencies})
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
