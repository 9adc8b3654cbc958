//! Rolling a release back to an earlier revision (`pkg/action/rollback.go`).

use std::time::Duration;

use cluster::{Cancel, FieldValidation, WaitStrategy};
use release::{Info, Record, Status};

use crate::connections::Connections;
use crate::detail::{Detail, Stage};
use crate::error::{Error, ErrorKind};
use crate::event::Event;
use crate::execute::{self, Failure, Journal};
use crate::guard::{self, Unclaimed};
use crate::live;
use crate::name::check_release_name;
use crate::plan::{self, Action, Mode, Plan, Settings, UpdateParts};
use crate::start::{ServerSide, apply_method};

/// The longest description, in characters.
const LONGEST_DESCRIPTION: usize = 256;

/// Everything a rollback is told.
#[derive(Debug, Clone)]
pub struct Request {
    /// Name of the release.
    pub name: String,
    /// The revision to go back to; 0 for the one before the newest.
    pub revision: i64,
    /// Whether nothing is changed.
    pub dry_run: bool,
    /// Whether hooks are left out.
    pub disable_hooks: bool,
    /// Who merges.
    pub server_side: ServerSide,
    /// Whether fields are taken from other managers.
    pub force_conflicts: bool,
    /// Whether objects are replaced.
    pub force_replace: bool,
    /// Whose rules decide that objects are ready.
    pub wait: WaitStrategy,
    /// Whether Jobs must run to their end.
    pub wait_for_jobs: bool,
    /// The limit of every wait.
    pub timeout: Duration,
    /// Whether objects a failed rollback created are deleted.
    pub cleanup_on_fail: bool,
    /// How many revisions are kept; 0 for all.
    pub max_history: usize,
    /// Description instead of Helm's own.
    pub description: String,
}

/// Rolls a release back and returns the new revision.
///
/// # Errors
/// Before anything is stored: reachability, name, revision. Afterwards the new revision stays `pending-rollback`
/// when hooks fail or manifests cannot be read, and becomes `failed` when objects cannot be changed.
pub async fn run(request: &Request, connections: Connections<'_>) -> Result<Record, Error> {
    let length = request.description.chars().count();
    if length > LONGEST_DESCRIPTION {
        return Err(ErrorKind::LongDescription { limit: LONGEST_DESCRIPTION, length }.into());
    }
    connections.cluster.check_reachable().await?;
    connections.stage(Stage::PreparingRollback, &request.name);
    let Found { current, earlier, deployed } = check(request, connections).await?;
    let was_pending = current.info.status.is_pending();
    let current = guard::settle(current, Unclaimed::Ignore, request.dry_run, connections).await?;
    // Work on the newest revision broke off: what was deployed before may still be there too.
    let broke_off = was_pending && !current.info.status.is_pending();
    let deployed = deployed.filter(|deployed| broke_off && deployed.version != current.version);
    let server_side = request.server_side.decide(&earlier);
    let record = new_record(request, &current, earlier, server_side, connections);
    if request.dry_run {
        connections.stage(Stage::PerformingRollback, &request.name);
        connections.stage(Stage::RollbackDryRun, &request.name);
        return Ok(record);
    }
    connections.stage(Stage::CreatingRolledBack, &request.name);
    connections.create_record(&record, request.max_history).await?;
    connections.stage(Stage::PerformingRollback, &request.name);
    let stored = record.clone();
    let before = Before { current, deployed };
    let plan = match plan(request, record, before, server_side, connections).await {
        Ok(plan) => plan,
        Err(error) => {
            guard::let_go(Some(&stored), connections).await;
            return Err(error);
        }
    };
    if request.disable_hooks {
        connections.stage(Stage::RollbackHooksDisabled, &request.name);
    }
    let mut journal = execute::run(&plan, connections).await;
    match journal.failure.take() {
        None => Ok(journal.records.remove(&plan.revision).unwrap_or_default()),
        Some(failure) => Err(fail(request, &plan, &journal, failure, connections).await),
    }
}

/// The revisions that a rollback looks at.
struct Found {
    /// The newest.
    current: Record,
    /// The one to go back to, with the user's labels only.
    earlier: Record,
    /// The one that is said to be deployed.
    deployed: Option<Record>,
}

async fn check(request: &Request, connections: Connections<'_>) -> Result<Found, Error> {
    let name = &request.name;
    if check_release_name(name).is_err() {
        return Err(ErrorKind::Name(format!("prepareRollback: Release name is invalid: {name}"), None).into());
    }
    if request.revision < 0 {
        return Err(ErrorKind::InvalidRevision.into());
    }
    connections.stage(Stage::ReadingLast, name);
    let history = connections.history(name).await?;
    let Some(current) = history.last().cloned() else {
        let (name, damaged) = (name.clone(), history.damaged().to_vec());
        return Err(release::Error::from(release::ErrorKind::NoRevision { name, damaged }).into());
    };
    let wanted = if request.revision == 0 { current.version.saturating_sub(1) } else { request.revision };
    connections.stage(Stage::ReadingHistory, name);
    if !history.revisions().iter().any(|record| record.version == wanted) {
        return Err(ErrorKind::NoSuchRevision(wanted).into());
    }
    // Read once more by its key, as Helm does.
    connections.detail(Detail::GoingBack { release: name, current: current.version, target: wanted });
    let earlier = connections.revision(name, wanted).await?;
    Ok(Found { current, earlier, deployed: history.deployed().cloned() })
}

fn new_record(
    request: &Request,
    current: &Record,
    earlier: Record,
    server_side: bool,
    connections: Connections<'_>,
) -> Record {
    let description = match request.description.as_str() {
        "" => format!("Rollback to {}", earlier.version),
        text => text.to_owned(),
    };
    Record {
        name: request.name.clone(),
        namespace: current.namespace.clone(),
        info: Info {
            first_deployed: current.info.first_deployed,
            last_deployed: Some(connections.releases.now()),
            deleted: None,
            status: Status::PendingRollback,
            notes: earlier.info.notes.clone(),
            rollback_revision: earlier.version,
            description,
        },
        version: current.version.saturating_add(1),
        apply_method: apply_method(server_side),
        holder: connections.releases.holder(),
        ..earlier
    }
}

/// What may be in the cluster.
struct Before {
    current: Record,
    /// The deployed revision, when work on the current one broke off.
    deployed: Option<Record>,
}

async fn plan(
    request: &Request,
    record: Record,
    Before { current, deployed }: Before,
    server_side: bool,
    connections: Connections<'_>,
) -> Result<Plan, Error> {
    let built = live::build(&current.manifest, FieldValidation::Ignore, connections).await;
    let mut originals = built.map_err(|error| {
        ErrorKind::Build("unable to build kubernetes objects from current release manifest", error)
    })?;
    if let Some(deployed) = deployed {
        live::add_unknown(&mut originals, &deployed.manifest, connections).await;
    }
    let built = live::build(&record.manifest, FieldValidation::Ignore, connections).await;
    let mut resources = built.map_err(|error| {
        ErrorKind::Build("unable to build kubernetes objects from new release manifest", error)
    })?;
    live::mark(&mut resources, &record.name, &record.namespace);
    let mode = Mode {
        server_side,
        force_conflicts: request.force_conflicts,
        force_replace: request.force_replace,
        migrate: true,
        three_way_custom: false,
    };
    let settings = Settings {
        wait: request.wait,
        timeout: request.timeout,
        wait_for_jobs: request.wait_for_jobs,
        hooks: mode.create(),
        max_history: request.max_history,
    };
    let (hooks, description) = (!request.disable_hooks, String::new());
    let parts = UpdateParts { record, previous: current, originals, resources, hooks, description };
    Ok(plan::rollback(parts, mode, settings))
}

async fn fail(
    request: &Request,
    plan: &Plan,
    journal: &Journal,
    failure: Failure,
    connections: Connections<'_>,
) -> Error {
    let recovery = plan::recover(plan, journal, &failure, request.cleanup_on_fail);
    let action = plan.steps.get(failure.step).map(|step| &step.action);
    if matches!(action, Some(Action::Apply(..) | Action::Prune(_))) {
        let text = format!("Rollback {:?} failed: {}", plan.name, cluster::chain(&failure.error));
        connections.reporter.report(Event::RollbackFailed(&text));
    }
    // Giving up ends the plan, not what puts things in order afterwards.
    let calm = Cancel::default();
    let connections = Connections { cancel: &calm, ..connections };
    let after = execute::run(&recovery, connections).await;
    if !matches!(failure.error.kind(), ErrorKind::TakenOver) {
        guard::let_go(after.records.get(&plan.revision), connections).await;
    }
    if let Some(second) = after.failure {
        return ErrorKind::RollbackCleanup(second.error).into();
    }
    if matches!(action, Some(Action::WaitReady(_))) {
        return ErrorKind::NotReady(plan.name.clone(), failure.error).into();
    }
    failure.error
}
