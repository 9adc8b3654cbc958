//! Waiting until objects have become what they should be, or are gone.

use std::time::{Duration, Instant};

use manifest::Time;
use manifest::readiness::{self, Assessment, ObjectStatus};
use serde_json::Value;

use crate::cancel::Cancel;
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::resource::Resource;

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
    /// The limit; zero means 30 seconds for the watcher and no limit for the legacy rules, as in Helm.
    pub timeout: Duration,
    /// The present time, for rules that look at the age of objects.
    pub now: Time,
}

/// Helm's `DefaultStatusWatcherTimeout`.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

impl Client {
    /// Waits for a goal.
    ///
    /// Objects are read again and again, at growing intervals; no permission to watch is needed.
    ///
    /// # Errors
    /// [`ErrorKind::NotReached`] in Helm's words when the limit is reached or an object has failed for good.
    pub async fn wait(
        &self,
        resources: &[Resource],
        goal: Goal,
        options: WaitOptions,
        cancel: &Cancel,
    ) -> Result<(), Error> {
        match (options.strategy, goal) {
            (WaitStrategy::HookOnly, Goal::Ready { .. } | Goal::Deleted) => Ok(()),
            (WaitStrategy::Legacy, goal) => self.wait_legacy(resources, goal, options, cancel).await,
            (_, Goal::Deleted) => self.wait_deleted(resources, options, cancel).await,
            (_, goal) => self.wait_watcher(resources, goal, options, cancel).await,
        }
    }

    async fn wait_watcher(
        &self,
        resources: &[Resource],
        goal: Goal,
        options: WaitOptions,
        cancel: &Cancel,
    ) -> Result<(), Error> {
        let clock = Timer::start(watcher_timeout(options.timeout), options.now);
        let waited: Vec<&Resource> =
            resources.iter().filter(|resource| !is_paused(&resource.object)).collect();
        let mut states = vec![Assessment::unknown(); waited.len()];
        let mut pause = FIRST_PAUSE;
        loop {
            for (resource, state) in waited.iter().zip(&mut states) {
                if !is_settled(state) {
                    *state = self.look(resource, goal, clock.now(), state).await?;
                }
            }
            if states.iter().all(is_settled) {
                return not_reached(&waited, &states, "not ready", false);
            }
            if clock.is_over() {
                return not_reached(&waited, &states, "not ready", true);
            }
            self.pause(&mut pause, &clock, cancel).await?;
        }
    }

    async fn look(
        &self,
        resource: &Resource,
        goal: Goal,
        now: Time,
        before: &Assessment,
    ) -> Result<Assessment, Error> {
        match self.find(resource).await {
            Ok(Some(object)) => Ok(assess(&object, goal, now)),
            // An object that was never seen is unknown to the watcher, not missing.
            Ok(None) if before.status == ObjectStatus::Unknown => Ok(Assessment::unknown()),
            Ok(None) => Ok(Assessment::not_found()),
            Err(error) if error.api_status().is_some_and(|status| status.is_forbidden()) => Err(error),
            Err(_) => Ok(before.clone()),
        }
    }

    async fn wait_deleted(
        &self,
        resources: &[Resource],
        options: WaitOptions,
        cancel: &Cancel,
    ) -> Result<(), Error> {
        let clock = Timer::start(watcher_timeout(options.timeout), options.now);
        let mut left: Vec<&Resource> = resources.iter().collect();
        let mut pause = FIRST_PAUSE;
        loop {
            let mut states = Vec::new();
            let mut remaining = Vec::new();
            for resource in left {
                match self.find(resource).await {
                    Ok(None) => {}
                    Err(error) if error.api_status().is_some_and(|status| status.is_forbidden()) => {
                        return Err(error);
                    }
                    outcome => {
                        let state = outcome.ok().flatten().map_or_else(Assessment::unknown, |object| {
                            readiness::assess(&object, clock.now())
                        });
                        remaining.push(resource);
                        states.push(state);
                    }
                }
            }
            if remaining.is_empty() {
                return Ok(());
            }
            if clock.is_over() {
                return not_reached(&remaining, &states, "still exists", true);
            }
            left = remaining;
            self.pause(&mut pause, &clock, cancel).await?;
        }
    }

    pub(crate) async fn pause(
        &self,
        pause: &mut Duration,
        clock: &Timer,
        cancel: &Cancel,
    ) -> Result<(), Error> {
        cancel.check()?;
        self.sleep((*pause).min(clock.left())).await;
        *pause = pause.mul_f32(1.5).min(LONGEST_PAUSE);
        cancel.check()
    }
}

fn assess(object: &Value, goal: Goal, now: Time) -> Assessment {
    match goal {
        Goal::HookDone => readiness::assess_hook(object),
        Goal::Ready { jobs: true } if object["kind"] == "Job" => readiness::assess_job(object),
        Goal::Ready { .. } | Goal::Deleted => readiness::assess(object, now),
    }
}

/// Failed objects are not waited for any longer (`statusObserver`).
fn is_settled(state: &Assessment) -> bool {
    matches!(state.status, ObjectStatus::Current | ObjectStatus::Failed)
}

/// A paused Deployment will not move (`statusWaiter.wait`).
fn is_paused(object: &Value) -> bool {
    object["kind"] == "Deployment" && object["spec"]["paused"] == true
}

fn watcher_timeout(timeout: Duration) -> Option<Duration> {
    Some(if timeout.is_zero() { DEFAULT_TIMEOUT } else { timeout })
}

fn not_reached(
    resources: &[&Resource],
    states: &[Assessment],
    what: &str,
    timed_out: bool,
) -> Result<(), Error> {
    let mut lines = Vec::new();
    for (resource, Assessment { status, message }) in resources.iter().zip(states) {
        if *status != ObjectStatus::Current || what != "not ready" {
            let Resource { namespace, name, mapping, .. } = resource;
            let (kind, status) = (&mapping.kind, status.as_str());
            lines.push(format!(
                "resource {kind}/{namespace}/{name} {what}. status: {status}, message: {message}"
            ));
        }
    }
    if timed_out {
        lines.push("context deadline exceeded".to_owned());
    }
    if lines.is_empty() { Ok(()) } else { Err(ErrorKind::NotReached(lines.join("\n")).into()) }
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

    fn now(&self) -> Time {
        let seconds = i64::try_from(self.started.elapsed().as_secs()).unwrap_or(i64::MAX);
        Time { unix_seconds: self.start_time.unix_seconds.saturating_add(seconds), ..self.start_time }
    }
}
