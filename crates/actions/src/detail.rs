//! What happens underneath an operation: what `--debug` tells, as data.

use std::time::Duration;

use cluster::{CreateMode, Goal, Resource, WaitStrategy};

use crate::plan::UpdateMode;

/// Something that only those who look for trouble want to see.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Detail<'a> {
    /// An operation has come to a stage.
    Stage(
        Stage,
        /// Name of the release.
        &'a str,
    ),
    /// It is decided who merges the objects of an upgrade.
    Method {
        /// Whether the server does.
        server_side: bool,
        /// How it was done before: `ssa`, `csa` or nothing.
        previous: &'a str,
    },
    /// It is decided which revision a rollback goes back to.
    GoingBack {
        /// Name of the release.
        release: &'a str,
        /// The newest revision.
        current: i64,
        /// The one to go back to.
        target: i64,
    },
    /// A revision that was deployed no longer is.
    Superseding(i64),
    /// A record is read or written.
    Record {
        /// What is done.
        access: Access,
        /// Name of the release.
        release: &'a str,
        /// Revision.
        revision: i64,
    },
    /// Objects of which none should be there are to be created.
    Creating {
        /// How many.
        count: usize,
        /// How.
        mode: CreateMode,
    },
    /// Objects are to be created or changed.
    Updating {
        /// How many.
        count: usize,
        /// How.
        mode: UpdateMode,
    },
    /// The server has made an object by an apply.
    Made(&'a Resource),
    /// An object that was missing has been created during a change.
    Added(&'a Resource),
    /// The server has refused to make an object.
    NotMade(&'a Resource, &'a cluster::Error),
    /// The server has refused to merge an object.
    NotApplied(&'a Resource, &'a cluster::Error),
    /// Fields of an object have passed from client-side to server-side management.
    Migrated(&'a Resource),
    /// The server has merged an object.
    Applied(&'a Resource),
    /// An object is patched by the client.
    Patching(&'a Resource),
    /// A client-side patch would change nothing.
    Unchanged(&'a Resource),
    /// An object has been replaced.
    Replaced(&'a Resource),
    /// The oldest revisions of a release are deleted.
    RecordsPruned {
        /// Name of the release.
        release: &'a str,
        /// How many were to be deleted.
        count: usize,
        /// How many of them could not be deleted.
        errors: usize,
    },
    /// An object is no longer wanted.
    Pruning(&'a Resource),
    /// An object that is no longer wanted cannot be read, and stays.
    Unreadable(&'a Resource, &'a cluster::Error),
    /// An object that is no longer wanted stays because it says so.
    Kept(&'a Resource),
    /// An object is deleted.
    Deleting(&'a Resource),
    /// An object that was to be deleted is not there.
    Gone(&'a Resource, &'a cluster::Error),
    /// An object belongs to the release that is removed.
    Owned(
        &'a Resource,
        /// Name of the release.
        &'a str,
    ),
    /// Objects that a dry run would delete.
    WouldDelete(
        &'a [Resource],
        /// Name of the release.
        &'a str,
    ),
    /// Objects are waited for.
    Waiting {
        /// The objects.
        resources: &'a [Resource],
        /// For what.
        goal: Goal,
        /// By whose rules.
        strategy: WaitStrategy,
        /// For how long.
        timeout: Duration,
    },
    /// Objects are what they were waited for to be.
    Reached {
        /// The objects.
        resources: &'a [Resource],
        /// What was waited for.
        goal: Goal,
        /// By whose rules.
        strategy: WaitStrategy,
        /// How long it took.
        elapsed: Duration,
    },
    /// Pods that belong to an object are looked for.
    PodsOf(&'a Resource),
    /// A file of `crds/` is there already.
    DefinitionPresent(&'a str),
    /// What was known of the cluster's kinds is forgotten.
    DiscoveryForgotten,
    /// What a failed operation has created is removed.
    CleaningUp {
        /// What it was.
        operation: crate::plan::Operation,
        /// How many objects.
        count: usize,
    },
    /// What a failed operation had created is removed.
    CleanedUp,
}

impl Detail<'_> {
    /// Returns whether this is about objects in the cluster, not about releases.
    pub(crate) fn is_about_objects(&self) -> bool {
        !matches!(
            self,
            Detail::Stage(..)
                | Detail::Method { .. }
                | Detail::GoingBack { .. }
                | Detail::Superseding(_)
                | Detail::Record { .. }
                | Detail::RecordsPruned { .. }
        )
    }
}

/// Where an operation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stage {
    /// The history of a release is asked for by a user.
    AskingForHistory,
    /// The history is read.
    ReadingHistory,
    /// The newest revision is read.
    ReadingLast,
    /// The deployed revisions are read.
    ReadingDeployed,
    /// An upgrade looks at what is there.
    PreparingUpgrade,
    /// An upgrade starts from the chart's own values.
    ResettingValues,
    /// An upgrade begins.
    PerformingUpgrade,
    /// The new revision is stored.
    CreatingUpgraded,
    /// An upgrade ends before it changes anything.
    UpgradeDryRun,
    /// Hooks of an upgrade are left out.
    UpgradeHooksDisabled,
    /// The new revision becomes the deployed one.
    UpdatingUpgraded,
    /// A failed upgrade is rolled back.
    RollingBackUpgrade,
    /// A failed installation is uninstalled.
    UninstallingFailed,
    /// A rollback looks at what is there.
    PreparingRollback,
    /// The new revision is stored.
    CreatingRolledBack,
    /// A rollback begins.
    PerformingRollback,
    /// A rollback ends before it changes anything.
    RollbackDryRun,
    /// Hooks of a rollback are left out.
    RollbackHooksDisabled,
    /// The new revision becomes the deployed one.
    UpdatingRolledBack,
    /// An uninstallation begins.
    Uninstalling,
    /// Hooks of an uninstallation are left out.
    UninstallHooksDisabled,
    /// The history goes too.
    Purging,
}

/// What is done to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It is read.
    Get,
    /// It is stored for the first time.
    Create,
    /// It is stored again.
    Update,
    /// It is deleted.
    Delete,
}
