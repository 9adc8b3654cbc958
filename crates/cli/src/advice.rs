//! What to do now: sentences that follow Helm's error where a release is busy, was left in the middle, or cannot be read.
//!
//! Programs compare what Helm prints, so that advice on what Helm meets too is for terminals only.

use std::io::IsTerminal as _;

use actions::ErrorKind;
use release::{Damaged, LEASE, Standing, Status, Work};

use crate::clock::{self, RFC3339};
use crate::errors::chain;

/// The command that failed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Failed<'a> {
    /// The name the program was called by.
    pub(crate) program: &'a str,
    /// The command's name.
    pub(crate) command: &'a str,
    /// Name of the release.
    pub(crate) release: &'a str,
    /// Whether the user gave up.
    pub(crate) is_cancelled: bool,
}

/// Returns the text of an error, with advice on lines of its own where there is any.
pub(crate) fn explain(error: &actions::Error, failed: Failed<'_>) -> String {
    let text = chain(error);
    match advice(error, failed, std::io::stderr().is_terminal()) {
        Some(advice) => format!("{text}\n{advice}"),
        None => text,
    }
}

/// Returns the text of an error, on a terminal with the stored records that cannot be read, if it is about such.
pub(crate) fn with_damage(error: &actions::Error) -> String {
    let text = chain(error);
    match error.kind() {
        ErrorKind::Storage(error) if std::io::stderr().is_terminal() => {
            damaged_by(error).map_or(text.clone(), |damaged| format!("{text}\n{}", unreadable(&damaged)))
        }
        _ => text,
    }
}

/// Returns what is said of records that were left out because they cannot be read; only on a terminal.
pub(crate) fn left_out(damaged: &[Damaged]) -> Option<String> {
    (!damaged.is_empty() && std::io::stderr().is_terminal()).then(|| unreadable(damaged))
}

fn advice(error: &actions::Error, failed: Failed<'_>, is_terminal: bool) -> Option<String> {
    let Failed { program, release, .. } = failed;
    match error.kind() {
        ErrorKind::InProgress(Some(work)) => Some(busy(work, release)),
        ErrorKind::InProgress(None) => is_terminal.then(|| unclaimed(failed)),
        ErrorKind::Check(_, cause) => advice(cause, failed, is_terminal),
        ErrorKind::NameInUse(Standing::Busy(work)) => Some(busy(work, release)),
        ErrorKind::NameInUse(Standing::Broken(work)) => Some(format!(
            "{} by {}{} broke off.\n`{program} upgrade {release} CHART --install` goes on, `{program} uninstall \
             {release}` removes what there is.",
            title(&work.status),
            work.holder,
            began(work, ", begun at")
        )),
        ErrorKind::TakenOver => Some(format!(
            "For {} seconds no sign of life from this process had reached the records of {release}.\n`{program} history \
             {release}` shows what the other command did.",
            LEASE.as_secs()
        )),
        ErrorKind::Storage(error) => stored(error, failed, is_terminal),
        _ if failed.is_cancelled => Some(cancelled(failed)),
        _ => None,
    }
}

fn busy(work: &Work, release: &str) -> String {
    let doing = match work.status {
        Status::PendingInstall => "installing",
        Status::PendingUpgrade => "upgrading",
        Status::PendingRollback => "rolling back",
        _ => "uninstalling",
    };
    format!(
        "{} is {doing} {release}{}, revision {}; its last sign of life was {} s ago.\nWhen it is gone, the next command \
         takes over: on that machine at once, elsewhere {} s after the last sign.",
        work.holder,
        began(work, " since"),
        work.revision,
        work.silent_seconds.max(0),
        LEASE.as_secs()
    )
}

fn title(status: &Status) -> &'static str {
    match status {
        Status::PendingInstall => "Installation",
        Status::PendingUpgrade => "Upgrade",
        Status::PendingRollback => "Rollback",
        _ => "Removal",
    }
}

fn began(work: &Work, word: &str) -> String {
    let Some(since) = work.since.filter(|time| !time.is_zero()) else { return String::new() };
    format!("{word} {}", clock::shown(since, &clock::local_zone()).format(RFC3339))
}

fn unclaimed(Failed { program, release, .. }: Failed<'_>) -> String {
    format!(
        "The newest revision of {release} is pending and does not say by whom: Helm is at it, or broke off.\nIf nobody is, \
         `{program} upgrade {release} CHART --recover` goes on and `{program} rollback {release}` goes back."
    )
}

fn stored(error: &release::Error, failed: Failed<'_>, is_terminal: bool) -> Option<String> {
    let Failed { program, release, .. } = failed;
    match error.kind() {
        release::ErrorKind::Exists if failed.command != "install" => Some(format!(
            "Another command stored that revision of {release} at the same moment; `{program} history {release}` shows it."
        )),
        _ => damaged_by(error).filter(|_| is_terminal).map(|damaged| unreadable(&damaged)),
    }
}

fn damaged_by(error: &release::Error) -> Option<Vec<Damaged>> {
    match error.kind() {
        release::ErrorKind::NoRevision { damaged, .. } => {
            Some(damaged.clone()).filter(|damaged| !damaged.is_empty())
        }
        release::ErrorKind::Decode(key, cause) => {
            Some(vec![Damaged { key: key.clone(), reason: chain(cause) }])
        }
        _ => None,
    }
}

fn unreadable(damaged: &[Damaged]) -> String {
    let records =
        damaged.iter().map(|Damaged { key, reason }| format!("The record {key} is damaged: {reason}."));
    let mut lines: Vec<String> = records.collect();
    lines.push(
        "Restore it from a backup of the cluster, or delete it: the newest revision that can be read counts then."
            .to_owned(),
    );
    lines.join("\n")
}

fn cancelled(Failed { program, command, release, .. }: Failed<'_>) -> String {
    let (state, next) = match command {
        "install" => (
            "failed",
            format!(
                "`{program} upgrade {release} CHART --install` goes on, `{program} uninstall {release}` removes what \
                 there is"
            ),
        ),
        "uninstall" => (
            "being uninstalled",
            format!(
                "`{program} uninstall {release}` goes on, `{program} rollback {release} REVISION` goes back"
            ),
        ),
        _ => (
            "failed",
            format!(
                "`{program} {command} {release} ...` tries again, `{program} rollback {release}` goes back"
            ),
        ),
    };
    format!("If a revision was stored, it counts as {state}: {next}.")
}

#[cfg(test)]
mod tests {
    use actions::{Error, ErrorKind};
    use release::{Holder, Status, Work};

    use super::{Failed, advice};

    const FAILED: Failed<'_> =
        Failed { program: "pintle", command: "upgrade", release: "web", is_cancelled: false };

    #[test]
    fn a_busy_release_names_its_holder() {
        let holder =
            Holder { user: "ann".to_owned(), host: "build-7".to_owned(), process: 4711, ..Holder::default() };
        let work =
            Work { holder, status: Status::PendingUpgrade, revision: 3, since: None, silent_seconds: 14 };
        let error = Error::from(ErrorKind::InProgress(Some(work)));
        assert_eq!(
            advice(&error, FAILED, false).unwrap(),
            "ann@build-7 (process 4711) is upgrading web, revision 3; its last sign of life was 14 s ago.\n\
             When it is gone, the next command takes over: on that machine at once, elsewhere 120 s after the last \
             sign."
        );
    }

    #[test]
    fn what_helm_meets_too_is_explained_on_terminals_only() {
        let error = Error::from(ErrorKind::InProgress(None));
        assert_eq!(advice(&error, FAILED, false), None);
        assert!(
            advice(&error, FAILED, true).unwrap().contains("`pintle upgrade web CHART --recover` goes on")
        );
    }

    #[test]
    fn giving_up_says_how_to_go_on() {
        let error = Error::from(ErrorKind::Cancelled);
        let cancelled = Failed { is_cancelled: true, ..FAILED };
        assert!(advice(&error, cancelled, false).unwrap().contains("`pintle rollback web` goes back"));
        assert_eq!(advice(&error, FAILED, false), None);
    }
}
