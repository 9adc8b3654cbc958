//! Whether a release may be changed: somebody may be at it, or have broken off.
//!
//! The pending record itself is the guard: it names its holder, and storing it is what one of two writers wins.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::Poll;

use cluster::Alarm;
use release::{HEARTBEAT, Record, Standing, Status, Work};

use crate::connections::Connections;
use crate::error::{Error, ErrorKind};
use crate::event::Event;
use crate::execute;
use crate::plan;

/// What is done about a pending revision that names no holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unclaimed {
    /// The operation is refused, as in Helm's `upgrade`.
    Refuse,
    /// It is left as it is, as in Helm's `rollback` and `uninstall`.
    Ignore,
    /// It counts as broken off (`--recover`).
    TakeOver,
}

/// Makes sure that nobody works on a release and returns its newest revision; one that broke off is failed from now on,
/// in the storage too unless `is_dry`.
///
/// # Errors
/// [`ErrorKind::InProgress`] when somebody is at it, or may be.
pub(crate) async fn settle(
    newest: Record,
    unclaimed: Unclaimed,
    is_dry: bool,
    connections: Connections<'_>,
) -> Result<Record, Error> {
    let work = match (connections.releases.standing(&newest), unclaimed) {
        (Standing::Settled, _) | (Standing::Unclaimed, Unclaimed::Ignore) => return Ok(newest),
        (Standing::Busy(work), _) => return Err(ErrorKind::InProgress(Some(work)).into()),
        (Standing::Unclaimed, Unclaimed::Refuse) => return Err(ErrorKind::InProgress(None).into()),
        (Standing::Unclaimed, Unclaimed::TakeOver) => None,
        (Standing::Broken(work), _) => Some(work),
    };
    connections.reporter.report(Event::BrokeOff { record: &newest, work: work.as_ref() });
    let mut failed = newest.clone();
    failed.set_status(Status::Failed, description(&newest, work.as_ref()));
    if is_dry {
        return Ok(failed);
    }
    let journal = execute::run(&plan::abandon(newest, &failed.info.description), connections).await;
    match journal.failure {
        Some(failure) => Err(failure.error),
        None => Ok(failed),
    }
}

/// Makes sure that nobody works on a release, whatever its state is otherwise.
///
/// # Errors
/// [`ErrorKind::InProgress`] when somebody is at it.
pub(crate) fn check_idle(newest: &Record, connections: Connections<'_>) -> Result<(), Error> {
    match connections.releases.standing(newest) {
        Standing::Busy(work) => Err(ErrorKind::InProgress(Some(work)).into()),
        _ => Ok(()),
    }
}

fn description(record: &Record, work: Option<&Work>) -> String {
    let what = match record.info.status {
        Status::PendingInstall => "Install",
        Status::PendingUpgrade => "Upgrade",
        Status::PendingRollback => "Rollback",
        _ => "Deletion",
    };
    match work {
        Some(work) => format!("{what} {:?} broke off: {} is gone", record.name, work.holder),
        None => format!("{what} {:?} broke off", record.name),
    }
}

/// A revision that names this process as its holder.
pub(crate) struct Hold {
    name: String,
    revision: i64,
    status: Status,
}

impl Hold {
    /// Returns the hold on a revision that has one.
    pub(crate) fn of(record: &Record) -> Option<Hold> {
        record.holder.as_ref()?;
        Some(Hold { name: record.name.clone(), revision: record.version, status: record.info.status.clone() })
    }
}

/// Drives work on a revision while signs of life are given. Work that ends before the first one is due costs no request
/// more.
///
/// # Errors
/// [`ErrorKind::TakenOver`] when another command has taken the release over; the work is dropped then.
pub(crate) async fn watched<T>(
    mut signs: Pin<&mut impl Future<Output = ()>>,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let mut work = pin!(work);
    std::future::poll_fn(|context| {
        if let Poll::Ready(outcome) = work.as_mut().poll(context) {
            return Poll::Ready(outcome);
        }
        signs.as_mut().poll(context).map(|()| Err(ErrorKind::TakenOver.into()))
    })
    .await
}

/// Gives signs of life and ends when the release is no longer ours. Trouble with the storage is told, and tried again.
pub(crate) async fn give_signs(hold: Option<Hold>, connections: Connections<'_>) {
    let Some(hold) = hold else { return std::future::pending().await };
    loop {
        Alarm::after(HEARTBEAT).await;
        match connections.releases.touch(&hold.name, hold.revision, &hold.status).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => connections.reporter.report(Event::SignOfLifeFailed(&error)),
        }
    }
}

/// Lets go of a revision that stays pending or uninstalling after a failure, as it does in Helm.
pub(crate) async fn let_go(record: Option<&Record>, connections: Connections<'_>) {
    let Some(record) = record.filter(|record| record.holder.is_some()) else { return };
    if record.info.status.is_under_way()
        && let Err(error) = connections.releases.release_hold(record).await
        && !error.is_not_found()
    {
        connections.reporter.report(Event::SignOfLifeFailed(&error));
    }
}
