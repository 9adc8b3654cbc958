//! Upgrading a release (`pkg/action/upgrade.go`).

use std::time::Duration;

use cluster::{Cancel, FieldValidation, Resources, WaitStrategy};
use release::{Info, Labels, Record, Status};

use crate::connections::Connections;
use crate::detail::{Detail, Stage};
use crate::error::{Error, ErrorKind};
use crate::event::Event;
use crate::execute::{self, Failure, Journal};
use crate::guard::{self, Unclaimed};
use crate::install::{Failed, Outcome, Sight, effective_wait, manifest_text, render_for};
use crate::live::{self, Adoption};
use crate::name::check_release_name;
use crate::plan::{self, Mode, Plan, Settings, UpdateParts};
use crate::render::{ChartRenderer, Rendered, ValuesMode};
use crate::start::{DryRun, ServerSide, apply_method};
use crate::{history, rollback};

/// Which values an upgrade starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reuse {
    /// The given ones, or those of the release when none are given.
    #[default]
    Default,
    /// The given ones (`--reset-values`).
    Reset,
    /// The given ones over those of the release and its chart (`--reuse-values`).
    Reuse,
    /// The given ones over those of the release, with the new chart's defaults (`--reset-then-reuse-values`).
    ResetThenReuse,
}

/// Everything an upgrade is told.
#[derive(Debug, Clone)]
pub struct Request {
    /// Name of the release.
    pub name: String,
    /// Whether anything is changed.
    pub dry_run: DryRun,
    /// Whether Secrets are left out of what is shown; only with a dry run.
    pub hide_secrets: bool,
    /// Whether hooks are left out.
    pub disable_hooks: bool,
    /// Who merges.
    pub server_side: ServerSide,
    /// Whether fields are taken from other managers.
    pub force_conflicts: bool,
    /// Whether objects are replaced.
    pub force_replace: bool,
    /// Whether objects of others are taken over.
    pub take_ownership: bool,
    /// Which values it starts from.
    pub reuse: Reuse,
    /// Whether manifests are validated (`--disable-openapi-validation` turns it off).
    pub validation: FieldValidation,
    /// Whose rules decide that objects are ready.
    pub wait: WaitStrategy,
    /// Whether Jobs must run to their end.
    pub wait_for_jobs: bool,
    /// The limit of every wait.
    pub timeout: Duration,
    /// Whether a failed upgrade is rolled back.
    pub rollback_on_failure: bool,
    /// Whether objects a failed upgrade created are deleted.
    pub cleanup_on_fail: bool,
    /// How many revisions are kept; 0 for all.
    pub max_history: usize,
    /// Description instead of Helm's own.
    pub description: String,
    /// Labels of the record; `null` removes one.
    pub labels: Labels,
    /// Whether a pending revision that names no holder, as Helm leaves it, counts as broken off.
    pub recover: bool,
}

/// What `upgrade --install` comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// There is a release to upgrade.
    Upgrade,
    /// There is none.
    Install {
        /// Whether an uninstalled release of that name is replaced.
        replace: bool,
    },
}

/// Decides whether a release is there to be upgraded (`upgrade --install`).
///
/// # Errors
/// When the cluster does not answer, the name will not do, or records cannot be read.
pub async fn start(name: &str, connections: Connections<'_>) -> Result<Start, Error> {
    match history::run(name, connections).await {
        Ok(history) => match history.last() {
            Some(last) if last.info.status == Status::Uninstalled => Ok(Start::Install { replace: true }),
            _ => Ok(Start::Upgrade),
        },
        Err(error) if error.is_release_not_found() => Ok(Start::Install { replace: false }),
        Err(error) => Err(error),
    }
}

/// Upgrades a release.
///
/// # Errors
/// Before anything is stored: reachability, name, state, rendering, ownership. Afterwards the failed revision is
/// stored (and rolled back) and comes with the error.
pub async fn run(
    request: &Request,
    chart: &mut dyn ChartRenderer,
    connections: Connections<'_>,
) -> Result<Outcome, Failed> {
    let (last, mut current, begun) = check(request, connections).await?;
    let server_side = request.server_side.decide(&last);
    let rendered = render(request, chart, (&last, &current), connections).await?;
    connections.detail(Detail::Method { server_side, previous: &last.apply_method });
    connections.stage(Stage::PerformingUpgrade, &request.name);
    if let Some(config) = &rendered.previous_config {
        current.config = Some(config.clone());
    }
    let record = new_record(request, &rendered, (&last, &current), server_side, connections);
    let (originals, resources) = look(request, &record, (&current, begun.as_ref()), connections).await?;
    if request.dry_run.is_dry() {
        connections.stage(Stage::UpgradeDryRun, &request.name);
        let mut record = record;
        record.info.description = described(request, "Dry run complete");
        return Ok(Outcome { record, rendered, journal: Journal::default() });
    }
    let mode = Mode {
        server_side,
        force_conflicts: request.force_conflicts,
        force_replace: request.force_replace,
        migrate: server_side && !current.is_server_side(),
        three_way_custom: false,
    };
    let (hooks, description) = (!request.disable_hooks, request.description.clone());
    let parts = UpdateParts { record, previous: current, originals, resources, hooks, description };
    let plan = plan::upgrade(parts, mode, settings(request, mode));
    connections.stage(Stage::CreatingUpgraded, &request.name);
    if request.disable_hooks {
        connections.stage(Stage::UpgradeHooksDisabled, &request.name);
    }
    let mut journal = execute::run(&plan, connections).await;
    let Some(failure) = journal.failure.take() else {
        let record = journal.records.get(&plan.revision).cloned().unwrap_or_default();
        return Ok(Outcome { record, rendered, journal });
    };
    Err(fail(request, &plan, journal, failure, connections).await)
}

fn described(request: &Request, usual: &str) -> String {
    if request.description.is_empty() { usual.to_owned() } else { request.description.clone() }
}

/// Finds the newest revision and the one that is in the cluster (`Upgrade.prepareUpgrade`), and the newest once more if
/// work on it broke off.
async fn check(
    request: &Request,
    connections: Connections<'_>,
) -> Result<(Record, Record, Option<Record>), Error> {
    let Request { name, dry_run, hide_secrets, .. } = request;
    connections.cluster.check_reachable().await?;
    if check_release_name(name).is_err() {
        return Err(ErrorKind::Name(format!("release name is invalid: {name}"), None).into());
    }
    if *hide_secrets && !dry_run.is_dry() {
        return Err(ErrorKind::HideSecretWithoutDryRun.into());
    }
    connections.stage(Stage::PreparingUpgrade, name);
    let no_deployed = || Error::from(release::Error::from(release::ErrorKind::NoDeployed(name.clone())));
    let last = match connections.last(name).await {
        Err(error) if error.is_not_found() => return Err(no_deployed()),
        outcome => outcome?,
    };
    let unclaimed = if request.recover { Unclaimed::TakeOver } else { Unclaimed::Refuse };
    let was_pending = last.info.status.is_pending();
    let last = guard::settle(last, unclaimed, dry_run.is_dry(), connections).await?;
    if last.info.status == Status::Deployed {
        return Ok((last.clone(), last, None));
    }
    let begun = was_pending.then(|| last.clone());
    let deployed = connections.deployed(name).await?.pop();
    match deployed {
        Some(deployed) => Ok((last, deployed, begun)),
        None if matches!(last.info.status, Status::Failed | Status::Superseded) => {
            Ok((last.clone(), last, begun))
        }
        None => Err(no_deployed()),
    }
}

async fn render(
    request: &Request,
    chart: &mut dyn ChartRenderer,
    (last, current): (&Record, &Record),
    connections: Connections<'_>,
) -> Result<Rendered, Error> {
    let values = match request.reuse {
        Reuse::Reset => ValuesMode::Given,
        Reuse::Default => ValuesMode::GivenOrPrevious(current),
        Reuse::Reuse => ValuesMode::Reuse(current),
        Reuse::ResetThenReuse => ValuesMode::ResetThenReuse(current),
    };
    if request.reuse == Reuse::Reset {
        connections.stage(Stage::ResettingValues, &request.name);
    }
    chart.process_dependencies(values).map_err(ErrorKind::Render)?;
    let revision = last.version.saturating_add(1);
    // Helm: even `--dry-run=client` asks for capabilities and makes objects of manifests (upgrade.go, prepareUpgrade).
    let sight = if request.dry_run.asks_cluster() { Sight::Everything } else { Sight::Capabilities };
    let rendered = render_for(chart, (&request.name, revision, true), sight, connections).await?;
    if release::has_system_labels(&request.labels) {
        return Err(ErrorKind::SystemLabels.into());
    }
    Ok(rendered)
}

fn new_record(
    request: &Request,
    rendered: &Rendered,
    (last, current): (&Record, &Record),
    server_side: bool,
    connections: Connections<'_>,
) -> Record {
    Record {
        name: request.name.clone(),
        namespace: current.namespace.clone(),
        info: Info {
            first_deployed: current.info.first_deployed,
            last_deployed: Some(connections.releases.now()),
            status: Status::PendingUpgrade,
            description: "Preparing upgrade".to_owned(),
            notes: rendered.notes.clone(),
            ..Info::default()
        },
        chart: Some(rendered.chart.clone()),
        config: Some(rendered.config.clone()),
        manifest: manifest_text(&rendered.set, request.hide_secrets),
        hooks: rendered.set.hooks.clone(),
        version: last.version.saturating_add(1),
        labels: merged_labels(&last.labels, &request.labels),
        apply_method: apply_method(server_side),
        holder: connections.releases.holder(),
        ..Record::default()
    }
}

/// The user's labels over those of the newest revision; the word `null` removes one.
fn merged_labels(current: &Labels, desired: &Labels) -> Labels {
    let mut labels = current.clone();
    labels.extend(desired.iter().map(|(key, value)| (key.clone(), value.clone())));
    labels.retain(|_, value| value != "null");
    labels
}

/// Makes objects of both manifests and finds those of the new ones that are there already.
async fn look(
    request: &Request,
    record: &Record,
    (current, begun): (&Record, Option<&Record>),
    connections: Connections<'_>,
) -> Result<(Resources, Resources), Error> {
    // The new manifest is read first, without a word about which it is (`validateManifest`).
    let mut resources = live::build(&record.manifest, request.validation, connections).await?;
    let originals = live::build(&current.manifest, FieldValidation::Ignore, connections).await;
    let mut originals = originals.map_err(|error| {
        ErrorKind::Build("unable to build kubernetes objects from current release manifest", error)
    })?;
    live::mark(&mut resources, &record.name, &record.namespace);
    if let Some(begun) = begun {
        // What a revision that broke off had brought to the cluster goes, unless it is wanted.
        live::add_unknown(&mut originals, &begun.manifest, connections).await;
    }
    let is_new = |resource: &&cluster::Resource| {
        !originals
            .iter()
            .any(|old| old.is_same_object(resource) && old.mapping.version == resource.mapping.version)
    };
    let new: Resources = resources.iter().filter(is_new).cloned().collect();
    let adoption = if request.take_ownership { Adoption::All } else { Adoption::OwnedBy(&record.name) };
    let adopted = live::existing(&new, adoption, connections).await;
    originals.extend(adopted.map_err(|error| ErrorKind::Live("unable to continue with update", error))?);
    Ok((originals, resources))
}

fn settings(request: &Request, mode: Mode) -> Settings {
    Settings {
        wait: effective_wait(request.wait, request.rollback_on_failure),
        timeout: request.timeout,
        wait_for_jobs: request.wait_for_jobs,
        hooks: mode.create(),
        max_history: request.max_history,
    }
}

async fn fail(
    request: &Request,
    plan: &Plan,
    journal: Journal,
    failure: Failure,
    connections: Connections<'_>,
) -> Failed {
    let record = journal.records.get(&plan.revision).cloned().map(Box::new);
    let last_step = plan.steps.len().saturating_sub(1);
    // Before the revision is stored, and after all is done, there is nothing to recover.
    if failure.step == 0 || failure.step == last_step {
        return Failed { error: failure.error, record };
    }
    // Giving up ends the plan, not what puts things in order afterwards.
    let calm = Cancel::default();
    let connections = Connections { cancel: &calm, ..connections };
    connections.reporter.report(Event::UpgradeFailed { name: &plan.name, error: &failure.error });
    let recovery = plan::recover(plan, &journal, &failure, request.cleanup_on_fail);
    let after = execute::run(&recovery, connections).await;
    let record = after.records.get(&plan.revision).cloned().map(Box::new);
    if let Some(second) = after.failure {
        let what = "an error occurred while cleaning up resources";
        let (original, second) = (failure.error, second.error);
        let error = ErrorKind::UndoFailed { what, operation: "upgrade", original, second }.into();
        return Failed { error, record };
    }
    if !request.rollback_on_failure || matches!(failure.error.kind(), ErrorKind::TakenOver) {
        return Failed { error: failure.error, record };
    }
    Failed { error: undo(request, plan, failure.error, connections).await, record }
}

/// Rolls back to the last revision that succeeded.
async fn undo(request: &Request, plan: &Plan, error: Error, connections: Connections<'_>) -> Error {
    connections.stage(Stage::RollingBackUpgrade, &plan.name);
    connections.stage(Stage::AskingForHistory, &plan.name);
    let history = match connections.history(&plan.name).await {
        Ok(history) => history,
        Err(second) => {
            let what = "an error occurred while finding last successful release";
            let second = second.into();
            return ErrorKind::UndoFailed { what, operation: "upgrade", original: error, second }.into();
        }
    };
    let Some(successful) = history.last_successful() else {
        return ErrorKind::NothingToRollBackTo(error).into();
    };
    let rollback = rollback::Request {
        name: plan.name.clone(),
        revision: successful.version,
        dry_run: false,
        disable_hooks: request.disable_hooks,
        server_side: request.server_side,
        force_conflicts: request.force_conflicts,
        force_replace: request.force_replace,
        wait: plan.settings.wait,
        wait_for_jobs: request.wait_for_jobs,
        timeout: request.timeout,
        cleanup_on_fail: false,
        max_history: 0,
        description: String::new(),
    };
    match rollback::run(&rollback, connections).await {
        Ok(_) => {
            let name = plan.name.clone();
            ErrorKind::Undone { name, what: "rolled back", source: error }.into()
        }
        Err(second) => {
            let what = "an error occurred while rolling back the release";
            ErrorKind::UndoFailed { what, operation: "upgrade", original: error, second }.into()
        }
    }
}
