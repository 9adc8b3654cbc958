//! What a failure leads to, as another plan; pure.
//!
//! [`recover`] follows a failure that the same command lived to see, [`abandon`] one that it did not.

use std::collections::BTreeMap;
use std::time::Duration;

use cluster::{CreateMode, WaitStrategy};
use release::{Record, Status};

use super::step::{Action, OnError, Operation, Plan, Settings, Step};
use crate::error::ErrorKind;
use crate::execute::{Failure, Journal};

/// Plans what follows the failure of a plan: states of the records, and with `cleanup` the removal of new objects
/// (`Install.failRelease`, `Upgrade.failRelease`, `Rollback.performRollback`). Empty when nothing follows.
pub fn recover(plan: &Plan, journal: &Journal, failure: &Failure, cleanup: bool) -> Plan {
    let mut steps = Vec::new();
    if matches!(failure.error.kind(), ErrorKind::TakenOver) {
        // What happens now is the other command's to record.
        return Plan { records: journal.records.clone(), steps, ..plan.clone() };
    }
    let mut report = |action| steps.push(Step { action, on_error: OnError::Report });
    let text = cluster::chain(&failure.error);
    let failed = |description: String| Action::SetStatus {
        revision: plan.revision,
        status: Status::Failed,
        description: Some(description),
    };
    let name = &plan.name;
    let action = plan.steps.get(failure.step).map(|step| &step.action);
    let (changing, waiting) = match action {
        Some(Action::Apply(..) | Action::Prune(_)) => (true, false),
        Some(Action::WaitReady(_)) => (false, true),
        _ => (false, false),
    };
    let old = journal.records.keys().copied().find(|version| *version != plan.revision);
    match plan.operation {
        Operation::Install => report(failed(format!("Release {name:?} failed: {text}"))),
        Operation::Upgrade => {
            if let (true, Some(old)) = (changing || waiting, old) {
                report(Action::SaveRecord(old));
            }
            report(failed(format!("Upgrade {name:?} failed: {text}")));
        }
        Operation::Rollback if changing => {
            if let Some(old) = old {
                let status = Status::Superseded;
                report(Action::SetStatus { revision: old, status, description: None });
            }
            report(failed(format!("Rollback {name:?} failed: {text}")));
        }
        Operation::Rollback if waiting => {
            if let Some(old) = old {
                report(Action::SaveRecord(old));
            }
            report(failed(format!("Release {name:?} failed: {text}")));
        }
        // Helm dies of a signal here and leaves the revision pending; whoever gives up in order says so.
        Operation::Rollback if failure.is_cancelled => {
            report(failed(format!("Rollback {name:?} failed: {text}")));
        }
        Operation::Uninstall if failure.is_cancelled => report(Action::SetStatus {
            revision: plan.revision,
            status: Status::Uninstalling,
            description: Some(format!("Deletion broke off: {text}")),
        }),
        Operation::Rollback | Operation::Uninstall | Operation::Test => {}
    }
    let cleans = match plan.operation {
        Operation::Upgrade => cleanup,
        Operation::Rollback => cleanup && changing,
        _ => false,
    };
    if cleans && !journal.created.is_empty() {
        steps.push(Step { action: Action::DeleteCreated(journal.created.clone()), on_error: OnError::Stop });
    }
    Plan { records: journal.records.clone(), steps, name: name.clone(), ..plan.clone() }
}

/// Plans what follows when a command was gone before its work was done: its revision has failed. Whatever it did to the
/// cluster is the business of the plan after this one.
pub fn abandon(record: Record, description: &str) -> Plan {
    let (name, revision) = (record.name.clone(), record.version);
    let description = Some(description.to_owned());
    let action = Action::SetStatus { revision, status: Status::Failed, description };
    Plan {
        operation: Operation::Upgrade,
        name,
        revision,
        records: BTreeMap::from([(revision, record)]),
        steps: vec![Step { action, on_error: OnError::Stop }],
        settings: Settings {
            wait: WaitStrategy::HookOnly,
            timeout: Duration::ZERO,
            wait_for_jobs: false,
            hooks: CreateMode::ServerSide { force: false },
            max_history: 0,
        },
    }
}
