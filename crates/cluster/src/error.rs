//! The error of this crate, and the way errors are put into one line.

use std::error::Error as StdError;

use http::Method;

use crate::status::ApiStatus;
use crate::transport::{Stage, TransportError};

/// An error of talking to a cluster.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(Box<ErrorKind>);

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The server refused; the text is its message.
    #[error("{}", .0.message)]
    Api(ApiStatus),
    /// There was no answer.
    #[error("{method} \"{url}\"")]
    Transport {
        /// Go's word for the method (`Get`).
        method: String,
        /// The request's path and query.
        url: String,
        /// Why.
        source: TransportError,
    },
    /// No request can be made: the configuration is wrong.
    #[error(transparent)]
    Configuration(TransportError),
    /// An answer broke off.
    #[error("unexpected error when reading response body. Please retry. Original error")]
    Reading(#[source] TransportError),
    /// A list came in a form that no client of the API reads, as pages of proxies do; its media type.
    #[error("serializer for {0} doesn't exist")]
    NoSerializer(String),
    /// A list of no bytes.
    #[error("0-length response with status code: {code} and content type: {media}")]
    Empty {
        /// The status code.
        code: u16,
        /// The media type.
        media: String,
    },
    /// A message of protobuf is not whole.
    #[error("unexpected EOF")]
    CutOff,
    /// The cluster does not answer at all (`kube.Client.IsReachable`).
    #[error("kubernetes cluster unreachable")]
    Unreachable(#[source] Error),
    /// An answer is no JSON; what Go's decoder says of it.
    #[error("couldn't get version/kind; json parse error: {0}")]
    Answer(String),
    /// What discovery answers is no JSON; what Go's decoder says of it.
    #[error("{0}")]
    NoJson(String),
    /// `/version` answers no JSON; what Go's decoder says of it.
    #[error("unable to parse the server version: {0}")]
    Version(String),
    /// An answer is JSON, but no list; its kind.
    #[error(
        "the server answered with the kind {0:?} where a list was asked for; is this a Kubernetes API server?"
    )]
    NoList(String),
    /// An object lacks its version or kind, as apimachinery's decoder says it.
    #[error("unable to decode \"\": Object '{member}' is missing in '{object}'")]
    Missing {
        /// `Kind` or `apiVersion`.
        member: &'static str,
        /// The object.
        object: String,
    },
    /// An object's version or kind is not as it has to be, as validation says it.
    #[error("error validating \"\": error validating data: {0}")]
    Identity(String),
    /// A member of the metadata is of another type, as Go's decoder says it.
    #[error("unable to decode \"\": {0}")]
    Metadata(String),
    /// The cluster does not know the kind of an object in a list.
    #[error("unable to recognize no matches for kind \"{kind}\" in version \"{api_version}\"")]
    NoMatchInList {
        /// The unknown kind.
        kind: String,
        /// Its `apiVersion`.
        api_version: String,
    },
    /// The cluster does not know a kind.
    #[error(
        "resource mapping not found for name: \"{name}\" namespace: \"{namespace}\" from \"\": \
         no matches for kind \"{kind}\" in version \"{api_version}\"\nensure CRDs are installed first"
    )]
    NoMatch {
        /// `metadata.name`.
        name: String,
        /// `metadata.namespace`, as written.
        namespace: String,
        /// The unknown kind.
        kind: String,
        /// Its `apiVersion`.
        api_version: String,
    },
    /// `lookup` was asked for a version the cluster does not know; the text is Helm's.
    #[error(
        "unable to get apiresource from unstructured: {0}: the server could not find the requested resource"
    )]
    UnknownVersion(String),
    /// An apply met fields of other managers.
    #[error("conflict occurred while applying object {0}")]
    Conflict(String, #[source] Error),
    /// An apply was refused for another reason.
    #[error("server-side apply failed for object {0}")]
    Apply(String, #[source] Error),
    /// The server knows no server-side apply.
    #[error("server-side apply not available on the server")]
    NoServerSideApply(#[source] Error),
    /// The log of a hook could not be had. Helm leaves out why (`copyRequestStreamToWriter`).
    #[error("failed to stream pod logs for pod: {pod}, container: {container}")]
    LogStream {
        /// The pod.
        pod: String,
        /// The container.
        container: String,
        /// Why.
        cause: Error,
    },
    /// A step on an object failed; the text says what was being done to what.
    #[error("{0}")]
    While(String, #[source] Error),
    /// A patch would turn an object into another one.
    #[error("failed to create patch: at least one field was changed: apiVersion, kind or name")]
    IdentityChanged,
    /// The request would have no name in its path.
    #[error("resource name may not be empty")]
    NoName,
    /// Several errors, each with its causes, in one text.
    #[error("{}", .errors.iter().map(|error| chain(error)).collect::<Vec<_>>().join(.separator))]
    Several {
        /// The errors, in order.
        errors: Vec<Error>,
        /// What stands between them.
        separator: &'static str,
    },
    /// Several errors of reading a manifest, as apimachinery's `Aggregate` writes them.
    #[error("[{}]", .0.iter().map(|error| chain(error)).collect::<Vec<_>>().join(", "))]
    Aggregate(Vec<Error>),
    /// A wait ended in a state that was not wanted; the text names the objects, one a line.
    #[error("{0}")]
    NotReached(String),
    /// A hook that `--wait=legacy` waited for has failed.
    #[error("{kind} {name} failed{}", if *kind == "job" { format!(": {reason}") } else { String::new() })]
    HookFailed {
        /// `job` or `pod`.
        kind: &'static str,
        /// Its name.
        name: String,
        /// A Job's reason.
        reason: String,
    },
    /// The user gave up.
    #[error("context canceled")]
    Cancelled,
}

impl Error {
    /// Returns what went wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.0
    }

    /// Returns the server's refusal, here or among the causes.
    pub fn api_status(&self) -> Option<&ApiStatus> {
        match self.kind() {
            ErrorKind::Api(status) => Some(status),
            ErrorKind::Unreachable(cause)
            | ErrorKind::Conflict(_, cause)
            | ErrorKind::Apply(_, cause)
            | ErrorKind::NoServerSideApply(cause)
            | ErrorKind::While(_, cause) => cause.api_status(),
            _ => None,
        }
    }

    /// Returns whether the server said that the object does not exist.
    pub fn is_not_found(&self) -> bool {
        self.api_status().is_some_and(ApiStatus::is_not_found)
    }

    /// Returns whether the server said that the object exists already.
    pub fn is_already_exists(&self) -> bool {
        self.api_status().is_some_and(ApiStatus::is_already_exists)
    }

    /// Returns whether the server reported a conflict.
    pub fn is_conflict(&self) -> bool {
        self.api_status().is_some_and(ApiStatus::is_conflict)
    }

    /// Returns whether the server closed the connection in place of answering.
    pub(crate) fn is_broken_off(&self) -> bool {
        matches!(self.kind(), ErrorKind::Transport { source, .. } if source.stage() == Stage::Answering)
    }

    /// Says a refusal in client-go's generic words (`ApiStatus::into_generic`), and of what is no JSON only why.
    pub(crate) fn in_generic_words(self, method: &Method) -> Error {
        match *self.0 {
            ErrorKind::Api(status) => ErrorKind::Api(status.into_generic(method)).into(),
            ErrorKind::Answer(text) => ErrorKind::NoJson(text).into(),
            other => other.into(),
        }
    }

    /// Adds what was being done.
    pub fn during(self, text: impl Into<String>) -> Error {
        ErrorKind::While(text.into(), self).into()
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Error(Box::new(kind))
    }
}

/// Writes an error and its causes in one line, `a: b: c`, as Go's `%w` does.
pub fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// Returns one error for several: none for none, the error itself for one.
pub fn joined(mut errors: Vec<Error>, separator: &'static str) -> Option<Error> {
    match errors.len() {
        0 | 1 => errors.pop(),
        _ => Some(ErrorKind::Several { errors, separator }.into()),
    }
}
