//! Uninstalling a release (`pkg/action/uninstall.go`).

use std::time::Duration;

use cluster::{Cancel, CreateMode, Propagation, WaitStrategy};
use release::{Record, Status};

use crate::connections::Connections;
use crate::detail::{Detail, Stage};
use crate::error::{Error, ErrorKind};
use crate::execute::{self, Failure, Journal, Kept, Owned, plan_removal};
use crate::get;
use crate::guard;
use crate::live;
use crate::name::check_release_name;
use crate::plan::{self, Plan, Settings, UninstallParts};

/// Everything an uninstallation is told.
#[derive(Debug, Clone)]
pub struct Request {
    /// Name of the release.
    pub name: String,
    /// Whether nothing is changed.
    pub dry_run: bool,
    /// Whether hooks are left out.
    pub disable_hooks: bool,
    /// Whether a missing release is no error.
    pub ignore_not_found: bool,
    /// Whether the history stays.
    pub keep_history: bool,
    /// What becomes of owned objects.
    pub propagation: Propagation,
    /// Whose rules decide what is waited for.
    pub wait: WaitStrategy,
    /// The limit of every wait.
    pub timeout: Duration,
    /// Description instead of Helm's own.
    pub description: String,
}

impl Default for Request {
    fn default() -> Self {
        Request {
            name: String::new(),
            dry_run: false,
            disable_hooks: false,
            ignore_not_found: false,
            keep_history: false,
            propagation: Propagation::Background,
            wait: WaitStrategy::HookOnly,
            timeout: Duration::from_secs(300),
            description: String::new(),
        }
    }
}

/// What an uninstallation came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The revision that was removed; `None` when there was no release and that is no error.
    pub record: Option<Record>,
    /// Objects that stay.
    pub kept: Kept,
}

/// Uninstalls a release.
///
/// # Errors
/// When it is not there, its objects cannot be deleted, or something went wrong on the way
/// ([`ErrorKind::Uninstallation`]: the release is gone all the same).
pub async fn run(request: &Request, connections: Connections<'_>) -> Result<Outcome, Error> {
    connections.cluster.check_reachable().await?;
    if request.dry_run {
        return look(request, connections).await;
    }
    let name = &request.name;
    if check_release_name(name).is_err() {
        return Err(ErrorKind::Name(format!("uninstall: Release name is invalid: {name}"), None).into());
    }
    let history = match connections.history(name).await {
        Ok(history) => history,
        Err(_) if request.ignore_not_found => return Ok(Outcome::default()),
        Err(error) => {
            return Err(
                ErrorKind::StorageWhile(format!("uninstall: Release not loaded: {name}"), error).into()
            );
        }
    };
    let mut revisions = history.into_revisions();
    let Some(newest) = revisions.last_mut() else { return Err(ErrorKind::NoRelease.into()) };
    guard::check_idle(newest, connections)?;
    if newest.info.status == Status::Uninstalled {
        return remove_history(request, revisions, connections).await;
    }
    newest.info.deleted = Some(connections.releases.now());
    newest.holder = connections.releases.holder();
    newest.set_status(Status::Uninstalling, "Deletion in progress (or silently failed)");
    carry_out(request, revisions, connections).await
}

async fn carry_out(
    request: &Request,
    revisions: Vec<Record>,
    connections: Connections<'_>,
) -> Result<Outcome, Error> {
    let parts = UninstallParts {
        revisions,
        keep_history: request.keep_history,
        propagation: request.propagation,
        hooks: !request.disable_hooks,
        description: request.description.clone(),
    };
    // Hooks of an uninstallation are always applied by the server.
    let hooks = CreateMode::ServerSide { force: false };
    let Request { wait, timeout, .. } = *request;
    let settings = Settings { wait, timeout, wait_for_jobs: false, hooks, max_history: 0 };
    let plan = plan::uninstall(parts, settings);
    connections.stage(Stage::Uninstalling, &plan.name);
    if request.disable_hooks {
        connections.stage(Stage::UninstallHooksDisabled, &plan.name);
    }
    let mut journal = execute::run(&plan, connections).await;
    if let Some(failure) = journal.failure.take() {
        return Err(fail(&plan, &journal, failure, connections).await);
    }
    if !journal.collected.is_empty() {
        return Err(ErrorKind::Uninstallation(journal.collected).into());
    }
    let mut record = journal.records.remove(&plan.revision);
    if let Some(record) = &mut record {
        record.info.status = Status::Uninstalled;
    }
    Ok(Outcome { record, kept: journal.kept })
}

/// The release stays `uninstalling`, and nobody is at it any more.
async fn fail(plan: &Plan, journal: &Journal, failure: Failure, connections: Connections<'_>) -> Error {
    // Giving up ends the plan, not what puts things in order afterwards.
    let calm = Cancel::default();
    let connections = Connections { cancel: &calm, ..connections };
    execute::run(&plan::recover(plan, journal, &failure, false), connections).await;
    if !matches!(failure.error.kind(), ErrorKind::TakenOver) {
        guard::let_go(journal.records.get(&plan.revision), connections).await;
    }
    failure.error
}

/// The release is uninstalled already: only its history can go.
async fn remove_history(
    request: &Request,
    mut revisions: Vec<Record>,
    connections: Connections<'_>,
) -> Result<Outcome, Error> {
    if request.keep_history {
        return Err(ErrorKind::AlreadyDeleted(request.name.clone()).into());
    }
    for record in &revisions {
        connections.delete_record(&record.name, record.version).await.map_err(ErrorKind::Purge)?;
    }
    Ok(Outcome { record: revisions.pop(), kept: Kept::default() })
}

/// A dry run: what would stay. Trouble with the manifest is not told.
async fn look(request: &Request, connections: Connections<'_>) -> Result<Outcome, Error> {
    let record = match get::read(&request.name, 0, connections).await {
        Ok(record) => record,
        Err(error) if request.ignore_not_found && error.is_release_not_found() => {
            return Ok(Outcome::default());
        }
        Err(error) => return Err(error),
    };
    let mut kept = Kept::default();
    if let Ok(removal) = plan_removal(&record.manifest)
        && let Ok(resources) = live::locate(removal.objects, connections).await
    {
        let (name, namespace) = (&record.name, &record.namespace);
        let owned = Owned::verify(resources, name, namespace, Kept::default(), connections).await;
        if !owned.resources.is_empty() {
            connections.detail(Detail::WouldDelete(&owned.resources, name));
        }
        kept.by_policy = removal.kept.by_policy;
    }
    Ok(Outcome { record: Some(record), kept })
}
