//! Jobs: Pods until enough have succeeded or too many have failed.

use super::objects::{is_deleting, is_finished, number, set_condition, text};
use crate::dig::Dig;
use crate::server::Server;
use crate::write::{meta, metadata};
use serde_json::{Value, json};
use std::sync::Arc;

/// Pods of one Job made after one request; a Job of a million completions goes no further here.
const MAX_PODS: usize = 10_000;

struct Tally {
    succeeded: usize,
    failed: usize,
    active: usize,
}

fn completions(job: &Value) -> Option<usize> {
    job.at("/spec/completions").and_then(Value::as_u64).and_then(|c| usize::try_from(c).ok())
}

fn is_indexed(job: &Value) -> bool {
    text(job, "/spec/completionMode") == "Indexed"
}

fn has_ended(job: &Value) -> bool {
    let conditions = job.at("/status/conditions").and_then(Value::as_array);
    conditions
        .into_iter()
        .flatten()
        .any(|c| matches!(c["type"].as_str(), Some("Complete" | "Failed")) && c["status"] == "True")
}

fn index_of(pod: &Value) -> Option<usize> {
    let labels = pod.at("/metadata/annotations")?;
    labels.get("batch.kubernetes.io/job-completion-index")?.as_str()?.parse().ok()
}

impl Server {
    pub(super) fn run_job(&mut self, key: &str) {
        let Some(job) = self.store.get(key).cloned() else { return };
        if is_deleting(&job) || has_ended(&job) {
            return;
        }
        let suspended = job.at("/spec/suspend") == Some(&Value::Bool(true));
        if suspended {
            return self.suspend_job(key, &job);
        }
        let pods = self.job_pods(&job);
        let tally = count(&job, &pods);
        let limit = usize::try_from(number(&job, "/spec/backoffLimit")).unwrap_or(usize::MAX);
        let done = match completions(&job) {
            Some(wanted) => tally.succeeded >= wanted,
            None => tally.succeeded > 0 && tally.active == 0,
        };
        let failed = tally.failed > limit;
        if !done && !failed && pods.len() < MAX_PODS {
            self.start_pods(&job, &tally, &pods);
        }
        if failed {
            for (pod_key, pod) in &pods {
                if !is_finished(pod) {
                    self.delete_in_background(pod_key);
                }
            }
        }
        self.report_job(key, done, failed);
    }

    fn job_pods(&self, job: &Value) -> Vec<(String, Arc<Value>)> {
        let pods = self.controlled(job, "/pods");
        pods.into_iter().filter(|(_, p)| !is_deleting(p)).collect()
    }

    fn start_pods(&mut self, job: &Arc<Value>, tally: &Tally, pods: &[(String, Arc<Value>)]) {
        let parallel = usize::try_from(number(job, "/spec/parallelism")).unwrap_or(0);
        let left = completions(job).map_or(parallel, |wanted| wanted.saturating_sub(tally.succeeded));
        let missing = parallel.min(left).saturating_sub(tally.active);
        let mut free = (0..completions(job).unwrap_or(0)).filter(|index| {
            !pods.iter().any(|(_, p)| index_of(p) == Some(*index) && text(p, "/status/phase") != "Failed")
        });
        for _ in 0..missing {
            let index = if is_indexed(job) { free.next() } else { None };
            if is_indexed(job) && index.is_none() {
                return;
            }
            let name = meta(job, "name").to_owned();
            let base = index.map_or_else(|| format!("{name}-"), |i| format!("{name}-{i}-"));
            self.create_pod(job, &job["spec"]["template"], |pod| {
                metadata(pod).insert("generateName".into(), base.into());
                if let Some(index) = index {
                    for map in ["labels", "annotations"] {
                        let map = metadata(pod).entry(map).or_insert_with(|| json!({}));
                        map["batch.kubernetes.io/job-completion-index"] = index.to_string().into();
                    }
                }
            });
            if tally.active + tally.succeeded + tally.failed == 0 {
                self.emit(job, "Normal", "SuccessfulCreate", &format!("Created pod: {name}"));
            }
        }
    }

    fn suspend_job(&mut self, key: &str, job: &Arc<Value>) {
        for (pod, object) in self.job_pods(job) {
            if !is_finished(&object) {
                self.delete_in_background(&pod);
            }
        }
        let mut status = job.get("status").cloned().unwrap_or_default();
        crate::strategy::remove(&mut status, "startTime");
        status["ready"] = 0.into();
        status["terminating"] = 0.into();
        status["uncountedTerminatedPods"] = json!({});
        self.job_condition(&mut status, "Suspended", "True", "JobSuspended", "Job suspended");
        self.put_status(key, status);
    }

    fn job_condition(&self, status: &mut Value, kind: &str, holds: &str, reason: &str, message: &str) {
        let since = status.get("conditions").and_then(Value::as_array).and_then(|list| {
            let old = list.iter().find(|c| c["type"] == kind && c["status"] == holds)?;
            Some(old["lastProbeTime"].clone())
        });
        let condition = json!({
            "type": kind, "status": holds, "reason": reason, "message": message,
            "lastProbeTime": since.unwrap_or_else(|| self.now.clone().into()),
        });
        set_condition(status, condition, &self.now);
    }

    fn report_job(&mut self, key: &str, done: bool, failed: bool) {
        let Some(job) = self.store.get(key).cloned() else { return };
        let pods = self.job_pods(&job);
        let tally = count(&job, &pods);
        let mut status = job.get("status").cloned().unwrap_or_default();
        status["active"] = tally.active.into();
        status["succeeded"] = tally.succeeded.into();
        status["failed"] = tally.failed.into();
        status["ready"] = pods.iter().filter(|(_, p)| super::objects::is_ready(p)).count().into();
        status["terminating"] = 0.into();
        status["uncountedTerminatedPods"] = json!({});
        if status.get("startTime").is_none() {
            status["startTime"] = self.now.clone().into();
        }
        if is_indexed(&job) {
            status["completedIndexes"] = indexes(&pods).into();
        }
        let was_suspended = status.get("conditions").and_then(Value::as_array);
        if was_suspended
            .is_some_and(|list| list.iter().any(|c| c["type"] == "Suspended" && c["status"] == "True"))
        {
            self.job_condition(&mut status, "Suspended", "False", "JobResumed", "Job resumed");
        }
        if done {
            status["completionTime"] = self.now.clone().into();
            let text = "Reached expected number of succeeded pods";
            for kind in ["SuccessCriteriaMet", "Complete"] {
                self.job_condition(&mut status, kind, "True", "CompletionsReached", text);
            }
            self.emit(&job, "Normal", "Completed", "Job completed");
        } else if failed {
            let text = "Job has reached the specified backoff limit";
            for kind in ["FailureTarget", "Failed"] {
                self.job_condition(&mut status, kind, "True", "BackoffLimitExceeded", text);
            }
            self.emit(&job, "Warning", "BackoffLimitExceeded", text);
        }
        self.put_status(key, status);
    }
}

fn count(job: &Value, pods: &[(String, Arc<Value>)]) -> Tally {
    let phase = |wanted: &str| pods.iter().filter(|(_, p)| text(p, "/status/phase") == wanted).count();
    let wanted = completions(job).unwrap_or(usize::MAX);
    Tally {
        succeeded: phase("Succeeded").min(wanted),
        failed: phase("Failed"),
        active: pods.iter().filter(|(_, p)| !is_finished(p)).count(),
    }
}

// Ranges as the Job controller writes them: `0-2,5`.
fn indexes(pods: &[(String, Arc<Value>)]) -> String {
    let mut done: Vec<usize> = pods
        .iter()
        .filter(|(_, p)| text(p, "/status/phase") == "Succeeded")
        .filter_map(|(_, p)| index_of(p))
        .collect();
    done.sort_unstable();
    done.dedup();
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for index in done {
        match ranges.last_mut() {
            Some((_, end)) if *end + 1 == index => *end = index,
            _ => ranges.push((index, index)),
        }
    }
    let written: Vec<String> = ranges
        .into_iter()
        .map(|(start, end)| match end - start {
            0 => start.to_string(),
            1 => format!("{start},{end}"),
            _ => format!("{start}-{end}"),
        })
        .collect();
    written.join(",")
}
