//! Going through the steps.

use std::pin::pin;

use cluster::{Goal, WaitOptions};
use release::Status;

use super::journal::{Failure, Journal};
use super::{hooks, objects, records, uninstall};
use crate::connections::Connections;
use crate::detail::{Detail, Stage};
use crate::error::{Error, ErrorKind};
use crate::event::Event;
use crate::guard::{self, Hold};
use crate::plan::{Action, OnError, Operation, Plan, Settings, Step};

/// Carries out a plan. It never fails: what went wrong is in the journal.
pub async fn run(plan: &Plan, connections: Connections<'_>) -> Journal {
    let mut journal = Journal { records: plan.records.clone(), ..Journal::default() };
    let hold = journal.records.get(&plan.revision).and_then(Hold::of);
    let mut signs = pin!(guard::give_signs(hold, connections));
    for (index, step) in plan.steps.iter().enumerate() {
        let total = plan.steps.len();
        connections.reporter.report(Event::Step { index, total, verb: step.action.verb() });
        let outcome = if !step.action.is_cancellable() {
            act(plan, step, &mut journal, connections).await
        } else if connections.cancel.is_cancelled() {
            Err(ErrorKind::Cancelled.into())
        } else {
            guard::watched(signs.as_mut(), act(plan, step, &mut journal, connections)).await
        };
        if let Err(error) = outcome {
            let is_cancelled = connections.cancel.is_cancelled();
            match step.on_error {
                // Whoever gives up wants the rest left alone, not everything tried and the history gone.
                OnError::Collect if !is_cancelled => journal.collected.push(error),
                OnError::Report if !matches!(error.kind(), ErrorKind::TakenOver) => {
                    report(plan, step, &error, connections);
                }
                OnError::Collect | OnError::Report | OnError::Stop => {
                    journal.failure = Some(Failure { step: index, error, is_cancelled });
                    return journal;
                }
            }
        }
        journal.done = index + 1;
    }
    journal
}

async fn act(
    plan: &Plan,
    step: &Step,
    journal: &mut Journal,
    connections: Connections<'_>,
) -> Result<(), Error> {
    match &step.action {
        Action::CreateNamespace(namespace, mode) => {
            connections.detail(Detail::Creating { count: 1, mode: *mode });
            match objects::create_one(namespace, *mode, connections).await {
                Err(error) if !error.is_already_exists() => Err(error.into()),
                _ => Ok(()),
            }
        }
        Action::CreateRecord(revision) => records::create(plan, *revision, journal, connections).await,
        Action::SaveRecord(revision) => records::save(*revision, journal, connections).await,
        Action::SetStatus { revision, status, description } => {
            tell_last_stage(plan, *revision, status, connections);
            if let Some(record) = journal.records.get_mut(revision) {
                record.info.status = status.clone();
                if let Some(description) = description {
                    record.info.description.clone_from(description);
                }
            }
            records::save(*revision, journal, connections).await
        }
        Action::SupersedeDeployed => records::supersede_deployed(plan, connections).await,
        Action::Purge(revisions) => records::purge(&plan.name, revisions, connections).await,
        Action::RunHooks(event) => {
            let run = hooks::HookRun { event: *event, settings: plan.settings };
            let Some(record) = journal.records.get_mut(&plan.revision) else { return Ok(()) };
            let outcome = hooks::run_hooks(record, run, connections).await;
            outcome.map_err(|error| name_hook_error(plan.operation, event.as_str(), error))
        }
        Action::Create(resources, mode) => objects::create(resources, *mode, connections).await,
        Action::Apply(targets, mode) => objects::apply(targets, *mode, journal, connections).await,
        Action::Prune(obsolete) => objects::prune(obsolete, connections).await,
        Action::WaitReady(resources) => {
            let goal = Goal::Ready { jobs: plan.settings.wait_for_jobs };
            let options = wait_options(plan.settings, connections);
            Ok(connections.wait(resources, goal, options).await?)
        }
        Action::DeleteObjects(propagation) => {
            uninstall::delete_objects(plan, *propagation, journal, connections).await
        }
        Action::WaitDeleted => {
            let options = wait_options(plan.settings, connections);
            Ok(connections.wait(&journal.deleted, Goal::Deleted, options).await?)
        }
        Action::DeleteCreated(resources) => {
            let (operation, count) = (plan.operation, resources.len());
            connections.detail(Detail::CleaningUp { operation, count });
            let outcome = objects::clean_up(resources, connections).await;
            outcome.inspect(|()| connections.detail(Detail::CleanedUp))
        }
    }
}

/// Tells that the new revision of an upgrade or a rollback is about to become the deployed one.
fn tell_last_stage(plan: &Plan, revision: i64, status: &Status, connections: Connections<'_>) {
    let stage = match plan.operation {
        Operation::Upgrade => Stage::UpdatingUpgraded,
        Operation::Rollback => Stage::UpdatingRolledBack,
        _ => return,
    };
    if revision == plan.revision && *status == Status::Deployed {
        connections.stage(stage, &plan.name);
    }
}

/// Returns the wait options of a plan, at the present time.
pub(super) fn wait_options(settings: Settings, connections: Connections<'_>) -> WaitOptions {
    WaitOptions { strategy: settings.wait, timeout: settings.timeout, now: connections.releases.now() }
}

/// Installations and upgrades say which hooks failed, each in its own way; the others do not.
fn name_hook_error(operation: Operation, event: &str, error: Error) -> Error {
    match operation {
        Operation::Install => ErrorKind::Hooks(format!("failed {event}"), error).into(),
        Operation::Upgrade => ErrorKind::Hooks(format!("{event} hooks failed"), error).into(),
        Operation::Rollback | Operation::Uninstall | Operation::Test => error,
    }
}

fn report(plan: &Plan, step: &Step, error: &Error, connections: Connections<'_>) {
    if let ErrorKind::Storage(error) = error.kind() {
        let succeeded = matches!(&step.action, Action::SetStatus { status: release::Status::Deployed, .. });
        let event = Event::RecordNotSaved { name: &plan.name, revision: plan.revision, error, succeeded };
        connections.reporter.report(event);
    }
}
