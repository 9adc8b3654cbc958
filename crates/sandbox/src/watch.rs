//! Watches: who wants which events, and in which form.

use crate::body::{Queue, WatchStream};
use crate::convert;
use crate::failure::Failure;
use crate::kinds::Kind;
use crate::protobuf;
use crate::request::{Form, Media};
use crate::selector::Selector;
use crate::server::{Call, Reply, Server};
use crate::store::{self, Change, Event};
use crate::table::{self, Asked, Include};
use bytes::Bytes;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// One open watch.
#[derive(Debug)]
pub(crate) struct Watcher {
    kind: Arc<Kind>,
    prefix: String,
    selector: Selector,
    form: Form,
    media: Media,
    include: Include,
    /// Whether the columns of a table were sent.
    has_columns: AtomicBool,
    queue: Arc<Queue>,
}

fn line(kind: &str, object: &Value) -> Bytes {
    let mut text = json!({"type": kind, "object": object}).to_string();
    text.push('\n');
    text.into()
}

impl Watcher {
    // An object that begins to match is ADDED, one that no longer does is DELETED.
    fn send(&self, event: &Event, now: &str, lines: &mut Lines) {
        if !event.key.starts_with(&self.prefix) {
            return;
        }
        let matches = event.change != Change::Deleted && self.selector.matches(&event.object);
        let before = event.before.as_ref().is_some_and(|b| self.selector.matches(b));
        let (kind, object) = match (before, matches) {
            (false, true) => ("ADDED", &event.object),
            (true, true) => ("MODIFIED", &event.object),
            (true, false) if event.change == Change::Deleted => ("DELETED", &event.object),
            (true, false) => match &event.before {
                // The last matching state, at the version of the change.
                Some(before) => {
                    let mut last = (**before).clone();
                    last["metadata"]["resourceVersion"] = event.version.to_string().into();
                    self.queue.push(self.line("DELETED", &Arc::new(last), now));
                    return;
                }
                None => return,
            },
            (false, false) => return,
        };
        let line = match self.form {
            Form::Object => lines.get(self, kind, object, now),
            _ => self.line(kind, object, now),
        };
        self.queue.push(line);
    }

    fn line(&self, event: &str, object: &Arc<Value>, now: &str) -> Bytes {
        let object = convert::view(&self.kind, object);
        match self.form {
            Form::Object => self.framed(event, &object),
            Form::Partial => line(event, &table::partial(&object)),
            Form::Table(version) => {
                let with_columns = !self.has_columns.swap(true, Ordering::Relaxed);
                let asked = Asked { kind: &self.kind, include: self.include, version, now, with_columns };
                line(event, &table::table(&object, asked))
            }
        }
    }

    fn bookmark(&self, version: u64, end_of_initial: bool) {
        let mut metadata = json!({"resourceVersion": version.to_string()});
        if end_of_initial {
            metadata["annotations"] = json!({"k8s.io/initial-events-end": "true"});
        }
        let mut object =
            json!({"kind": self.kind.kind, "apiVersion": self.kind.api_version(), "metadata": metadata});
        if let (Value::Object(object), Value::Object(blank)) = (&mut object, Server::blank(&self.kind)) {
            for (name, value) in blank {
                object.entry(name).or_insert(value);
            }
        }
        self.queue.push_initial(self.framed("BOOKMARK", &object));
    }

    fn framed(&self, event: &str, object: &Value) -> Bytes {
        match self.media {
            Media::Protobuf => protobuf::watch_event(event, object, &self.kind).into(),
            _ => line(event, object),
        }
    }
}

/// The lines of one event as they were written for the first watch that wanted them so.
#[derive(Default)]
struct Lines(Vec<Line>);

struct Line {
    kind: Arc<Kind>,
    media: Media,
    event: &'static str,
    bytes: Bytes,
}

impl Lines {
    fn get(&mut self, watcher: &Watcher, event: &'static str, object: &Arc<Value>, now: &str) -> Bytes {
        let same = |line: &&Line| {
            Arc::ptr_eq(&line.kind, &watcher.kind) && line.media == watcher.media && line.event == event
        };
        if let Some(line) = self.0.iter().find(same) {
            return line.bytes.clone();
        }
        let bytes = watcher.line(event, object, now);
        self.0.push(Line { kind: watcher.kind.clone(), media: watcher.media, event, bytes: bytes.clone() });
        bytes
    }
}

impl Server {
    /// Starts a watch of a collection.
    pub(crate) fn watch(&mut self, call: &Call<'_>) -> Result<Reply, Failure> {
        let selector = self.selector(call)?;
        let version = call.request.parameter("resourceVersion").unwrap_or_default();
        let from = crate::read::parse_version(version)?;
        let initial = call.request.parameter("sendInitialEvents").map(|v| v != "false");
        validate_initial(call, initial)?;
        let queue = Arc::new(Queue::default());
        let watcher = Watcher {
            kind: call.kind.clone(),
            prefix: store::prefix(&call.kind.storage, &call.namespace),
            selector,
            form: call.accepted.form,
            media: call.accepted.media,
            include: Include::parse(call.request.parameter("includeObject").unwrap_or_default())?,
            has_columns: AtomicBool::new(false),
            queue: queue.clone(),
        };
        let timeout = crate::read::number_parameter(call, "timeoutSeconds")?;
        let timeout = timeout.and_then(|seconds| u64::try_from(seconds).ok()).filter(|seconds| *seconds > 0);
        let stream = WatchStream::new(queue.clone(), timeout.map(Duration::from_secs));
        let from_start = initial == Some(true) || initial.is_none() && from == 0;
        if from_start {
            for (_, object) in self.store.scan(&watcher.prefix) {
                if watcher.selector.matches(object) {
                    queue.push_initial(watcher.line("ADDED", object, &self.now));
                }
            }
            if initial == Some(true) && call.request.flag("allowWatchBookmarks") {
                watcher.bookmark(self.store.version(), true);
            }
        } else if from != 0 && from < self.store.floor() {
            queue.push_initial(watcher.framed("ERROR", &store::expired(from, self.store.floor()).status()));
            queue.end();
            return Ok(Reply::Watch(stream));
        } else if from != 0 {
            let events = self.store.since(from);
            events.for_each(|event| watcher.send(event, &self.now, &mut Lines::default()));
        }
        self.watchers.push(watcher);
        Ok(Reply::Watch(stream))
    }

    /// Hands fresh events to the watches that still have a reader.
    pub(crate) fn deliver(&mut self) {
        let fresh = std::mem::take(&mut self.store.fresh);
        self.watchers.retain(|w| Arc::strong_count(&w.queue) > 1);
        for event in &fresh {
            let mut lines = Lines::default();
            self.watchers.iter().for_each(|watcher| watcher.send(event, &self.now, &mut lines));
        }
    }

    /// Ends the watches of a kind that is no longer served.
    pub(crate) fn end_watches(&mut self, storage: &str) {
        self.watchers.retain(|watcher| {
            let gone = watcher.kind.storage == storage;
            if gone {
                watcher.queue.end();
            }
            !gone
        });
    }
}

// apimachinery, `internalversion/validation.ValidateListOptions`.
fn validate_initial(call: &Call<'_>, initial: Option<bool>) -> Result<(), Failure> {
    let matching = call.request.parameter("resourceVersionMatch").unwrap_or_default();
    let forbidden = |field: &str, why: &str| {
        let cause = crate::failure::Cause::forbidden(field, why);
        Err(Failure::invalid_as("ListOptions", "meta.k8s.io", "", &[cause]))
    };
    match initial {
        Some(_) if matching.is_empty() => forbidden(
            "resourceVersionMatch",
            "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
        ),
        None if !matching.is_empty() => forbidden(
            "resourceVersionMatch",
            "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
        ),
        _ => Ok(()),
    }
}
