//! Steps on records.

use release::Status;

use super::journal::Journal;
use crate::connections::Connections;
use crate::detail::{Detail, Stage};
use crate::error::{Error, ErrorKind};
use crate::event::Event;
use crate::plan::Plan;

pub(super) async fn create(
    plan: &Plan,
    revision: i64,
    journal: &Journal,
    connections: Connections<'_>,
) -> Result<(), Error> {
    let Some(record) = journal.records.get(&revision) else { return Ok(()) };
    Ok(connections.create_record(record, plan.settings.max_history).await?)
}

pub(super) async fn save(
    revision: i64,
    journal: &Journal,
    connections: Connections<'_>,
) -> Result<(), Error> {
    let Some(record) = journal.records.get(&revision) else { return Ok(()) };
    match connections.update_record(record).await {
        Err(error) if matches!(error.kind(), release::ErrorKind::TakenOver) => {
            Err(ErrorKind::TakenOver.into())
        }
        outcome => Ok(outcome?),
    }
}

/// A revision that cannot be saved is reported only (`Configuration.recordRelease`).
pub(super) async fn supersede_deployed(plan: &Plan, connections: Connections<'_>) -> Result<(), Error> {
    for mut record in connections.deployed(&plan.name).await? {
        connections.detail(Detail::Superseding(record.version));
        record.info.status = Status::Superseded;
        if let Err(error) = connections.update_record(&record).await {
            let (name, revision) = (record.name.as_str(), record.version);
            let event = Event::RecordNotSaved { name, revision, error: &error, succeeded: false };
            connections.reporter.report(event);
        }
    }
    Ok(())
}

pub(super) async fn purge(name: &str, revisions: &[i64], connections: Connections<'_>) -> Result<(), Error> {
    connections.stage(Stage::Purging, name);
    let mut had_parts = false;
    for revision in revisions {
        had_parts |= connections.delete_record(name, *revision).await.map_err(ErrorKind::Purge)?;
    }
    if had_parts {
        // Killed commands may have left some that no revision names.
        connections.releases.remove_parts(name).await;
    }
    Ok(())
}
