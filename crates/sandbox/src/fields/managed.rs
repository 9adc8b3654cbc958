//! `metadata.managedFields`: reading, writing, and what an update of an object does to it
//! (apimachinery, `util/managedfields/internal`).

use super::compare::{Comparison, compare};
use super::set::FieldSet;
use crate::dig::Dig;
use crate::kinds::Kind;
use crate::schema::Node;
use serde_json::{Map, Value};

/// How many managers of updates an object keeps (`DefaultMaxUpdateManagers`).
const MAX_UPDATERS: usize = 10;

/// Who writes: what identifies an entry of `managedFields`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Writer {
    pub(crate) manager: String,
    pub(crate) applied: bool,
    pub(crate) api_version: String,
    pub(crate) subresource: String,
}

/// One manager and its fields.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Manager {
    pub(crate) writer: Writer,
    pub(crate) fields: FieldSet,
    pub(crate) time: Option<String>,
}

impl Writer {
    // Updates by one name at different versions are different managers, applies are not.
    pub(crate) fn is_same(&self, other: &Writer) -> bool {
        self.manager == other.manager
            && self.applied == other.applied
            && self.subresource == other.subresource
            && (self.applied || self.api_version == other.api_version)
    }
}

/// All managers of an object.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Managed(pub(crate) Vec<Manager>);

impl Managed {
    /// Reads the field; `None` if any entry is malformed.
    pub(crate) fn read(entries: Option<&Value>) -> Option<Managed> {
        let Some(Value::Array(entries)) = entries else { return Some(Managed::default()) };
        entries.iter().map(read_entry).collect::<Option<Vec<_>>>().map(Managed)
    }

    pub(crate) fn of(object: &Value) -> Managed {
        Managed::read(object.at("/metadata/managedFields")).unwrap_or_default()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn position(&self, writer: &Writer) -> Option<usize> {
        self.0.iter().position(|m| m.writer.is_same(writer))
    }

    /// Writes the field into `object`, or takes it away if there are no managers.
    pub(crate) fn write(mut self, object: &mut Value) {
        let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) else { return };
        if self.0.is_empty() {
            metadata.remove("managedFields");
            return;
        }
        // `sortEncodedManagedFields`: applies first, then by time, then by name.
        self.0.sort_by(|a, b| {
            let key = |m: &Manager| (!m.writer.applied, m.time.clone(), m.writer.manager.clone());
            key(a).cmp(&key(b)).then_with(|| a.writer.subresource.cmp(&b.writer.subresource))
        });
        let entries: Vec<Value> = self.0.iter().map(write_entry).collect();
        metadata.insert("managedFields".into(), entries.into());
    }

    pub(crate) fn drop_empty(&mut self) {
        self.0.retain(|m| !m.fields.is_empty());
    }
}

fn read_entry(entry: &Value) -> Option<Manager> {
    let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let operation = text("operation");
    if text("fieldsType") != "FieldsV1" || !matches!(operation.as_str(), "Apply" | "Update") {
        return None;
    }
    let writer = Writer {
        manager: text("manager"),
        applied: operation == "Apply",
        api_version: text("apiVersion"),
        subresource: text("subresource"),
    };
    let fields = match entry.get("fieldsV1") {
        Some(fields) => FieldSet::from_json(fields)?,
        None => FieldSet::default(),
    };
    Some(Manager { writer, fields, time: entry.get("time").and_then(Value::as_str).map(str::to_owned) })
}

fn write_entry(manager: &Manager) -> Value {
    let writer = &manager.writer;
    let mut entry = Map::new();
    entry.insert("apiVersion".into(), writer.api_version.clone().into());
    entry.insert("fieldsType".into(), "FieldsV1".into());
    entry.insert("fieldsV1".into(), manager.fields.to_json());
    entry.insert("manager".into(), writer.manager.clone().into());
    entry.insert("operation".into(), if writer.applied { "Apply" } else { "Update" }.into());
    if !writer.subresource.is_empty() {
        entry.insert("subresource".into(), writer.subresource.clone().into());
    }
    if let Some(time) = &manager.time {
        entry.insert("time".into(), time.clone().into());
    }
    Value::Object(entry)
}

/// Fields nobody owns (`stripMetaManager`).
pub(crate) fn strip_meta(set: &mut FieldSet) {
    set.remove(&["f:apiVersion"]);
    set.remove(&["f:kind"]);
    set.remove(&["f:metadata"]);
    for name in [
        "name",
        "namespace",
        "creationTimestamp",
        "selfLink",
        "uid",
        "clusterName",
        "generation",
        "managedFields",
        "resourceVersion",
    ] {
        set.remove(&["f:metadata", &format!("f:{name}")]);
    }
}

/// Takes away what a request to this (sub)resource cannot change (the strategies' `GetResetFields`).
pub(crate) fn reset_fields(kind: &Kind, subresource: &str, set: &mut FieldSet) {
    match subresource {
        "" if kind.has_status() || kind.custom.is_none() && has_status_type(kind) => {
            set.remove_tree(&["f:status"]);
        }
        "status" => {
            set.remove_tree(&["f:spec"]);
            if kind.custom.is_some() {
                set.keep_only(|element| matches!(element, "f:status" | "f:metadata"));
                set.remove_tree(&["f:metadata"]);
            } else if matches!(kind.kind.as_str(), "Pod" | "Service" | "Ingress" | "NetworkPolicy") {
                set.remove_tree(&["f:metadata", "f:deletionTimestamp"]);
                set.remove_tree(&["f:metadata", "f:ownerReferences"]);
            } else if matches!(kind.kind.as_str(), "Deployment") {
                set.remove_tree(&["f:metadata", "f:labels"]);
            }
        }
        _ => {}
    }
}

fn has_status_type(kind: &Kind) -> bool {
    matches!(Node::of(kind), Node::Struct(def) if def.field("status").is_some()) && kind.has_status()
}

/// Takes changed and removed fields from everyone but `writer`. Returns the comparison at the writer's version.
pub(crate) fn take_from_others(managed: &mut Managed, writer: &Writer, comparison: &Comparison) {
    let mut changed = comparison.modified.clone();
    changed.union(&comparison.added);
    for manager in &mut managed.0 {
        if !manager.writer.is_same(writer) {
            manager.fields = manager.fields.difference(&changed).difference(&comparison.removed);
        }
    }
    managed.drop_empty();
}

/// Records the creation of an object; `blank` is what its type has when nothing is set.
pub(crate) fn create(kind: &Kind, blank: &Value, new: &mut Value, writer: &Writer, now: &str) {
    // These are wiped before anything else looks at a new object.
    if let Some(metadata) = new.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("deletionTimestamp");
        metadata.remove("deletionGracePeriodSeconds");
        metadata.remove("selfLink");
    }
    let mut managed = decode_live_or_new(None, new, false);
    if let Some(metadata) = new.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("managedFields");
    }
    record(kind, blank, new, &mut managed, writer, now);
    managed.write(new);
}

/// Records an update or patch: `writer` owns what changed between `live` and `new`.
pub(crate) fn update(kind: &Kind, live: Option<&Value>, new: &mut Value, writer: &Writer, now: &str) {
    let mut managed = decode_live_or_new(live, new, !writer.subresource.is_empty());
    if let Some(metadata) = new.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("managedFields");
    }
    let Some(live) = live.filter(|_| !managed.is_empty()) else { return };
    record(kind, live, new, &mut managed, writer, now);
    cap(&mut managed);
    managed.write(new);
}

/// The inner part of [`update`], for an object whose managers are in `managed`.
pub(crate) fn record(
    kind: &Kind,
    live: &Value,
    new: &Value,
    managed: &mut Managed,
    writer: &Writer,
    now: &str,
) {
    let mut comparison = compare(live, new, Node::of(kind));
    comparison.each_set(|set| {
        reset_fields(kind, &writer.subresource, set);
        set.remove_tree(&["f:metadata", "f:managedFields"]);
    });
    let me = Writer { manager: "current-operation".into(), ..writer.clone() };
    take_from_others(managed, &me, &comparison);
    let mut own = comparison.modified;
    own.union(&comparison.added);
    strip_meta(&mut own);
    if own.is_empty() {
        return;
    }
    let time = Some(now.to_owned());
    match managed.position(writer) {
        Some(at) => {
            managed.0[at].fields.union(&own);
            managed.0[at].time = time;
        }
        None => managed.0.push(Manager { writer: writer.clone(), fields: own, time }),
    }
}

// `[{}]` or an empty list resets; what cannot be read counts as not sent.
fn decode_live_or_new(live: Option<&Value>, new: &Value, subresource: bool) -> Managed {
    let of_live = || live.map(Managed::of).unwrap_or_default();
    if subresource {
        return of_live();
    }
    let sent = new.at("/metadata/managedFields");
    if let Some(Value::Array(entries)) = sent
        && matches!(entries.as_slice(), [Value::Object(one)] if one.is_empty())
    {
        return Managed::default();
    }
    match Managed::read(sent) {
        Some(managed) if !managed.is_empty() => managed,
        _ => of_live(),
    }
}

// `capManagersManager`: the oldest updaters of each version fold into one.
fn cap(managed: &mut Managed) {
    let mut updaters: Vec<(Option<String>, String, Writer)> = managed
        .0
        .iter()
        .filter(|m| !m.writer.applied)
        .map(|m| (m.time.clone(), m.writer.manager.clone(), m.writer.clone()))
        .collect();
    let mut count = updaters.len();
    updaters.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
    let mut first: Vec<Writer> = Vec::new();
    for (time, _, writer) in updaters {
        if count <= MAX_UPDATERS {
            return;
        }
        let bucket = Writer {
            manager: "ancient-changes".into(),
            applied: false,
            api_version: writer.api_version.clone(),
            subresource: String::new(),
        };
        let Some(earlier) = first.iter().find(|w| w.api_version == writer.api_version).cloned() else {
            first.push(writer);
            continue;
        };
        if managed.position(&bucket).is_none()
            && let Some(at) = managed.position(&earlier)
        {
            managed.0[at].writer = bucket.clone();
        }
        let Some(from) = managed.position(&writer) else { continue };
        let folded = managed.0.remove(from);
        if let Some(at) = managed.position(&bucket) {
            managed.0[at].fields.union(&folded.fields);
            managed.0[at].time = time;
        }
        count -= 1;
    }
}
