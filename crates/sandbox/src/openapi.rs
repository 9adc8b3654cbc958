//! OpenAPI documents: those of the built-in kinds, unpacked from `tables/openapi.z` when first asked for, and those of
//! custom resources, made from their schemas.

use crate::kinds::Kind;
use flate2::read::ZlibDecoder;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Read;
use std::sync::{Arc, OnceLock};

const KIND_HELP: &str = "Kind is a string value representing the REST resource this object represents. Servers may infer this \
     from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: \
     https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds";
const VERSION_HELP: &str = "APIVersion defines the versioned schema of this representation of an object. Servers should \
     convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: \
     https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources";
const METADATA_HELP: &str = "Standard object's metadata. More info: \
     https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";

/// A document and what changes with it.
pub(crate) struct Document {
    pub(crate) text: String,
    pub(crate) hash: String,
}

// Subtrees that occur more than once are kept apart (`tables/derive_openapi.py`).
fn packed() -> &'static Value {
    static PACKED: OnceLock<Value> = OnceLock::new();
    PACKED.get_or_init(|| {
        let mut text = Vec::new();
        let bytes: &[u8] = include_bytes!("../tables/openapi.z");
        let read = ZlibDecoder::new(bytes).read_to_end(&mut text);
        read.ok().and_then(|_| serde_json::from_slice(&text).ok()).unwrap_or_default()
    })
}

fn unpacked(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            if let Some(at) = map.get("$$").and_then(Value::as_u64) {
                let at = usize::try_from(at).unwrap_or(usize::MAX);
                return unpacked(&packed()["shared"][at]);
            }
            map.iter().map(|(key, value)| (key.clone(), unpacked(value))).collect::<Map<_, _>>().into()
        }
        Value::Array(items) => items.iter().map(unpacked).collect(),
        other => other.clone(),
    }
}

fn custom_groups(kinds: &[Arc<Kind>]) -> BTreeSet<(&str, &str)> {
    let custom = kinds.iter().filter(|kind| kind.custom.is_some());
    custom.map(|kind| (kind.group.as_str(), kind.version.as_str())).collect()
}

/// `/openapi/v3`: where the documents are.
pub(crate) fn index(kinds: &[Arc<Kind>]) -> String {
    let mut paths = Map::new();
    let mut add = |path: &str, hash: &str| {
        let url = format!("/openapi/v3/{path}?hash={hash}");
        paths.insert(path.to_owned(), json!({"serverRelativeURL": url}));
    };
    for (path, document) in packed()["documents"].as_object().into_iter().flatten() {
        if path != "v2" {
            add(path, document["hash"].as_str().unwrap_or_default());
        }
    }
    for (group, version) in custom_groups(kinds) {
        let path = format!("apis/{group}/{version}");
        if let Some(document) = v3(kinds, &path) {
            add(&path, &document.hash);
            add(&format!("apis/{group}"), &document.hash);
        }
    }
    json!({"paths": paths}).to_string()
}

/// `/openapi/v3/PATH`.
pub(crate) fn v3(kinds: &[Arc<Kind>], path: &str) -> Option<Document> {
    if let Some(document) = packed()["documents"].get(path).filter(|_| path != "v2") {
        let hash = document["hash"].as_str().unwrap_or_default().to_owned();
        return Some(Document { text: unpacked(&document["body"]).to_string(), hash });
    }
    let mut parts = path.strip_prefix("apis/")?.split('/');
    let (group, version) = (parts.next()?, parts.next());
    let of_group = |kind: &&Arc<Kind>| {
        kind.custom.is_some() && kind.group == group && version.is_none_or(|v| kind.version == v)
    };
    let found: Vec<&Arc<Kind>> = kinds.iter().filter(of_group).collect();
    if found.is_empty() || parts.next().is_some() {
        return None;
    }
    // What is below a group without a version says only where discovery is.
    let document = custom_document(if version.is_some() { &found } else { &[] });
    let text = document.to_string();
    let hash = hash(&text);
    Some(Document { text, hash })
}

/// `/openapi/v2`, with the definitions of custom resources.
pub(crate) fn v2(kinds: &[Arc<Kind>]) -> String {
    let mut document = unpacked(&packed()["documents"]["v2"]["body"]);
    for kind in kinds.iter().filter(|kind| kind.custom.is_some()) {
        let schema = custom_schema(kind, |name| json!({"$ref": format!("#/definitions/{name}")}));
        document["definitions"][schema_name(kind)] = schema;
    }
    document.to_string()
}

/// `/openapi/v2` of the built-in kinds as protobuf, which clients insist on that find no kind in the newer documents.
pub(crate) fn v2_protobuf() -> Vec<u8> {
    let mut bytes = Vec::new();
    let packed: &[u8] = include_bytes!("../tables/openapi-v2.z");
    match ZlibDecoder::new(packed).read_to_end(&mut bytes) {
        Ok(_) => bytes,
        Err(_) => Vec::new(),
    }
}

fn hash(text: &str) -> String {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    format!("{:016X}", hasher.finish())
}

/// `com.example.v1.Widget` for a kind of the group `example.com`.
fn schema_name(kind: &Kind) -> String {
    let mut parts: Vec<&str> = kind.group.split('.').rev().collect();
    parts.extend([kind.version.as_str(), kind.kind.as_str()]);
    parts.join(".")
}

const META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

fn custom_schema(kind: &Kind, reference: impl Fn(&str) -> Value) -> Value {
    let own = kind.custom.as_ref().and_then(|custom| custom.schema.as_deref().cloned());
    let mut schema = own.filter(Value::is_object).unwrap_or_else(|| json!({"type": "object"}));
    if !schema["properties"].is_object() {
        schema["properties"] = json!({});
    }
    let mut metadata = reference(META);
    metadata["description"] = METADATA_HELP.into();
    schema["properties"]["apiVersion"] = json!({"description": VERSION_HELP, "type": "string"});
    schema["properties"]["kind"] = json!({"description": KIND_HELP, "type": "string"});
    schema["properties"]["metadata"] = metadata;
    schema["x-kubernetes-group-version-kind"] =
        json!([{"group": kind.group, "kind": kind.kind, "version": kind.version}]);
    schema
}

fn custom_document(kinds: &[&Arc<Kind>]) -> Value {
    let (mut schemas, mut paths) = (Map::new(), Map::new());
    for kind in kinds {
        let reference = |name: &str| json!({"allOf": [{"$ref": format!("#/components/schemas/{name}")}]});
        schemas.insert(schema_name(kind), custom_schema(kind, reference));
        add_paths(kind, &mut paths);
    }
    if !kinds.is_empty() {
        let core = &packed()["documents"]["api/v1"]["body"];
        let all = unpacked(core);
        add_referred(&all["components"]["schemas"], META, &mut schemas);
    }
    json!({
        "openapi": "3.0.0", "info": {"title": "Kubernetes CRD Swagger", "version": "v0.1.0"},
        "paths": paths, "components": {"schemas": schemas},
    })
}

fn add_referred(all: &Value, name: &str, into: &mut Map<String, Value>) {
    if into.contains_key(name) || all.get(name).is_none() {
        return;
    }
    into.insert(name.to_owned(), all[name].clone());
    let mut names = Vec::new();
    references(&all[name], &mut names);
    names.iter().for_each(|name| add_referred(all, name, into));
}

fn references<'v>(value: &'v Value, names: &mut Vec<&'v str>) {
    match value {
        Value::Object(map) => {
            let own = map.get("$ref").and_then(Value::as_str);
            names.extend(own.and_then(|r| r.rsplit('/').next()));
            map.values().for_each(|value| references(value, names));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, names)),
        _ => {}
    }
}

// What `kubectl explain` and the check for `fieldValidation` read of the paths.
fn add_paths(kind: &Kind, paths: &mut Map<String, Value>) {
    let within = if kind.namespaced { "namespaces/{namespace}/" } else { "" };
    let collection = format!("/apis/{}/{}/{within}{}", kind.group, kind.version, kind.plural);
    let operation = |action: &str| {
        let parameter = |name: &str| json!({"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": true}});
        let parameters: Vec<Value> = match action {
            "get" | "list" => vec![parameter("pretty")],
            _ => ["dryRun", "fieldManager", "fieldValidation", "pretty"].map(parameter).to_vec(),
        };
        let group_version_kind = json!({"group": kind.group, "kind": kind.kind, "version": kind.version});
        json!({
            "x-kubernetes-action": action, "x-kubernetes-group-version-kind": group_version_kind,
            "parameters": parameters, "responses": {"200": {"description": "OK"}},
        })
    };
    paths.insert(collection.clone(), json!({"get": operation("list"), "post": operation("post")}));
    let one = json!({
        "get": operation("get"), "put": operation("put"), "patch": operation("patch"), "delete": operation("delete"),
    });
    paths.insert(format!("{collection}/{{name}}"), one);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds;

    #[test]
    fn documents_are_whole() {
        let document = v3(kinds::built_in(), "apis/apps/v1").unwrap();
        let document: Value = serde_json::from_str(&document.text).unwrap();
        assert!(!document.to_string().contains("\"$$\""));
        assert!(
            document["components"]["schemas"]["io.k8s.api.apps.v1.Deployment"]["properties"]["spec"]
                .is_object()
        );
        let v2: Value = serde_json::from_str(&v2(kinds::built_in())).unwrap();
        assert_eq!(v2["swagger"], "2.0");
        assert!(v3(kinds::built_in(), "apis/apps/v9").is_none());
        assert!(index(kinds::built_in()).contains("/openapi/v3/apis/apps/v1?hash="));
    }
}
