//! Waiting as Helm 3 did (`pkg/kube/wait.go`): polling, one object after the other.

use std::time::Duration;

use manifest::Time;
use manifest::readiness::{self, Assessment, ObjectStatus, Related};
use serde_json::Value;

use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::resource::Resource;
use crate::wait::{Attention, Goal, NO_LIMIT, Timer, WaitOptions};
use crate::watch::{Change, Collection, QUIET};

const PAUSE: Duration = Duration::from_secs(2);
/// How often an object may be unreadable before that counts.
const RETRIES: u32 = 30;

impl Client {
    pub(crate) async fn wait_legacy(
        &self,
        resources: &[Resource],
        goal: Goal,
        options: WaitOptions,
        attention: Attention<'_>,
    ) -> Result<(), Error> {
        let limit = Some(options.timeout).filter(|limit| !matches!(*limit, Duration::ZERO | NO_LIMIT));
        let clock = Timer::start(limit, options.now);
        match goal {
            Goal::Ready { jobs } => self.poll_ready(resources, jobs, &clock, attention).await,
            Goal::Deleted => self.poll_deleted(resources, &clock, attention).await,
            Goal::HookDone => {
                let mut errors = Vec::new();
                for resource in resources {
                    if let Err(error) = self.poll_hook(resource, limit, options, attention).await {
                        errors.push(error);
                    }
                }
                crate::joined(errors, "\n").map_or(Ok(()), Err)
            }
        }
    }

    async fn poll_ready(
        &self,
        resources: &[Resource],
        jobs: bool,
        clock: &Timer,
        attention: Attention<'_>,
    ) -> Result<(), Error> {
        let mut polled: Vec<Polled<'_>> = resources.iter().map(Polled::new).collect();
        loop {
            if self.all_ready(&mut polled, jobs, clock.now(), attention).await? {
                return Ok(());
            }
            self.next_poll(clock, attention, "context deadline exceeded").await?;
        }
    }

    /// One round; it ends at the first object that is not ready.
    async fn all_ready(
        &self,
        polled: &mut [Polled<'_>],
        jobs: bool,
        now: Time,
        attention: Attention<'_>,
    ) -> Result<bool, Error> {
        for polled in polled {
            match self.is_ready(polled.resource, jobs).await {
                Ok((is_ready, live)) => {
                    polled.failures = 0;
                    polled.tell(state_of(is_ready, &live, now), attention);
                    if !is_ready {
                        return Ok(false);
                    }
                }
                Err(error) if is_retryable(&error) => {
                    polled.failures += 1;
                    return if polled.failures > RETRIES { Err(error) } else { Ok(false) };
                }
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// Returns whether an object is ready, and the object.
    async fn is_ready(&self, resource: &Resource, jobs: bool) -> Result<(bool, Value), Error> {
        let live = self.get(resource).await?;
        let discovery = self.discover().await?;
        let related = match readiness::legacy_needs(&live) {
            Related::Nothing => Vec::new(),
            Related::ReplicaSets => match discovery.preferred("apps", "ReplicaSet") {
                Some(mapping) => items(self.list(&mapping, &resource.namespace, &[]).await?),
                None => Vec::new(),
            },
            Related::Pods => match discovery.preferred("", "Pod") {
                Some(mapping) => {
                    let selector = selector_text(&live["spec"]["selector"]);
                    items(self.list(&mapping, &resource.namespace, &[("labelSelector", &selector)]).await?)
                }
                None => Vec::new(),
            },
        };
        match readiness::legacy_is_ready(&live, &related, jobs) {
            Ok(is_ready) => Ok((is_ready, live)),
            Err(text) => Err(ErrorKind::NotReached(text).into()),
        }
    }

    async fn poll_deleted(
        &self,
        resources: &[Resource],
        clock: &Timer,
        attention: Attention<'_>,
    ) -> Result<(), Error> {
        loop {
            let mut gone = true;
            for resource in resources {
                if self.find(resource).await?.is_some() {
                    gone = false;
                    break;
                }
            }
            if gone {
                return Ok(());
            }
            self.next_poll(clock, attention, "context deadline exceeded").await?;
        }
    }

    async fn poll_hook(
        &self,
        resource: &Resource,
        limit: Option<Duration>,
        options: WaitOptions,
        attention: Attention<'_>,
    ) -> Result<(), Error> {
        if !matches!(resource.mapping.kind.as_str(), "Job" | "Pod") {
            return Ok(());
        }
        let clock = Timer::start(limit, options.now);
        let mut hook = FollowedHook { polled: Polled::new(resource), was_there: false };
        while !self.follow_hook(&mut hook, &clock, attention).await? {
            if clock.is_over() {
                return Err(ErrorKind::NotReached("timed out waiting for the condition".to_owned()).into());
            }
        }
        Ok(())
    }

    /// Lists and watches a hook until the server ends the watch or the time is over; returns whether it is through.
    async fn follow_hook(
        &self,
        hook: &mut FollowedHook<'_>,
        clock: &Timer,
        attention: Attention<'_>,
    ) -> Result<bool, Error> {
        let collection = Collection::of_one(hook.polled.resource);
        let (items, version) = self.list_collection(&collection).await?;
        match items.first() {
            Some(live) if hook.is_done(live, attention)? => return Ok(true),
            Some(_) => {}
            None if hook.was_there => return Ok(true),
            None => {}
        }
        let mut watch = self.watch_collection(&collection, &version).await?;
        loop {
            attention.cancel.check()?;
            match watch.next(QUIET.min(clock.left())).await? {
                Change::Present(live) if hook.is_done(&live, attention)? => return Ok(true),
                Change::Present(_) => {}
                Change::Gone(_) => return Ok(true),
                Change::Quiet if clock.is_over() => return Ok(false),
                Change::Quiet => (attention.idle)(),
                Change::Ended => return Ok(false),
            }
        }
    }

    async fn next_poll(&self, clock: &Timer, attention: Attention<'_>, text: &str) -> Result<(), Error> {
        attention.cancel.check()?;
        let mut left = PAUSE.min(clock.left());
        while !left.is_zero() {
            let pause = QUIET.min(left);
            self.sleep(pause).await;
            left -= pause;
            (attention.idle)();
            attention.cancel.check()?;
        }
        if clock.is_over() { Err(ErrorKind::NotReached(text.to_owned()).into()) } else { Ok(()) }
    }
}

/// An object that is asked for again and again.
struct Polled<'a> {
    resource: &'a Resource,
    /// How often it could not be read, one time after the other.
    failures: u32,
    /// What was told of it last.
    state: Option<Assessment>,
}

impl<'a> Polled<'a> {
    fn new(resource: &'a Resource) -> Polled<'a> {
        Polled { resource, failures: 0, state: None }
    }

    /// Tells a state, unless it is the one before.
    fn tell(&mut self, state: Assessment, attention: Attention<'_>) {
        if self.state.as_ref() != Some(&state) {
            (attention.observe)(self.resource, &state);
            self.state = Some(state);
        }
    }
}

/// A hook on its way.
struct FollowedHook<'a> {
    polled: Polled<'a>,
    was_there: bool,
}

impl FollowedHook<'_> {
    fn is_done(&mut self, live: &Value, attention: Attention<'_>) -> Result<bool, Error> {
        self.was_there = true;
        self.polled.tell(readiness::assess_hook(live), attention);
        hook_is_done(live, &self.polled.resource.name)
    }
}

/// Says for people what an object is by Helm 3's rules, which know only ready and not ready; the watcher's know why.
fn state_of(is_ready: bool, live: &Value, now: Time) -> Assessment {
    if is_ready {
        return Assessment::current(String::new());
    }
    let state = readiness::assess(live, now);
    match state.status {
        ObjectStatus::Current => Assessment::in_progress("not ready by the rules of --wait=legacy"),
        _ => state,
    }
}

fn hook_is_done(live: &Value, name: &str) -> Result<bool, Error> {
    let failed = |kind, reason: &str| {
        Err(ErrorKind::HookFailed { kind, name: name.to_owned(), reason: reason.to_owned() }.into())
    };
    if live["kind"] == "Pod" {
        return match live["status"]["phase"].as_str() {
            Some("Succeeded") => Ok(true),
            Some("Failed") => failed("pod", ""),
            _ => Ok(false),
        };
    }
    let conditions = live["status"]["conditions"].as_array().map_or(&[][..], Vec::as_slice);
    for condition in conditions.iter().filter(|condition| condition["status"] == "True") {
        match condition["type"].as_str() {
            Some("Complete") => return Ok(true),
            Some("Failed") => {
                return failed("job", condition["reason"].as_str().unwrap_or_default());
            }
            _ => {}
        }
    }
    Ok(false)
}

/// Everything may pass but a refusal of the server's that is not about its own state (`isRetryableError`).
fn is_retryable(error: &Error) -> bool {
    match error.api_status() {
        Some(status) => status.code == 0 || status.code == 429 || (status.code >= 500 && status.code != 501),
        None => !matches!(error.kind(), ErrorKind::Cancelled),
    }
}

fn items(mut list: Value) -> Vec<Value> {
    match list["items"].take() {
        Value::Array(items) => items,
        _ => Vec::new(),
    }
}

/// Writes a selector (a map, or `matchLabels` and `matchExpressions`) as a query does.
fn selector_text(selector: &Value) -> String {
    let mut parts = Vec::new();
    let has_terms = selector.get("matchLabels").is_some() || selector.get("matchExpressions").is_some();
    let labels = if has_terms { &selector["matchLabels"] } else { selector };
    for (key, value) in labels.as_object().into_iter().flatten() {
        parts.push(format!("{key}={}", value.as_str().unwrap_or_default()));
    }
    for expression in selector["matchExpressions"].as_array().into_iter().flatten() {
        let key = expression["key"].as_str().unwrap_or_default();
        let values: Vec<&str> =
            expression["values"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        parts.push(match expression["operator"].as_str() {
            Some("In") => format!("{key} in ({})", values.join(",")),
            Some("NotIn") => format!("{key} notin ({})", values.join(",")),
            Some("DoesNotExist") => format!("!{key}"),
            _ => key.to_owned(),
        });
    }
    parts.join(",")
}
