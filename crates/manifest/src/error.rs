//! The error of this crate.

/// An error of reading Kubernetes objects.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(Box<ErrorKind>);

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A member of an object's head has a type that Go's decoder refuses; the text is the one of
    /// `sigs.k8s.io/yaml` with `encoding/json`.
    #[error(
        "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {found} into Go {place} of type {wanted}"
    )]
    HeadType {
        /// JSON's word for what stands there (`number`, `array`).
        found: &'static str,
        /// Where it stands (`struct field .metadata.name`, `value`).
        place: &'static str,
        /// The Go type it should have had.
        wanted: &'static str,
    },
    /// A text is not a time in RFC 3339.
    #[error("parsing time {0:?}: not in RFC 3339")]
    Time(String),
}

impl Error {
    /// Returns what went wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.0
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Error(Box::new(kind))
    }
}
