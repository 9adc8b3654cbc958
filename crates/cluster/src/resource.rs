//! Objects together with where they live in the API: what Helm calls a resource list.

use std::sync::Arc;

use http::Method;
use serde_json::Value;

use crate::apply::FieldValidation;
use crate::client::{Call, Client, JSON};
use crate::discovery::Discovery;
use crate::error::{Error, ErrorKind};
use crate::{names, object_meta};

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
        if self.knows_from_before() && !flat.iter().all(|manifest| is_served(&discovery, &manifest.object)) {
            discovery = self.discover_anew().await?;
        }
        for manifest in flat {
            match locate_one(&discovery, manifest, namespace, validation) {
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

/// An object, and whether a list holds it.
struct Manifest {
    object: Value,
    is_listed: bool,
}

/// Takes lists apart: whatever has `items`. Those of a list of one kind need not name it
/// (`UnstructuredJSONScheme.decodeToList`).
fn flatten(object: Value, into: &mut Vec<Manifest>) {
    let mut map = match object {
        Value::Object(map) if map.get("items").is_some_and(Value::is_array) => map,
        object => return into.push(Manifest { object, is_listed: false }),
    };
    let text = |name: &str| map.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    let kind = kind.strip_suffix("List").filter(|kind| !kind.is_empty());
    let Some(Value::Array(items)) = map.remove("items") else { return };
    for mut object in items {
        if let (Some(kind), Some(item)) = (kind, object.as_object_mut())
            && !item.contains_key("kind")
            && !item.contains_key("apiVersion")
        {
            item.insert("kind".to_owned(), Value::from(kind));
            item.insert("apiVersion".to_owned(), Value::from(api_version.as_str()));
        }
        into.push(Manifest { object, is_listed: true });
    }
}

fn is_served(discovery: &Discovery, object: &Value) -> bool {
    let text = |name: &str| object[name].as_str().unwrap_or_default();
    let (group, version) = text("apiVersion").rsplit_once('/').unwrap_or(("", text("apiVersion")));
    discovery.mapping(group, version, text("kind")).is_some()
}

fn locate_one(
    discovery: &Discovery,
    Manifest { mut object, is_listed }: Manifest,
    namespace: &str,
    validation: FieldValidation,
) -> Result<Resource, Error> {
    let (api_version, kind) = identity(&object, validation)?;
    let (group, version) = api_version.rsplit_once('/').unwrap_or(("", &api_version));
    if !is_listed {
        object_meta::check(&object).map_err(ErrorKind::Metadata)?;
    }
    let text = |member: &str| object["metadata"][member].as_str().unwrap_or_default().to_owned();
    let (name, own_namespace) = (text("name"), text("namespace"));
    let Some(mapping) = discovery.mapping(group, version, &kind) else {
        if is_listed {
            return Err(ErrorKind::NoMatchInList { kind, api_version }.into());
        }
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
    if validation == FieldValidation::Strict {
        object_meta::check_identity(object).map_err(ErrorKind::Identity)?;
    }
    let text = |name: &str| object[name].as_str().unwrap_or_default().to_owned();
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    let member = match (api_version.is_empty(), kind.is_empty()) {
        (false, false) => return Ok((api_version, kind)),
        (_, true) => "Kind",
        (true, false) => "apiVersion",
    };
    Err(ErrorKind::Missing { member, object: object.to_string() }.into())
}

fn set_namespace(object: &mut Value, namespace: &str) {
    if !object["metadata"].is_object() {
        object["metadata"] = Value::Object(serde_json::Map::new());
    }
    object["metadata"]["namespace"] = Value::String(namespace.to_owned());
}
