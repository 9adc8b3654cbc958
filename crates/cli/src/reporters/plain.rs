//! Events as the log lines that Helm prints.

use std::cell::RefCell;

use actions::{ErrorKind, Event, Reporter};
use cluster::Resource;

use crate::errors::chain;
use crate::logging::{self, Level};

/// Prints what Helm logs without `--debug`.
pub(crate) struct Plain;

impl Plain {
    /// Returns whether something is printed for an event.
    pub(super) fn prints(event: &Event<'_>) -> bool {
        !matches!(
            event,
            Event::Step { .. }
                | Event::Created(_)
                | Event::Changed(_)
                | Event::Deleted(_)
                | Event::State { .. }
                | Event::Idle
                | Event::HookStarted { .. }
                | Event::HookEnded { .. }
                | Event::UnknownHook(_)
                | Event::Detail(_)
                | Event::Finding { .. }
        )
    }
}

impl Reporter for Plain {
    fn report(&self, event: Event<'_>) {
        match event {
            Event::HookLog { text, .. } => hook_log(text),
            Event::DryRunWithDefinitions => logging::warn(
                "This chart or one of its subcharts contains CRDs. Rendering may fail or contain inaccuracies.",
            ),
            Event::NegativeTimeout => {
                logging::klog('E', "until.go:159", "Timeout for context shall not be negative");
            }
            Event::NotInOriginal(resource) => not_in_original(resource),
            Event::NotOwned { resource, release } => {
                let mut attributes = named(resource);
                attributes.push(("release", release));
                logging::line(
                    Level::Warn,
                    "skipping delete of resource not owned by this release",
                    &attributes,
                );
            }
            Event::Unverifiable { resource, release, error } => {
                let error = chain(error);
                let mut attributes = named(resource);
                attributes.extend([("release", release), ("error", &error)]);
                let message = "skipping delete of resource because ownership could not be verified";
                logging::line(Level::Warn, message, &attributes);
            }
            Event::HookObjectFailed { kind, name, reason } => {
                let attributes: &[(&str, &str)] = match kind {
                    "job" => &[("job", name), ("reason", reason)],
                    _ => &[(kind, name)],
                };
                logging::line(Level::Error, &format!("{kind} failed"), attributes);
            }
            Event::HookLogFailed(error) => {
                logging::info(&format!("error outputting logs for hook failure: {}", chain(error)));
            }
            Event::HookDeletionFailed(error) => {
                let text = chain(error);
                logging::info(&format!("error deleting the hook resource on hook failure: {text}"));
            }
            Event::RecordNotSaved { name, revision, error, succeeded } => {
                record_not_saved((name, revision), &chain(error), succeeded);
            }
            Event::BrokeOff { record, work } => broke_off(record, work),
            Event::UpgradeFailed { name, error } => {
                logging::line(Level::Warn, "upgrade failed", &[("name", name), ("error", &chain(error))]);
            }
            Event::RollbackFailed(text) => logging::warn(text),
            Event::CheckFailed(error) => check_failed(error),
            // Rendering has logged it already.
            Event::UnknownHook(_) => {}
            // Steps and single objects are for `--debug` and for progress.
            _ => {}
        }
    }
}

/// Helm copies logs to Go's `log`, which makes one line of each piece and drops its last line break.
fn hook_log(text: &[u8]) {
    for piece in text.chunks(32 << 10) {
        let piece = piece.strip_suffix(b"\n").unwrap_or(piece);
        logging::info(&String::from_utf8_lossy(piece));
    }
}

fn not_in_original(resource: &Resource) {
    let attributes = [
        ("namespace", resource.namespace.as_str()),
        ("name", resource.name.as_str()),
        ("kind", resource.mapping.kind.as_str()),
    ];
    let message = "resource exists on cluster but not in original release, using cluster state as baseline";
    logging::line(Level::Warn, message, &attributes);
}

fn named(resource: &Resource) -> Vec<(&'static str, &str)> {
    vec![("kind", &resource.mapping.kind), ("name", &resource.name), ("namespace", &resource.namespace)]
}

fn broke_off(record: &release::Record, work: Option<&release::Work>) {
    let revision = record.version.to_string();
    let holder = work.map(|work| work.holder.to_string());
    let mut attributes = vec![
        ("name", record.name.as_str()),
        ("revision", revision.as_str()),
        ("status", record.info.status.as_str()),
    ];
    attributes.extend(holder.as_deref().map(|holder| ("holder", holder)));
    logging::line(Level::Warn, "the last operation broke off, its revision counts as failed", &attributes);
}

fn record_not_saved((name, revision): (&str, i64), error: &str, succeeded: bool) {
    if succeeded {
        logging::error("failed to record the release", error);
    } else {
        let revision = revision.to_string();
        let attributes = [("name", name), ("revision", revision.as_str()), ("error", error)];
        logging::line(Level::Warn, "failed to update release", &attributes);
    }
}

/// Checks before an installation are logged and fail (action/install.go, RunWithContext).
fn check_failed(error: &actions::Error) {
    match error.kind() {
        ErrorKind::Check(message @ "cluster reachability check failed", cause) => {
            logging::line(Level::Error, &format!("{message}: {}", chain(cause)), &[]);
        }
        ErrorKind::Check(message, cause) => logging::error(message, &chain(cause)),
        ErrorKind::Dependencies(cause) => {
            logging::error("chart dependencies processing failed", &chain(&**cause));
        }
        _ => logging::line(Level::Error, &chain(error), &[]),
    }
}

/// Gathers what a dry run of an uninstallation would leave, because Helm counts it first.
#[derive(Default)]
pub(crate) struct DryRunUninstall {
    release: RefCell<String>,
    not_owned: RefCell<Vec<[String; 3]>>,
    unverifiable: RefCell<Vec<([String; 3], String)>>,
}

impl Reporter for DryRunUninstall {
    fn report(&self, event: Event<'_>) {
        let place = |resource: &Resource| {
            [resource.mapping.kind.clone(), resource.name.clone(), resource.namespace.clone()]
        };
        match event {
            Event::NotOwned { resource, release } => {
                release.clone_into(&mut self.release.borrow_mut());
                self.not_owned.borrow_mut().push(place(resource));
            }
            Event::Unverifiable { resource, release, error } => {
                release.clone_into(&mut self.release.borrow_mut());
                self.unverifiable.borrow_mut().push((place(resource), chain(error)));
            }
            other => Plain.report(other),
        }
    }
}

impl DryRunUninstall {
    /// Prints what was gathered.
    pub(crate) fn print(&self) {
        let release = self.release.borrow();
        let title = |text: &str, count: usize| {
            let count = count.to_string();
            logging::line(Level::Warn, text, &[("release", &release), ("count", &count)]);
        };
        let not_owned = self.not_owned.borrow();
        if !not_owned.is_empty() {
            let text = "dry-run: resources would be skipped because they are not owned by this release";
            title(text, not_owned.len());
        }
        for [kind, name, namespace] in not_owned.iter() {
            let attributes = [("kind", kind.as_str()), ("name", name), ("namespace", namespace)];
            logging::line(Level::Warn, "dry-run: would skip resource", &attributes);
        }
        let unverifiable = self.unverifiable.borrow();
        if !unverifiable.is_empty() {
            let text = "dry-run: resources would be skipped because their ownership could not be verified";
            title(text, unverifiable.len());
        }
        for ([kind, name, namespace], error) in unverifiable.iter() {
            let attributes =
                [("kind", kind.as_str()), ("name", name), ("namespace", namespace), ("error", error)];
            let text = "dry-run: would skip resource (ownership could not be verified)";
            logging::line(Level::Warn, text, &attributes);
        }
    }
}
