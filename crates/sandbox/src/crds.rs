//! CustomResourceDefinitions: what kinds they add, and how their objects are cleaned.

use crate::custom::{self, Naming};
use crate::dig::Dig;
use crate::kinds::{Custom, Kind, Subresource};
use crate::server::Server;
use crate::store::{self, Store};
use crate::write::{meta, metadata};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Where definitions are stored.
pub(crate) const STORAGE: &str = "apiextensions.k8s.io/customresourcedefinitions";

/// The kinds of all established definitions, one per served version.
pub(crate) fn kinds(store: &Store) -> Vec<Arc<Kind>> {
    let prefix = format!("{STORAGE}\0");
    let definitions = store.scan(&prefix).filter(|(_, d)| is_established(d));
    definitions.flat_map(|(_, definition)| kinds_of(definition)).collect()
}

/// Whether objects of the definition are served.
pub(crate) fn is_established(definition: &Value) -> bool {
    let conditions = definition.at("/status/conditions").and_then(Value::as_array);
    conditions.into_iter().flatten().any(|c| c["type"] == "Established" && c["status"] == "True")
}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.at(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn texts(value: &Value, pointer: &str) -> Vec<String> {
    let list = value.at(pointer).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(|v| v.as_str().map(str::to_owned)).collect()
}

fn kinds_of(definition: &Arc<Value>) -> Vec<Arc<Kind>> {
    let versions = definition.at("/spec/versions").and_then(Value::as_array);
    let served = versions.into_iter().flatten().filter(|v| v.get("served") == Some(&Value::Bool(true)));
    served.map(|version| Arc::new(kind_of(definition, version))).collect()
}

fn schema_of(version: &Value) -> Option<Value> {
    version.at("/schema/openAPIV3Schema").cloned()
}

fn kind_of(definition: &Value, version: &Value) -> Kind {
    let (group, plural) = (text(definition, "/spec/group"), text(definition, "/spec/names/plural"));
    let kind = text(definition, "/spec/names/kind").to_owned();
    let own = |name: &str| Subresource {
        name: name.into(),
        group: None,
        version: None,
        kind: kind.clone(),
        verbs: "gpu".into(),
    };
    let mut subresources = Vec::new();
    if version.at("/subresources/status").is_some() {
        subresources.push(own("status"));
    }
    let scale = version.at("/subresources/scale").cloned();
    if scale.is_some() {
        subresources.push(Subresource {
            name: "scale".into(),
            group: Some("autoscaling".into()),
            version: Some("v1".into()),
            kind: "Scale".into(),
            verbs: "gpu".into(),
        });
    }
    let selectable = version.get("selectableFields").and_then(Value::as_array).into_iter().flatten();
    let selectable = selectable.map(|f| text(f, "/jsonPath").trim_start_matches('.').to_owned()).collect();
    let name = text(version, "/name").to_owned();
    let versions = definition.at("/spec/versions").and_then(Value::as_array);
    let stored = versions.into_iter().flatten().find(|v| v.get("storage") == Some(&Value::Bool(true)));
    let stored = stored.unwrap_or(version);
    let deprecated = (version.get("deprecated") == Some(&Value::Bool(true))).then(|| {
        let given = text(version, "/deprecationWarning");
        if given.is_empty() { format!("{group}/{name} {kind} is deprecated") } else { given.to_owned() }
    });
    Kind {
        group: group.into(),
        kind: kind.clone(),
        plural: plural.into(),
        singular: text(definition, "/spec/names/singular").into(),
        short_names: texts(definition, "/spec/names/shortNames"),
        categories: texts(definition, "/spec/names/categories"),
        namespaced: text(definition, "/spec/scope") == "Namespaced",
        has_generation: true,
        returns_deleted: false,
        needs_version: true,
        verbs: "dDglpcuw".into(),
        subresources,
        type_index: None,
        storage_hash: String::new(),
        storage: format!("{group}/{plural}"),
        custom: Some(Custom {
            list_kind: text(definition, "/spec/names/listKind").into(),
            scale,
            deprecated,
            selectable,
            terminating: !meta(definition, "deletionTimestamp").is_empty(),
            columns: version
                .at("/additionalPrinterColumns")
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default(),
            ..Custom::new(schema_of(version), text(stored, "/name"), schema_of(stored))
        }),
        version: name,
    }
}

/// Fills in what a definition leaves to the server (`SetDefaults_CustomResourceDefinitionSpec`).
pub(crate) fn default_names(object: &mut Value) {
    let kind = text(object, "/spec/names/kind").to_owned();
    let names = &mut object["spec"]["names"];
    if text(names, "/singular").is_empty() && !kind.is_empty() {
        names["singular"] = kind.to_lowercase().into();
    }
    if text(names, "/listKind").is_empty() && !kind.is_empty() {
        names["listKind"] = format!("{kind}List").into();
    }
    if object["spec"].get("conversion").is_none() {
        object["spec"]["conversion"] = json!({"strategy": "None"});
    }
}

/// Prepares a changed definition: a new storage version is noted.
pub(crate) fn prepare_change(object: &mut Value) {
    default_names(object);
    let mut stored = texts(object, "/status/storedVersions");
    for version in object.at("/spec/versions").and_then(Value::as_array).into_iter().flatten() {
        let name = text(version, "/name");
        if version.get("storage") == Some(&Value::Bool(true)) {
            if !stored.iter().any(|s| s == name) {
                stored.push(name.to_owned());
            }
            break;
        }
    }
    object["status"]["storedVersions"] = json!(stored);
}

/// Prepares a new definition.
pub(crate) fn prepare(object: &mut Value) {
    default_names(object);
    let versions = object.at("/spec/versions").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut stored = versions.iter().filter(|v| v.get("storage") == Some(&Value::Bool(true)));
    let stored: Vec<&Value> = stored.next().and_then(|v| v.get("name")).into_iter().collect();
    object["status"] = json!({
        "conditions": null, "acceptedNames": {"plural": "", "kind": ""}, "storedVersions": stored,
    });
}

/// Brings a custom object into its stored form: metadata as for any object, unknown fields dropped.
pub(crate) fn conformed(kind: &Kind, value: Value, unknown: &mut Vec<String>) -> Result<Value, String> {
    let Value::Object(mut object) = value else { return Ok(value) };
    if let Some(sent) = object.get_mut("metadata").map(Value::take) {
        let mut nested = Vec::new();
        object.insert("metadata".into(), conformed_metadata(sent, &mut nested)?);
        unknown.append(&mut nested);
    }
    object.values_mut().for_each(as_go_reads);
    if let Some(schema) = kind.custom.as_ref().and_then(|c| c.schema.as_deref()) {
        prune_object(&mut object, schema, true, "", unknown);
    }
    Ok(Value::Object(object))
}

// The metadata of any built-in kind will do: it is one type.
fn conformed_metadata(sent: Value, unknown: &mut Vec<String>) -> Result<Value, String> {
    let config_map = crate::kinds::stored("/configmaps");
    let wrapped = json!({"metadata": sent});
    let mut conformed = crate::write::conformed(config_map, wrapped, unknown)?;
    Ok(conformed["metadata"].take())
}

fn is_true(schema: &Value, key: &str) -> bool {
    schema.get(key) == Some(&Value::Bool(true))
}

/// Drops what the schema does not know. `unknown` collects the paths.
pub(crate) fn prune(value: &mut Value, schema: &Value, path: &str, unknown: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            let embedded = is_true(schema, "x-kubernetes-embedded-resource");
            prune_object(object, schema, embedded, path, unknown);
        }
        Value::Array(items) => {
            let Some(schema) = schema.get("items") else { return };
            for (index, item) in items.iter_mut().enumerate() {
                prune(item, schema, &format!("{path}[{index}]"), unknown);
            }
        }
        _ => {}
    }
}

fn prune_object(
    object: &mut Map<String, Value>,
    schema: &Value,
    root: bool,
    path: &str,
    unknown: &mut Vec<String>,
) {
    let properties = schema.get("properties").and_then(Value::as_object);
    let additional = schema.get("additionalProperties");
    let open = is_true(schema, "x-kubernetes-preserve-unknown-fields");
    let names: Vec<String> = object.keys().cloned().collect();
    for name in names {
        let child_path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        let reserved = root && matches!(name.as_str(), "apiVersion" | "kind" | "metadata");
        if let Some(child) = properties.and_then(|p| p.get(&name)).filter(|_| !reserved) {
            if let Some(value) = object.get_mut(&name) {
                prune(value, child, &child_path, unknown);
            }
        } else if let Some(child @ Value::Object(_)) = additional {
            if let Some(value) = object.get_mut(&name) {
                prune(value, child, &child_path, unknown);
            }
        } else if !open && !reserved && additional != Some(&Value::Bool(true)) {
            object.remove(&name);
            unknown.push(child_path);
        }
    }
}

/// Drops nulls where the schema knows neither null nor a default, then fills in its defaults.
pub(crate) fn set_defaults(value: &mut Value, schema: &Value) {
    match value {
        Value::Object(object) => {
            let properties = schema.get("properties").and_then(Value::as_object);
            let additional = schema.get("additionalProperties").filter(|a| a.is_object());
            let child = |name: &str| properties.and_then(|p| p.get(name)).or(additional);
            object.retain(|name, value| !value.is_null() || child(name).is_none_or(may_be_null));
            for (name, child) in properties.into_iter().flatten() {
                let missing = object.get(name).is_none_or(|v| v.is_null() && !is_true(child, "nullable"));
                if missing && let Some(default) = child.get("default") {
                    object.insert(name.clone(), default.clone());
                }
            }
            for (name, value) in object.iter_mut() {
                if let Some(child) = child(name) {
                    default_null(value, child);
                    set_defaults(value, child);
                }
            }
        }
        Value::Array(items) => {
            let Some(child) = schema.get("items") else { return };
            for item in items {
                default_null(item, child);
                set_defaults(item, child);
            }
        }
        _ => {}
    }
}

fn may_be_null(schema: &Value) -> bool {
    is_true(schema, "nullable") || schema.get("default").is_some_and(|default| !default.is_null())
}

fn default_null(value: &mut Value, schema: &Value) {
    if value.is_null()
        && !is_true(schema, "nullable")
        && let Some(default) = schema.get("default")
    {
        *value = default.clone();
    }
}

/// A stored custom object as its version shows it: defaults apply on reading too, and unknown fields are dropped.
pub(crate) fn view(kind: &Kind, stored: &Arc<Value>) -> Arc<Value> {
    let Some(schema) = kind.custom.as_ref().and_then(|c| c.schema.as_deref()) else { return stored.clone() };
    let mut object = (**stored).clone();
    if let Value::Object(map) = &mut object {
        prune_object(map, schema, true, "", &mut Vec::new());
    }
    set_defaults(&mut object, schema);
    if object == **stored { stored.clone() } else { Arc::new(object) }
}

/// A custom object as it is kept: in the storage version, whose schema says which fields there are.
pub(crate) fn to_stored(kind: &Kind, mut object: Value) -> Value {
    let Some(custom) = &kind.custom else { return object };
    if custom.storage_version == kind.version {
        return object;
    }
    object["apiVersion"] = format!("{}/{}", kind.group, custom.storage_version).into();
    if let (Some(schema), Value::Object(map)) = (custom.storage_schema.as_deref(), &mut object) {
        prune_object(map, schema, true, "", &mut Vec::new());
        set_defaults(&mut object, schema);
    }
    object
}

// Go reads whole numbers that no int64 holds as floats.
fn as_go_reads(value: &mut Value) {
    match value {
        Value::Number(number) => {
            if let (None, Some(large)) = (number.as_i64(), number.as_u64()) {
                #[expect(clippy::cast_precision_loss, reason = "the loss is what is wanted")]
                let text = format!("{:e}", large as f64);
                let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
                let digits = digits.replace('.', "");
                let zeros =
                    exponent.parse::<usize>().unwrap_or(0).saturating_sub(digits.len().saturating_sub(1));
                if let Ok(rounded) = format!("{digits}{}", "0".repeat(zeros)).parse::<u64>() {
                    *value = rounded.into();
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(as_go_reads),
        Value::Object(fields) => fields.values_mut().for_each(as_go_reads),
        _ => {}
    }
}

impl Server {
    /// Accepts and establishes a definition.
    pub(crate) fn establish(&mut self, key: &str) {
        let Some(definition) = self.store.get(key).cloned() else { return };
        self.forget_kinds();
        if !meta(&definition, "deletionTimestamp").is_empty() {
            return;
        }
        let naming = self.naming(key, &definition);
        let mut new = (*definition).clone();
        new["status"]["acceptedNames"] = naming.accepted;
        let (accepted, established) = match &naming.conflict {
            None => (
                ("True", "NoConflicts", "no conflicts found"),
                ("True", "InitialNamesAccepted", "the initial names have been accepted"),
            ),
            Some(conflict) => (
                ("False", conflict.reason, conflict.message.as_str()),
                ("False", "NotAccepted", "not all names are accepted"),
            ),
        };
        self.set_condition(&mut new, "NamesAccepted", accepted);
        if !is_established(&definition) {
            self.set_condition(&mut new, "Established", established);
        }
        if new == *definition {
            return;
        }
        self.put_own(key, new, "kube-apiserver", "status");
    }

    fn naming(&self, key: &str, definition: &Value) -> Naming {
        let prefix = format!("{STORAGE}\0");
        let group = text(definition, "/spec/group");
        let others =
            self.store.scan(&prefix).filter(|(other, d)| *other != key && text(d, "/spec/group") == group);
        custom::names_of(definition, others.map(|(_, definition)| &**definition))
    }

    // The time is that of the last change of the status.
    fn set_condition(
        &self,
        definition: &mut Value,
        kind: &str,
        (status, reason, message): (&str, &str, &str),
    ) {
        let mut conditions = definition["status"]["conditions"].as_array().cloned().unwrap_or_default();
        let known = conditions.iter_mut().find(|c| c["type"] == kind);
        let since = match &known {
            Some(known) if known["status"] == status => known["lastTransitionTime"].clone(),
            _ => self.now.clone().into(),
        };
        let condition = json!({
            "type": kind, "status": status, "lastTransitionTime": since, "reason": reason, "message": message,
        });
        match known {
            Some(known) => *known = condition,
            None => conditions.push(condition),
        }
        definition["status"]["conditions"] = conditions.into();
    }

    /// Lets the other definitions of a group ask again for names that have become free.
    pub(crate) fn offer_names(&mut self, gone: &Value) {
        let prefix = format!("{STORAGE}\0");
        let group = text(gone, "/spec/group").to_owned();
        let keys = self.store.scan(&prefix).filter(|(_, d)| text(d, "/spec/group") == group);
        let keys: Vec<String> = keys.map(|(key, _)| key.to_owned()).collect();
        keys.into_iter().for_each(|key| self.enqueue(key));
    }

    /// Deletes the objects of a definition that goes away, then the definition unless something keeps it.
    pub(crate) fn finish_definition(&mut self, key: &str) {
        let Some(definition) = self.store.get(key).cloned() else { return };
        let storage =
            format!("{}/{}", text(&definition, "/spec/group"), text(&definition, "/spec/names/plural"));
        let objects: Vec<String> =
            self.store.scan(&store::prefix(&storage, "")).map(|(k, _)| k.to_owned()).collect();
        for object in &objects {
            self.delete_in_background(object);
        }
        self.forget_kinds();
        if objects.iter().any(|k| self.store.contains(k)) {
            let mut new = (*definition).clone();
            let conditions = new.pointer_mut("/status/conditions").and_then(Value::as_array_mut);
            for condition in conditions.into_iter().flatten().filter(|c| c["type"] == "Terminating") {
                condition["reason"] = "InstanceDeletionInProgress".into();
                condition["message"] = "CustomResource deletion is in progress".into();
            }
            if new != *definition {
                self.store.put(key, new);
            }
            return;
        }
        let mut new = (*definition).clone();
        if let Some(list) = metadata(&mut new).get_mut("finalizers").and_then(Value::as_array_mut) {
            list.retain(|f| f != CLEANUP);
        }
        if crate::strategy::is_finalized(&new) {
            self.remove_now(key);
            self.end_watches(&storage);
        } else {
            self.store.put(key, new);
        }
        self.forget_kinds();
    }
}

/// The finalizer that keeps a definition until its objects are gone.
pub(crate) const CLEANUP: &str = "customresourcecleanup.apiextensions.k8s.io";
