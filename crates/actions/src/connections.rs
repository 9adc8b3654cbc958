//! What an operation works with.

use std::time::Instant;

use cluster::{Attention, Cancel, Client, Goal, NO_LIMIT, Resource, WaitOptions, WaitStrategy};
use manifest::readiness::Assessment;
use release::Storage;

use crate::detail::Detail;
use crate::event::{Event, Reporter};
use crate::search::Search;

/// The cluster, the records, the listener and the flag of one operation, borrowed.
#[derive(Clone, Copy)]
pub struct Connections<'a> {
    /// The cluster.
    pub cluster: &'a Client,
    /// The records, in the namespace of the release.
    pub releases: &'a Storage,
    /// Namespace of the release and of objects that name none.
    pub namespace: &'a str,
    /// Who is told.
    pub reporter: &'a dyn Reporter,
    /// Raised when the user gives up.
    pub cancel: &'a Cancel,
}

impl Connections<'_> {
    /// Waits for a goal, and tells what becomes of the objects meanwhile.
    pub(crate) async fn wait(
        &self,
        resources: &[Resource],
        goal: Goal,
        options: WaitOptions,
    ) -> Result<(), cluster::Error> {
        let search = Search::new(*self);
        let observe = |resource: &Resource, state: &Assessment| {
            self.reporter.report(Event::State { resource, state });
            search.note(resource, state);
        };
        let idle = || {
            self.reporter.report(Event::Idle);
            search.idle();
        };
        let attention = Attention { cancel: self.cancel, observe: &observe, idle: &idle };
        let WaitOptions { strategy, timeout, .. } = options;
        if strategy == WaitStrategy::HookOnly && goal != Goal::HookDone {
            return self.cluster.wait(resources, goal, options, attention).await;
        }
        if timeout == NO_LIMIT {
            self.tell_negative_timeout(resources, goal, strategy);
        }
        self.detail(Detail::Waiting { resources, goal, strategy, timeout });
        let started = Instant::now();
        if let Err(error) = self.cluster.wait(resources, goal, options, attention).await {
            if let cluster::ErrorKind::HookFailed { kind, name, reason } = error.kind() {
                self.reporter.report(Event::HookObjectFailed { kind, name, reason });
            }
            search.after_failure().await;
            return Err(error);
        }
        self.detail(Detail::Reached { resources, goal, strategy, elapsed: started.elapsed() });
        Ok(())
    }

    /// client-go complains once for each wait: Helm 3's rules have one for each hook that runs (`watchUntilReady`).
    fn tell_negative_timeout(&self, resources: &[Resource], goal: Goal, strategy: WaitStrategy) {
        let times = match (strategy, goal) {
            (WaitStrategy::Legacy, Goal::HookDone) => {
                let runs = |hook: &&Resource| matches!(hook.mapping.kind.as_str(), "Job" | "Pod");
                resources.iter().filter(runs).count()
            }
            _ => 1,
        };
        (0..times).for_each(|_| self.reporter.report(Event::NegativeTimeout));
    }
}
