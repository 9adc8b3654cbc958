//! Waiting as Helm 3 did (`pkg/kube/wait.go`): polling, one object after the other.

use std::time::Duration;

use manifest::readiness::{self, Related};
use serde_json::Value;

use crate::cancel::Cancel;
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::resource::Resource;
use crate::wait::{Attention, Goal, Timer, WaitOptions};
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
        let cancel = attention.cancel;
        let limit = (!options.timeout.is_zero()).then_some(options.timeout);
        let clock = Timer::start(limit, options.now);
        match goal {
            Goal::Ready { jobs } => self.poll_ready(resources, jobs, &clock, cancel).await,
            Goal::Deleted => self.poll_deleted(resources, &clock, cancel).await,
            Goal::HookDone => {
                let mut errors = Vec::new();
                for resource in resources {
                    if let Err(error) = self.poll_hook(resource, limit, options, cancel).await {
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
        cancel: &Cancel,
    ) -> Result<(), Error> {
        let mut failures = vec![0u32; resources.len()];
        loop {
            if self.all_ready(resources, jobs, &mut failures).await? {
                return Ok(());
            }
            self.next_poll(clock, cancel, "context deadline exceeded").await?;
        }
    }

    /// One round; it ends at the first object that is not ready.
    async fn all_ready(
        &self,
        resources: &[Resource],
        jobs: bool,
        failures: &mut [u32],
    ) -> Result<bool, Error> {
        for (resource, failures) in resources.iter().zip(failures) {
            match self.is_ready(resource, jobs).await {
                Ok(true) => *failures = 0,
                Ok(false) => {
                    *failures = 0;
                    return Ok(false);
                }
                Err(error) if is_retryable(&error) => {
                    *failures += 1;
                    return if *failures > RETRIES { Err(error) } else { Ok(false) };
                }
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    async fn is_ready(&self, resource: &Resource, jobs: bool) -> Result<bool, Error> {
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
        readiness::legacy_is_ready(&live, &related, jobs).map_err(|text| ErrorKind::NotReached(text).into())
    }

    async fn poll_deleted(
        &self,
        resources: &[Resource],
        clock: &Timer,
        cancel: &Cancel,
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
            self.next_poll(clock, cancel, "context deadline exceeded").await?;
        }
    }

    async fn poll_hook(
        &self,
        resource: &Resource,
        limit: Option<Duration>,
        options: WaitOptions,
        cancel: &Cancel,
    ) -> Result<(), Error> {
        if !matches!(resource.mapping.kind.as_str(), "Job" | "Pod") {
            return Ok(());
        }
        let clock = Timer::start(limit, options.now);
        let mut seen = false;
        while !self.follow_hook(resource, &clock, &mut seen, cancel).await? {
            if clock.is_over() {
                return Err(ErrorKind::NotReached("timed out waiting for the condition".to_owned()).into());
            }
        }
        Ok(())
    }

    /// Lists and watches a hook until the server ends the watch or the time is over; returns whether it is through.
    async fn follow_hook(
        &self,
        resource: &Resource,
        clock: &Timer,
        seen: &mut bool,
        cancel: &Cancel,
    ) -> Result<bool, Error> {
        let collection = Collection::of_one(resource);
        let (items, version) = self.list_collection(&collection).await?;
        match items.first() {
            Some(live) if hook_is_done(live, &resource.name)? => return Ok(true),
            Some(_) => *seen = true,
            None if *seen => return Ok(true),
            None => {}
        }
        let mut watch = self.watch_collection(&collection, &version).await?;
        loop {
            cancel.check()?;
            match watch.next(QUIET.min(clock.left())).await? {
                Change::Present(live) if hook_is_done(&live, &resource.name)? => return Ok(true),
                Change::Present(_) => *seen = true,
                Change::Gone(_) => return Ok(true),
                Change::Quiet if clock.is_over() => return Ok(false),
                Change::Quiet => {}
                Change::Ended => return Ok(false),
            }
        }
    }

    async fn next_poll(&self, clock: &Timer, cancel: &Cancel, text: &str) -> Result<(), Error> {
        cancel.check()?;
        self.sleep(PAUSE.min(clock.left())).await;
        cancel.check()?;
        if clock.is_over() { Err(ErrorKind::NotReached(text.to_owned()).into()) } else { Ok(()) }
    }
}

fn hook_is_done(live: &Value, name: &str) -> Result<bool, Error> {
    let failed = |text: String| Err(ErrorKind::NotReached(text).into());
    if live["kind"] == "Pod" {
        return match live["status"]["phase"].as_str() {
            Some("Succeeded") => Ok(true),
            Some("Failed") => failed(format!("pod {name} failed")),
            _ => Ok(false),
        };
    }
    let conditions = live["status"]["conditions"].as_array().map_or(&[][..], Vec::as_slice);
    for condition in conditions.iter().filter(|condition| condition["status"] == "True") {
        match condition["type"].as_str() {
            Some("Complete") => return Ok(true),
            Some("Failed") => {
                let reason = condition["reason"].as_str().unwrap_or_default();
                return failed(format!("job {name} failed: {reason}"));
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
