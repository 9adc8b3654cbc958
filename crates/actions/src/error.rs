//! The error of this crate.

use manifest::HookEvent;

use crate::name::NameError;
use crate::render::RenderError;

/// An error of an operation.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(Box<ErrorKind>);

/// What went wrong; the texts are Helm's.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The cluster does not answer.
    #[error(transparent)]
    Cluster(cluster::Error),
    /// Records cannot be read or written.
    #[error(transparent)]
    Storage(release::Error),
    /// Records cannot be read; the text says which operation wanted them.
    #[error("{0}")]
    StorageWhile(String, #[source] release::Error),
    /// The name of a release will not do; the text says who minds.
    #[error("{0}")]
    Name(String, #[source] Option<NameError>),
    /// A check before an installation.
    #[error("{0}")]
    Check(&'static str, #[source] Error),
    /// An installation would take a name that is in use.
    #[error("cannot reuse a name that is still in use")]
    NameInUse(
        /// Who is at its installation, or was.
        release::Standing,
    ),
    /// The release is being worked on, or work on it broke off.
    #[error("another operation (install/upgrade/rollback) is in progress")]
    InProgress(
        /// Who is at it; unknown when it is Helm, or when work by Helm broke off.
        Option<release::Work>,
    ),
    /// Another command has taken the release over, because there was no sign of life from this one.
    #[error("another operation has taken over this release")]
    TakenOver,
    /// A revision below 0.
    #[error("invalid release revision")]
    InvalidRevision,
    /// No revision could be read.
    #[error("no release provided")]
    NoRelease,
    /// The revision to roll back to is not there.
    #[error("release has no {0} version")]
    NoSuchRevision(i64),
    /// The release is uninstalled and its history is to be kept: nothing to do.
    #[error("the release named {0:?} is already deleted")]
    AlreadyDeleted(String),
    /// Secrets are to be hidden where nothing is shown.
    #[error("hiding Kubernetes secrets requires a dry-run mode")]
    HideSecretWithoutDryRun,
    /// A description is too long.
    #[error("description must be {limit} characters or less, got {length}")]
    LongDescription {
        /// The limit.
        limit: usize,
        /// The length.
        length: usize,
    },
    /// A label of the user's is one of Helm's own.
    #[error(
        "user supplied labels contains system reserved label name. System labels: \
         [name owner status version createdAt modifiedAt]"
    )]
    SystemLabels,
    /// Rendering failed.
    #[error(transparent)]
    Render(RenderError),
    /// Conditions, tags or imports of the chart's dependencies.
    #[error("chart dependencies processing failed")]
    Dependencies(#[source] RenderError),
    /// A file of `crds/` cannot be installed.
    #[error("failed to install CRD {0}")]
    Definition(String, #[source] Error),
    /// A file of `crds/` holds no object.
    #[error("resources are empty")]
    EmptyDefinition,
    /// A manifest cannot be read.
    #[error(transparent)]
    Manifest(manifest::Error),
    /// A file of `crds/` is no YAML.
    #[error("error parsing ")]
    DefinitionText(#[source] Error),
    /// Objects cannot be made of a manifest; the text says of which.
    #[error("{0}")]
    Build(&'static str, #[source] Error),
    /// An object has both a name and a prefix for one.
    #[error("metadata.name and metadata.generateName cannot both be set")]
    NameAndGenerateName,
    /// An object is in the cluster and belongs to someone else; its title.
    #[error("{0} exists and cannot be imported into the current release")]
    Exists(String, #[source] manifest::ownership::NotOwned),
    /// An object cannot be looked for; its title.
    #[error("could not get information about the resource {0}")]
    Unreadable(String, #[source] cluster::Error),
    /// Live objects forbid the operation; the text says which operation.
    #[error("{0}")]
    Live(&'static str, #[source] Error),
    /// Options that exclude each other.
    #[error("{0}")]
    Options(&'static str),
    /// A step on objects; the text says which step.
    #[error("{0}")]
    Objects(&'static str, #[source] cluster::Error),
    /// Hooks failed; the text says which.
    #[error("{0}")]
    Hooks(String, #[source] Error),
    /// A hook cannot be made.
    #[error("warning: Hook {} {path} failed", event.as_str())]
    HookCreation {
        /// What it runs at.
        event: HookEvent,
        /// Its template.
        path: String,
        /// Why.
        source: cluster::Error,
    },
    /// A hook's text cannot be read; the text says for what it was needed.
    #[error("{0}")]
    HookObject(String, #[source] Error),
    /// Everything an uninstallation could not do.
    #[error("uninstallation completed with {} error(s): {}", .0.len(), join(.0, "; "))]
    Uninstallation(Vec<Error>),
    /// The objects of a release cannot be deleted; the causes are in the events.
    #[error("failed to delete release: {name}")]
    Deletion {
        /// Name of the release.
        name: String,
        /// Why; not part of the text, as in Helm.
        causes: Vec<Error>,
    },
    /// The record of an uninstalled release cannot be deleted.
    #[error("uninstall: Failed to purge the release")]
    Purge(#[source] release::Error),
    /// A rollback's objects did not become ready.
    #[error("release {0} failed")]
    NotReady(String, #[source] Error),
    /// A failed operation was undone.
    #[error("release {name} failed, and has been {what} due to rollback-on-failure being set")]
    Undone {
        /// Name of the release.
        name: String,
        /// `uninstalled` or `rolled back`.
        what: &'static str,
        /// What failed.
        source: Error,
    },
    /// A failed operation could not be undone: both errors in one text.
    #[error("{what}. original {operation} error: {}: {}", chain(original), chain(second))]
    UndoFailed {
        /// What was tried.
        what: &'static str,
        /// `install`, `upgrade` or `rollback`.
        operation: &'static str,
        /// What failed first.
        original: Error,
        /// What failed then.
        second: Error,
    },
    /// There is nothing to roll back to.
    #[error(
        "unable to find a previously successful release when attempting to rollback. original upgrade error"
    )]
    NothingToRollBackTo(#[source] Error),
    /// New objects of a failed rollback could not be removed; what failed first is not told, as in Helm.
    #[error("an error occurred while cleaning up resources. original rollback error")]
    RollbackCleanup(#[source] Error),
    /// New objects of a failed operation could not be removed.
    #[error("unable to cleanup resources: {}", join(.0, ", "))]
    Cleanup(Vec<Error>),
    /// A selector of `list` cannot be read.
    #[error("{0}")]
    Selector(String),
    /// The user gave up.
    #[error("context canceled")]
    Cancelled,
}

fn join(errors: &[Error], separator: &str) -> String {
    errors.iter().map(|error| cluster::chain(error)).collect::<Vec<_>>().join(separator)
}

fn chain(error: &Error) -> String {
    cluster::chain(error)
}

impl Error {
    /// Returns what went wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.0
    }
}

impl Error {
    /// Returns whether there is no such release.
    pub fn is_release_not_found(&self) -> bool {
        matches!(self.kind(), ErrorKind::Storage(error) if error.is_not_found())
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Error(Box::new(kind))
    }
}

impl From<cluster::Error> for Error {
    fn from(error: cluster::Error) -> Self {
        ErrorKind::Cluster(error).into()
    }
}

impl From<release::Error> for Error {
    fn from(error: release::Error) -> Self {
        ErrorKind::Storage(error).into()
    }
}

impl From<manifest::Error> for Error {
    fn from(error: manifest::Error) -> Self {
        ErrorKind::Manifest(error).into()
    }
}
