//! What is measured: the example chart and a generated umbrella, rendered and otherwise, and the slow charts of the
//! corpus where it is present.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{Case, repository, umbrella};

/// Returns all cases; generated charts go below `scratch`.
pub(crate) fn all(shared: &Path, scratch: &Path) -> Result<Vec<Case>, String> {
    let root = crate::tidy::workspace_root();
    let template = |name: &str, directory: &Path, chart: &str| Case {
        name: name.to_owned(),
        directory: directory.to_path_buf(),
        arguments: ["template", "bench", chart].map(str::to_owned).to_vec(),
    };
    umbrella::write(scratch)?;
    let examples = root.join("examples");
    let other = |line: &str, directory: &Path| Case {
        name: line.to_owned(),
        directory: directory.to_path_buf(),
        arguments: line.split(' ').map(str::to_owned).collect(),
    };
    let mut cases = vec![
        template("example", &examples, "ml-model-server"),
        template("umbrella of 100 charts", scratch, "umbrella"),
        other("version", scratch),
        other("lint ml-model-server", &examples),
        other("show all ml-model-server", &examples),
        other("show values umbrella", scratch),
        other("package umbrella --destination packed", scratch),
    ];
    cases.extend(repository::cases(scratch)?);
    cases.extend(corpus(&shared.join("corpus"))?);
    Ok(cases)
}

/// Returns the cases that `SLOW.md` lists in its first table, which is the benchmark's.
fn corpus(folder: &Path) -> Result<Vec<Case>, String> {
    let Ok(page) = fs::read_to_string(folder.join("SLOW.md")) else { return Ok(Vec::new()) };
    let table = page.split("Where generating keys").next().unwrap_or_default();
    let marked: Vec<&str> = table
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(' ').next())
        .filter(|id| id.contains("--"))
        .collect();
    let list = folder.join("dev/cases.jsonl");
    let lines = fs::read_to_string(&list).map_err(|error| format!("read {}: {error}", list.display()))?;
    let mut cases = Vec::new();
    for line in lines.lines() {
        let case: Value =
            serde_json::from_str(line).map_err(|error| format!("read {}: {error}", list.display()))?;
        let id = case["id"].as_str().unwrap_or_default();
        if !marked.contains(&id) {
            continue;
        }
        let arguments = case["args"].as_array().into_iter().flatten();
        cases.push(Case {
            name: id.split("__").last().unwrap_or(id).to_owned(),
            directory: folder.join("dev"),
            arguments: arguments.filter_map(Value::as_str).map(str::to_owned).collect(),
        });
    }
    Ok(cases)
}
