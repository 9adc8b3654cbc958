//! Steps on objects.

use cluster::{CreateMode, Propagation, Resource};
use manifest::ownership;
use serde_json::Value;

use super::journal::Journal;
use crate::connections::Connections;
use crate::error::{Error, ErrorKind};
use crate::event::Event;
use crate::plan::{Mode, Target, UpdateMode};

/// Creates all objects; errors are joined line by line (`kube.Client.Create`).
pub(super) async fn create(
    resources: &[Resource],
    mode: CreateMode,
    connections: Connections<'_>,
) -> Result<(), Error> {
    let mut errors = Vec::new();
    for resource in resources {
        connections.cancel.check()?;
        match connections.cluster.create(resource, mode).await {
            Ok(_) => connections.reporter.report(Event::Created(resource)),
            Err(error) => errors.push(error),
        }
    }
    cluster::joined(errors, "\n").map_or(Ok(()), |error| Err(error.into()))
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
    let mut errors = Vec::new();
    for Target { resource, original, is_absent } in targets {
        connections.cancel.check()?;
        let live = if *is_absent { None } else { find(resource, connections).await? };
        let Some(live) = live else {
            journal.created.push(resource.clone());
            let created = connections.cluster.create(resource, mode.create_mode()).await;
            created.map_err(|error| ErrorKind::Objects("failed to create resource", error))?;
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
            if migrate {
                cluster.migrate_managed_fields(original, live).await?;
            }
            cluster.apply(target, force, cluster::FieldValidation::Strict).await?;
        }
        UpdateMode::Replace => {
            cluster.replace(target, live).await?;
        }
        UpdateMode::ClientSide { three_way_custom } => {
            cluster.patch_client_side(original, target, live, three_way_custom).await?;
        }
    }
    Ok(())
}

/// Deletes objects the new revision does not hold; those that cannot be read stay (`kube.Client.update`).
pub(super) async fn prune(obsolete: &[Resource], connections: Connections<'_>) -> Result<(), Error> {
    let mut errors = Vec::new();
    for resource in obsolete {
        let Ok(live) = connections.cluster.get(resource).await else { continue };
        if ownership::is_kept(&live) {
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
        match connections.cluster.delete(resource, propagation).await {
            Ok(()) => connections.reporter.report(Event::Deleted(resource)),
            Err(error) if error.is_not_found() => {}
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
