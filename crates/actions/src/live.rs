//! Looking at the cluster before deciding: making objects of manifests, and finding those that are there already.

use std::pin::pin;

use cluster::{FieldValidation, Resource, Resources};
use futures_util::stream::{self, StreamExt};
use manifest::ownership;
use serde_json::Value;

use crate::batches::MOST_REQUESTS;
use crate::connections::Connections;
use crate::error::{Error, ErrorKind};

/// Makes located objects of a manifest (`kube.Client.Build`).
pub(crate) async fn build(
    text: &str,
    validation: FieldValidation,
    connections: Connections<'_>,
) -> Result<Resources, Error> {
    if connections.cluster.is_pretending() {
        return Ok(Vec::new());
    }
    let objects = manifest::documents(text)?;
    Ok(connections.cluster.locate(objects, connections.namespace, validation).await?)
}

/// Adds the objects of another stored manifest that are not there yet; one that cannot be read adds nothing.
pub(crate) async fn add_unknown(objects: &mut Resources, text: &str, connections: Connections<'_>) {
    let others = build(text, FieldValidation::Ignore, connections).await.unwrap_or_default();
    for other in others {
        if !objects.iter().any(|known| known.is_same_object(&other)) {
            objects.push(other);
        }
    }
}

/// Finds the places of stored objects, which are not validated again.
pub(crate) async fn locate(objects: Vec<Value>, connections: Connections<'_>) -> Result<Resources, Error> {
    Ok(connections.cluster.locate(objects, connections.namespace, FieldValidation::Ignore).await?)
}

/// Whose live objects may be taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Adoption<'a> {
    /// Those that carry the marks of this release.
    OwnedBy(&'a str),
    /// All (`--take-ownership`).
    All,
}

/// Finds those of the objects that are in the cluster (`existingResourceConflict`, `requireAdoption`).
///
/// # Errors
/// When one is there and may not be taken over, or cannot be looked for.
pub(crate) async fn existing(
    resources: &[Resource],
    adoption: Adoption<'_>,
    connections: Connections<'_>,
) -> Result<Resources, Error> {
    let looking = resources.iter().map(|resource| look_for(resource, connections));
    let mut looked = pin!(stream::iter(looking).buffered(MOST_REQUESTS));
    let mut found = Vec::new();
    for resource in resources {
        let Some(live) = looked.next().await.transpose()?.flatten() else { continue };
        if let Adoption::OwnedBy(name) = adoption {
            ownership::check(&live, name, connections.namespace)
                .map_err(|cause| ErrorKind::Exists(resource.title(), cause))?;
        }
        found.push(resource.clone());
    }
    Ok(found)
}

async fn look_for(resource: &Resource, connections: Connections<'_>) -> Result<Option<Value>, Error> {
    if wants_generated_name(resource)? {
        return Ok(None);
    }
    let found = connections.cluster.find(resource).await;
    found.map_err(|error| ErrorKind::Unreadable(resource.title(), error).into())
}

fn wants_generated_name(resource: &Resource) -> Result<bool, Error> {
    let has_prefix =
        resource.object["metadata"]["generateName"].as_str().is_some_and(|text| !text.is_empty());
    match (resource.name.is_empty(), has_prefix) {
        (false, true) => Err(ErrorKind::NameAndGenerateName.into()),
        (_, has_prefix) => Ok(has_prefix),
    }
}

/// Marks all objects as belonging to a release.
pub(crate) fn mark(resources: &mut [Resource], name: &str, namespace: &str) {
    for resource in resources {
        ownership::mark(&mut resource.object, name, namespace);
    }
}
