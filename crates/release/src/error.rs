//! The error of this crate.

use crate::storage::SqlError;

/// An error of keeping release records.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(Box<ErrorKind>);

/// What went wrong; the texts are those of Helm's storage drivers.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// There is no such revision, or no revision at all.
    #[error("release: not found")]
    NotFound,
    /// The revision is there already: another operation was faster.
    #[error("release: already exists")]
    Exists,
    /// No revision is deployed.
    #[error("{0:?} has no deployed releases")]
    NoDeployed(String),
    /// Objects are there, but none can be decoded.
    #[error("no revision for release {name:?}")]
    NoRevision {
        /// Name of the release.
        name: String,
        /// The objects, and why each cannot be decoded.
        damaged: Vec<Damaged>,
    },
    /// The revisions of a release cannot be asked for.
    #[error("query: failed to query with labels")]
    Query(#[source] cluster::Error),
    /// Releases cannot be listed.
    #[error("list: failed to list")]
    List(#[source] cluster::Error),
    /// A revision cannot be read.
    #[error("get: failed to get {0:?}")]
    Get(String, #[source] cluster::Error),
    /// A revision cannot be decoded.
    #[error("get: failed to decode data {0:?}")]
    Decode(String, #[source] Error),
    /// A revision cannot be stored.
    #[error("create: failed to create")]
    Create(#[source] cluster::Error),
    /// A revision cannot be changed.
    #[error("update: failed to update")]
    Update(#[source] cluster::Error),
    /// Another command has changed a revision that this process works on.
    #[error("another operation has taken over this release")]
    TakenOver,
    /// A revision cannot be deleted.
    #[error(transparent)]
    Delete(cluster::Error),
    /// Several old revisions could not be deleted.
    #[error("encountered {count} deletion errors. First is")]
    Prune {
        /// How many.
        count: usize,
        /// The first.
        source: Error,
    },
    /// A further object of a large record cannot be read.
    #[error("part {0:?} of the record")]
    Part(String, #[source] cluster::Error),
    /// The further objects of a large record do not hold what it names.
    #[error("the parts of the record are not those it names")]
    PartsDiffer,
    /// A statement of the database fails.
    #[error(transparent)]
    Sql(SqlError),
    /// A stored object is not what it should be.
    #[error(transparent)]
    Object(cluster::Error),
    /// A record is JSON, but not that of a record; or it cannot be written.
    #[error(transparent)]
    Json(serde_json::Error),
    /// A record is JSON, but no object; Go's word for what it is.
    #[error("json: cannot unmarshal {0} into Go value of type v1.Release")]
    NoRecord(&'static str),
    /// A record is no JSON; what Go's decoder says of it.
    #[error("{0}")]
    Syntax(String),
    /// A stored text is no base64 from there on.
    #[error("illegal base64 data at input byte {0}")]
    Base64(usize),
    /// What a stored text holds ends early.
    #[error("unexpected EOF")]
    CutOff,
    /// A stored text cannot be compressed or expanded.
    #[error(transparent)]
    Compress(std::io::Error),
}

/// A stored record that cannot be decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damaged {
    /// Name of the object, or key of the row.
    pub key: String,
    /// Why, with all causes.
    pub reason: String,
}

impl Error {
    /// Returns what went wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.0
    }

    /// Returns whether there is no such release or revision.
    pub fn is_not_found(&self) -> bool {
        matches!(self.kind(), ErrorKind::NotFound)
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Error(Box::new(kind))
    }
}
