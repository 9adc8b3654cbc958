//! Following objects by watches: one list and, where something is still to come, one watch for each kind and namespace.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use manifest::readiness::{self, Assessment, ObjectStatus};
use manifest::{Time, ownership};
use serde_json::Value;

use crate::client::Client;
use crate::error::Error;
use crate::resource::Resource;
use crate::wait::{Attention, Ended, Goal, Timer, is_settled};
use crate::watch::{Change, Collection, QUIET, Watch};

/// Pauses before a watch that ended is opened again, and between lists where watching is forbidden.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Objects that are waited for, and what is known of them.
pub(crate) struct Observation<'a> {
    goal: Goal,
    members: Vec<Member<'a>>,
    groups: Vec<Group<'a>>,
}

struct Member<'a> {
    resource: &'a Resource,
    state: Assessment,
    /// The last state seen.
    object: Option<Value>,
    is_gone: bool,
    /// Whether it was paused when it was first seen, and is not waited for.
    is_paused: bool,
}

/// Members of one kind in one namespace.
struct Group<'a> {
    collection: Collection<'a>,
    members: Vec<usize>,
    watch: Option<Watch>,
    pause: Duration,
    may_watch: bool,
}

impl<'a> Observation<'a> {
    pub(crate) fn of(resources: &'a [Resource], goal: Goal) -> Observation<'a> {
        let waited =
            resources.iter().filter(|resource| goal == Goal::Deleted || !is_paused(&resource.object));
        let members: Vec<Member<'a>> = waited
            .map(|resource| Member {
                resource,
                state: Assessment::unknown(),
                object: None,
                is_gone: false,
                is_paused: false,
            })
            .collect();
        let mut groups: Vec<Group<'a>> = Vec::new();
        for (index, member) in members.iter().enumerate() {
            match groups.iter_mut().find(|group| group.holds(member.resource)) {
                Some(group) => group.members.push(index),
                None => groups.push(Group::new(member.resource, index)),
            }
        }
        for group in &mut groups {
            group.collection.selector = selector(&group.members, &members);
        }
        Observation { goal, members, groups }
    }

    /// Returns the objects that are not what they should be.
    pub(crate) fn unreached(&self) -> impl Iterator<Item = (&Resource, &Assessment)> {
        let is_reached = |member: &&Member<'_>| match self.goal {
            Goal::Deleted => member.is_gone,
            _ => member.is_paused || member.state.status == ObjectStatus::Current,
        };
        self.members
            .iter()
            .filter(move |member| !is_reached(member))
            .map(|member| (member.resource, &member.state))
    }

    fn is_done(&self, group: &Group<'_>) -> bool {
        group.members.iter().all(|index| {
            let member = &self.members[*index];
            match self.goal {
                Goal::Deleted => member.is_gone,
                _ => member.is_paused || is_settled(&member.state),
            }
        })
    }

    /// Takes what was seen of an object.
    fn take(&mut self, index: usize, object: Option<Value>, now: Time, attention: Attention<'_>) {
        let goal = self.goal;
        let Some(member) = self.members.get_mut(index) else { return };
        if goal != Goal::Deleted {
            let is_new = member.state.status == ObjectStatus::Unknown;
            member.is_paused |= is_new && object.as_ref().is_some_and(is_paused);
            if member.is_paused || is_settled(&member.state) {
                return;
            }
        }
        member.is_gone = object.is_none();
        let state = match &object {
            Some(object) => assess(object, goal, now),
            // An object that was never seen is unknown to the watcher, not missing.
            None if member.state.status == ObjectStatus::Unknown => Assessment::unknown(),
            None => Assessment::not_found(),
        };
        member.object = object;
        if member.state != state {
            member.state = state;
            (attention.observe)(member.resource, &member.state);
        }
    }

    /// Looks again at what was seen, for rules that depend on the time.
    fn look_again(&mut self, now: Time, attention: Attention<'_>) {
        for index in 0..self.members.len() {
            if let Some(object) = self.members[index].object.take() {
                self.take(index, Some(object), now, attention);
            }
        }
    }

    /// Returns who is waited for by the name of an object: more than one where a manifest has it twice.
    fn find(&self, group: usize, object: &Value) -> Vec<usize> {
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        let members = self.groups.get(group).map_or(&[][..], |group| &group.members);
        members.iter().copied().filter(|index| self.members[*index].resource.name == name).collect()
    }
}

impl<'a> Group<'a> {
    fn new(resource: &'a Resource, index: usize) -> Group<'a> {
        let collection = Collection::of_one(resource);
        Group { collection, members: vec![index], watch: None, pause: FIRST_PAUSE, may_watch: true }
    }

    fn holds(&self, resource: &Resource) -> bool {
        let Collection { mapping, namespace, .. } = &self.collection;
        **mapping == *resource.mapping && *namespace == resource.namespace
    }

    fn next_pause(&mut self) -> Duration {
        let pause = self.pause;
        self.pause = pause.mul_f32(1.5).min(LONGEST_PAUSE);
        pause
    }
}

/// One object is asked for by name, several by the label that all objects of releases carry.
fn selector(indexes: &[usize], members: &[Member<'_>]) -> (&'static str, String) {
    if let [index] = indexes {
        return Collection::of_one(members[*index].resource).selector;
    }
    let is_marked = |index: &usize| {
        members[*index].resource.object["metadata"]["labels"][ownership::MANAGED_BY] == ownership::HELM
    };
    match indexes.iter().all(is_marked) {
        true => ("labelSelector", format!("{}={}", ownership::MANAGED_BY, ownership::HELM)),
        false => ("labelSelector", String::new()),
    }
}

/// A paused Deployment will not move (`statusWaiter.wait`, which looks at the manifest as the server has answered it).
fn is_paused(object: &Value) -> bool {
    object["kind"] == "Deployment" && object["spec"]["paused"] == true
}

fn assess(object: &Value, goal: Goal, now: Time) -> Assessment {
    match goal {
        Goal::HookDone => readiness::assess_hook(object),
        Goal::Ready { jobs: true } if object["kind"] == "Job" => readiness::assess_job(object),
        Goal::Ready { .. } | Goal::Deleted => readiness::assess(object, now),
    }
}

impl Client {
    /// Follows objects until nothing is left to wait for, or the time is over.
    pub(crate) async fn observe(
        &self,
        seen: &mut Observation<'_>,
        clock: &Timer,
        attention: Attention<'_>,
    ) -> Result<Ended, Error> {
        loop {
            for group in 0..seen.groups.len() {
                if seen.groups[group].watch.is_none() && !seen.is_done(&seen.groups[group]) {
                    self.begin(seen, group, clock, attention).await?;
                }
            }
            for group in 0..seen.groups.len() {
                if seen.is_done(&seen.groups[group]) {
                    seen.groups[group].watch = None;
                }
            }
            if seen.groups.iter().all(|group| seen.is_done(group)) {
                return Ok(Ended::Settled);
            }
            if clock.is_over() {
                return Ok(Ended::TimedOut);
            }
            attention.cancel.check()?;
            self.attend(seen, clock, attention).await?;
            attention.cancel.check()?;
        }
    }

    /// Lists a group, and watches it if something is still to come. Whatever hinders that but a refusal passes.
    async fn begin(
        &self,
        seen: &mut Observation<'_>,
        group: usize,
        clock: &Timer,
        attention: Attention<'_>,
    ) -> Result<(), Error> {
        let collection = seen.groups[group].collection.clone();
        let (items, version) = match self.list_collection(&collection).await {
            Ok(listed) => listed,
            Err(error) if is_refusal(&error) => return Err(error),
            Err(_) => return Ok(()),
        };
        let mut found: Vec<Option<Value>> = vec![None; seen.members.len()];
        for item in items {
            for index in seen.find(group, &item) {
                found[index] = Some(item.clone());
            }
        }
        for index in seen.groups[group].members.clone() {
            let object = found[index].take();
            seen.take(index, object, clock.now(), attention);
        }
        if seen.is_done(&seen.groups[group]) || !seen.groups[group].may_watch {
            return Ok(());
        }
        match self.watch_collection(&collection, &version).await {
            Ok(watch) => seen.groups[group].watch = Some(watch),
            // Who may list but not watch asks again.
            Err(error) if is_refusal(&error) => seen.groups[group].may_watch = false,
            Err(_) => {}
        }
        Ok(())
    }

    /// Waits for one change.
    async fn attend(
        &self,
        seen: &mut Observation<'_>,
        clock: &Timer,
        attention: Attention<'_>,
    ) -> Result<(), Error> {
        let idle = seen.groups.iter().any(|group| group.watch.is_none() && !seen.is_done(group));
        if idle {
            let pauses = seen.groups.iter_mut().filter(|group| group.watch.is_none()).map(Group::next_pause);
            let pause = pauses.min().unwrap_or(LONGEST_PAUSE);
            self.sleep(pause.min(clock.left())).await;
            (attention.idle)();
            return Ok(());
        }
        let (group, change) = first_change(&mut seen.groups, QUIET.min(clock.left())).await;
        match change {
            Ok(Change::Present(object)) => {
                for index in seen.find(group, &object) {
                    seen.take(index, Some(object.clone()), clock.now(), attention);
                }
            }
            Ok(Change::Gone(object)) => {
                for index in seen.find(group, &object) {
                    seen.take(index, None, clock.now(), attention);
                }
            }
            Ok(Change::Quiet) => {
                seen.look_again(clock.now(), attention);
                (attention.idle)();
            }
            Ok(Change::Ended) | Err(_) => seen.groups[group].watch = None,
        }
        Ok(())
    }
}

/// Returns what the first group says whose watch says anything; the others lose nothing.
async fn first_change(groups: &mut [Group<'_>], patience: Duration) -> (usize, Result<Change, Error>) {
    type Asked<'w> = Pin<Box<dyn Future<Output = Result<Change, Error>> + 'w>>;
    let watches =
        groups.iter_mut().enumerate().filter_map(|(index, group)| Some((index, group.watch.as_mut()?)));
    let mut asked: Vec<(usize, Asked<'_>)> = watches
        .map(|(index, watch)| -> (usize, Asked<'_>) { (index, Box::pin(watch.next(patience))) })
        .collect();
    poll_fn(|context| {
        for (index, change) in &mut asked {
            if let Poll::Ready(change) = change.as_mut().poll(context) {
                return Poll::Ready((*index, change));
            }
        }
        Poll::Pending
    })
    .await
}

fn is_refusal(error: &Error) -> bool {
    error.api_status().is_some_and(|status| status.is_forbidden())
}
