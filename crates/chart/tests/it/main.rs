//! Charts from files to composed values, as Helm 4.3.1 does it (each expectation was observed there).

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

extern crate pintle_chart as chart;

mod compose;
mod files;
mod gather;
mod metadata;

use chart::{Chart, Composition, Error, File, SchemaCheck, Sources, Warning};
use value::{Map, Value};

/// What came of loading and composing.
struct Outcome {
    result: Result<Composition, Error>,
    warnings: Vec<Warning>,
}

/// Loads a chart from texts by name and composes it with `--set` texts.
fn compose(files: &[(&str, &str)], set: &[&str]) -> Outcome {
    let mut warnings = Vec::new();
    let result = load(files, &mut warnings).and_then(|chart| {
        let sources =
            Sources { set: set.iter().map(|text| (*text).to_owned()).collect(), ..Sources::default() };
        let values = chart::gather(&sources, &mut |_| Err("no files here".into()))?;
        chart::compose(chart, &values, SchemaCheck::Skip, &mut warnings)
    });
    Outcome { result, warnings }
}

fn load(files: &[(&str, &str)], warnings: &mut Vec<Warning>) -> Result<Chart, Error> {
    let mut files: Vec<File> = files.iter().map(|(name, text)| File::new(*name, *text)).collect();
    if !files.iter().any(|file| &*file.name == "Chart.yaml") {
        files.push(File::new("Chart.yaml", "{apiVersion: v2, name: c, version: 0.1.0}"));
    }
    chart::from_files(files, warnings)
}

fn json(map: &Map) -> String {
    let text = value::json::write(&Value::Map(map.clone())).unwrap();
    String::from_utf8(text).unwrap()
}

impl Outcome {
    fn values(&self) -> String {
        json(&self.result.as_ref().map_err(Error::full_text).unwrap().values)
    }

    fn error(&self) -> String {
        self.result.as_ref().err().unwrap().full_text()
    }

    fn log(&self) -> Vec<String> {
        self.warnings.iter().map(Warning::to_string).collect()
    }
}
