//! Progress on standard error: a live tree on a terminal, lines or JSON where they are asked for, else nothing.

use std::cell::RefCell;
use std::env;
use std::io::{self, IsTerminal as _};
use std::time::{Duration, Instant};

use actions::diagnose::Finding;
use actions::{Event, Interest, Reporter};
use cluster::Resource;
use manifest::readiness::Assessment;

use super::Plain;
use super::board::{Board, Cause, title};
use super::events::{cause_as_json, end_as_json, event_as_json, event_as_line};
use crate::commands::table::Invocation;
use crate::errors::CommandError;
use crate::terminal;

/// What is over sooner needs no progress.
const GRACE: Duration = Duration::from_millis(250);

/// How often the tree is drawn again at most.
const REDRAW: Duration = Duration::from_millis(100);

/// The size of a terminal that does not tell it.
const USUAL_SIZE: (usize, usize) = (80, 24);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Silent,
    Live,
    Lines,
    Json,
}

/// Tells of an operation in the way that `--progress` asks for, and everything that Helm logs in every way.
pub(crate) struct Progress {
    mode: Mode,
    started: Instant,
    board: RefCell<Board>,
    drawn: RefCell<Drawn>,
}

/// The tree as it stands on the terminal.
#[derive(Default)]
struct Drawn {
    lines: usize,
    at: Option<Instant>,
}

impl Progress {
    /// Decides by `--progress` and by what standard error is.
    ///
    /// # Errors
    /// When the flag's word is unknown.
    pub(crate) fn of(
        invocation: &Invocation,
        command: &str,
        release: &str,
    ) -> Result<Progress, CommandError> {
        let is_live = || {
            let is_able = env::var_os("TERM").is_none_or(|name| name != "dumb");
            io::stderr().is_terminal() && is_able && !invocation.settings.is_debug
        };
        let mode = match invocation.flags.string("progress") {
            "auto" if is_live() => Mode::Live,
            "auto" | "none" => Mode::Silent,
            "plain" => Mode::Lines,
            "json" => Mode::Json,
            other => {
                let text = format!("invalid --progress {other:?}: auto, plain, json or none are known");
                return Err(CommandError::message(text));
            }
        };
        let board = RefCell::new(Board::new(format!("{command} {release}")));
        Ok(Progress { mode, started: Instant::now(), board, drawn: RefCell::default() })
    }

    /// Takes the tree off the terminal. After a failure says why objects did not become ready: which pod, which
    /// container, the last lines of its log, and the cluster's warnings.
    pub(crate) fn finish(&self, has_failed: bool) {
        self.clear();
        if self.mode == Mode::Silent {
            return;
        }
        if has_failed {
            self.tell_causes();
        }
        if self.mode == Mode::Json {
            terminal::error_line(&end_as_json(!has_failed));
        }
    }

    fn tell_causes(&self) {
        for Cause { resource, state, finding } in self.board.borrow().causes() {
            match self.mode {
                Mode::Json => terminal::error_line(&cause_as_json(resource, state, finding)),
                _ => cause_lines(resource, state, finding).iter().for_each(|line| terminal::error_line(line)),
            }
        }
    }

    fn draw(&self) {
        let now = Instant::now();
        let mut drawn = self.drawn.borrow_mut();
        let is_early = now.duration_since(self.started) < GRACE;
        if is_early || drawn.at.is_some_and(|at| now.duration_since(at) < REDRAW) {
            return;
        }
        let lines = self.board.borrow().lines(now, size());
        terminal::draw(drawn.lines, &lines);
        *drawn = Drawn { lines: lines.len(), at: Some(now) };
    }

    /// Takes the tree off the terminal, before something else is printed.
    pub(crate) fn clear(&self) {
        let mut drawn = self.drawn.borrow_mut();
        if drawn.lines > 0 {
            terminal::draw(drawn.lines, &[]);
        }
        *drawn = Drawn::default();
    }
}

impl Reporter for Progress {
    fn report(&self, event: Event<'_>) {
        self.board.borrow_mut().take(&event, Instant::now());
        if Plain::prints(&event) {
            self.clear();
        }
        Plain.report(event);
        match self.mode {
            Mode::Silent => {}
            Mode::Live => self.draw(),
            Mode::Lines => {
                if let Some(line) = event_as_line(&event) {
                    terminal::error_line(&line);
                }
            }
            Mode::Json => {
                if let Some(line) = event_as_json(&event) {
                    terminal::error_line(&line);
                }
            }
        }
    }

    fn interest(&self) -> Interest {
        match self.mode {
            Mode::Silent => Interest::None,
            Mode::Lines => Interest::AfterFailure,
            Mode::Live | Mode::Json => Interest::Always,
        }
    }
}

fn size() -> (usize, usize) {
    terminal::size_of_error_output().unwrap_or(USUAL_SIZE)
}

/// Words what was found out about one object.
fn cause_lines(resource: &Resource, state: &Assessment, finding: &Finding) -> Vec<String> {
    let mut lines = vec![format!("{}: {}, {}", title(resource), state.status.as_str(), state.message)];
    for trouble in &finding.troubles {
        let place = match trouble.container.as_str() {
            "" => format!("pod {}", trouble.pod),
            container => format!("pod {}, container {container}", trouble.pod),
        };
        let message =
            if trouble.message.is_empty() { String::new() } else { format!(": {}", trouble.message) };
        lines.push(format!("  {place}: {}{message}", trouble.reason));
        lines.extend(trouble.log.iter().map(|line| format!("    | {line}")));
    }
    for warning in &finding.warnings {
        lines.push(format!("  warning of {}: {}: {}", warning.object, warning.reason, warning.message));
    }
    lines
}
