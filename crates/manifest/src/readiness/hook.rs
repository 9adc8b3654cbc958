//! When hooks and Jobs are through (Helm's `internal/statusreaders`).

use serde_json::Value;

use super::assessment::Assessment;
use super::condition::{conditions, number, text};

/// Assesses a hook: Jobs and Pods must run to their end, all else is ready at once (`WatchUntilReady`).
pub fn assess_hook(object: &Value) -> Assessment {
    match (text(object, "/apiVersion", ""), text(object, "/kind", "")) {
        (version, "Job") if version.starts_with("batch/") => assess_job(object),
        ("v1", "Pod") => pod(object),
        _ => Assessment::current("Resource is current"),
    }
}

/// Assesses a Job that must run to its end (`--wait-for-jobs`, hooks).
pub fn assess_job(object: &Value) -> Assessment {
    let completions = number(object, "/spec/completions", number(object, "/spec/parallelism", 1));
    let succeeded = number(object, "/status/succeeded", 0);
    let failed = number(object, "/status/failed", 0);
    for condition in conditions(object).filter(|condition| condition.is_true()) {
        match condition.kind {
            "Complete" => {
                return Assessment::current(format!("Job Completed. succeeded: {succeeded}/{completions}"));
            }
            "Failed" => return Assessment::failed(format!("Job Failed. failed: {failed}/{completions}")),
            _ => {}
        }
    }
    Assessment::in_progress("Job in progress")
}

fn pod(object: &Value) -> Assessment {
    let name = text(object, "/metadata/name", "");
    match text(object, "/status/phase", "") {
        "Succeeded" => Assessment::current(format!("pod {name} succeeded")),
        "Failed" => Assessment::failed(format!("pod {name} failed")),
        _ => Assessment::in_progress("Pod in progress"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::assess_hook;
    use crate::readiness::ObjectStatus;

    #[test]
    fn jobs_and_pods_must_end_and_all_else_is_ready() {
        let status = |object| assess_hook(&object).status;
        let job = json!({"apiVersion": "batch/v1", "kind": "Job", "status": {"startTime": "x"}});
        assert_eq!(status(job), ObjectStatus::InProgress);
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "status": {"phase": "Failed"}});
        assert_eq!(status(pod), ObjectStatus::Failed);
        assert_eq!(status(json!({"apiVersion": "apps/v1", "kind": "Deployment"})), ObjectStatus::Current);
    }
}
