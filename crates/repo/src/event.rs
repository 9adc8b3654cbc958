//! What is worth telling while indexes are read and charts fetched, as data.

use crate::Error;
use crate::index::Skipped;

/// Something that happened; references only.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// An entry of an index was left out.
    Skipped {
        /// The entry.
        entry: &'a Skipped,
        /// Where the index came from.
        source: &'a str,
    },
    /// A version of a range was taken.
    Selected {
        /// The chart.
        chart: &'a str,
        /// The range.
        range: &'a str,
        /// The version.
        selected: &'a str,
    },
    /// A version is not there, and another that is compatible was taken.
    Closest {
        /// The chart.
        chart: &'a str,
        /// The version asked for.
        requested: &'a str,
        /// The version taken.
        selected: &'a str,
    },
    /// Repositories that only a chart names are asked for their indexes.
    UpdatingUnmanaged,
    /// Repositories are asked for their indexes.
    Updating,
    /// A repository's index arrived.
    Updated {
        /// The name of the repository, or the URL of one that only a chart names.
        name: &'a str,
    },
    /// A repository's index could not be had.
    NotUpdated {
        /// The name of the repository, or the URL of one that only a chart names.
        name: &'a str,
        /// The URL of a repository that has a name.
        url: Option<&'a str>,
        /// Why.
        error: &'a Error,
    },
    /// All repositories were asked.
    UpdateComplete,
    /// A chart's dependencies are to be saved.
    Saving {
        /// How many.
        count: usize,
    },
    /// A dependency has no repository and must lie in `charts/`.
    ExpectedInCharts {
        /// Its name.
        name: &'a str,
    },
    /// A dependency on disk is packed.
    Archiving {
        /// Its name.
        name: &'a str,
        /// Where it lies.
        repository: &'a str,
    },
    /// A dependency is fetched.
    Downloading {
        /// Its name.
        name: &'a str,
        /// From where.
        repository: &'a str,
    },
    /// A dependency was fetched for another already.
    AlreadyDownloaded {
        /// Its name.
        name: &'a str,
        /// From where.
        repository: &'a str,
    },
    /// Saving ended with an error.
    NotSaved {
        /// The error.
        error: &'a Error,
    },
    /// An archive is no chart and stays where it is.
    NotVerified {
        /// Its path.
        path: &'a str,
        /// What is wrong with it.
        reason: &'a str,
        /// Whether it was to be moved; deleted otherwise.
        is_new: bool,
    },
    /// What is no dependency any more is deleted from `charts/`.
    DeletingOutdated,
    /// A lock file made by Helm 2 is compared with.
    OldDigest,
    /// A dependency's repository is a folder.
    LocalRepository {
        /// The `file://` URL.
        repository: &'a str,
    },
    /// Where downloads are kept was settled.
    CacheSet,
    /// A chart is to be fetched into the cache.
    Keeping {
        /// What was asked for.
        reference: &'a str,
        /// The version or range that was asked for; empty for the newest.
        version: &'a str,
    },
    /// A chart is in the cache already.
    Cached {
        /// The SHA-256 of the archive, in hexadecimal digits.
        hash: &'a str,
    },
    /// A chart was put into the cache.
    Kept {
        /// The SHA-256 of the archive, in hexadecimal digits.
        hash: &'a str,
    },
    /// A request is sent.
    Fetching {
        /// Its URL.
        url: &'a str,
    },
    /// A server answered; what it sends may follow.
    Answered {
        /// The URL of the request.
        url: &'a str,
        /// Code and reason, `200 OK`.
        status: &'a str,
        /// How many bytes follow; nothing if the server does not say.
        length: Option<u64>,
    },
    /// A registry is asked something.
    RegistryAsked {
        /// Which request of this run it is, from zero.
        number: u64,
        /// `GET`, `HEAD`, …
        method: &'a str,
        /// Its URL.
        url: &'a str,
        /// Names and texts, sorted; what authorizes it is hidden.
        headers: &'a [(String, String)],
    },
    /// A registry answered.
    RegistryAnswered {
        /// Which request it answers.
        number: u64,
        /// The request's method.
        method: &'a str,
        /// Code and reason, `200 OK`.
        status: &'a str,
        /// Names and texts, sorted.
        headers: &'a [(String, String)],
        /// What followed, as far as it was read.
        body: &'a [u8],
    },
    /// A registry did not answer.
    RegistrySilent {
        /// Which request it was.
        number: u64,
        /// Its method.
        method: &'a str,
        /// Why.
        error: &'a Error,
    },
    /// A chart in a registry has an archive of a kind that is not made any more.
    OldMediaType {
        /// The kind.
        media_type: &'a str,
    },
    /// A part of a chart came from a registry.
    Pulled {
        /// Registry, repository, tag or digest.
        reference: &'a str,
        /// The digest of its manifest.
        digest: &'a str,
    },
    /// A chart went to a registry.
    Pushed {
        /// Registry, repository and tag.
        reference: &'a str,
        /// The digest of its manifest.
        digest: &'a str,
    },
    /// A chart was loaded, and this is worth telling about it.
    ChartWarning(&'a chart::Warning),
}

/// Where events go.
pub type Events<'a> = &'a dyn Fn(Event<'_>);
