//! Objects together with where they live in the API: what Helm calls a resource list.

use std::sync::Arc;

use http::Method;
use serde_json::Value;

use crate::apply::FieldValidation;
use crate::client::{Call, Client, JSON};
use crate::discovery::Discovery;
use crate::error::{Error, ErrorKind};
use crate::names;

/// How a kind is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// API group, empty for the core group.
    pub group: String,
    /// Version in the group.
    pub version: String,
    /// Kind.
    pub kind: String,
    /// Plural name in paths.
    pub plural: String,
    /// Whether objects live in namespaces.
    pub namespaced: bool,
}

impl Mapping {
    /// Returns `apiVersion` as objects write it (`v1`, `apps/v1`).
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }

    /// Writes the kind as apimachinery's `GroupVersionKind.String` (`/v1, Kind=Pod`).
    pub fn gvk_text(&self) -> String {
        format!("{}/{}, Kind={}", self.group, self.version, self.kind)
    }

    pub(crate) fn call(
        &self,
        method: Method,
        namespace: &str,
        name: Option<&str>,
        query: &[(&str, &str)],
    ) -> Call<'static> {
        let root = if self.group.is_empty() { "/api/".to_owned() } else { format!("/apis/{}/", self.group) };
        let mut path = root + &self.version;
        if self.namespaced && !namespace.is_empty() {
            path = format!("{path}/namespaces/{}", names::escape(namespace));
        }
        path = format!("{path}/{}", self.plural);
        let dotted = if self.group.is_empty() { String::new() } else { format!(".{}", self.group) };
        let mut what = format!("{}{dotted}", self.plural);
        if let Some(name) = name {
            path = format!("{path}/{}", names::escape(name));
            what = format!("{what} {name}");
        }
        Call {
            method,
            url: names::with_query(&path, query),
            accept: JSON,
            content_type: None,
            what,
            unless: "",
        }
    }
}

/// An object and its place in the API.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// The object, with its namespace filled in.
    pub object: Value,
    /// How its kind is served.
    pub mapping: Arc<Mapping>,
    /// Namespace, empty for cluster-wide kinds.
    pub namespace: String,
    /// `metadata.name`, empty for objects that want a generated one.
    pub name: String,
}

/// Objects in order.
pub type Resources = Vec<Resource>;

impl Resource {
    /// Returns whether both are the same object, whatever the version of its API (`isMatchingInfo`).
    pub fn is_same_object(&self, other: &Resource) -> bool {
        self.name == other.name
            && self.namespace == other.namespace
            && self.mapping.kind == other.mapping.kind
            && self.mapping.group == other.mapping.group
    }

    /// Returns whether the object defines a kind.
    pub(crate) fn is_definition(&self) -> bool {
        self.mapping.kind == "CustomResourceDefinition" && self.mapping.group == "apiextensions.k8s.io"
    }

    /// Names the object as errors do: `namespace/name group/version, Kind=kind`.
    pub fn description(&self) -> String {
        format!("{}/{} {}", self.namespace, self.name, self.mapping.gvk_text())
    }

    /// Names the object as ownership errors do: `Kind "name" in namespace "namespace"`.
    pub fn title(&self) -> String {
        format!("{} {:?} in namespace {:?}", self.mapping.kind, self.name, self.namespace)
    }

    pub(crate) fn call(&self, method: Method, query: &[(&str, &str)]) -> Call<'static> {
        self.mapping.call(method, &self.namespace, Some(&self.name), query)
    }

    pub(crate) fn collection_call(&self, method: Method, query: &[(&str, &str)]) -> Call<'static> {
        self.mapping.call(method, &self.namespace, None, query)
    }
}

impl Client {
    /// Finds the places of objects; `namespace` is for those that name none (`kube.Client.Build`).
    ///
    /// Lists are taken apart. The namespace of cluster-wide objects is removed. What objects hold is left to the
    /// server; validation only changes the words about a missing kind.
    ///
    /// # Errors
    /// All objects are tried; several errors are written `[a, b]`.
    pub async fn locate(
        &self,
        objects: Vec<Value>,
        namespace: &str,
        validation: FieldValidation,
    ) -> Result<Resources, Error> {
        let mut resources = Vec::with_capacity(objects.len());
        let mut errors = Vec::new();
        let mut flat = Vec::with_capacity(objects.len());
        objects.into_iter().for_each(|object| flatten(object, &mut flat));
        if flat.is_empty() || self.is_pretending() {
            return Ok(resources);
        }
        let mut discovery = self.discover().await?;
        // A kind that another command did not find may have been installed since.
        if self.knows_from_before() && !flat.iter().all(|object| is_served(&discovery, object)) {
            discovery = self.discover_anew().await?;
        }
        for object in flat {
            match locate_one(&discovery, object, namespace, validation) {
                Ok(resource) => resources.push(resource),
                Err(error) => errors.push(error),
            }
        }
        match errors.len() {
            0 => Ok(resources),
            1 => Err(errors.remove(0)),
            _ => Err(ErrorKind::Aggregate(errors).into()),
        }
    }
}

/// Takes lists apart: any kind that ends in `List` and has `items`.
fn flatten(object: Value, into: &mut Vec<Value>) {
    let is_list = object["kind"].as_str().is_some_and(|kind| kind.ends_with("List"));
    match object {
        Value::Object(mut map) if is_list && map.get("items").is_some_and(Value::is_array) => {
            if let Some(Value::Array(items)) = map.remove("items") {
                into.extend(items);
            }
        }
        other => into.push(other),
    }
}

fn is_served(discovery: &Discovery, object: &Value) -> bool {
    let text = |name: &str| object[name].as_str().unwrap_or_default();
    let (group, version) = text("apiVersion").rsplit_once('/').unwrap_or(("", text("apiVersion")));
    discovery.mapping(group, version, text("kind")).is_some()
}

fn locate_one(
    discovery: &Discovery,
    mut object: Value,
    namespace: &str,
    validation: FieldValidation,
) -> Result<Resource, Error> {
    let (api_version, kind) = identity(&object, validation)?;
    let (group, version) = api_version.rsplit_once('/').unwrap_or(("", &api_version));
    let name = metadata_text(&object, "name")?;
    let own_namespace = metadata_text(&object, "namespace")?;
    let Some(mapping) = discovery.mapping(group, version, &kind) else {
        return Err(ErrorKind::NoMatch { name, namespace: own_namespace, kind, api_version }.into());
    };
    let namespace = match (mapping.namespaced, own_namespace.is_empty()) {
        (false, _) => {
            if let Some(metadata) = object["metadata"].as_object_mut() {
                metadata.remove("namespace");
            }
            String::new()
        }
        (true, false) => own_namespace,
        (true, true) => {
            set_namespace(&mut object, namespace);
            namespace.to_owned()
        }
    };
    Ok(Resource { object, mapping, namespace, name })
}

/// Reads version and kind; without them an object cannot be told from any other.
fn identity(object: &Value, validation: FieldValidation) -> Result<(String, String), Error> {
    let text = |name: &str| object[name].as_str().unwrap_or_default().to_owned();
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    let missing = match (api_version.is_empty(), kind.is_empty(), validation) {
        (false, false, _) => return Ok((api_version, kind)),
        (true, false, FieldValidation::Strict) => "apiVersion not set",
        (false, true, FieldValidation::Strict) => "kind not set",
        (true, true, FieldValidation::Strict) => "[apiVersion not set, kind not set]",
        (_, no_kind, FieldValidation::Ignore) => {
            let member = if no_kind { "Kind" } else { "apiVersion" };
            return Err(ErrorKind::Missing { member, object: object.to_string() }.into());
        }
    };
    Err(ErrorKind::NotSet(missing).into())
}

/// Reads a text of the metadata; the decoder of apimachinery takes nothing else there.
fn metadata_text(object: &Value, member: &'static str) -> Result<String, Error> {
    let found = match &object["metadata"][member] {
        Value::Null => return Ok(String::new()),
        Value::String(text) => return Ok(text.clone()),
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    Err(ErrorKind::MetadataType { found, member }.into())
}

fn set_namespace(object: &mut Value, namespace: &str) {
    if !object["metadata"].is_object() {
        object["metadata"] = Value::Object(serde_json::Map::new());
    }
    object["metadata"]["namespace"] = Value::String(namespace.to_owned());
}
