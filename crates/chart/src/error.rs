//! The error of this crate. Each kind says its own layer; the cause is its source.

use std::error::Error as StdError;

use crate::schema::SchemaError;

/// What a caller's reader of values files and `--set-file` files fails with.
pub type ReadError = Box<dyn StdError + Send + Sync + 'static>;

/// An error of loading a chart, or of reading and composing its values.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(Box<ErrorKind>);

/// What went wrong, in Helm's words.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The operating system refused to read a file or directory; the text is Go's `PathError`.
    #[error("{operation} {path}: {reason}")]
    File {
        /// Go's name of the system call: `open`, `lstat`, …
        operation: &'static str,
        /// The path as Helm would name it.
        path: String,
        /// The reason, in Go's lower-case words.
        reason: String,
    },
    /// A directory holds no readable `Chart.yaml`.
    #[error("unable to detect chart at {path}")]
    NoChartFile {
        /// The absolute path of the file looked for.
        path: String,
        /// Why it could not be read.
        source: Error,
    },
    /// `Chart.yaml` names an API version that no Helm knows.
    #[error("unsupported chart version")]
    UnsupportedVersion,
    /// An archive has no `Chart.yaml` from which the version could be told.
    #[error("unable to detect chart version, no Chart.yaml found")]
    NoVersion,
    /// A part of an archive does not begin as gzip does.
    #[error("gzip: invalid header")]
    GzipHeader,
    /// [`ErrorKind::GzipHeader`] anywhere in a chart's file.
    #[error("file '{path}' does not appear to be a valid chart file (details: {details})")]
    NotGzip {
        /// The file's path.
        path: String,
        /// The error with its causes.
        details: String,
    },
    /// A file list without `Chart.yaml`.
    #[error("Chart.yaml file is missing")]
    NoMetadata,
    /// One of the chart's own documents cannot be read.
    #[error("cannot load {file}")]
    Document {
        /// `Chart.yaml`, `values.yaml`, …
        file: &'static str,
        /// What is wrong with it.
        source: Error,
    },
    /// A subchart cannot be loaded.
    #[error("error unpacking subchart {name} in {parent}")]
    Subchart {
        /// The subchart's entry in `charts/`.
        name: String,
        /// The name of the parent chart.
        parent: String,
        /// What is wrong with it.
        source: Error,
    },
    /// `Chart.yaml` breaks a rule (`Metadata.Validate`).
    #[error("validation: {0}")]
    Validation(String),
    /// A directory entry cannot be read.
    #[error("error reading {name}")]
    Reading {
        /// The path within the chart.
        name: String,
        /// Why.
        source: Error,
    },
    /// A symbolic link leads nowhere.
    #[error("error evaluating symlink {path}")]
    Symlink {
        /// The absolute path of the link.
        path: String,
        /// Why.
        source: Error,
    },
    /// A chart, its archive or its files break a rule; the text is Helm's.
    #[error("{0}")]
    Refused(String),
    /// A document is not YAML, or not YAML that JSON can hold.
    #[error(transparent)]
    Yaml(value::Error),
    /// A document's values have other types than its fields; the text is Go's.
    #[error("error unmarshaling JSON: while decoding JSON: {0}")]
    Type(String),
    /// One document of a values file cannot be read.
    #[error("cannot unmarshal yaml document")]
    ValuesDocument(#[source] Error),
    /// The documents of a values file cannot be told apart.
    #[error("error reading yaml document: {0}")]
    Separator(String),
    /// A file given with `--values` is not a values file.
    #[error("failed to parse {path}")]
    ValuesFile {
        /// The path as given.
        path: String,
        /// What is wrong with it.
        source: Error,
    },
    /// A `--set…` flag's text cannot be read.
    #[error("failed parsing {flag} data")]
    Flag {
        /// The flag, e.g. `--set`.
        flag: &'static str,
        /// What is wrong with the text.
        source: Error,
    },
    /// A `--set-json` text cannot be read; Helm repeats the text and keeps the reason to itself.
    #[error("failed parsing --set-json data {0}")]
    JsonFlag(String),
    /// A `--set…` text breaks the grammar of [`crate::values::strvals`].
    #[error("{0}")]
    Set(String),
    /// The caller's reader failed.
    #[error(transparent)]
    Read(ReadError),
    /// Values of a subchart are not a table.
    #[error("type mismatch on {chart}: {value}")]
    Mismatch {
        /// The subchart's name.
        chart: String,
        /// The value as Go's `%t` prints it.
        value: String,
    },
    /// Dependencies are declared but not there.
    #[error("found in Chart.yaml, but missing in charts/ directory: {}", .0.join(", "))]
    MissingDependencies(Vec<String>),
    /// Conditions, tags or imports of dependencies cannot be worked out.
    #[error("chart dependencies processing failed")]
    Dependencies(#[source] Error),
    /// Values break a schema, or a schema cannot be used.
    #[error("values don't meet the specifications of the schema(s) in the following chart(s):\n{0}")]
    Schema(SchemaError),
    /// Values cannot be expressed in JSON.
    #[error(transparent)]
    Json(value::Error),
    /// Values nest deeper than any chart can mean (imports can tie them into a ring).
    #[error("values are nested too deeply")]
    TooDeep,
}

impl Error {
    /// Returns what went wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.0
    }

    /// Returns the text with all causes, joined as Go's `%w` joins them.
    pub fn full_text(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }

    pub(crate) fn refused(text: impl Into<String>) -> Self {
        ErrorKind::Refused(text.into()).into()
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Error(Box::new(kind))
    }
}
