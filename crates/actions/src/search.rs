//! Looking for the reasons why objects do not become what they should be, while they are waited for and after it was in
//! vain: before recovery removes what could tell.

use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use cluster::{Alarm, Resource};
use manifest::readiness::{Assessment, ObjectStatus};

use crate::connections::Connections;
use crate::diagnose;
use crate::event::{Event, Interest};

/// How long an object may take before somebody asks why, and how often it is asked again.
const PAUSE: Duration = Duration::from_secs(2);

/// Of how many objects the reasons are looked for.
const MOST_OBJECTS: usize = 10;

/// What is known of the objects of a wait.
pub(crate) struct Search<'a> {
    connections: Connections<'a>,
    open: RefCell<Vec<(Resource, Assessment)>>,
}

impl<'a> Search<'a> {
    pub(crate) fn new(connections: Connections<'a>) -> Self {
        Search { connections, open: RefCell::default() }
    }

    /// Notes the state an object has come to.
    pub(crate) fn note(&self, resource: &Resource, state: &Assessment) {
        if self.connections.reporter.interest() == Interest::None {
            return;
        }
        let mut open = self.open.borrow_mut();
        open.retain(|(known, _)| !known.is_same_object(resource));
        if state.status != ObjectStatus::Current {
            open.push((resource.clone(), state.clone()));
        }
    }

    /// Drives work to its end, and looks for reasons meanwhile and after a failure, as far as anybody wants to know.
    pub(crate) async fn beside<T, E>(&self, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let interest = self.connections.reporter.interest();
        let outcome = match interest {
            Interest::Always => first(work, self.look_again_and_again()).await,
            Interest::None | Interest::AfterFailure => work.await,
        };
        if outcome.is_err() && interest != Interest::None {
            self.look(true).await;
        }
        outcome
    }

    async fn look_again_and_again(&self) {
        loop {
            Alarm::after(PAUSE).await;
            self.look(false).await;
        }
    }

    async fn look(&self, in_vain: bool) {
        let open = self.open.borrow().clone();
        for (resource, state) in open.iter().take(MOST_OBJECTS) {
            let finding = diagnose::run(resource, self.connections).await;
            self.connections.reporter.report(Event::Finding { resource, state, finding: &finding, in_vain });
        }
    }
}

/// Drives two futures until the first of them ends; the second never does.
async fn first<T>(work: impl Future<Output = T>, other: impl Future<Output = ()>) -> T {
    let (mut work, mut other) = (pin!(work), pin!(other));
    std::future::poll_fn(|context| {
        let outcome = work.as_mut().poll(context);
        if outcome.is_pending() {
            let _pending: Poll<()> = other.as_mut().poll(context);
        }
        outcome
    })
    .await
}
