//! What is known of the objects of an operation, and how it looks on a terminal.

use std::time::{Duration, Instant};

use actions::Event;
use actions::diagnose::Finding;
use cluster::Resource;
use manifest::readiness::{Assessment, ObjectStatus};

/// The objects of an operation.
pub(super) struct Board {
    /// `upgrade web`.
    title: String,
    step: Option<(usize, usize, &'static str)>,
    rows: Vec<Row>,
    causes: Vec<Cause>,
}

struct Row {
    resource: Resource,
    word: &'static str,
    state: Option<Assessment>,
    since: Instant,
    /// Why it is not ready, as far as somebody has looked.
    finding: Option<Finding>,
}

/// Why an object was waited for in vain.
pub(super) struct Cause {
    pub(super) resource: Resource,
    pub(super) state: Assessment,
    pub(super) finding: Finding,
}

impl Board {
    pub(super) fn new(title: String) -> Board {
        Board { title, step: None, rows: Vec::new(), causes: Vec::new() }
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
            Event::Finding { resource, state, finding, in_vain } => {
                self.find(resource, state, finding, *in_vain)
            }
            _ => {}
        }
    }

    fn find(&mut self, resource: &Resource, state: &Assessment, finding: &Finding, in_vain: bool) {
        if let Some(row) = self.rows.iter_mut().find(|row| row.resource.is_same_object(resource)) {
            row.finding = Some(finding.clone());
        }
        if in_vain {
            let (resource, state, finding) = (resource.clone(), state.clone(), finding.clone());
            self.causes.push(Cause { resource, state, finding });
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
                if !row.is_unready() && row.state.is_some() {
                    row.finding = None;
                }
            }
            None => {
                self.rows.push(Row { resource: resource.clone(), word, state, since: now, finding: None })
            }
        }
    }

    /// Returns why objects were waited for in vain, recovery included.
    pub(super) fn causes(&self) -> &[Cause] {
        &self.causes
    }

    /// Draws a tree of at most `height` lines of at most `width` letters: first what is not ready.
    pub(super) fn lines(&self, now: Instant, (width, height): (usize, usize)) -> Vec<String> {
        let mut rows: Vec<&Row> = self.rows.iter().collect();
        rows.sort_by_key(|row| !row.is_unready());
        let hidden = hide(&mut rows, height.saturating_sub(2));
        let titles: Vec<String> = rows.iter().map(|row| row.title()).collect();
        let longest = titles.iter().map(String::len).max().unwrap_or(0).min(width / 2);
        let mut lines = vec![self.head()];
        for (at, (row, title)) in rows.iter().zip(&titles).enumerate() {
            let branch = if at + 1 == rows.len() && hidden == 0 { "└" } else { "├" };
            let age = age(now.saturating_duration_since(row.since));
            let message = row.state.as_ref().map_or("", |state| state.message.as_str());
            lines.push(format!("{branch} {title:longest$}  {:10}  {age:>4}  {message}", row.word));
            let stem = if branch == "└" { " " } else { "│" };
            lines.extend(row.note().map(|note| format!("{stem}   {note}")));
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

    /// Returns the last thing that is known of why it is not ready: the last line of a log, else a warning of the
    /// cluster, else what a pod or container says.
    fn note(&self) -> Option<String> {
        let finding = self.finding.as_ref().filter(|_| self.is_unready())?;
        let logged = finding.troubles.iter().rev().find_map(|trouble| Some((trouble, trouble.log.last()?)));
        if let Some((trouble, line)) = logged {
            return Some(format!("{}: {}: {line}", trouble.pod, trouble.reason));
        }
        if let Some(warning) = finding.warnings.last() {
            return Some(format!("{}: {}: {}", warning.object, warning.reason, warning.message));
        }
        let trouble = finding.troubles.last()?;
        Some(format!("{}: {} {}", trouble.pod, trouble.reason, trouble.message))
    }
}

/// Leaves the rows that a number of lines has room for; returns how many do not fit.
fn hide(rows: &mut Vec<&Row>, mut room: usize) -> usize {
    let fitting = rows.iter().take_while(|row| {
        let height = 1 + usize::from(row.note().is_some());
        let fits = height <= room;
        room = room.saturating_sub(height);
        fits
    });
    let count = fitting.count();
    let hidden = rows.len() - count;
    rows.truncate(count);
    hidden
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
    use actions::diagnose::{Finding, Trouble};
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
        let log = vec!["starting".to_owned(), "no database".to_owned()];
        let trouble = Trouble {
            pod: "web-0".to_owned(),
            reason: "CrashLoopBackOff".to_owned(),
            log,
            ..Trouble::default()
        };
        let finding = Finding { troubles: vec![trouble], warnings: Vec::new() };
        let found = |in_vain| Event::Finding { resource: &pod, state: &state, finding: &finding, in_vain };
        board.take(&found(false), now);
        assert_eq!(board.lines(now, (60, 24))[2], "│   web-0: CrashLoopBackOff: no database");
        assert_eq!(board.lines(now, (60, 4)).len(), 4);
        assert_eq!(board.causes().len(), 0);
        board.take(&found(true), now);
        board.take(&Event::State { resource: &pod, state: &Assessment::current("Pod is Ready") }, now);
        assert_eq!((board.lines(now, (60, 24)).len(), board.causes().len()), (3, 1));
    }
}
