//! From what is and what shall be to a plan; pure.

use std::collections::BTreeMap;

use cluster::{Propagation, Resource};
use manifest::HookEvent;
use release::{Record, Status};

use super::mode::Mode;
use super::step::{Action, OnError, Operation, Plan, Settings, Sight, Step, Target};

struct Steps(Vec<Step>);

impl Steps {
    fn push(&mut self, action: Action) {
        self.add(action, OnError::Stop);
    }

    fn add(&mut self, action: Action, on_error: OnError) {
        self.0.push(Step { action, on_error });
    }

    fn hooks(&mut self, enabled: bool, event: HookEvent, on_error: OnError) {
        if enabled {
            self.add(Action::RunHooks(event), on_error);
        }
    }
}

/// What an installation needs to know.
#[derive(Debug, Clone, PartialEq)]
pub struct InstallParts {
    /// The new revision.
    pub record: Record,
    /// A revision whose name is taken over (`--replace`).
    pub replaced: Option<Record>,
    /// Its objects.
    pub resources: Vec<Resource>,
    /// Those that are there already and may be taken over.
    pub adopted: Vec<Resource>,
    /// The namespace, when it is to be made.
    pub namespace: Option<Resource>,
    /// Whether hooks run.
    pub hooks: bool,
    /// Description of the installed release, instead of Helm's own.
    pub description: String,
}

/// Plans an installation.
pub fn install(parts: InstallParts, mode: Mode, settings: Settings) -> Plan {
    let InstallParts { record, replaced, resources, adopted, namespace, hooks, description } = parts;
    let revision = record.version;
    let mut records = BTreeMap::new();
    let mut steps = Steps(Vec::new());
    if let Some(namespace) = namespace {
        steps.push(Action::CreateNamespace(namespace, mode.create()));
    }
    if let Some(replaced) = replaced {
        // A failed release keeps its state (`Install.replaceRelease`).
        if replaced.info.status != Status::Failed {
            steps.push(Action::SetStatus {
                revision: replaced.version,
                status: Status::Superseded,
                description: Some("superseded by new release".to_owned()),
            });
        }
        records.insert(replaced.version, replaced);
    }
    steps.push(Action::CreateRecord(revision));
    steps.hooks(hooks, HookEvent::PreInstall, OnError::Stop);
    if adopted.is_empty() {
        if !resources.is_empty() {
            steps.push(Action::Create(resources.clone(), mode.create()));
        }
    } else {
        let sight = seen(&record, hooks, HookEvent::PreInstall);
        steps.push(Action::Apply(targets(&adopted, &resources, sight), mode));
    }
    steps.push(Action::WaitReady(resources));
    steps.hooks(hooks, HookEvent::PostInstall, OnError::Stop);
    let description = if description.is_empty() { "Install complete".to_owned() } else { description };
    // The release is there even when that cannot be recorded.
    let deployed = Action::SetStatus { revision, status: Status::Deployed, description: Some(description) };
    steps.add(deployed, OnError::Report);
    let name = record.name.clone();
    records.insert(revision, record);
    Plan { operation: Operation::Install, name, revision, records, steps: steps.0, settings }
}

/// What an upgrade or a rollback needs to know.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdateParts {
    /// The new revision.
    pub record: Record,
    /// The revision it replaces.
    pub previous: Record,
    /// Its objects, and those taken over.
    pub originals: Vec<Resource>,
    /// The new revision's objects.
    pub resources: Vec<Resource>,
    /// Whether hooks run.
    pub hooks: bool,
    /// Description of the new revision once it is deployed.
    pub description: String,
}

/// Plans an upgrade.
pub fn upgrade(parts: UpdateParts, mode: Mode, settings: Settings) -> Plan {
    let UpdateParts { record, previous, originals, resources, hooks, description } = parts;
    let (revision, old) = (record.version, previous.version);
    let mut steps = Steps(Vec::new());
    steps.push(Action::CreateRecord(revision));
    steps.hooks(hooks, HookEvent::PreUpgrade, OnError::Stop);
    let sight = seen(&record, hooks, HookEvent::PreUpgrade);
    change(&mut steps, &originals, (resources, sight), mode);
    steps.hooks(hooks, HookEvent::PostUpgrade, OnError::Stop);
    let superseded = Action::SetStatus { revision: old, status: Status::Superseded, description: None };
    steps.add(superseded, OnError::Report);
    let description = if description.is_empty() { "Upgrade complete".to_owned() } else { description };
    steps.push(Action::SetStatus { revision, status: Status::Deployed, description: Some(description) });
    let name = record.name.clone();
    let records = [(old, previous), (revision, record)].into();
    Plan { operation: Operation::Upgrade, name, revision, records, steps: steps.0, settings }
}

/// Plans a rollback; the new revision has its description already and is stored before the plan begins, because
/// Helm stores it before it reads any manifest.
pub fn rollback(parts: UpdateParts, mode: Mode, settings: Settings) -> Plan {
    let UpdateParts { record, previous, originals, resources, hooks, .. } = parts;
    let (revision, old) = (record.version, previous.version);
    let mut steps = Steps(Vec::new());
    steps.hooks(hooks, HookEvent::PreRollback, OnError::Stop);
    // A rollback takes over what it finds, so that nobody has looked.
    change(&mut steps, &originals, (resources, Sight::Unknown), mode);
    steps.hooks(hooks, HookEvent::PostRollback, OnError::Stop);
    steps.push(Action::SupersedeDeployed);
    steps.push(Action::SetStatus { revision, status: Status::Deployed, description: None });
    let name = record.name.clone();
    let records = [(old, previous), (revision, record)].into();
    Plan { operation: Operation::Rollback, name, revision, records, steps: steps.0, settings }
}

/// Installations and upgrades look for new objects before they plan; hooks that run in between may make them.
fn seen(record: &Record, hooks: bool, event: HookEvent) -> Sight {
    let has_hooks = hooks && record.hooks.iter().any(|hook| hook.events.contains(&event));
    if has_hooks { Sight::Unknown } else { Sight::Absent }
}

fn change(steps: &mut Steps, originals: &[Resource], (resources, sight): (Vec<Resource>, Sight), mode: Mode) {
    let obsolete = originals.iter().filter(|old| !resources.iter().any(|new| new.is_same_object(old)));
    let obsolete: Vec<Resource> = obsolete.cloned().collect();
    steps.push(Action::Apply(targets(originals, &resources, sight), mode));
    if !obsolete.is_empty() {
        steps.push(Action::Prune(obsolete));
    }
    steps.push(Action::WaitReady(resources));
}

/// Puts objects beside what they were; `sight` is what is known of those that are new.
fn targets(originals: &[Resource], resources: &[Resource], sight: Sight) -> Vec<Target> {
    let original = |resource: &Resource| originals.iter().find(|old| old.is_same_object(resource)).cloned();
    let target = |(index, resource): (usize, &Resource)| {
        let original = original(resource);
        let is_repeated = resources[..index].iter().any(|before| before.is_same_object(resource));
        let sight = match &original {
            _ if is_repeated => Sight::Repeated,
            Some(_) => Sight::Unknown,
            None => sight,
        };
        Target { resource: resource.clone(), original, sight }
    };
    resources.iter().enumerate().map(target).collect()
}

/// What an uninstallation needs to know.
#[derive(Debug, Clone, PartialEq)]
pub struct UninstallParts {
    /// All revisions, oldest first; the last one is removed. At least one.
    pub revisions: Vec<Record>,
    /// Whether the history stays.
    pub keep_history: bool,
    /// What becomes of owned objects.
    pub propagation: Propagation,
    /// Whether hooks run.
    pub hooks: bool,
    /// Description of the uninstalled release, instead of Helm's own.
    pub description: String,
}

/// Plans an uninstallation of the newest revision, which is marked as uninstalling already.
pub fn uninstall(parts: UninstallParts, settings: Settings) -> Plan {
    let UninstallParts { revisions, keep_history, propagation, hooks, description } = parts;
    let newest = revisions.last().map(|record| (record.name.clone(), record.version));
    let (name, revision) = newest.unwrap_or_default();
    let mut steps = Steps(Vec::new());
    steps.hooks(hooks, HookEvent::PreDelete, OnError::Stop);
    steps.add(Action::SaveRecord(revision), OnError::Report);
    steps.push(Action::DeleteObjects(propagation));
    steps.add(Action::WaitDeleted, OnError::Collect);
    steps.hooks(hooks, HookEvent::PostDelete, OnError::Collect);
    if keep_history {
        let description =
            if description.is_empty() { "Uninstallation complete".to_owned() } else { description };
        let status = Status::Uninstalled;
        steps.add(Action::SetStatus { revision, status, description: Some(description) }, OnError::Report);
        steps.push(Action::SupersedeDeployed);
    } else {
        steps.add(Action::Purge(revisions.iter().map(|record| record.version).collect()), OnError::Collect);
    }
    let records = revisions.into_iter().map(|record| (record.version, record)).collect();
    Plan { operation: Operation::Uninstall, name, revision, records, steps: steps.0, settings }
}
