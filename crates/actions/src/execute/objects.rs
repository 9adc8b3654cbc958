//! Steps on objects.

use cluster::{CreateMode, Propagation, Resource};
use manifest::ownership;
use serde_json::Value;

use super::journal::Journal;
use crate::connections::Connections;
use crate::detail::Detail;
use crate::error::{Error, ErrorKind};
use crate::event::Event;
use crate::plan::{Mode, Target, UpdateMode};

/// Creates all objects; errors are joined line by line (`kube.Client.Create`).
pub(super) async fn create(
    resources: &[Resource],
    mode: CreateMode,
    connections: Connections<'_>,
) -> Result<(), Error> {
    connections.detail(Detail::Creating { count: resources.len(), mode });
    let mut errors = Vec::new();
    for resource in resources {
        connections.cancel.check()?;
        match create_one(resource, mode, connections).await {
            Ok(()) => connections.reporter.report(Event::Created(resource)),
            Err(error) => errors.push(error),
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
    if matches!(mode, CreateMode::ServerSide { .. }) {
        connections.detail(match &made {
            Ok(()) => Detail::Made(resource),
            Err(error) => Detail::NotMade(resource, error),
        });
    }
    made
}

/// Creates what is missing and changes what is there (`kube.Client.update`): a failing creation ends the step,
/// failing changes are joined.
pub(super) async fn apply(
    targets: &[Target],
    mode: Mode,
    journal: &mut Journal,
    connections: Connections<'_>,
) -> Result<(), Error> {
    let mode = mode.update()?;
    connections.detail(Detail::Updating { count: targets.len(), mode });
    let mut errors = Vec::new();
    for Target { resource, original, is_absent } in targets {
        connections.cancel.check()?;
        let live = if *is_absent { None } else { find(resource, connections).await? };
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

/// Deletes objects the new revision does not hold; those that cannot be read stay (`kube.Client.update`).
pub(super) async fn prune(obsolete: &[Resource], connections: Connections<'_>) -> Result<(), Error> {
    let mut errors = Vec::new();
    for resource in obsolete {
        connections.detail(Detail::Pruning(resource));
        let live = match connections.cluster.get(resource).await {
            Ok(live) => live,
            Err(error) => {
                connections.detail(Detail::Unreadable(resource, &error));
                continue;
            }
        };
        if ownership::is_kept(&live) {
            connections.detail(Detail::Kept(resource));
            continue;
        }
        match connections.cluster.delete(resource, Propagation::Background).await {
            Ok(()) => connections.reporter.report(Event::Deleted(resource)),
            Err(error) if error.is_not_found() => {}
            Err(error) => {
                let Resource { namespace, name, mapping, .. } = resource;
                let kind = &mapping.kind;
                errors.push(error.during(format!(
                    "failed to delete resource namespace={namespace}, name={name}, kind={kind}"
                )));
            }
        }
    }
    cluster::joined(errors, " && ").map_or(Ok(()), |error| Err(error.into()))
}

/// Deletes objects; those that are gone already are no error. Returns every error there was
/// (`kube.Client.Delete`).
pub(super) async fn delete(
    resources: &[Resource],
    propagation: Propagation,
    connections: Connections<'_>,
) -> Vec<cluster::Error> {
    let mut errors = Vec::new();
    for resource in resources {
        connections.detail(Detail::Deleting(resource));
        match connections.cluster.delete(resource, propagation).await {
            Ok(()) => connections.reporter.report(Event::Deleted(resource)),
            Err(error) if error.is_not_found() => connections.detail(Detail::Gone(resource, &error)),
            Err(error) => errors.push(error),
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
