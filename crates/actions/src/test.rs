//! Running the tests of a release (`pkg/action/release_testing.go`).

use std::time::Duration;

use cluster::{CreateMode, WaitStrategy};
use manifest::{Hook, HookEvent};
use release::Record;

use crate::connections::Connections;
use crate::error::{Error, ErrorKind};
use crate::execute::{Ended, HookRun, run_without_deletion};
use crate::name::check_release_name;
use crate::plan::Settings;

/// Everything a test run is told.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Name of the release.
    pub name: String,
    /// The limit of every wait.
    pub timeout: Duration,
    /// Only these tests run; empty for all.
    pub only: Vec<String>,
    /// These tests do not run.
    pub except: Vec<String>,
}

/// What a test run came to; hooks are deleted by [`clean_up`], after logs were read.
#[derive(Debug)]
pub struct Outcome {
    /// The newest revision, with the runs noted.
    pub record: Record,
    /// What went wrong, if anything.
    pub failure: Option<Error>,
    ended: Ended,
    ran: Record,
    settings: Settings,
}

/// Runs the tests of the newest revision and saves what came of them.
///
/// # Errors
/// When there is no release. A failing test is in the outcome.
pub async fn run(request: &Request, connections: Connections<'_>) -> Result<Outcome, Error> {
    connections.cluster.check_reachable().await?;
    let name = &request.name;
    if check_release_name(name).is_err() {
        return Err(ErrorKind::Name(format!("releaseTest: Release name is invalid: {name}"), None).into());
    }
    let mut record = connections.last(name).await?;
    let (chosen, skipped) = choose(std::mem::take(&mut record.hooks), request);
    record.hooks = chosen;
    let mode = if record.is_server_side() {
        CreateMode::ServerSide { force: false }
    } else {
        CreateMode::ClientSide
    };
    let settings = Settings {
        wait: WaitStrategy::Watcher,
        timeout: request.timeout,
        wait_for_jobs: false,
        hooks: mode,
        max_history: 0,
    };
    let run = HookRun { event: HookEvent::Test, settings };
    // As in Helm, what is saved during the run lacks the hooks that were not chosen.
    let (outcome, ended) = run_without_deletion(&mut record, run, connections).await;
    let ran = record.clone();
    record.hooks = skipped.into_iter().chain(record.hooks).collect();
    let saved = connections.update_record(&record).await;
    let failure = outcome.err().or_else(|| saved.err().map(Error::from));
    Ok(Outcome { record, failure, ended, ran, settings })
}

/// Deletes the hooks whose policies say so.
///
/// # Errors
/// When one cannot be deleted.
pub async fn clean_up(outcome: &Outcome, connections: Connections<'_>) -> Result<(), Error> {
    outcome.ended.delete(&outcome.ran, outcome.settings, connections).await
}

fn choose(hooks: Vec<Hook>, request: &Request) -> (Vec<Hook>, Vec<Hook>) {
    let is_excluded = |hook: &Hook| request.except.contains(&hook.name);
    let (excluded, mut chosen): (Vec<Hook>, Vec<Hook>) = hooks.into_iter().partition(is_excluded);
    let mut skipped = excluded;
    if !request.only.is_empty() {
        let (only, others) = chosen.into_iter().partition(|hook| request.only.contains(&hook.name));
        chosen = only;
        skipped.extend::<Vec<Hook>>(others);
    }
    (chosen, skipped)
}

/// The logs of one container of a test, or why there are none.
#[derive(Debug)]
pub struct Log {
    /// The pod.
    pub pod: String,
    /// The container.
    pub container: String,
    /// Its output.
    pub text: Result<Vec<u8>, cluster::Error>,
}

/// Reads the logs of all test pods, hook by hook in the order they ran, init containers first.
///
/// # Errors
/// When a pod cannot be read; the logs read before come along.
pub async fn logs(
    request: &Request,
    record: &Record,
    connections: Connections<'_>,
) -> (Vec<Log>, Result<(), cluster::Error>) {
    let mut hooks: Vec<&Hook> = record.hooks.iter().collect();
    hooks.sort_by_key(|hook| (hook.weight, hook.name.as_str()));
    let mut logs = Vec::new();
    for hook in hooks {
        let is_wanted = request.only.is_empty() || request.only.contains(&hook.name);
        let is_test = hook.events.contains(&HookEvent::Test);
        if !is_test || !is_wanted || request.except.contains(&hook.name) || hook.kind != "Pod" {
            continue;
        }
        if let Err(error) = pod_logs(&hook.name, &mut logs, connections).await {
            return (logs, Err(error.during(format!("unable to get pod {}", hook.name))));
        }
    }
    (logs, Ok(()))
}

async fn pod_logs(
    name: &str,
    logs: &mut Vec<Log>,
    connections: Connections<'_>,
) -> Result<(), cluster::Error> {
    let place = (connections.namespace, "pods", Some(name));
    let pod = connections.cluster.core(http::Method::GET, place, &[], None).await?;
    for list in ["initContainers", "containers"] {
        for container in pod["spec"][list].as_array().into_iter().flatten() {
            let container = container["name"].as_str().unwrap_or_default().to_owned();
            let text = connections.cluster.logs(connections.namespace, name, &container).await;
            let text = text.map(|bytes| bytes.to_vec()).map_err(|error| {
                error.during(format!("unable to get logs for pod {name}, container {container}"))
            });
            logs.push(Log { pod: name.to_owned(), container, text });
        }
    }
    Ok(())
}
