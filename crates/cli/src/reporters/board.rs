//! What is known of the objects of an operation, and how it looks on a terminal.

use std::time::{Duration, Instant};

use actions::Event;
use cluster::Resource;
use manifest::readiness::{Assessment, ObjectStatus};

/// The objects of an operation.
pub(super) struct Board {
    /// `upgrade web`.
    title: String,
    step: Option<(usize, usize, &'static str)>,
    rows: Vec<Row>,
}

struct Row {
    resource: Resource,
    word: &'static str,
    state: Option<Assessment>,
    since: Instant,
}

impl Board {
    pub(super) fn new(title: String) -> Board {
        Board { title, step: None, rows: Vec::new() }
    }

    /// Takes what happened.
    pub(super) fn take(&mut self, event: &Event<'_>, now: Instant) {
        match event {
            Event::Step { index, total, verb } => self.step = Some((*index, *total, verb)),
            Event::Created(resource) => self.set(resource, "created", None, now),
            Event::Changed(resource) => self.set(resource, "changed", None, now),
            Event::Deleted(resource) => self.set(resource, "deleted", None, now),
            Event::State { resource, state } => {
                self.set(resource, state.status.as_str(), Some((*state).clone()), now);
            }
            _ => {}
        }
    }

    fn set(&mut self, resource: &Resource, word: &'static str, state: Option<Assessment>, now: Instant) {
        match self.rows.iter_mut().find(|row| row.resource.is_same_object(resource)) {
            Some(row) => {
                let is_same = row.word == word;
                (row.word, row.state) = (word, state);
                if !is_same {
                    row.since = now;
                }
            }
            None => self.rows.push(Row { resource: resource.clone(), word, state, since: now }),
        }
    }

    /// Returns the objects that were waited for in vain.
    pub(super) fn unready(&self) -> Vec<(Resource, Assessment)> {
        let waited = self.rows.iter().filter_map(|row| Some((row.resource.clone(), row.state.clone()?)));
        waited.filter(|(_, state)| state.status != ObjectStatus::Current).collect()
    }

    /// Draws a tree of at most `height` lines of at most `width` letters: first what is not ready.
    pub(super) fn lines(&self, now: Instant, (width, height): (usize, usize)) -> Vec<String> {
        let mut rows: Vec<&Row> = self.rows.iter().collect();
        rows.sort_by_key(|row| !row.is_unready());
        let room = height.saturating_sub(2);
        let hidden = rows.len().saturating_sub(room);
        rows.truncate(room);
        let titles: Vec<String> = rows.iter().map(|row| row.title()).collect();
        let longest = titles.iter().map(String::len).max().unwrap_or(0).min(width / 2);
        let mut lines = vec![self.head()];
        for (at, (row, title)) in rows.iter().zip(&titles).enumerate() {
            let branch = if at + 1 == rows.len() && hidden == 0 { "└" } else { "├" };
            let age = age(now.saturating_duration_since(row.since));
            let message = row.state.as_ref().map_or("", |state| state.message.as_str());
            lines.push(format!("{branch} {title:longest$}  {:10}  {age:>4}  {message}", row.word));
        }
        if hidden > 0 {
            lines.push(format!("└ and {hidden} more"));
        }
        lines.iter().map(|line| cut(line, width)).collect()
    }

    fn head(&self) -> String {
        match self.step {
            Some((index, total, verb)) => format!("{}: {verb} ({}/{total})", self.title, index + 1),
            None => self.title.clone(),
        }
    }
}

impl Row {
    fn is_unready(&self) -> bool {
        self.state.as_ref().is_some_and(|state| state.status != ObjectStatus::Current)
    }

    fn title(&self) -> String {
        title(&self.resource)
    }
}

/// Names an object in a few letters (`Deployment/web`).
pub(super) fn title(resource: &Resource) -> String {
    format!("{}/{}", resource.mapping.kind, resource.name)
}

/// Writes a time as kubectl writes ages.
pub(super) fn age(age: Duration) -> String {
    match age.as_secs() {
        seconds @ 0..120 => format!("{seconds}s"),
        seconds => format!("{}m", seconds / 60),
    }
}

/// Cuts a line where the terminal ends, and at line breaks.
fn cut(line: &str, width: usize) -> String {
    line.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(width).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use actions::Event;
    use cluster::{Mapping, Resource};
    use manifest::readiness::Assessment;
    use serde_json::Value;

    use super::Board;

    fn resource(kind: &str, name: &str) -> Resource {
        let mapping = Mapping {
            group: String::new(),
            version: "v1".to_owned(),
            kind: kind.to_owned(),
            plural: String::new(),
            namespaced: true,
        };
        let (namespace, name) = ("n".to_owned(), name.to_owned());
        Resource { object: Value::Null, mapping: Arc::new(mapping), namespace, name }
    }

    #[test]
    fn what_is_not_ready_comes_first_with_its_reason_and_age() {
        let mut board = Board::new("upgrade web".to_owned());
        let start = Instant::now();
        let (map, pod) = (resource("ConfigMap", "a"), resource("Pod", "web-0"));
        board.take(&Event::Created(&map), start);
        board.take(&Event::Step { index: 3, total: 6, verb: "wait" }, start);
        let state = Assessment::in_progress("Pod is in\nthe Pending phase");
        board.take(&Event::State { resource: &pod, state: &state }, start);
        let now = start + Duration::from_secs(8);
        assert_eq!(
            board.lines(now, (60, 24)),
            [
                "upgrade web: wait (4/6)",
                "├ Pod/web-0    InProgress    8s  Pod is in the Pending phase",
                "└ ConfigMap/a  created       8s  ",
            ]
        );
        assert_eq!(board.lines(now, (20, 3)).last().map(String::as_str), Some("└ and 1 more"));
        assert_eq!(board.unready().len(), 1);
    }
}
