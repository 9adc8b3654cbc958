//! Waiting until objects have become what they should be, or are gone.

use std::fmt;
use std::time::{Duration, Instant};

use manifest::Time;
use manifest::readiness::{Assessment, ObjectStatus};

use crate::cancel::Cancel;
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::resource::Resource;
use crate::wait_watcher::Observation;

/// Whose rules decide that an object is ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitStrategy {
    /// kstatus; the default of `--wait`.
    Watcher,
    /// Those of Helm 3.
    Legacy,
    /// Only hooks are waited for.
    HookOnly,
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// Objects are ready; Jobs are through when asked for.
    Ready {
        /// Whether Jobs must run to their end.
        jobs: bool,
    },
    /// Hooks are through.
    HookDone,
    /// Objects are gone.
    Deleted,
}

/// How long, by whose rules, and what time it is.
#[derive(Debug, Clone, Copy)]
pub struct WaitOptions {
    /// Whose rules.
    pub strategy: WaitStrategy,
    /// The limit; zero means 30 seconds for the watcher and no limit for the legacy rules, as in Helm. [`NO_LIMIT`] is
    /// none for both.
    pub timeout: Duration,
    /// The present time, for rules that look at the age of objects.
    pub now: Time,
}

/// Who listens while something is waited for, and who may end it.
#[derive(Clone, Copy)]
pub struct Attention<'a> {
    /// Raised when the user gives up.
    pub cancel: &'a Cancel,
    /// Told of every state an object comes to.
    pub observe: &'a dyn Fn(&Resource, &Assessment),
    /// Called several times a second while nothing happens.
    pub idle: &'a dyn Fn(),
}

impl fmt::Debug for Attention<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attention").field("cancel", self.cancel).finish_non_exhaustive()
    }
}

/// In place of a limit, what a negative `--timeout` means to client-go (`watchtools.ContextWithOptionalTimeout`).
pub const NO_LIMIT: Duration = Duration::MAX;

/// Helm's `DefaultStatusWatcherTimeout`.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

impl Client {
    /// Waits for a goal. The watcher's rules follow the objects by watches; those of Helm 3 ask every two seconds, as
    /// Helm 3 did, because they look at objects that belong to others too.
    ///
    /// # Errors
    /// [`ErrorKind::NotReached`] in Helm's words when the limit is reached or an object has failed for good.
    pub async fn wait(
        &self,
        resources: &[Resource],
        goal: Goal,
        options: WaitOptions,
        attention: Attention<'_>,
    ) -> Result<(), Error> {
        let clock = Timer::start(watcher_timeout(options.timeout), options.now);
        match (options.strategy, goal) {
            (WaitStrategy::HookOnly, Goal::Ready { .. } | Goal::Deleted) => Ok(()),
            (WaitStrategy::Legacy, goal) => self.wait_legacy(resources, goal, options, attention).await,
            (_, goal) => {
                let mut observation = Observation::of(resources, goal);
                let ended = self.observe(&mut observation, &clock, attention).await?;
                not_reached(&observation, goal, ended)
            }
        }
    }
}

/// How following objects came to an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// There is nothing left to wait for.
    Settled,
    /// The time is over.
    TimedOut,
}

fn watcher_timeout(timeout: Duration) -> Option<Duration> {
    match timeout {
        NO_LIMIT => None,
        Duration::ZERO => Some(DEFAULT_TIMEOUT),
        timeout => Some(timeout),
    }
}

/// Says which objects are not what they should be (`statusWaiter.wait`, `statusWaiter.waitForDelete`).
fn not_reached(observation: &Observation<'_>, goal: Goal, ended: Ended) -> Result<(), Error> {
    let what = if goal == Goal::Deleted { "still exists" } else { "not ready" };
    let mut lines: Vec<String> = observation
        .unreached()
        .map(|(resource, Assessment { status, message })| {
            let Resource { namespace, name, mapping, .. } = resource;
            let (kind, status) = (&mapping.kind, status.as_str());
            format!("resource {kind}/{namespace}/{name} {what}. status: {status}, message: {message}")
        })
        .collect();
    if ended == Ended::TimedOut {
        lines.push("context deadline exceeded".to_owned());
    }
    if lines.is_empty() { Ok(()) } else { Err(ErrorKind::NotReached(lines.join("\n")).into()) }
}

/// Failed objects are not waited for any longer (`statusObserver`).
pub(crate) fn is_settled(state: &Assessment) -> bool {
    matches!(state.status, ObjectStatus::Current | ObjectStatus::Failed)
}

/// A stopwatch with a limit.
pub(crate) struct Timer {
    started: Instant,
    limit: Option<Duration>,
    start_time: Time,
}

impl Timer {
    pub(crate) fn start(limit: Option<Duration>, start_time: Time) -> Timer {
        Timer { started: Instant::now(), limit, start_time }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.left().is_zero()
    }

    pub(crate) fn left(&self) -> Duration {
        self.limit.map_or(Duration::MAX, |limit| limit.saturating_sub(self.started.elapsed()))
    }

    pub(crate) fn now(&self) -> Time {
        let seconds = i64::try_from(self.started.elapsed().as_secs()).unwrap_or(i64::MAX);
        Time { unix_seconds: self.start_time.unix_seconds.saturating_add(seconds), ..self.start_time }
    }
}
