//! What `--debug` tells of an operation, in the lines that Helm logs.

use std::cell::RefCell;

use actions::plan::{Operation, UpdateMode};
use actions::{Access, Detail, Event, Interest, Reporter, Stage};
use cluster::{CreateMode, Goal, Resource, WaitStrategy};
use manifest::readiness::ObjectStatus;

use crate::errors::chain;
use crate::logging;

/// Prints details, and hands everything on to another reporter.
pub(crate) struct Debug<'r> {
    inner: &'r dyn Reporter,
    awaited: RefCell<Vec<Awaited>>,
}

/// An object that is waited for.
struct Awaited {
    resource: Resource,
    /// Unknown until the cluster has told.
    status: ObjectStatus,
}

impl<'r> Debug<'r> {
    /// Stands before another reporter.
    pub(crate) fn before(inner: &'r dyn Reporter) -> Self {
        Debug { inner, awaited: RefCell::default() }
    }

    /// Notes a state and says what is waited for still: the first object by name (Helm: kube/statuswait.go,
    /// statusObserver).
    fn state(&self, resource: &Resource, status: ObjectStatus) {
        let mut awaited = self.awaited.borrow_mut();
        if let Some(known) = awaited.iter_mut().find(|known| known.resource.is_same_object(resource)) {
            known.status = status;
        }
        let is_open =
            |known: &&Awaited| !matches!(known.status, ObjectStatus::Current | ObjectStatus::Failed);
        let first = awaited.iter().filter(is_open).min_by(|a, b| a.resource.name.cmp(&b.resource.name));
        if let Some(Awaited { resource, status }) = first {
            let mut attributes = place(resource);
            attributes.extend([("expectedStatus", "Current"), ("actualStatus", status.as_str())]);
            logging::debug("waiting for resource", &attributes);
        }
    }

    fn waiting(&self, resources: &[Resource], goal: Goal, strategy: WaitStrategy, timeout: &str) {
        let awaited =
            |resource: &Resource| Awaited { resource: resource.clone(), status: ObjectStatus::Unknown };
        let is_watched = goal != Goal::Deleted && strategy != WaitStrategy::Legacy;
        *self.awaited.borrow_mut() =
            if is_watched { resources.iter().map(awaited).collect() } else { Vec::new() };
        if (strategy, goal) == (WaitStrategy::Legacy, Goal::HookDone) {
            return resources.iter().for_each(|resource| watching(resource, timeout));
        }
        let count = resources.len().to_string();
        let message = match (strategy, goal) {
            (WaitStrategy::Legacy, Goal::Deleted) => "beginning wait for resources to be deleted",
            (WaitStrategy::Legacy, _) => "beginning wait for resources",
            (_, Goal::Deleted) => "waiting for resources to be deleted",
            _ => "waiting for resources",
        };
        logging::debug(message, &[("count", &count), ("timeout", timeout)]);
    }

    fn reached(&self, resources: &[Resource], goal: Goal, strategy: WaitStrategy, elapsed: &str) {
        self.awaited.borrow_mut().clear();
        match (strategy, goal) {
            (WaitStrategy::Legacy, Goal::Deleted) => {
                logging::debug("wait for resources succeeded", &[("elapsed", elapsed)]);
            }
            (WaitStrategy::Legacy, _) => {}
            // What is gone when the wait begins is not counted.
            (_, Goal::Deleted) => logging::debug(
                "all resources achieved desired status",
                &[("desiredStatus", "NotFound"), ("resourceCount", "0")],
            ),
            _ => {
                let count = resources.len().to_string();
                let attributes = [("desiredStatus", "Current"), ("resourceCount", count.as_str())];
                logging::debug("all resources achieved desired status", &attributes);
            }
        }
    }
}

impl Reporter for Debug<'_> {
    fn report(&self, event: Event<'_>) {
        match event {
            Event::Detail(Detail::Waiting { resources, goal, strategy, timeout }) => {
                self.waiting(resources, goal, strategy, &duration(timeout));
            }
            Event::Detail(Detail::Reached { resources, goal, strategy, elapsed }) => {
                self.reached(resources, goal, strategy, &duration(elapsed));
            }
            Event::Detail(detail) => tell(detail),
            Event::State { resource, state } => self.state(resource, state.status),
            Event::SignOfLifeFailed(error) => {
                logging::debug("no sign of life could be given", &[("error", &chain(error))]);
            }
            _ => {}
        }
        self.inner.report(event);
    }

    fn interest(&self) -> Interest {
        self.inner.interest()
    }
}

/// Hooks are followed one by one under the rules of Helm 3 (Helm: kube/wait.go, watchUntilReady).
fn watching(resource: &Resource, timeout: &str) {
    let kind = resource.mapping.kind.as_str();
    let attributes = [("kind", kind), ("resource", resource.name.as_str()), ("timeout", timeout)];
    logging::debug("watching for resource changes", &attributes);
}

fn duration(duration: std::time::Duration) -> String {
    value::time::Duration(i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)).to_string()
}

fn place(resource: &Resource) -> Vec<(&'static str, &str)> {
    vec![("namespace", &resource.namespace), ("name", &resource.name), ("kind", &resource.mapping.kind)]
}

fn kind_first(resource: &Resource) -> Vec<(&'static str, &str)> {
    vec![("kind", &resource.mapping.kind), ("name", &resource.name), ("namespace", &resource.namespace)]
}

fn with_error<'a>(resource: &'a Resource, error: &'a str) -> Vec<(&'static str, &'a str)> {
    let mut attributes = place(resource);
    attributes.push(("error", error));
    attributes
}

fn tell(detail: Detail<'_>) {
    match detail {
        Detail::Stage(stage, release) => tell_stage(stage, release),
        Detail::Method { server_side, previous } => {
            let method = server_side.to_string();
            let attributes =
                [("server_side_apply", method.as_str()), ("previous_release_apply_method", previous)];
            logging::debug("determined release apply method", &attributes);
        }
        Detail::GoingBack { release, current, target } => {
            let (current, target) = (current.to_string(), target.to_string());
            let attributes = [("name", release), ("currentVersion", &current), ("targetVersion", &target)];
            logging::debug("rolling back", &attributes);
        }
        Detail::Superseding(revision) => {
            logging::debug("superseding previous deployment", &[("version", &revision.to_string())]);
        }
        Detail::Record { access, release, revision } => {
            let message = match access {
                Access::Get => "getting release",
                Access::Create => "creating release",
                Access::Update => "updating release",
                Access::Delete => "deleting release",
            };
            logging::debug(message, &[("key", &format!("sh.helm.release.v1.{release}.v{revision}"))]);
        }
        Detail::RecordsPruned { release, count, errors } => {
            let (count, errors) = (count.to_string(), errors.to_string());
            let attributes = [("count", count.as_str()), ("release", release), ("errors", &errors)];
            logging::debug("pruned records", &attributes);
        }
        Detail::Creating { count, mode } => {
            logging::debug("creating resource(s)", &[("resources", &count.to_string())]);
            tell_create_mode(mode);
        }
        Detail::Updating { count, mode } => {
            tell_create_mode(mode.create_mode());
            tell_update_mode(mode);
            logging::debug("checking resources for changes", &[("resources", &count.to_string())]);
        }
        Detail::PodsOf(resource) => logging::debug("get relation pod of object", &place(resource)),
        Detail::DefinitionPresent(name) => {
            logging::debug("CRD is already present. Skipping", &[("crd", name)]);
        }
        Detail::DiscoveryForgotten => logging::debug("clearing REST mapper cache", &[]),
        Detail::CleaningUp { operation, count } => tell_cleanup(operation, count),
        Detail::CleanedUp => logging::debug("resource cleanup complete", &[]),
        Detail::WouldDelete(resources, release) => {
            let count = resources.len().to_string();
            let attributes = [("release", release), ("count", &count)];
            logging::debug("dry-run: resources would be deleted", &attributes);
            for resource in resources {
                logging::debug("dry-run: would delete resource", &kind_first(resource));
            }
        }
        other => tell_object(other),
    }
}

fn tell_object(detail: Detail<'_>) {
    match detail {
        Detail::Made(resource) => on_server("Created resource via patch", resource, None),
        Detail::NotMade(resource, error) => {
            on_server("Error creating resource via patch", resource, Some(&chain(error)));
        }
        Detail::Migrated(resource) => on_server(
            "Upgraded object client-side field management with server-side apply field management",
            resource,
            None,
        ),
        Detail::Applied(resource) => on_server("Patched resource", resource, None),
        Detail::NotApplied(resource, error) => {
            on_server("Error patching resource", resource, Some(&chain(error)));
        }
        Detail::Added(resource) => logging::debug("created a new resource", &place(resource)),
        Detail::Patching(resource) => logging::debug("patching resource", &kind_first(resource)),
        Detail::Unchanged(resource) => {
            let attributes = [("kind", resource.mapping.kind.as_str()), ("name", &resource.name)];
            logging::debug("no changes detected", &attributes);
        }
        Detail::Replaced(resource) => {
            let kind = resource.mapping.kind.as_str();
            let attributes = [("name", resource.name.as_str()), ("initialKind", kind), ("kind", kind)];
            logging::debug("replace succeeded", &attributes);
        }
        Detail::Pruning(resource) => logging::debug("deleting resource", &place(resource)),
        Detail::Unreadable(resource, error) => {
            logging::debug("unable to get object", &with_error(resource, &chain(error)));
        }
        Detail::Kept(resource) => {
            let mut attributes = place(resource);
            attributes.extend([("annotation", "helm.sh/resource-policy"), ("value", "keep")]);
            logging::debug("skipping delete due to annotation", &attributes);
        }
        Detail::Deleting(resource) => logging::debug("starting delete resource", &place(resource)),
        Detail::Gone(resource, error) => {
            logging::debug("ignoring delete failure", &with_error(resource, &chain(error)));
        }
        Detail::Owned(resource, release) => {
            let mut attributes = kind_first(resource);
            attributes.push(("release", release));
            logging::debug("deleting resource owned by this release", &attributes);
        }
        _ => {}
    }
}

/// What Helm says of an object that the server merges.
fn on_server(message: &str, resource: &Resource, error: Option<&str>) {
    let mapping = &resource.mapping;
    let kind = format!("{}/{}, Kind={}", mapping.group, mapping.version, mapping.kind);
    let mut attributes =
        vec![("namespace", resource.namespace.as_str()), ("name", &resource.name), ("gvk", &kind)];
    attributes.extend(error.map(|error| ("error", error)));
    logging::debug(message, &attributes);
}

fn tell_create_mode(mode: CreateMode) {
    match mode {
        CreateMode::ServerSide { force } => {
            let force = force.to_string();
            let attributes = [
                ("forceConflicts", force.as_str()),
                ("dryRun", "false"),
                ("fieldValidationDirective", "Strict"),
            ];
            logging::debug("using server-side apply for resource creation", &attributes);
        }
        CreateMode::ClientSide => logging::debug("using client-side apply for resource creation", &[]),
    }
}

fn tell_update_mode(mode: UpdateMode) {
    match mode {
        UpdateMode::ServerSide { force, migrate } => {
            let (force, migrate) = (force.to_string(), migrate.to_string());
            let attributes = [
                ("forceConflicts", force.as_str()),
                ("dryRun", "false"),
                ("fieldValidationDirective", "Strict"),
                ("upgradeClientSideFieldManager", &migrate),
            ];
            logging::debug("using server-side apply for resource update", &attributes);
        }
        UpdateMode::ClientSide { three_way_custom } => logging::debug(
            "using client-side apply for resource update",
            &[("threeWayMergeForUnstructured", &three_way_custom.to_string())],
        ),
        UpdateMode::Replace => logging::debug(
            "using resource replace update strategy",
            &[("fieldValidationDirective", "Strict")],
        ),
    }
}

fn tell_cleanup(operation: Operation, count: usize) {
    let count = count.to_string();
    match operation {
        Operation::Rollback => {
            logging::debug("cleanup on fail set, cleaning up resources", &[("count", &count)]);
        }
        _ => logging::debug("cleanup on fail set", &[("cleaning_resources", &count)]),
    }
}

fn tell_stage(stage: Stage, release: &str) {
    let (message, key) = match stage {
        Stage::AskingForHistory => ("getting history for release", "release"),
        Stage::ReadingHistory => ("getting release history", "name"),
        Stage::ReadingLast => ("getting last revision", "name"),
        Stage::ReadingDeployed => ("getting deployed releases", "name"),
        Stage::PreparingUpgrade => ("preparing upgrade", "name"),
        Stage::ResettingValues => {
            return logging::debug("resetting values to the chart's original version", &[]);
        }
        Stage::PerformingUpgrade => ("performing update", "name"),
        Stage::CreatingUpgraded => ("creating upgraded release", "name"),
        Stage::UpgradeDryRun => ("dry run for release", "name"),
        Stage::UpgradeHooksDisabled => ("upgrade hooks disabled", "name"),
        Stage::UpdatingUpgraded => ("updating status for upgraded release", "name"),
        Stage::RollingBackUpgrade => {
            let message =
                "Upgrade failed and rollback-on-failure is set, rolling back to previous successful release";
            return logging::debug(message, &[]);
        }
        Stage::UninstallingFailed => {
            ("install failed and rollback-on-failure is set, uninstalling release", "release")
        }
        Stage::PreparingRollback => ("preparing rollback", "name"),
        Stage::CreatingRolledBack => ("creating rolled back release", "name"),
        Stage::PerformingRollback => ("performing rollback", "name"),
        Stage::RollbackDryRun => ("dry run", "name"),
        Stage::RollbackHooksDisabled => ("rollback hooks disabled", "name"),
        Stage::UpdatingRolledBack => ("updating status for rolled back release", "name"),
        Stage::Uninstalling => ("uninstall: deleting release", "name"),
        Stage::UninstallHooksDisabled => ("delete hooks disabled", "release"),
        Stage::Purging => ("purge requested", "release"),
        _ => return,
    };
    logging::debug(message, &[(key, release)]);
}
