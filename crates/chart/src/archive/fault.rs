//! What can be wrong with a gzipped tar, in Go's words.

use std::io;

/// A fault of an archive. Go meets it when it has read everything before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    /// There is nothing at all.
    #[error("EOF")]
    Empty,
    /// The end comes too early.
    #[error("unexpected EOF")]
    UnexpectedEnd,
    /// A member does not begin as gzip does (`gzip.ErrHeader`).
    #[error("gzip: invalid header")]
    GzipHeader,
    /// A member's checksum or length is another than it says (`gzip.ErrChecksum`).
    #[error("gzip: invalid checksum")]
    Checksum,
    /// What is compressed makes no sense from there on (`flate.CorruptInputError`).
    #[error("flate: corrupt input before offset {0}")]
    Corrupt(
        /// Bytes from the end of the gzip member's header.
        u64,
    ),
    /// A header of the tar makes no sense (`tar.ErrHeader`).
    #[error("archive/tar: invalid tar header")]
    TarHeader,
    /// A long name is too long (`tar.ErrFieldTooLong`).
    #[error("archive/tar: header field too long")]
    FieldTooLong,
    /// A sparse file lists too many parts (`tar.errSparseTooLong`).
    #[error("archive/tar: sparse map too long")]
    SparseTooLong,
    /// A sparse file lists more than follows (`tar.errMissData`).
    #[error("archive/tar: sparse file references non-existent data")]
    MissingData,
    /// A sparse file lists less than follows (`tar.errUnrefData`).
    #[error("archive/tar: sparse file contains unreferenced data")]
    UnreferencedData,
    /// More comes out of it than any chart needs.
    #[error("decompressed chart is larger than the maximum size {}", super::MAX_CHART_SIZE_BYTES)]
    TooLarge,
    /// The archive cannot be read to its end.
    #[error("{0}")]
    Reading(io::ErrorKind),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Fault::UnexpectedEnd,
            kind => Fault::Reading(kind),
        }
    }
}
