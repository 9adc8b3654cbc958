//! Running hooks (`pkg/action/hooks.go`). Every run is saved into the record at once.

use cluster::{FieldValidation, Goal, Propagation, Resource};
use manifest::{Hook, HookDeletePolicy, HookEvent, HookExecution, HookPhase};
use release::Record;
use serde_json::Value;

use super::objects;
use super::run::wait_options;
use crate::connections::Connections;
use crate::detail::Detail;
use crate::error::{Error, ErrorKind};
use crate::event::Event;
use crate::live;
use crate::plan::Settings;

/// Which hooks, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HookRun {
    pub(crate) event: HookEvent,
    pub(crate) settings: Settings,
}

/// Runs the hooks of an event and then deletes those whose policy says so.
pub(crate) async fn run_hooks(
    record: &mut Record,
    run: HookRun,
    connections: Connections<'_>,
) -> Result<(), Error> {
    let (outcome, ended) = run_without_deletion(record, run, connections).await;
    let deletion = ended.delete(record, run.settings, connections).await;
    // Trouble with deleting goes before the hook's own failure, as in Helm.
    deletion.and(outcome)
}

/// What is left to do after hooks have run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Ended {
    /// Hooks that succeeded, in the order they ran, by position in the record.
    succeeded: Vec<usize>,
    /// The hook that failed.
    failed: Option<usize>,
    /// Whether they were all run.
    complete: bool,
}

/// Runs the hooks of an event; nothing is deleted afterwards, so that logs can still be read.
pub(crate) async fn run_without_deletion(
    record: &mut Record,
    run: HookRun,
    connections: Connections<'_>,
) -> (Result<(), Error>, Ended) {
    let order = execution_order(&record.hooks, run.event);
    let mut ended = Ended::default();
    for (position, index) in order.iter().copied().enumerate() {
        match run_one(record, index, run, connections).await {
            Ok(()) => ended.succeeded.push(index),
            Err(HookFailure::Unstarted(error)) => return (Err(error), Ended::default()),
            Err(HookFailure::Failed(error)) => {
                let succeeded = order[..position].to_vec();
                return (Err(error.into()), Ended { succeeded, failed: Some(index), complete: false });
            }
        }
    }
    ended.complete = true;
    (Ok(()), ended)
}

/// Returns positions of the hooks of an event by weight, then name; an event written twice runs twice.
fn execution_order(hooks: &[Hook], event: HookEvent) -> Vec<usize> {
    let mut order = Vec::new();
    for (index, hook) in hooks.iter().enumerate() {
        order.extend(hook.events.iter().filter(|own| **own == event).map(|_| index));
    }
    order.sort_by_key(|index| (hooks[*index].weight, hooks[*index].name.as_str()));
    order
}

enum HookFailure {
    /// It was not made, or not waited for: nothing is deleted.
    Unstarted(Error),
    /// It ran and failed.
    Failed(cluster::Error),
}

async fn run_one(
    record: &mut Record,
    index: usize,
    run: HookRun,
    connections: Connections<'_>,
) -> Result<(), HookFailure> {
    let HookRun { event, settings } = run;
    if record.hooks[index].delete_policies.is_empty() {
        let policy = HookDeletePolicy::BeforeHookCreation.as_str().to_owned();
        record.hooks[index].delete_policies.push(policy);
    }
    let policy = HookDeletePolicy::BeforeHookCreation;
    delete_by_policy(&record.hooks[index], policy, settings, connections)
        .await
        .map_err(HookFailure::Unstarted)?;
    let resources =
        build_hook(&record.hooks[index], event, connections).await.map_err(HookFailure::Unstarted)?;
    start(record, index, event, connections).await;
    let Hook { name, path, .. } = record.hooks[index].clone();
    if let Err(error) = create(&resources, settings, connections).await {
        finish(record, index, HookPhase::Failed, connections);
        let error = ErrorKind::HookCreation { event, path, source: error };
        return Err(HookFailure::Unstarted(error.into()));
    }
    let options = wait_options(settings, connections);
    let outcome = connections.wait(&resources, Goal::HookDone, options).await;
    let phase = if outcome.is_ok() { HookPhase::Succeeded } else { HookPhase::Failed };
    finish(record, index, phase, connections);
    connections.reporter.report(Event::HookEnded { name: &name, succeeded: outcome.is_ok() });
    if let Err(error) = outcome {
        show_logs(&record.hooks[index], &record.namespace, HookDeletePolicy::HookFailed, connections).await;
        return Err(HookFailure::Failed(error));
    }
    Ok(())
}

async fn start(record: &mut Record, index: usize, event: HookEvent, connections: Connections<'_>) {
    let started_at = Some(connections.releases.now());
    record.hooks[index].last_run =
        HookExecution { started_at, completed_at: None, phase: HookPhase::Running };
    let Hook { name, kind, .. } = &record.hooks[index];
    connections.reporter.report(Event::HookStarted { event, name, kind });
    if let Err(error) = connections.update_record(record).await {
        let (name, revision) = (record.name.as_str(), record.version);
        connections.reporter.report(Event::RecordNotSaved {
            name,
            revision,
            error: &error,
            succeeded: false,
        });
    }
    record.hooks[index].last_run.phase = HookPhase::Unknown;
}

fn finish(record: &mut Record, index: usize, phase: HookPhase, connections: Connections<'_>) {
    record.hooks[index].last_run.completed_at = Some(connections.releases.now());
    record.hooks[index].last_run.phase = phase;
}

async fn build_hook(
    hook: &Hook,
    event: HookEvent,
    connections: Connections<'_>,
) -> Result<Vec<Resource>, Error> {
    let built = live::build(&hook.manifest, FieldValidation::Strict, connections).await;
    built.map_err(|error| {
        let text = format!("unable to build kubernetes object for {} hook {}", event.as_str(), hook.path);
        ErrorKind::HookObject(text, error).into()
    })
}

async fn create(
    resources: &[Resource],
    settings: Settings,
    connections: Connections<'_>,
) -> Result<(), cluster::Error> {
    let mode = settings.hooks;
    connections.detail(Detail::Creating { count: resources.len(), mode });
    let mut errors = Vec::new();
    for resource in resources {
        if let Err(error) = objects::create_one(resource, mode, connections).await {
            errors.push(error);
        }
    }
    cluster::joined(errors, "\n").map_or(Ok(()), Err)
}

impl Ended {
    /// Deletes hooks by their policies: after success in reverse order, with logs first; after a failure the
    /// failed one, then the ones before it.
    pub(crate) async fn delete(
        &self,
        record: &Record,
        settings: Settings,
        connections: Connections<'_>,
    ) -> Result<(), Error> {
        let succeeded = HookDeletePolicy::HookSucceeded;
        if self.complete {
            for index in self.succeeded.iter().rev() {
                let hook = &record.hooks[*index];
                show_logs(hook, &record.namespace, succeeded, connections).await;
                delete_by_policy(hook, succeeded, settings, connections).await?;
            }
            return Ok(());
        }
        if let Some(index) = self.failed {
            let policy = HookDeletePolicy::HookFailed;
            if let Err(error) = delete_by_policy(&record.hooks[index], policy, settings, connections).await {
                connections.reporter.report(Event::HookDeletionFailed(&error));
            }
        }
        for index in &self.succeeded {
            delete_by_policy(&record.hooks[*index], succeeded, settings, connections).await?;
        }
        Ok(())
    }
}

async fn delete_by_policy(
    hook: &Hook,
    policy: HookDeletePolicy,
    settings: Settings,
    connections: Connections<'_>,
) -> Result<(), Error> {
    // Never definitions: that would delete all their objects (`deleteHookByPolicy`).
    if hook.kind == "CustomResourceDefinition" || !hook.deletes_on(policy) {
        return Ok(());
    }
    let built = live::build(&hook.manifest, FieldValidation::Ignore, connections).await;
    let resources = built.map_err(|error| {
        let text = format!("unable to build kubernetes object for deleting hook {}", hook.path);
        Error::from(ErrorKind::HookObject(text, error))
    })?;
    let errors = objects::delete(&resources, Propagation::Background, connections).await;
    if let Some(error) = cluster::joined(errors, "; ") {
        return Err(error.into());
    }
    let options = wait_options(settings, connections);
    Ok(connections.wait(&resources, Goal::Deleted, options).await?)
}

/// Copies logs of a Job's or Pod's containers to the reporter, if the hook wants that.
async fn show_logs(hook: &Hook, namespace: &str, policy: HookDeletePolicy, connections: Connections<'_>) {
    if !hook.logs_on(policy) {
        return;
    }
    let selector = match hook.kind.as_str() {
        "Job" => ("labelSelector", format!("job-name={}", hook.name)),
        "Pod" => ("fieldSelector", format!("metadata.name={}", hook.name)),
        _ => return,
    };
    let object = manifest::document(&hook.manifest).unwrap_or(Value::Null);
    let namespace = object["metadata"]["namespace"].as_str().unwrap_or(namespace);
    if let Err(error) = copy_logs(namespace, (selector.0, &selector.1), connections).await {
        connections.reporter.report(Event::HookLogFailed(&error));
    }
}

async fn copy_logs(
    namespace: &str,
    selector: (&str, &str),
    connections: Connections<'_>,
) -> Result<(), cluster::Error> {
    if connections.cluster.is_pretending() {
        return Ok(());
    }
    let place = (namespace, "pods", None);
    let pods = connections.cluster.core(http::Method::GET, place, &[selector], None).await?;
    for pod in pods["items"].as_array().into_iter().flatten() {
        let pod_name = pod["metadata"]["name"].as_str().unwrap_or_default();
        for container in pod["spec"]["containers"].as_array().into_iter().flatten() {
            let container = container["name"].as_str().unwrap_or_default();
            let text = connections.cluster.logs(namespace, pod_name, container).await.map_err(|cause| {
                let (pod, container) = (pod_name.to_owned(), container.to_owned());
                cluster::Error::from(cluster::ErrorKind::LogStream { pod, container, cause })
            })?;
            let event = Event::HookLog { namespace, pod: pod_name, container, text: &text };
            connections.reporter.report(event);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use manifest::{Hook, HookEvent};

    use super::execution_order;

    #[test]
    fn weight_goes_before_name_and_events_count_as_often_as_written() {
        let hook = |name: &str, weight: i64, events: &[HookEvent]| {
            let text = serde_json::json!({"name": name, "weight": weight, "events": events});
            serde_json::from_value::<Hook>(text).unwrap()
        };
        let test = HookEvent::Test;
        let hooks = [
            hook("b", 0, &[test]),
            hook("a", 0, &[test, test]),
            hook("z", -1, &[test]),
            hook("o", -9, &[HookEvent::PreInstall]),
        ];
        assert_eq!(execution_order(&hooks, test), [2, 1, 1, 0]);
    }
}
