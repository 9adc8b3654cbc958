//! Working the user's values into the charts' defaults (Helm 4.3.1's `coalesce.go`).
//!
//! Helm's maps are shared while this goes on, and who sees which change is part of the result; the same is done here.
//! Helm walks maps in random order, this crate in the order of their keys.

use value::{Map, Str, Value};

use crate::{Chart, Error, ErrorKind, Warning, go_text};

/// The key of the values that every chart sees.
pub(crate) const GLOBAL: &str = "global";

/// How deep values may nest. YAML allows less; only imports tied into a ring get here.
const MAX_DEPTH: usize = 20_000;

/// What a null in the values means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nulls {
    /// It deletes the default (`CoalesceValues`).
    Delete,
    /// It stays, for a later pass to see (`MergeValues`).
    Keep,
}

/// Returns the user's values over those of a chart and the charts below it; nulls delete defaults (`CoalesceValues`).
///
/// # Errors
/// When the values for a subchart are not a table.
pub fn coalesce(chart: &Chart, values: &Map, warnings: &mut Vec<Warning>) -> Result<Map, Error> {
    let copy = copy_map(values)?;
    Coalescer { warnings, nulls: Nulls::Delete }.chart(chart, &copy, "")?;
    Ok(copy)
}

/// Returns the same, but with nulls kept (`MergeValues`).
///
/// # Errors
/// As [`coalesce`].
pub fn merge(chart: &Chart, values: &Map, warnings: &mut Vec<Warning>) -> Result<Map, Error> {
    let copy = copy_map(values)?;
    Coalescer { warnings, nulls: Nulls::Keep }.chart(chart, &copy, "")?;
    Ok(copy)
}

/// Adds to a table what only the other has; nulls delete (`CoalesceTables`). Both may be changed.
pub fn coalesce_tables(target: &Map, source: &Map, warnings: &mut Vec<Warning>) {
    Coalescer { warnings, nulls: Nulls::Delete }.tables(target, source, "", Nulls::Delete);
}

/// Adds to a table what only the other has; nulls stay (`MergeTables`). Both may be changed.
pub fn merge_tables(target: &Map, source: &Map, warnings: &mut Vec<Warning>) {
    Coalescer { warnings, nulls: Nulls::Keep }.tables(target, source, "", Nulls::Keep);
}

/// Returns a copy in which every table is new, and every list that holds tables or lists; elements of the others cannot
/// change, so that a long list of scalars is held once.
///
/// # Errors
/// When tables contain themselves.
pub(crate) fn copy_map(map: &Map) -> Result<Map, Error> {
    copy_map_within(map, MAX_DEPTH)
}

fn copy_map_within(map: &Map, depth: usize) -> Result<Map, Error> {
    let depth = depth.checked_sub(1).ok_or(ErrorKind::TooDeep)?;
    let entries = map.borrow().try_map(|value| copy_within(value, depth))?;
    Ok(Map::typed(map.map_type(), entries))
}

fn copy_within(value: &Value, depth: usize) -> Result<Value, Error> {
    match value {
        Value::Map(map) => copy_map_within(map, depth).map(Value::Map),
        Value::List(list) if list.is_empty() => Ok(value.clone()),
        Value::List(list) => {
            let depth = depth.checked_sub(1).ok_or(ErrorKind::TooDeep)?;
            if !list.iter().any(|item| matches!(item, Value::Map(_) | Value::List(_))) {
                return Ok(value.clone());
            }
            let items: Result<Vec<_>, Error> = list.iter().map(|item| copy_within(item, depth)).collect();
            Ok(Value::List(list.with_items(items?)))
        }
        other => Ok(other.clone()),
    }
}

struct Coalescer<'a> {
    warnings: &'a mut Vec<Warning>,
    nulls: Nulls,
}

impl Coalescer<'_> {
    fn chart(&mut self, chart: &Chart, target: &Map, prefix: &str) -> Result<(), Error> {
        self.values(chart, target, prefix)?;
        self.dependencies(chart, target, prefix)
    }

    fn dependencies(&mut self, chart: &Chart, target: &Map, prefix: &str) -> Result<(), Error> {
        for subchart in &chart.dependencies {
            let table = match target.get(subchart.name()) {
                None => Map::new(),
                Some(Value::Map(table)) => table,
                Some(other) => {
                    let chart = subchart.name().to_owned();
                    return Err(ErrorKind::Mismatch { chart, value: go_text::boolean_verb(&other) }.into());
                }
            };
            target.insert(subchart.name(), Value::Map(table.clone()));
            let prefix = concat(prefix, chart.name());
            self.globals(&table, target, &prefix);
            self.chart(subchart, &table, &prefix)?;
        }
        Ok(())
    }

    /// Hands the globals of a chart down to a subchart's values. Tables are copied one level deep only, so tables
    /// further down are shared and take up the subchart's defaults (`coalesceGlobals`).
    fn globals(&mut self, target: &Map, source: &Map, prefix: &str) {
        let below = match target.get(GLOBAL) {
            None => Map::new(),
            Some(Value::Map(globals)) => globals,
            Some(_) => return self.warnings.push(Warning::GlobalTargetNotTable),
        };
        let above = match source.get(GLOBAL) {
            None => Map::new(),
            Some(Value::Map(globals)) => globals,
            Some(_) => return self.warnings.push(Warning::GlobalSourceNotTable),
        };
        for (key, value) in above.snapshot() {
            match (&value, below.get(&key)) {
                (Value::Map(table), existing) => {
                    let table = table.shallow_copy();
                    match existing {
                        None => {}
                        Some(Value::Map(existing)) => {
                            self.tables(&table, &existing, &concat(prefix, &key.to_str_lossy()), Nulls::Keep);
                        }
                        Some(_) => {
                            self.warnings.push(Warning::GlobalConflict { key: key.to_string_lossy() });
                            continue;
                        }
                    }
                    below.insert(key, Value::Map(table));
                }
                (_, Some(Value::Map(_))) => {
                    self.warnings.push(Warning::GlobalTable { key: key.to_string_lossy() });
                }
                _ => {
                    below.insert(key, value);
                }
            }
        }
        target.insert(GLOBAL, Value::Map(below));
    }

    /// Works one chart's own defaults into its values (`coalesceValues`).
    fn values(&mut self, chart: &Chart, target: &Map, prefix: &str) -> Result<(), Error> {
        let prefix = concat(prefix, chart.name());
        for (key, default) in chart.values.snapshot() {
            match target.get(&key) {
                Some(Value::Nil) if self.nulls == Nulls::Delete => {
                    target.remove(&key);
                }
                Some(Value::Map(table)) => self.table_over_default(chart, &key, &table, &default, &prefix)?,
                Some(_) => {}
                None => self.take_default(target, key, &default)?,
            }
        }
        Ok(())
    }

    fn table_over_default(
        &mut self,
        chart: &Chart,
        key: &Str,
        table: &Map,
        default: &Value,
        prefix: &str,
    ) -> Result<(), Error> {
        let path = concat(prefix, &key.to_str_lossy());
        match default {
            Value::Nil => {}
            Value::Map(default) => {
                // Helm: values for a subchart keep their nulls here, the subchart's own turn deletes them.
                let is_subchart = chart.dependencies.iter().any(|subchart| *key == *subchart.name());
                let nulls = if is_subchart { Nulls::Keep } else { self.nulls };
                let default = copy_map(default)?;
                if nulls == Nulls::Delete {
                    remove_nulls(&default);
                }
                self.tables(table, &default, &path, nulls);
            }
            _ => self.warnings.push(Warning::SkippedValue { path }),
        }
        Ok(())
    }

    fn take_default(&mut self, target: &Map, key: Str, default: &Value) -> Result<(), Error> {
        if self.nulls == Nulls::Delete && default.is_nil() {
            return Ok(());
        }
        let copy = copy_within(default, MAX_DEPTH)?;
        if let (Nulls::Delete, Value::Map(table)) = (self.nulls, &copy) {
            remove_nulls(table);
        }
        target.insert(key, copy);
        Ok(())
    }

    /// Adds to the target what only the source has (`coalesceTablesFullKey`).
    fn tables(&mut self, target: &Map, source: &Map, prefix: &str, nulls: Nulls) {
        if target.same(source) {
            return;
        }
        let targets_nulls: Vec<Str> =
            target.borrow().iter().filter(|(_, value)| value.is_nil()).map(|(key, _)| key.clone()).collect();
        let mut had_value = Vec::new();
        for key in targets_nulls {
            // Only a null over a default that is not null deletes.
            if source.insert(key.clone(), Value::Nil).is_some_and(|value| !value.is_nil()) {
                had_value.push(key);
            }
        }
        for (key, default) in source.snapshot() {
            match target.get(&key) {
                None => {
                    target.insert(key, default);
                }
                Some(Value::Nil) if nulls == Nulls::Delete && had_value.binary_search(&key).is_ok() => {
                    target.remove(&key);
                }
                Some(value) => self.both(&key, &value, &default, prefix, nulls),
            }
        }
    }

    fn both(&mut self, key: &Str, value: &Value, default: &Value, prefix: &str, nulls: Nulls) {
        let path = || concat(prefix, &key.to_str_lossy());
        match (value, default) {
            (Value::Map(value), Value::Map(default)) => self.tables(value, default, &path(), nulls),
            (_, Value::Map(_)) => {
                self.warnings.push(Warning::TableIsLost { path: path(), value: go_text::plain(default) });
            }
            (Value::Map(_), default) if !default.is_nil() => {
                self.warnings.push(Warning::DefaultIgnored { path: path(), value: go_text::plain(default) });
            }
            _ => {}
        }
    }
}

/// Removes nulls from a chart's default table, at every depth (`cleanNilValues`).
fn remove_nulls(table: &Map) {
    let entries = table.snapshot();
    for (key, value) in entries {
        match value {
            Value::Nil => {
                table.remove(&key);
            }
            Value::Map(table) => remove_nulls(&table),
            _ => {}
        }
    }
}

fn concat(prefix: &str, key: &str) -> String {
    if prefix.is_empty() { key.to_owned() } else { format!("{prefix}.{key}") }
}
