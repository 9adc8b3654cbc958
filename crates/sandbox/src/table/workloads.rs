//! Rows of what runs Pods: cells between name and age, and the wide ones.

use super::age;
use super::reading::{boolean, is_condition, labels, list, number, selector, shown, text, with_more};
use crate::dig::Dig;
use crate::time;
use serde_json::Value;

type Cells = (Vec<Value>, Vec<Value>);

/// Names and images of containers.
fn containers(pod_spec: Option<&Value>) -> [Value; 2] {
    let of = |field: &str| {
        let containers = pod_spec.map_or(&[][..], |spec| list(spec, "/containers"));
        containers.iter().map(|c| text(c, field)).collect::<Vec<_>>().join(",").into()
    };
    [of("/name"), of("/image")]
}

pub(super) fn template(object: &Value) -> Vec<Value> {
    let [names, images] = containers(object.at("/template/spec"));
    vec![names, images, labels(object.at("/template/metadata/labels")).into()]
}

pub(super) fn deployment(object: &Value) -> Cells {
    let [names, images] = containers(object.at("/spec/template/spec"));
    let ready = format!("{}/{}", number(object, "/status/readyReplicas"), number(object, "/spec/replicas"));
    let middle = vec![
        ready.into(),
        number(object, "/status/updatedReplicas").into(),
        number(object, "/status/availableReplicas").into(),
    ];
    (middle, vec![names, images, selector(object.at("/spec/selector")).into()])
}

/// ReplicaSets and ReplicationControllers, whose selectors differ.
pub(super) fn replicas(object: &Value) -> Cells {
    let [names, images] = containers(object.at("/spec/template/spec"));
    let is_controller = object.at("/spec/selector/matchLabels").is_none()
        && object.at("/spec/selector/matchExpressions").is_none();
    let chosen = match is_controller {
        true => labels(object.at("/spec/selector")),
        false => selector(object.at("/spec/selector")),
    };
    let middle = ["/spec/replicas", "/status/replicas", "/status/readyReplicas"];
    (middle.map(|path| number(object, path).into()).to_vec(), vec![names, images, chosen.into()])
}

pub(super) fn stateful_set(object: &Value) -> Cells {
    let ready = format!("{}/{}", number(object, "/status/readyReplicas"), number(object, "/spec/replicas"));
    (vec![ready.into()], containers(object.at("/spec/template/spec")).to_vec())
}

pub(super) fn daemon_set(object: &Value) -> Cells {
    let fields = [
        "desiredNumberScheduled",
        "currentNumberScheduled",
        "numberReady",
        "updatedNumberScheduled",
        "numberAvailable",
    ];
    let mut middle: Vec<Value> =
        fields.iter().map(|field| number(object, &format!("/status/{field}")).into()).collect();
    middle.push(labels(object.at("/spec/template/spec/nodeSelector")).into());
    let [names, images] = containers(object.at("/spec/template/spec"));
    (middle, vec![names, images, selector(object.at("/spec/selector")).into()])
}

pub(super) fn job(object: &Value, now: &str) -> Cells {
    let done = number(object, "/status/succeeded");
    let completions =
        match (object.at("/spec/completions").and_then(Value::as_i64), number(object, "/spec/parallelism")) {
            (Some(wanted), _) => format!("{done}/{wanted}"),
            (None, parallel) if parallel > 1 => format!("{done}/1 of {parallel}"),
            (None, _) => format!("{done}/1"),
        };
    let start = text(object, "/status/startTime");
    let end = match text(object, "/status/completionTime") {
        "" => now,
        end => end,
    };
    let duration = match (time::parse(start), time::parse(end)) {
        (Some(start), Some(end)) => age::human(end.saturating_sub(start)),
        _ => String::new(),
    };
    let [names, images] = containers(object.at("/spec/template/spec"));
    let wide = vec![names, images, selector(object.at("/spec/selector")).into()];
    (vec![job_state(object).into(), completions.into(), duration.into()], wide)
}

fn job_state(job: &Value) -> &'static str {
    let deleted = !text(job, "/metadata/deletionTimestamp").is_empty();
    match () {
        () if is_condition(job, "Complete") => "Complete",
        () if is_condition(job, "Failed") => "Failed",
        () if deleted => "Terminating",
        () if is_condition(job, "Suspended") => "Suspended",
        () if is_condition(job, "FailureTarget") => "FailureTarget",
        () if is_condition(job, "SuccessCriteriaMet") => "SuccessCriteriaMet",
        () => "Running",
    }
}

pub(super) fn cron_job(object: &Value, now: &str) -> Cells {
    let last = match text(object, "/status/lastScheduleTime") {
        "" => "<none>".to_owned(),
        last => age::since(last, now),
    };
    let zone = object.at("/spec/timeZone").and_then(Value::as_str).unwrap_or("<none>");
    let suspended = match object.at("/spec/suspend").and_then(Value::as_bool) {
        Some(true) => "True",
        Some(false) => "False",
        None => "<unset>",
    };
    let active = list(object, "/status/active").len();
    let [names, images] = containers(object.at("/spec/jobTemplate/spec/template/spec"));
    let middle = vec![
        text(object, "/spec/schedule").into(),
        zone.into(),
        suspended.into(),
        active.into(),
        last.into(),
    ];
    (middle, vec![names, images, selector(object.at("/spec/jobTemplate/spec/selector")).into()])
}

pub(super) fn revision(object: &Value) -> Vec<Value> {
    let owners = list(object, "/metadata/ownerReferences");
    let owner = owners.iter().find(|o| boolean(o, "/controller", false));
    let owner = owner.map_or("<none>".to_owned(), |owner| {
        let group = text(owner, "/apiVersion").split_once('/').map_or("", |(group, _)| group);
        let kind = text(owner, "/kind").to_lowercase();
        let dot = if group.is_empty() { "" } else { "." };
        format!("{kind}{dot}{group}/{}", text(owner, "/name"))
    });
    vec![owner.into(), number(object, "/revision").into()]
}

pub(super) fn budget(object: &Value) -> Vec<Value> {
    let limit = |path: &str| match shown(object.at(path)) {
        text if text.is_empty() => "N/A".into(),
        text => Value::from(text),
    };
    vec![
        limit("/spec/minAvailable"),
        limit("/spec/maxUnavailable"),
        number(object, "/status/disruptionsAllowed").into(),
    ]
}

pub(super) fn autoscaler(object: &Value) -> Vec<Value> {
    let target = format!(
        "{}/{}",
        text(object, "/spec/scaleTargetRef/kind"),
        text(object, "/spec/scaleTargetRef/name")
    );
    let least = match object.at("/spec/minReplicas").and_then(Value::as_i64) {
        Some(least) => least.to_string(),
        None => "<unset>".into(),
    };
    vec![
        target.into(),
        metrics(object).into(),
        least.into(),
        number(object, "/spec/maxReplicas").into(),
        number(object, "/status/currentReplicas").into(),
    ]
}

fn metrics(object: &Value) -> String {
    let specs = list(object, "/spec/metrics");
    if specs.is_empty() {
        // Of autoscaling/v1.
        return match object.at("/spec/targetCPUUtilizationPercentage").and_then(Value::as_i64) {
            Some(target) => format!("cpu: <unknown>/{target}%"),
            None => "<none>".into(),
        };
    }
    let current = list(object, "/status/currentMetrics");
    let shown = specs.iter().enumerate().map(|(at, spec)| metric(spec, current.get(at))).collect();
    with_more(shown, 2, specs.len(), ", ")
}

fn metric(spec: &Value, status: Option<&Value>) -> String {
    let part = match text(spec, "/type") {
        "External" => "external",
        "Pods" => "pods",
        "Object" => "object",
        "Resource" => "resource",
        "ContainerResource" => "containerResource",
        _ => return "<unknown type>".into(),
    };
    let target = |field: &str| shown(spec.at(&format!("/{part}/target/{field}")));
    let now = |field: &str| match shown(status.and_then(|s| s.at(&format!("/{part}/current/{field}")))) {
        text if text.is_empty() => "<unknown>".to_owned(),
        text => text,
    };
    let average = target("averageValue");
    match part {
        "resource" | "containerResource" => {
            let name = text(spec, &format!("/{part}/name"));
            if !average.is_empty() {
                return format!("{name}: {}/{average}", now("averageValue"));
            }
            let percent = |text: String| if text.starts_with('<') { text } else { format!("{text}%") };
            let wanted = match target("averageUtilization") {
                text if text.is_empty() => "<auto>".to_owned(),
                text => percent(text),
            };
            format!("{name}: {}/{wanted}", percent(now("averageUtilization")))
        }
        "pods" => format!("{}/{average}", now("averageValue")),
        _ if !average.is_empty() => format!("{}/{average} (avg)", now("averageValue")),
        _ => format!("{}/{}", now("value"), target("value")),
    }
}
