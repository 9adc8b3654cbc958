//! Which of a chart's dependencies count, under which names, and what a parent imports from them (Helm's
//! `ProcessDependencies`).

use std::collections::HashSet;

use value::{Map, Type, Value};

use crate::values::{self, coalesce};
use crate::{Chart, Dependency, Error, ErrorKind, Metadata, Warning, go_text, version};

/// Checks that every declared dependency lies in `charts/` (`action.CheckDependencies`); versions do not matter.
///
/// # Errors
/// The names that are missing.
pub fn check(chart: &Chart) -> Result<(), Error> {
    let is_missing =
        |dependency: &&Dependency| !chart.dependencies.iter().any(|c| c.name() == dependency.name);
    let missing: Vec<String> =
        chart.metadata.dependencies().filter(is_missing).map(|dependency| dependency.name.clone()).collect();
    if missing.is_empty() { Ok(()) } else { Err(ErrorKind::MissingDependencies(missing).into()) }
}

/// Names aliased charts, drops those that conditions and tags switch off, and imports values into parents.
///
/// # Errors
/// When the values for a subchart are not a table.
pub fn process(chart: &mut Chart, values: &Map, warnings: &mut Vec<Warning>) -> Result<(), Error> {
    let result = enable(chart, values, "", warnings).and_then(|()| import(chart, warnings));
    result.map_err(|source| ErrorKind::Dependencies(source).into())
}

/// Keeps the enabled dependencies, recursively (`processDependencyEnabled`).
///
/// `path` leads from the root's values to the chart's. The values of the level above are handed down whole and the
/// chart's defaults worked into their top, as in Helm: a tag set in a subchart's defaults counts below it.
fn enable(chart: &mut Chart, values: &Map, path: &str, warnings: &mut Vec<Warning>) -> Result<(), Error> {
    if chart.metadata.dependencies.is_none() {
        return Ok(());
    }
    chart.dependencies = named(chart);
    for dependency in declared(&mut chart.metadata) {
        if !dependency.alias.is_empty() {
            dependency.name = dependency.alias.clone();
        }
        dependency.enabled = true;
    }
    let values = coalesce::coalesce(chart, values, warnings)?;
    apply_tags(&mut chart.metadata, &values, warnings);
    apply_conditions(&mut chart.metadata, &values, path, warnings);
    let disabled: HashSet<String> = chart
        .metadata
        .dependencies()
        .filter(|dependency| !dependency.enabled)
        .map(|dependency| dependency.name.clone())
        .collect();
    chart.dependencies.retain(|subchart| !disabled.contains(subchart.name()));
    let kept = chart.metadata.dependencies.take().unwrap_or_default().into_iter();
    let kept: Vec<_> =
        kept.filter(|entry| entry.as_ref().is_none_or(|entry| !disabled.contains(&entry.name))).collect();
    for subchart in &mut chart.dependencies {
        let path = format!("{path}{}.", subchart.name());
        enable(subchart, &values, &path, warnings)?;
    }
    chart.metadata.dependencies = (!kept.is_empty()).then_some(kept);
    Ok(())
}

fn declared(metadata: &mut Metadata) -> impl Iterator<Item = &mut Dependency> {
    metadata.dependencies.iter_mut().flatten().flatten()
}

/// Returns the charts in `charts/` that nothing declares, then one for each declaration, under its alias.
fn named(chart: &Chart) -> Vec<Chart> {
    let fits = |subchart: &Chart, dependency: &Dependency| {
        subchart.name() == dependency.name
            && version::is_compatible_range(&dependency.version, &subchart.metadata.version)
    };
    let is_declared = |subchart: &&Chart| chart.metadata.dependencies().any(|d| fits(subchart, d));
    let mut charts: Vec<Chart> = chart.dependencies.iter().filter(|c| !is_declared(c)).cloned().collect();
    for dependency in chart.metadata.dependencies() {
        let Some(subchart) = chart.dependencies.iter().find(|subchart| fits(subchart, dependency)) else {
            continue;
        };
        let mut subchart = subchart.clone();
        if !dependency.alias.is_empty() {
            subchart.metadata.name = dependency.alias.clone();
        }
        charts.push(subchart);
    }
    charts
}

/// Switches dependencies by the top-level `tags`: off if some are false and none is true (`processDependencyTags`).
fn apply_tags(metadata: &mut Metadata, values: &Map, warnings: &mut Vec<Warning>) {
    let Ok(tags) = values::table(values, "tags") else { return };
    for dependency in declared(metadata) {
        let mut has_true = false;
        let mut has_false = false;
        for tag in &dependency.tags {
            match tags.get(tag) {
                None => {}
                Some(Value::Bool(true)) => has_true = true,
                Some(Value::Bool(false)) => has_false = true,
                Some(_) => {
                    warnings.push(Warning::TagNotBool { tag: tag.clone(), chart: dependency.name.clone() });
                }
            }
        }
        dependency.enabled = has_true || !has_false;
    }
}

/// Switches dependencies by the first of their conditions that leads to a boolean (`processDependencyConditions`).
fn apply_conditions(metadata: &mut Metadata, values: &Map, path: &str, warnings: &mut Vec<Warning>) {
    for dependency in declared(metadata) {
        let conditions = dependency.condition.trim_matches(go_text::is_space).split(',');
        for condition in conditions.filter(|condition| !condition.is_empty()) {
            match values::path_value(values, &format!("{path}{condition}")) {
                None => {}
                Some(Value::Bool(enabled)) => {
                    dependency.enabled = enabled;
                    break;
                }
                Some(_) => warnings.push(Warning::ConditionNotBool {
                    path: condition.to_owned(),
                    chart: dependency.name.clone(),
                }),
            }
        }
    }
}

/// Imports values from children to parents, the deepest first (`processDependencyImportValues`).
fn import(chart: &mut Chart, warnings: &mut Vec<Warning>) -> Result<(), Error> {
    for subchart in &mut chart.dependencies {
        import(subchart, warnings)?;
    }
    if chart.metadata.dependencies.is_none() {
        return Ok(());
    }
    let values = coalesce::merge(chart, &Map::new(), warnings)?;
    let imported = Map::new();
    for dependency in declared(&mut chart.metadata) {
        import_from(dependency, &values, &imported, warnings)?;
    }
    // What was imported may share tables with the values it came from, so imports can change the subchart's own
    // values above; from here on they must not.
    let values = coalesce::copy_map(&values)?;
    coalesce::merge_tables(&values, &imported, warnings);
    chart.values = values;
    Ok(())
}

/// Works out a dependency's `import-values` and writes them back in their long form, as `.Chart` shows them.
fn import_from(
    dependency: &mut Dependency,
    values: &Map,
    imported: &Map,
    warnings: &mut Vec<Warning>,
) -> Result<(), Error> {
    let mut long_forms = Vec::new();
    for entry in std::mem::take(&mut dependency.import_values) {
        let (child, parent, is_export) = match &entry {
            Value::Map(entry) => {
                let text = |key: &str| go_text::plain(&entry.get(key).unwrap_or_default());
                (text("child"), text("parent"), false)
            }
            Value::String(name) => (format!("exports.{}", name.to_string_lossy()), ".".to_owned(), true),
            _ => continue,
        };
        let long_form = [("child", Value::from(child.as_str())), ("parent", Value::from(parent.as_str()))];
        long_forms.push(Value::Map(Map::typed(Type::StringMap, long_form.into_iter().collect())));
        match values::table(values, &format!("{}.{child}", dependency.name)) {
            Ok(table) => {
                coalesce::merge_tables(imported, &nested(&parent, table), warnings);
                if contains_itself(imported) {
                    return Err(ErrorKind::TooDeep.into());
                }
            }
            Err(missing) if is_export => warnings.push(Warning::ImportMissing { key: missing.key }),
            Err(missing) => warnings
                .push(Warning::ImportMissingInChart { chart: dependency.name.clone(), key: missing.key }),
        }
    }
    dependency.import_values = long_forms;
    Ok(())
}

/// Returns a table in which the given one stands at a path; `.` is the table itself (`pathToMap`).
fn nested(path: &str, table: Map) -> Map {
    if path == "." {
        return table;
    }
    path.rsplit('.').fold(table, |inner, key| Map::from_iter([(key, Value::Map(inner))]))
}

/// Returns whether imports tied tables into a ring (Helm overflows its stack on one).
fn contains_itself(map: &Map) -> bool {
    let mut done = HashSet::new();
    let mut open = HashSet::from([map.address()]);
    let mut stack = vec![(map.address(), tables_of(map))];
    while let Some((address, children)) = stack.last_mut() {
        let Some(child) = children.pop() else {
            open.remove(address);
            done.insert(*address);
            stack.pop();
            continue;
        };
        if open.contains(&child.address()) {
            return true;
        }
        if !done.contains(&child.address()) {
            open.insert(child.address());
            stack.push((child.address(), tables_of(&child)));
        }
    }
    false
}

fn tables_of(map: &Map) -> Vec<Map> {
    map.borrow().iter().filter_map(|(_, value)| value.as_map().cloned()).collect()
}
