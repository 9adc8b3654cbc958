//! Events as lines: in words, and as JSON for other programs.

use actions::Event;
use actions::diagnose::Finding;
use cluster::Resource;
use manifest::readiness::Assessment;
use serde_json::{Value, json};

use super::board::title;
use crate::clock;

/// Words an event; `None` for those that Helm logs and those that say nothing new.
pub(super) fn event_as_line(event: &Event<'_>) -> Option<String> {
    Some(match event {
        Event::Created(resource) => format!("created {}", place(resource)),
        Event::Changed(resource) => format!("changed {}", place(resource)),
        Event::Deleted(resource) => format!("deleted {}", place(resource)),
        Event::State { resource, state } => {
            format!("{} is {}: {}", place(resource), state.status.as_str(), state.message)
        }
        Event::HookStarted { event, name, kind } => format!("{} hook {kind}/{name} started", event.as_str()),
        Event::HookEnded { name, succeeded: true } => format!("hook {name} succeeded"),
        Event::HookEnded { name, succeeded: false } => format!("hook {name} failed"),
        _ => return None,
    })
}

fn place(resource: &Resource) -> String {
    match resource.namespace.as_str() {
        "" => title(resource),
        namespace => format!("{} in {namespace}", title(resource)),
    }
}

/// Writes an event as one line of JSON.
pub(super) fn event_as_json(event: &Event<'_>) -> Option<String> {
    let mut line = match event {
        Event::Step { index, total, verb } => {
            json!({"event": "step", "step": index + 1, "steps": total, "verb": verb})
        }
        Event::Created(resource) => object("created", resource),
        Event::Changed(resource) => object("changed", resource),
        Event::Deleted(resource) => object("deleted", resource),
        Event::State { resource, state } => with_state(object("state", resource), state),
        Event::Finding { resource, state, finding, in_vain: false } => {
            with_finding(with_state(object("finding", resource), state), finding)
        }
        Event::HookStarted { event, name, kind } => {
            json!({"event": "hook-started", "hook": event.as_str(), "kind": kind, "name": name})
        }
        Event::HookEnded { name, succeeded } => {
            json!({"event": "hook-ended", "name": name, "succeeded": succeeded})
        }
        _ => return None,
    };
    line["time"] = now();
    Some(line.to_string())
}

/// Writes what was found out about an object as one line of JSON.
pub(super) fn cause_as_json(resource: &Resource, state: &Assessment, finding: &Finding) -> String {
    let mut line = with_finding(with_state(object("cause", resource), state), finding);
    line["time"] = now();
    line.to_string()
}

/// Writes how an operation has ended as one line of JSON.
pub(super) fn end_as_json(succeeded: bool) -> String {
    json!({"event": "end", "succeeded": succeeded, "time": now()}).to_string()
}

fn with_finding(mut line: Value, finding: &Finding) -> Value {
    let trouble = |trouble: &actions::diagnose::Trouble| {
        json!({"pod": trouble.pod, "container": trouble.container, "reason": trouble.reason,
            "message": trouble.message, "log": trouble.log})
    };
    let warning = |warning: &actions::diagnose::Warning| json!({"object": warning.object, "reason": warning.reason, "message": warning.message});
    line["troubles"] = finding.troubles.iter().map(trouble).collect();
    line["warnings"] = finding.warnings.iter().map(warning).collect();
    line
}

fn object(event: &str, resource: &Resource) -> Value {
    let Resource { mapping, namespace, name, .. } = resource;
    json!({"event": event, "apiVersion": mapping.api_version(), "kind": mapping.kind, "namespace": namespace,
        "name": name})
}

fn with_state(mut line: Value, state: &Assessment) -> Value {
    line["status"] = state.status.as_str().into();
    line["message"] = state.message.as_str().into();
    line
}

fn now() -> Value {
    let time = value::time::Time::from_system(std::time::SystemTime::now(), value::time::Zone::Utc);
    time.format(clock::RFC3339).into()
}
