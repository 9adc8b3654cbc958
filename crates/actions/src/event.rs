//! What happens while an operation runs: references and words of the code, never finished sentences.

use cluster::Resource;
use manifest::HookEvent;
use manifest::readiness::Assessment;

use crate::detail::Detail;
use crate::diagnose::Finding;

/// Something a user may want to see.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A step begins; counted from 0.
    Step {
        /// Position in the plan.
        index: usize,
        /// Number of steps.
        total: usize,
        /// The step's verb.
        verb: &'static str,
    },
    /// An object was created.
    Created(&'a Resource),
    /// An object was applied, patched or replaced.
    Changed(&'a Resource),
    /// An object was deleted.
    Deleted(&'a Resource),
    /// An object that is waited for has come to another state.
    State {
        /// The object.
        resource: &'a Resource,
        /// Its state.
        state: &'a Assessment,
    },
    /// It has been found out why an object is not what it should be; told to those whose [`Interest`] it is.
    Finding {
        /// The object.
        resource: &'a Resource,
        /// Its state.
        state: &'a Assessment,
        /// The reasons.
        finding: &'a Finding,
        /// Whether it was waited for in vain; else it is waited for still.
        in_vain: bool,
    },
    /// Nothing happens while objects are waited for; told several times a second.
    Idle,
    /// A hook begins.
    HookStarted {
        /// What it runs at.
        event: HookEvent,
        /// Its name.
        name: &'a str,
        /// Its kind.
        kind: &'a str,
    },
    /// A hook is through.
    HookEnded {
        /// Its name.
        name: &'a str,
        /// Whether it succeeded.
        succeeded: bool,
    },
    /// What a container of a hook has written.
    HookLog {
        /// Namespace of the pod.
        namespace: &'a str,
        /// The pod.
        pod: &'a str,
        /// The container.
        container: &'a str,
        /// Its output.
        text: &'a [u8],
    },
    /// An object with an unknown hook event was left out; the annotation's text.
    UnknownHook(&'a str),
    /// The chart brings definitions, which a dry run does not install.
    DryRunWithDefinitions,
    /// A wait has a limit below zero, which is none.
    NegativeTimeout,
    /// An object is in the cluster but not in the release before; its live state is the baseline.
    NotInOriginal(&'a Resource),
    /// An object is not deleted because another release owns it.
    NotOwned {
        /// The object.
        resource: &'a Resource,
        /// The release being removed.
        release: &'a str,
    },
    /// An object is not deleted because it cannot be read.
    Unverifiable {
        /// The object.
        resource: &'a Resource,
        /// The release being removed.
        release: &'a str,
        /// Why.
        error: &'a cluster::Error,
    },
    /// A hook that `--wait=legacy` waited for has failed; an error of this cause is returned.
    HookObjectFailed {
        /// `job` or `pod`.
        kind: &'static str,
        /// Its name.
        name: &'a str,
        /// A Job's reason.
        reason: &'a str,
    },
    /// The logs of a hook could not be had; the operation goes on.
    HookLogFailed(&'a cluster::Error),
    /// A failed hook could not be deleted; the operation goes on.
    HookDeletionFailed(&'a crate::Error),
    /// A record could not be saved; the operation goes on.
    RecordNotSaved {
        /// Name of the release.
        name: &'a str,
        /// Revision.
        revision: i64,
        /// Why.
        error: &'a release::Error,
        /// Whether the operation itself has succeeded.
        succeeded: bool,
    },
    /// A revision whose making broke off counts as failed from now on.
    BrokeOff {
        /// The revision.
        record: &'a release::Record,
        /// Whose work it was; unknown when it was Helm's.
        work: Option<&'a release::Work>,
    },
    /// That work on the release goes on could not be noted; it goes on all the same.
    SignOfLifeFailed(&'a release::Error),
    /// An upgrade has failed and recovery begins.
    UpgradeFailed {
        /// Name of the release.
        name: &'a str,
        /// Why.
        error: &'a crate::Error,
    },
    /// A rollback has failed; the description now stored.
    RollbackFailed(&'a str),
    /// What only `--debug` shows.
    Detail(Detail<'a>),
    /// A check before an installation has failed; the same error is returned.
    CheckFailed(&'a crate::Error),
}

/// Who is told; a closure will do.
pub trait Reporter {
    /// Takes an event; can neither fail nor steer.
    fn report(&self, event: Event<'_>);

    /// Says whether reasons are to be looked for, which costs requests that Helm does not make.
    fn interest(&self) -> Interest {
        Interest::None
    }
}

/// When somebody wants to know why objects are not what they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interest {
    /// Never.
    None,
    /// When they were waited for in vain.
    AfterFailure,
    /// While they are waited for, too.
    Always,
}

impl<F: Fn(Event<'_>)> Reporter for F {
    fn report(&self, event: Event<'_>) {
        self(event);
    }
}
