//! Plans and their steps.

use std::collections::BTreeMap;
use std::time::Duration;

use cluster::{CreateMode, Propagation, Resource, WaitStrategy};
use manifest::HookEvent;
use release::{Record, Status};

use super::mode::Mode;

/// An operation on a release, ready to be carried out.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// What it is.
    pub operation: Operation,
    /// Name of the release.
    pub name: String,
    /// The revision that is worked on.
    pub revision: i64,
    /// The revisions that steps read and change, by number.
    pub records: BTreeMap<i64, Record>,
    /// What is done, in order.
    pub steps: Vec<Step>,
    /// How it is done.
    pub settings: Settings,
}

/// What a plan is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// A new release.
    Install,
    /// A new revision.
    Upgrade,
    /// A new revision like an older one.
    Rollback,
    /// The end of a release.
    Uninstall,
    /// A run of its tests.
    Test,
}

/// How a plan is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Whose rules decide that objects are ready.
    pub wait: WaitStrategy,
    /// The limit of every wait.
    pub timeout: Duration,
    /// Whether Jobs must run to their end.
    pub wait_for_jobs: bool,
    /// How hooks are made.
    pub hooks: CreateMode,
    /// How many revisions are kept; 0 for all.
    pub max_history: usize,
}

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What is done.
    pub action: Action,
    /// What an error does.
    pub on_error: OnError,
}

/// What the error of a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnError {
    /// It ends the plan.
    Stop,
    /// It is kept, and the plan goes on.
    Collect,
    /// It is reported, and the plan goes on.
    Report,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Makes the namespace unless it is there.
    CreateNamespace(Resource, CreateMode),
    /// Stores a new revision.
    CreateRecord(i64),
    /// Stores a revision again.
    SaveRecord(i64),
    /// Changes the state of a revision and stores it.
    SetStatus {
        /// Which revision.
        revision: i64,
        /// Its new state.
        status: Status,
        /// Its new description, when it gets one.
        description: Option<String>,
    },
    /// Changes the state of every revision that is still called deployed.
    SupersedeDeployed,
    /// Deletes revisions.
    Purge(Vec<i64>),
    /// Runs the hooks of an event, one after the other.
    RunHooks(HookEvent),
    /// Creates objects; all are tried.
    Create(Vec<Resource>, CreateMode),
    /// Creates or changes objects; a failing creation stops, failing changes do not.
    Apply(Vec<Target>, Mode),
    /// Deletes objects that are no longer wanted, unless they say that they stay.
    Prune(Vec<Resource>),
    /// Waits until objects are ready.
    WaitReady(Vec<Resource>),
    /// Deletes what a revision holds and what belongs to it, but for what is to be kept.
    DeleteObjects(Propagation),
    /// Waits until what was deleted is gone.
    WaitDeleted,
    /// Deletes what this or the plan before created.
    DeleteCreated(Vec<Resource>),
}

impl Action {
    /// Returns whether the user may give up before this step; what only notes what has been done must follow.
    pub fn is_cancellable(&self) -> bool {
        !matches!(
            self,
            Action::SaveRecord(_) | Action::SetStatus { .. } | Action::SupersedeDeployed | Action::Purge(_)
        )
    }

    /// Returns the step's verb, for events and dry runs.
    pub fn verb(&self) -> &'static str {
        match self {
            Action::CreateNamespace(..) => "create-namespace",
            Action::CreateRecord(_) => "create-record",
            Action::SaveRecord(_) => "save-record",
            Action::SetStatus { .. } => "set-status",
            Action::SupersedeDeployed => "supersede-deployed",
            Action::Purge(_) => "purge",
            Action::RunHooks(_) => "run-hooks",
            Action::Create(..) => "create",
            Action::Apply(..) => "apply",
            Action::Prune(_) => "prune",
            Action::WaitReady(_) => "wait-ready",
            Action::DeleteObjects(_) => "delete-objects",
            Action::WaitDeleted => "wait-deleted",
            Action::DeleteCreated(_) => "delete-created",
        }
    }
}

/// An object as it shall be, and as the revision before had it.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// As it shall be.
    pub resource: Resource,
    /// As it was, if it was.
    pub original: Option<Resource>,
    /// What is known of it in the cluster.
    pub sight: Sight,
}

/// What is known of an object in the cluster before it is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// It was looked for and is not there, and nothing of the plan can have made it since.
    Absent,
    /// It may be there.
    Unknown,
    /// The same step makes or changes it before.
    Repeated,
}
