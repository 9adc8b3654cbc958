//! Server-side apply: merge, prune, conflicts, ownership (structured-merge-diff, `merge/update.go`).

use super::compare::{Comparison, compare};
use super::managed::{Managed, Manager, Writer, record, reset_fields, strip_meta, take_from_others};
use super::merge::{merge, without};
use super::set::{FieldSet, path_text};
use super::typed::field_set;
use crate::dig::Dig;
use crate::failure::Failure;
use crate::kinds::Kind;
use crate::schema::Node;
use crate::server::Server;
use serde_json::{Value, json};

/// What an apply leads to, before the server's defaults are filled in.
#[derive(Debug)]
pub(crate) struct Applied {
    pub(crate) object: Value,
    pub(crate) managed: Managed,
}

/// Applies `config` over `live` (an object with only metadata when it does not exist yet).
///
/// # Errors
/// 409 with the conflicting fields unless `force`.
pub(crate) fn apply(
    kind: &Kind,
    live: &Value,
    config: &Value,
    writer: &Writer,
    force: bool,
    now: &str,
) -> Result<Applied, Failure> {
    let node = Node::of(kind);
    let mut managed = Managed::of(live);
    if managed.is_empty() && live.at("/metadata/uid").is_some() {
        let before = Writer { manager: "before-first-apply".into(), applied: false, ..writer.clone() };
        record(kind, &Server::blank(kind), live, &mut managed, &before, now);
    }
    let last = managed.position(writer).map(|at| managed.0.remove(at));
    let mut own = field_set(config, node);
    reset_fields(kind, &writer.subresource, &mut own);
    let merged = merge(live, config, node);
    let object = prune(merged, &managed, &own, last.as_ref().map(|m| &m.fields), node);
    let mut comparison = compare(live, &object, node);
    comparison.each_set(|set| {
        reset_fields(kind, &writer.subresource, set);
        set.remove_tree(&["f:metadata", "f:managedFields"]);
    });
    if !force {
        conflicts(&managed, writer, &comparison)?;
    }
    take_from_others(&mut managed, writer, &comparison);
    strip_meta(&mut own);
    let same = object == *live;
    if !own.is_empty() {
        let time = if same { last.and_then(|m| m.time) } else { Some(now.to_owned()) };
        managed.0.push(Manager { writer: writer.clone(), fields: own, time });
    }
    Ok(Applied { object, managed })
}

// Removes what the applier had applied and no longer does, unless someone else owns it.
fn prune(merged: Value, others: &Managed, own: &FieldSet, last: Option<&FieldSet>, node: Node<'_>) -> Value {
    let Some(last) = last.filter(|l| !l.is_empty()) else { return merged };
    let last = last.with_named_fields(node);
    let pruned = without(&merged, &last, node);
    let merged_set = field_set(&merged, node).with_named_fields(node);
    let mut keep = field_set(&pruned, node).with_named_fields(node);
    for manager in &others.0 {
        keep.union(&manager.fields.with_named_fields(node));
    }
    keep.union(&own.with_named_fields(node));
    let pruned = without(&merged, &merged_set.difference(&keep), node);
    let kept = field_set(&pruned, node).with_named_fields(node);
    without(&merged, &merged_set.difference(&kept).intersection(&last), node)
}

fn conflicts(managed: &Managed, writer: &Writer, comparison: &Comparison) -> Result<(), Failure> {
    let mut changed = comparison.modified.clone();
    changed.union(&comparison.added);
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for manager in managed.0.iter().filter(|m| !m.writer.is_same(writer)) {
        let shared = manager.fields.intersection(&changed);
        let mut paths = Vec::new();
        shared.each(&mut Vec::new(), &mut |path| paths.push(path_text(path)));
        if !paths.is_empty() {
            found.push((title(manager), paths));
        }
    }
    if found.is_empty() { Ok(()) } else { Err(conflict_failure(found)) }
}

// apimachinery, internal/conflict.go `printManager`.
fn title(manager: &Manager) -> String {
    let writer = &manager.writer;
    let name = format!("{:?}", writer.manager);
    let subresource = if writer.subresource.is_empty() {
        String::new()
    } else {
        format!(" with subresource {:?}", writer.subresource)
    };
    if writer.applied {
        return format!("{name}{subresource}");
    }
    format!("{name}{subresource} using {}", writer.api_version)
}

fn conflict_failure(mut found: Vec<(String, Vec<String>)>) -> Failure {
    found.sort();
    let count: usize = found.iter().map(|(_, paths)| paths.len()).sum();
    let causes: Vec<Value> = found
        .iter()
        .flat_map(|(title, paths)| paths.iter().map(move |path| (title, path)))
        .map(|(title, path)| {
            let message = format!("conflict with {title}");
            json!({"reason": "FieldManagerConflict", "message": message, "field": path})
        })
        .collect();
    let message = match found.as_slice() {
        [(title, paths)] if paths.len() == 1 => {
            format!("Apply failed with 1 conflict: conflict with {title}: {}", paths[0])
        }
        _ => {
            let lists = found.iter().map(|(title, paths)| {
                paths.iter().fold(format!("conflicts with {title}:"), |text, path| text + "\n- " + path)
            });
            let lists: Vec<String> = lists.collect();
            format!("Apply failed with {count} conflicts: {}", lists.join("\n"))
        }
    };
    Failure::new(409, Some("Conflict"), message).with_details(json!({"causes": causes}))
}
