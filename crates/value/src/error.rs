//! The error of this crate.

/// An error of reading, writing or converting values.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(Box<ErrorKind>);

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A message in Go's words from a method or conversion.
    #[error("{0}")]
    Message(String),
    /// A text is not YAML, or not YAML that JSON could express.
    #[error("error converting YAML to JSON: {text}")]
    Yaml {
        /// go-yaml's words, with its prefix `yaml: ` where it has one, and the line it names.
        text: String,
        /// Where in the text it was noticed, in bytes; 0 when that is not known.
        offset: usize,
    },
    /// A text is YAML, but not of the type that was asked for.
    #[error("error unmarshaling JSON: while decoding JSON: {0}")]
    YamlType(String),
    /// YAML has no complex numbers.
    #[error("cannot marshal type: complex128")]
    ComplexNumber,
    /// A text is not JSON, or not of the type that was asked for.
    #[error("{text}")]
    Json {
        /// The words of Go's `encoding/json`.
        text: String,
        /// How many bytes had been read when it was noticed.
        offset: usize,
    },
}

impl Error {
    /// Returns an error with a message in Go's words.
    pub fn message(text: impl Into<String>) -> Self {
        Error(Box::new(ErrorKind::Message(text.into())))
    }

    /// Returns the message without what sigs.k8s.io/yaml's `Unmarshal` puts in front: `yaml: line 3: …`.
    ///
    /// This is what its `YAMLToJSON` and yaml.v2 itself say.
    pub fn inner_text(&self) -> String {
        match self.kind() {
            ErrorKind::Message(text) | ErrorKind::Yaml { text, .. } | ErrorKind::YamlType(text) => {
                text.clone()
            }
            ErrorKind::ComplexNumber => self.to_string(),
            ErrorKind::Json { text, .. } => text.clone(),
        }
    }

    /// Returns whether a complex number was to be written, at which yaml.v3 panics.
    pub fn is_complex_number(&self) -> bool {
        matches!(self.kind(), ErrorKind::ComplexNumber)
    }

    /// Returns where in the text a reader noticed the error, in bytes.
    pub fn offset(&self) -> Option<usize> {
        match self.kind() {
            ErrorKind::Yaml { offset, .. } | ErrorKind::Json { offset, .. } => Some(*offset),
            _ => None,
        }
    }

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
