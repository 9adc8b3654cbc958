//! Reading and writing records, each with a word to those who debug.

use release::{History, Pruning, Record};

use crate::connections::Connections;
use crate::detail::{Access, Detail, Stage};

impl Connections<'_> {
    /// Tells something that only `--debug` shows.
    pub(crate) fn detail(&self, detail: Detail<'_>) {
        // Nothing happens to objects that are not there.
        if self.cluster.is_pretending() && detail.is_about_objects() {
            return;
        }
        self.reporter.report(crate::Event::Detail(detail));
    }

    /// Tells that an operation has come to a stage.
    pub(crate) fn stage(&self, stage: Stage, release: &str) {
        self.detail(Detail::Stage(stage, release));
    }

    fn access(&self, access: Access, release: &str, revision: i64) {
        self.detail(Detail::Record { access, release, revision });
    }

    /// Reads all revisions of a release.
    pub(crate) async fn history(&self, name: &str) -> Result<History, release::Error> {
        self.stage(Stage::ReadingHistory, name);
        self.releases.history(name).await
    }

    /// Reads the newest revision of a release.
    pub(crate) async fn last(&self, name: &str) -> Result<Record, release::Error> {
        self.stage(Stage::ReadingLast, name);
        self.stage(Stage::ReadingHistory, name);
        self.releases.last(name).await
    }

    /// Reads the deployed revisions of a release.
    pub(crate) async fn deployed(&self, name: &str) -> Result<Vec<Record>, release::Error> {
        self.stage(Stage::ReadingDeployed, name);
        self.releases.deployed(name).await
    }

    /// Reads a revision.
    pub(crate) async fn revision(&self, name: &str, revision: i64) -> Result<Record, release::Error> {
        self.access(Access::Get, name, revision);
        self.releases.get(name, revision).await
    }

    /// Stores a new revision; older ones may go to make room.
    pub(crate) async fn create_record(
        &self,
        record: &Record,
        max_history: usize,
    ) -> Result<(), release::Error> {
        self.access(Access::Create, &record.name, record.version);
        if max_history > 0 {
            self.stage(Stage::ReadingHistory, &record.name);
            let tell = |pruning| self.pruning(&record.name, pruning);
            self.releases.prune(&record.name, max_history - 1, &tell).await?;
        }
        self.releases.create(record).await
    }

    fn pruning(&self, release: &str, pruning: Pruning) {
        match pruning {
            Pruning::Begun => self.stage(Stage::ReadingDeployed, release),
            Pruning::Deleting(revision) => self.access(Access::Delete, release, revision),
            Pruning::Done { count, errors } => self.detail(Detail::RecordsPruned { release, count, errors }),
        }
    }

    /// Stores a revision again.
    pub(crate) async fn update_record(&self, record: &Record) -> Result<(), release::Error> {
        self.access(Access::Update, &record.name, record.version);
        self.releases.update(record).await
    }

    /// Deletes a revision and returns whether it was kept in parts.
    pub(crate) async fn delete_record(&self, name: &str, revision: i64) -> Result<bool, release::Error> {
        self.access(Access::Delete, name, revision);
        self.releases.delete(name, revision).await
    }
}
