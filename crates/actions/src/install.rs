//! Installing a release (`pkg/action/install.go`).

use std::time::Duration;

use cluster::{Cancel, CreateMode, FieldValidation, Goal, Resource, Resources, WaitOptions, WaitStrategy};
use manifest::{Crd, ManifestSet};
use release::{Info, Labels, Record, Standing, Status};
use serde_json::json;

use crate::connections::Connections;
use crate::detail::{Detail, Stage};
use crate::error::{Error, ErrorKind};
use crate::event::Event;
use crate::execute::{self, Journal};
use crate::guard::{self, Unclaimed};
use crate::live::{self, Adoption};
use crate::name::check_release_name;
use crate::plan::{self, InstallParts, Mode, Plan, Settings};
use crate::render::{ChartRenderer, LiveCluster, RenderInput, Rendered, ValuesMode};
use crate::start::{DryRun, apply_method};
use crate::uninstall;

/// Everything an installation is told.
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
    /// Whether an uninstalled or failed release of that name may be replaced.
    pub replace: bool,
    /// Whether the namespace is made.
    pub create_namespace: bool,
    /// Whether `crds/` is left out.
    pub skip_crds: bool,
    /// Whether the server merges.
    pub server_side: bool,
    /// Whether fields are taken from other managers, where objects are adopted.
    pub force_conflicts: bool,
    /// Whether adopted objects are replaced.
    pub force_replace: bool,
    /// Whether objects of others are taken over.
    pub take_ownership: bool,
    /// Whether manifests are validated (`--disable-openapi-validation` turns it off).
    pub validation: FieldValidation,
    /// Whose rules decide that objects are ready.
    pub wait: WaitStrategy,
    /// Whether Jobs must run to their end.
    pub wait_for_jobs: bool,
    /// The limit of every wait.
    pub timeout: Duration,
    /// Whether a failed release is uninstalled.
    pub rollback_on_failure: bool,
    /// Description instead of Helm's own.
    pub description: String,
    /// Labels of the record.
    pub labels: Labels,
    /// Whether templates are told that this is an upgrade (`template --is-upgrade`).
    pub is_upgrade: bool,
}

/// What an installation came to.
#[derive(Debug)]
pub struct Outcome {
    /// The revision as it is stored, or would be.
    pub record: Record,
    /// What rendering yielded; with a dry run it is all there is.
    pub rendered: Rendered,
    /// What was done; empty with a dry run.
    pub journal: Journal,
}

/// A failure, with the revision if there was one already.
#[derive(Debug)]
pub struct Failed {
    /// Why.
    pub error: Error,
    /// The revision, as far as it came.
    pub record: Option<Box<Record>>,
}

impl<E: Into<Error>> From<E> for Failed {
    fn from(error: E) -> Self {
        Failed { error: error.into(), record: None }
    }
}

/// Installs a release.
///
/// # Errors
/// Before anything is stored: reachability, name, definitions, rendering, ownership. Afterwards the failed release
/// is stored (or uninstalled again) and comes with the error.
pub async fn run(
    request: &Request,
    chart: &mut dyn ChartRenderer,
    connections: Connections<'_>,
) -> Result<Outcome, Failed> {
    let replaced = check(request, connections).await?;
    chart
        .process_dependencies(ValuesMode::Given)
        .map_err(|cause| announce(ErrorKind::Dependencies(cause).into(), connections))?;
    install_definitions(request, &chart.crds(), connections).await?;
    let rendered = render(request, chart, connections).await?;
    let record = new_record(request, &rendered, replaced.as_ref(), connections);
    let (record, resources, adopted) = look(request, record, connections).await?;
    if request.dry_run.is_dry() {
        let mut record = record;
        record.info.description = "Dry run complete".to_owned();
        return Ok(Outcome { record, rendered, journal: Journal::default() });
    }
    if replaced.is_some() {
        connections.stage(Stage::ReadingHistory, &request.name);
    }
    let plan = plan(request, record, replaced, resources, adopted, connections).await?;
    let mut journal = execute::run(&plan, connections).await;
    let Some(failure) = journal.failure.take() else {
        let record = journal.records.get(&plan.revision).cloned().unwrap_or_default();
        return Ok(Outcome { record, rendered, journal });
    };
    Err(fail(request, &plan, journal, failure, connections).await)
}

/// Reachability, options and name; returns the revision whose name is taken over.
async fn check(request: &Request, connections: Connections<'_>) -> Result<Option<Record>, Error> {
    let failed = |text, error| announce(ErrorKind::Check(text, error).into(), connections);
    if request.dry_run.asks_cluster() {
        let version = connections.cluster.check_reachable().await;
        version.map_err(|error| failed("cluster reachability check failed", error.into()))?;
    }
    if request.hide_secrets && !request.dry_run.is_dry() {
        return Err(announce(ErrorKind::HideSecretWithoutDryRun.into(), connections));
    }
    let free = available(request, connections).await;
    free.map_err(|error| failed("release name check failed", error))
}

async fn available(request: &Request, connections: Connections<'_>) -> Result<Option<Record>, Error> {
    let name = &request.name;
    check_release_name(name)
        .map_err(|cause| ErrorKind::Name(format!("release name {name:?}"), Some(cause)))?;
    if request.dry_run.is_dry() {
        return Ok(None);
    }
    // A history that cannot be read counts as a free name (`Install.availableName`).
    let Ok(history) = connections.history(name).await else { return Ok(None) };
    match history.into_revisions().pop() {
        None => Ok(None),
        Some(last) => replaceable(request, last, connections).await.map(Some),
    }
}

/// Returns a revision whose name may be taken over, one that broke off included.
async fn replaceable(request: &Request, last: Record, connections: Connections<'_>) -> Result<Record, Error> {
    let standing = connections.releases.standing(&last);
    if !request.replace {
        return Err(ErrorKind::NameInUse(standing).into());
    }
    let last = match &standing {
        Standing::Broken(work) if work.status == Status::PendingInstall => {
            guard::settle(last, Unclaimed::Refuse, false, connections).await?
        }
        _ => last,
    };
    match last.info.status {
        Status::Uninstalled | Status::Failed => Ok(last),
        _ => Err(ErrorKind::NameInUse(standing).into()),
    }
}

fn announce(error: Error, connections: Connections<'_>) -> Error {
    connections.reporter.report(Event::CheckFailed(&error));
    error
}

/// Installs `crds/`, file by file, and waits for them (`Install.installCRDs`).
async fn install_definitions(
    request: &Request,
    crds: &[Crd],
    connections: Connections<'_>,
) -> Result<(), Error> {
    if crds.is_empty() || request.skip_crds || !request.dry_run.asks_cluster() {
        return Ok(());
    }
    if request.dry_run.is_dry() {
        connections.reporter.report(Event::DryRunWithDefinitions);
        return Ok(());
    }
    let mut installed = Vec::new();
    for crd in crds {
        let failed = |error: Error| Error::from(ErrorKind::Definition(crd.name.clone(), error));
        let built = live::build(&crd.content, FieldValidation::Ignore, connections).await;
        let resources = built.map_err(|error| failed(unparsed(error)))?;
        if resources.is_empty() {
            return Err(failed(ErrorKind::EmptyDefinition.into()));
        }
        match create_definitions(request, &resources, connections).await {
            Ok(()) => installed.extend(resources),
            Err(error) if is_already_there(&error) => {
                connections.detail(Detail::DefinitionPresent(&crd.name));
            }
            Err(error) => return Err(failed(error)),
        }
    }
    if installed.is_empty() {
        return Ok(());
    }
    wait_for_definitions(request, &installed, connections).await?;
    connections.cluster.forget_discovery();
    connections.detail(Detail::DiscoveryForgotten);
    Ok(())
}

/// Helm gives definitions 60 seconds, but none at all when only hooks are waited for, and then fails now and then
/// because the server has not taken notice of them yet. Here they are always waited for; without `--wait` a
/// timeout is no error.
async fn wait_for_definitions(
    request: &Request,
    definitions: &[Resource],
    connections: Connections<'_>,
) -> Result<(), Error> {
    let strategy = if request.wait == WaitStrategy::HookOnly { WaitStrategy::Watcher } else { request.wait };
    let options = WaitOptions { strategy, timeout: Duration::from_secs(60), now: connections.releases.now() };
    let goal = Goal::Ready { jobs: false };
    let outcome = connections.wait(definitions, goal, options).await;
    if request.wait == WaitStrategy::HookOnly && !connections.cancel.is_cancelled() {
        return Ok(());
    }
    Ok(outcome?)
}

async fn create_definitions(
    request: &Request,
    resources: &[Resource],
    connections: Connections<'_>,
) -> Result<(), Error> {
    let force = request.force_conflicts;
    let mode = match (request.server_side, force) {
        (true, force) => CreateMode::ServerSide { force },
        (false, false) => CreateMode::ClientSide,
        (false, true) => {
            let text =
                "invalid client create option(s): forceConflicts enabled when serverSideApply disabled";
            return Err(ErrorKind::Options(text).into());
        }
    };
    connections.detail(Detail::Creating { count: resources.len(), mode });
    let mut errors = Vec::new();
    for resource in resources {
        if let Err(error) = execute::create_one(resource, mode, connections).await {
            errors.push(error);
        }
    }
    cluster::joined(errors, "\n").map_or(Ok(()), |error| Err(error.into()))
}

/// Returns whether all that went wrong is that definitions are there already.
fn is_already_there(error: &Error) -> bool {
    let ErrorKind::Cluster(error) = error.kind() else { return false };
    match error.kind() {
        cluster::ErrorKind::Several { errors, .. } => errors.iter().all(cluster::Error::is_already_exists),
        _ => error.is_already_exists(),
    }
}

/// cli-runtime says of a file that it could not be parsed, and has no name for it (`StreamVisitor.Visit`).
fn unparsed(error: Error) -> Error {
    match error.kind() {
        ErrorKind::Manifest(_) => ErrorKind::DefinitionText(error).into(),
        _ => error,
    }
}

async fn render(
    request: &Request,
    chart: &mut dyn ChartRenderer,
    connections: Connections<'_>,
) -> Result<Rendered, Error> {
    if release::has_system_labels(&request.labels) {
        return Err(ErrorKind::SystemLabels.into());
    }
    let is_upgrade = request.is_upgrade && request.dry_run.is_dry();
    let sight = if request.dry_run.asks_cluster() { Sight::Everything } else { Sight::Nothing };
    render_for(chart, (&request.name, 1, is_upgrade), sight, connections).await
}

/// What templates see of the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sight {
    /// Nothing: an assumed one stands in.
    Nothing,
    /// Its capabilities.
    Capabilities,
    /// Its capabilities and, through `lookup`, its objects.
    Everything,
}

/// Helm says it twice (action/action.go, GetVersionSet and getCapabilities).
const NO_VERSIONS: &str =
    "could not get apiVersions from Kubernetes: could not get apiVersions from Kubernetes";

/// Renders for a cluster, or without one.
pub(crate) async fn render_for(
    chart: &mut dyn ChartRenderer,
    (release_name, revision, is_upgrade): (&str, i64, bool),
    sight: Sight,
    connections: Connections<'_>,
) -> Result<Rendered, Error> {
    let input =
        RenderInput { release_name, namespace: connections.namespace, revision, is_upgrade, cluster: None };
    let rendered = if sight != Sight::Nothing {
        let version = connections.cluster.known_server_version().await.map_err(unwrap_unreachable)?;
        let discovery = connections.cluster.discover_anew().await;
        let discovery = discovery.map_err(|cause| ErrorKind::Objects(NO_VERSIONS, cause))?;
        let cluster = LiveCluster {
            client: (sight == Sight::Everything).then_some(connections.cluster),
            version: &version,
            discovery: &discovery,
        };
        chart.render(RenderInput { cluster: Some(cluster), ..input })
    } else {
        chart.render(input)
    };
    let rendered = rendered.map_err(|cause| Error::from(ErrorKind::Render(cause)))?;
    rendered
        .set
        .unknown_hooks
        .iter()
        .for_each(|types| connections.reporter.report(Event::UnknownHook(types)));
    Ok(rendered)
}

fn unwrap_unreachable(error: cluster::Error) -> Error {
    ErrorKind::Objects("could not get server version from Kubernetes", error).into()
}

/// Writes the stored text of a set, with Secrets left out when they are to be hidden.
pub(crate) fn manifest_text(set: &ManifestSet, hide_secrets: bool) -> String {
    if hide_secrets { set.text_without_secrets() } else { set.text() }
}

fn new_record(
    request: &Request,
    rendered: &Rendered,
    replaced: Option<&Record>,
    connections: Connections<'_>,
) -> Record {
    let now = connections.releases.now();
    Record {
        name: request.name.clone(),
        namespace: connections.namespace.to_owned(),
        info: Info {
            first_deployed: Some(now),
            last_deployed: Some(now),
            status: Status::PendingInstall,
            description: "Initial install underway".to_owned(),
            notes: rendered.notes.clone(),
            ..Info::default()
        },
        chart: Some(rendered.chart.clone()),
        config: Some(rendered.config.clone()),
        manifest: manifest_text(&rendered.set, request.hide_secrets),
        hooks: rendered.set.hooks.clone(),
        version: replaced.map_or(1, |last| last.version.saturating_add(1)),
        labels: request.labels.clone(),
        apply_method: apply_method(request.server_side),
        holder: connections.releases.holder(),
        ..Record::default()
    }
}

/// Makes objects of the manifest and finds those that are there already.
async fn look(
    request: &Request,
    record: Record,
    connections: Connections<'_>,
) -> Result<(Record, Resources, Resources), Failed> {
    if !request.dry_run.asks_cluster() {
        return Ok((record, Vec::new(), Vec::new()));
    }
    let built = live::build(&record.manifest, request.validation, connections).await;
    let mut resources = built.map_err(|error| {
        Error::from(ErrorKind::Build("unable to build kubernetes objects from release manifest", error))
    })?;
    live::mark(&mut resources, &record.name, &record.namespace);
    if request.is_upgrade && request.dry_run.is_dry() {
        return Ok((record, resources, Vec::new()));
    }
    let adoption = if request.take_ownership { Adoption::All } else { Adoption::OwnedBy(&record.name) };
    let adopted = live::existing(&resources, adoption, connections).await;
    let adopted =
        adopted.map_err(|error| Error::from(ErrorKind::Live("unable to continue with install", error)))?;
    Ok((record, resources, adopted))
}

async fn plan(
    request: &Request,
    record: Record,
    replaced: Option<Record>,
    resources: Resources,
    adopted: Resources,
    connections: Connections<'_>,
) -> Result<Plan, Error> {
    let namespace = if request.create_namespace { namespace_object(connections).await? } else { None };
    let mode = Mode {
        server_side: request.server_side,
        force_conflicts: request.force_conflicts,
        force_replace: request.force_replace,
        migrate: true,
        three_way_custom: request.take_ownership && !request.server_side,
    };
    let hooks = !request.disable_hooks;
    let description = request.description.clone();
    let parts = InstallParts { record, replaced, resources, adopted, namespace, hooks, description };
    Ok(plan::install(parts, mode, settings(request, mode)))
}

fn settings(request: &Request, mode: Mode) -> Settings {
    Settings {
        wait: effective_wait(request.wait, request.rollback_on_failure),
        timeout: request.timeout,
        wait_for_jobs: request.wait_for_jobs,
        hooks: mode.create(),
        max_history: 0,
    }
}

/// Undoing a failure needs to know of it, so that everything is waited for.
pub(crate) fn effective_wait(wait: WaitStrategy, rollback_on_failure: bool) -> WaitStrategy {
    if rollback_on_failure && wait == WaitStrategy::HookOnly { WaitStrategy::Watcher } else { wait }
}

/// Makes the object of the namespace; none for a client that has no place for it.
async fn namespace_object(connections: Connections<'_>) -> Result<Option<Resource>, Error> {
    let name = connections.namespace;
    let object = json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name, "labels": {"name": name}},
        // Go writes structs even when they hold nothing; it makes the manager own `spec`.
        "spec": {},
        "status": {},
    });
    let mut located = connections.cluster.locate(vec![object], name, FieldValidation::Strict).await?;
    Ok(located.pop())
}

async fn fail(
    request: &Request,
    plan: &Plan,
    journal: Journal,
    failure: execute::Failure,
    connections: Connections<'_>,
) -> Failed {
    let stores = |step: &plan::Step| matches!(step.action, plan::Action::CreateRecord(_));
    let is_unstored = plan.steps.iter().position(stores).is_some_and(|stored| failure.step <= stored);
    let record = journal.records.get(&plan.revision).cloned().map(Box::new);
    if is_unstored || matches!(failure.error.kind(), ErrorKind::TakenOver) {
        return Failed { error: failure.error, record };
    }
    if request.rollback_on_failure {
        return Failed { error: undo(request, plan, failure.error, connections).await, record };
    }
    // Giving up ends the plan, not what puts things in order afterwards.
    let calm = Cancel::default();
    let connections = Connections { cancel: &calm, ..connections };
    let recovery = execute::run(&plan::recover(plan, &journal, &failure, false), connections).await;
    let record = recovery.records.get(&plan.revision).cloned().map(Box::new);
    Failed { error: failure.error, record }
}

/// Uninstalls what could not be installed.
async fn undo(request: &Request, plan: &Plan, error: Error, connections: Connections<'_>) -> Error {
    connections.stage(Stage::UninstallingFailed, &request.name);
    let calm = Cancel::default();
    let connections = Connections { cancel: &calm, ..connections };
    let uninstall = uninstall::Request {
        name: request.name.clone(),
        disable_hooks: request.disable_hooks,
        wait: plan.settings.wait,
        timeout: request.timeout,
        ..uninstall::Request::default()
    };
    match uninstall::run(&uninstall, connections).await {
        Ok(_) => {
            let name = request.name.clone();
            ErrorKind::Undone { name, what: "uninstalled", source: error }.into()
        }
        Err(second) => {
            let what = "an error occurred while uninstalling the release";
            ErrorKind::UndoFailed { what, operation: "install", original: error, second }.into()
        }
    }
}
