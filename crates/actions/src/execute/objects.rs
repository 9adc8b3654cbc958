//! Steps on objects.

use std::pin::pin;

use cluster::{CreateMode, Propagation, Resource};
use futures_util::stream::{self, StreamExt};
use manifest::ownership;
use serde_json::Value;

use super::journal::Journal;
use crate::batches::{MOST_REQUESTS, batches};
use crate::connections::Connections;
use crate::detail::Detail;
use crate::error::{Error, ErrorKind};
use crate::event::Event;
use crate::plan::{Mode, Sight, Target, UpdateMode};

/// Creates all objects, those of one kind at the same time; errors are joined line by line (`kube.Client.Create`).
pub(super) async fn create(
    resources: &[Resource],
    mode: CreateMode,
    connections: Connections<'_>,
) -> Result<(), Error> {
    connections.detail(Detail::Creating { count: resources.len(), mode });
    let most = match mode {
        CreateMode::ServerSide { .. } => MOST_REQUESTS,
        // Helm takes a lock (`createResource`): creations at the same time get into each other's way at quotas.
        CreateMode::ClientSide => 1,
    };
    let mut errors = Vec::new();
    for batch in batches(resources) {
        let made = batch.iter().map(async |resource| {
            connections.cancel.check()?;
            connections.cluster.create(resource, mode).await.map(drop)
        });
        let mut made = pin!(stream::iter(made).buffered(most));
        for resource in batch {
            let Some(made) = made.next().await else { break };
            tell_creation(resource, mode, &made, connections);
            match made {
                Ok(()) => connections.reporter.report(Event::Created(resource)),
                Err(error) if matches!(error.kind(), cluster::ErrorKind::Cancelled) => {
                    return Err(error.into());
                }
                Err(error) => errors.push(error),
            }
        }
    }
    cluster::joined(errors, "\n").map_or(Ok(()), |error| Err(error.into()))
}

/// Creates an object.
pub(crate) async fn create_one(
    resource: &Resource,
    mode: CreateMode,
    connections: Connections<'_>,
) -> Result<(), cluster::Error> {
    let made = connections.cluster.create(resource, mode).await.map(drop);
    tell_creation(resource, mode, &made, connections);
    made
}

fn tell_creation(
    resource: &Resource,
    mode: CreateMode,
    made: &Result<(), cluster::Error>,
    connections: Connections<'_>,
) {
    match (mode, made) {
        (CreateMode::ServerSide { .. }, Ok(())) => connections.detail(Detail::Made(resource)),
        (CreateMode::ServerSide { .. }, Err(error))
            if !matches!(error.kind(), cluster::ErrorKind::Cancelled) =>
        {
            connections.detail(Detail::NotMade(resource, error));
        }
        _ => {}
    }
}

/// Creates what is missing and changes what is there (`kube.Client.update`): a failing creation ends the step,
/// failing changes are joined. What is there is read ahead; changes go out one after the other, because it shows which
/// ones were made before the end.
pub(super) async fn apply(
    targets: &[Target],
    mode: Mode,
    journal: &mut Journal,
    connections: Connections<'_>,
) -> Result<(), Error> {
    let mode = mode.update()?;
    connections.detail(Detail::Updating { count: targets.len(), mode });
    let unknown = targets.iter().filter(|target| target.sight == Sight::Unknown);
    let looking = unknown.map(|target| find(&target.resource, connections));
    let mut looked = pin!(stream::iter(looking).buffered(reads_ahead(mode)));
    let mut errors = Vec::new();
    for Target { resource, original, sight } in targets {
        connections.cancel.check()?;
        let live = match sight {
            // Helm looks for what has no name, and fails.
            Sight::Absent if resource.name.is_empty() => find(resource, connections).await?,
            Sight::Absent => None,
            Sight::Unknown => looked.next().await.transpose()?.flatten(),
            Sight::Repeated => find(resource, connections).await?,
        };
        let Some(live) = live else {
            journal.created.push(resource.clone());
            let created = create_one(resource, mode.create_mode(), connections).await;
            created.map_err(|error| ErrorKind::Objects("failed to create resource", error))?;
            connections.detail(Detail::Added(resource));
            connections.reporter.report(Event::Created(resource));
            continue;
        };
        let baseline = match original {
            Some(original) => original.clone(),
            None => {
                connections.reporter.report(Event::NotInOriginal(resource));
                Resource { object: live.clone(), ..resource.clone() }
            }
        };
        match change(&baseline, resource, &live, mode, connections).await {
            Ok(()) => connections.reporter.report(Event::Changed(resource)),
            Err(error) => errors.push(error),
        }
    }
    cluster::joined(errors, " && ").map_or(Ok(()), |error| Err(error.into()))
}

/// How many objects are read before it is their turn. Only the server-side mode does not depend on how old the reading is.
fn reads_ahead(mode: UpdateMode) -> usize {
    match mode {
        UpdateMode::ServerSide { .. } => MOST_REQUESTS,
        UpdateMode::ClientSide { .. } | UpdateMode::Replace => 1,
    }
}

async fn find(resource: &Resource, connections: Connections<'_>) -> Result<Option<Value>, Error> {
    let found = connections.cluster.find(resource).await;
    found.map_err(|error| ErrorKind::Objects("could not get information about the resource", error).into())
}

async fn change(
    original: &Resource,
    target: &Resource,
    live: &Value,
    mode: UpdateMode,
    connections: Connections<'_>,
) -> Result<(), cluster::Error> {
    let cluster = connections.cluster;
    match mode {
        UpdateMode::ServerSide { force, migrate } => {
            if migrate && cluster.migrate_managed_fields(original, live).await? {
                connections.detail(Detail::Migrated(target));
            }
            let applied = cluster.apply(target, force, cluster::FieldValidation::Strict).await;
            connections.detail(match &applied {
                Ok(_) => Detail::Applied(target),
                Err(error) => Detail::NotApplied(target, error),
            });
            applied?;
        }
        UpdateMode::Replace => {
            cluster.replace(target, live).await?;
            connections.detail(Detail::Replaced(target));
        }
        UpdateMode::ClientSide { three_way_custom } => {
            let is_patched = cluster.patch_client_side(original, target, live, three_way_custom).await?;
            connections.detail(if is_patched { Detail::Patching(target) } else { Detail::Unchanged(target) });
        }
    }
    Ok(())
}

/// What became of an object that the new revision does not hold.
enum Pruned {
    Unreadable(cluster::Error),
    Kept,
    Deleted,
    Gone,
    Failed(cluster::Error),
}

/// Deletes objects the new revision does not hold, those of one kind at the same time; those that cannot be read stay
/// (`kube.Client.update`).
pub(super) async fn prune(obsolete: &[Resource], connections: Connections<'_>) -> Result<(), Error> {
    let mut errors = Vec::new();
    for batch in batches(obsolete) {
        let pruning = batch.iter().map(|resource| prune_one(resource, connections));
        let mut pruned = pin!(stream::iter(pruning).buffered(MOST_REQUESTS));
        for resource in batch {
            let Some(pruned) = pruned.next().await else { break };
            connections.detail(Detail::Pruning(resource));
            match pruned {
                Pruned::Unreadable(error) => connections.detail(Detail::Unreadable(resource, &error)),
                Pruned::Kept => connections.detail(Detail::Kept(resource)),
                Pruned::Deleted => connections.reporter.report(Event::Deleted(resource)),
                Pruned::Gone => {}
                Pruned::Failed(error) => {
                    let Resource { namespace, name, mapping, .. } = resource;
                    let kind = &mapping.kind;
                    errors.push(error.during(format!(
                        "failed to delete resource namespace={namespace}, name={name}, kind={kind}"
                    )));
                }
            }
        }
    }
    cluster::joined(errors, " && ").map_or(Ok(()), |error| Err(error.into()))
}

async fn prune_one(resource: &Resource, connections: Connections<'_>) -> Pruned {
    match connections.cluster.get(resource).await {
        Err(error) => return Pruned::Unreadable(error),
        Ok(live) if ownership::is_kept(&live) => return Pruned::Kept,
        Ok(_) => {}
    }
    match connections.cluster.delete(resource, Propagation::Background).await {
        Ok(()) => Pruned::Deleted,
        Err(error) if error.is_not_found() => Pruned::Gone,
        Err(error) => Pruned::Failed(error),
    }
}

/// Deletes objects, those of one kind at the same time; those that are gone already are no error. Returns every error
/// there was (`kube.Client.Delete`).
pub(super) async fn delete(
    resources: &[Resource],
    propagation: Propagation,
    connections: Connections<'_>,
) -> Vec<cluster::Error> {
    let mut errors = Vec::new();
    for batch in batches(resources) {
        let deleting = batch.iter().map(|resource| {
            connections.detail(Detail::Deleting(resource));
            connections.cluster.delete(resource, propagation)
        });
        let mut deleted = pin!(stream::iter(deleting).buffered(MOST_REQUESTS));
        for resource in batch {
            match deleted.next().await {
                Some(Ok(())) => connections.reporter.report(Event::Deleted(resource)),
                Some(Err(error)) if error.is_not_found() => {
                    connections.detail(Detail::Gone(resource, &error))
                }
                Some(Err(error)) => errors.push(error),
                None => {}
            }
        }
    }
    errors
}

/// Removes what a failed operation created.
pub(super) async fn clean_up(resources: &[Resource], connections: Connections<'_>) -> Result<(), Error> {
    let errors = delete(resources, Propagation::Background, connections).await;
    if errors.is_empty() {
        return Ok(());
    }
    Err(ErrorKind::Cleanup(errors.into_iter().map(Error::from).collect()).into())
}
