//! Looking for the reasons why objects do not become what they should be, while they are waited for and after it was in
//! vain: before recovery removes what could tell.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use cluster::Resource;
use manifest::readiness::{Assessment, ObjectStatus};

use crate::connections::Connections;
use crate::diagnose;
use crate::event::{Event, Interest};

/// How long an object may take before somebody asks why, and how often it is asked again.
const PAUSE: Duration = Duration::from_secs(2);

/// Of how many objects the reasons are looked for.
const MOST_OBJECTS: usize = 10;

/// Objects that are not what they should be yet.
type Open = Vec<(Resource, Assessment)>;

/// What is known of the objects of a wait.
pub(crate) struct Search<'a> {
    connections: Connections<'a>,
    interest: Interest,
    open: RefCell<Open>,
    next_look: Cell<Instant>,
    /// A look that is not over.
    look: RefCell<Option<Pin<Box<dyn Future<Output = ()> + 'a>>>>,
}

impl<'a> Search<'a> {
    pub(crate) fn new(connections: Connections<'a>) -> Self {
        Search {
            connections,
            interest: connections.reporter.interest(),
            open: RefCell::default(),
            next_look: Cell::new(Instant::now() + PAUSE),
            look: RefCell::default(),
        }
    }

    /// Notes the state an object has come to.
    pub(crate) fn note(&self, resource: &Resource, state: &Assessment) {
        if self.interest == Interest::None {
            return;
        }
        let mut open = self.open.borrow_mut();
        open.retain(|(known, _)| !known.is_same_object(resource));
        if state.status != ObjectStatus::Current {
            open.push((resource.clone(), state.clone()));
        }
    }

    /// Looks a little further; called several times a second while nothing happens.
    ///
    /// The look is driven from here, and not beside the wait, because a wait on a cluster in this process never lets go of
    /// its thread.
    pub(crate) fn idle(&self) {
        let Ok(mut look) = self.look.try_borrow_mut() else { return };
        if look.is_none() && self.interest == Interest::Always && Instant::now() >= self.next_look.get() {
            *look = Some(Box::pin(look_at(self.open.borrow().clone(), false, self.connections)));
        }
        let Some(current) = look.as_mut() else { return };
        if current.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
            *look = None;
            self.next_look.set(Instant::now() + PAUSE);
        }
    }

    /// Looks for the reasons of a failure, if anybody wants to know.
    pub(crate) async fn after_failure(&self) {
        if self.interest != Interest::None {
            let open = self.open.borrow().clone();
            look_at(open, true, self.connections).await;
        }
    }
}

async fn look_at(open: Open, in_vain: bool, connections: Connections<'_>) {
    for (resource, state) in open.iter().take(MOST_OBJECTS) {
        let finding = diagnose::run(resource, connections).await;
        connections.reporter.report(Event::Finding { resource, state, finding: &finding, in_vain });
    }
}
