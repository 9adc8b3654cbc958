//! The revisions of one release.

use crate::error::Damaged;
use crate::record::Record;
use crate::status::Status;

/// The revisions of a release that could be decoded, oldest first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History {
    revisions: Vec<Record>,
    damaged: Vec<Damaged>,
}

impl History {
    /// Sorts revisions.
    pub fn new(mut revisions: Vec<Record>) -> History {
        revisions.sort_by_key(|record| record.version);
        History { revisions, damaged: Vec::new() }
    }

    /// Adds what could not be decoded.
    #[must_use]
    pub fn with_damaged(self, damaged: Vec<Damaged>) -> History {
        History { damaged, ..self }
    }

    /// Returns what could not be decoded, in no order.
    pub fn damaged(&self) -> &[Damaged] {
        &self.damaged
    }

    /// Returns the revisions, oldest first.
    pub fn revisions(&self) -> &[Record] {
        &self.revisions
    }

    /// Returns the revisions, oldest first.
    pub fn into_revisions(self) -> Vec<Record> {
        self.revisions
    }

    /// Returns the newest revision.
    pub fn last(&self) -> Option<&Record> {
        self.revisions.last()
    }

    /// Returns the newest revision whose stored label says `deployed` (`Storage.Deployed`, which asks by label); a record
    /// in memory has no such label, and its state counts.
    pub fn deployed(&self) -> Option<&Record> {
        self.revisions.iter().rev().find(|record| {
            let label = record.labels.get("status").map(String::as_str);
            label.unwrap_or(record.info.status.as_str()) == Status::Deployed.as_str()
        })
    }

    /// Returns the newest revision that was once deployed; failed ones are not superseded unless a later one
    /// succeeds, so that this is fairly safe (`Upgrade.failRelease`).
    pub fn last_successful(&self) -> Option<&Record> {
        self.revisions
            .iter()
            .rev()
            .find(|record| matches!(record.info.status, Status::Superseded | Status::Deployed))
    }

    /// Returns the revisions to delete so that `maximum` are left, oldest first and never the deployed one
    /// (`Storage.removeLeastRecent`).
    pub fn beyond(&self, maximum: usize) -> Vec<i64> {
        let excess = self.revisions.len().saturating_sub(maximum);
        let deployed = self.deployed().map(|record| record.version);
        let versions = self.revisions.iter().map(|record| record.version);
        versions.filter(|version| Some(*version) != deployed).take(excess).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::History;
    use crate::record::Record;

    #[test]
    fn the_deployed_revision_is_never_pruned() {
        let record = |version: i64, status: &str| {
            let labels = [("status".to_owned(), status.to_owned())].into();
            Record { version, labels, ..Record::default() }
        };
        let history = History::new(vec![record(3, "failed"), record(1, "deployed"), record(2, "failed")]);
        assert_eq!(history.beyond(1), [2, 3]);
        assert!(history.beyond(5).is_empty());
    }
}
