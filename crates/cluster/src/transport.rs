//! The seam between this crate and whatever answers HTTP requests.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{Request, Response};

/// A future in a box, as object-safe traits need it.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends requests to an API server.
///
/// Requests carry a path and a query, but no scheme and no host: where the server is and who asks is known to
/// the transport.
pub trait Transport: Send + Sync {
    /// Sends one request. A response of any status is `Ok`.
    ///
    /// # Errors
    /// When there is no response: the server cannot be reached, TLS fails, credentials cannot be had.
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Body>, TransportError>>;

    /// Returns the server's address (`https://127.0.0.1:6443`), for messages; nothing for a server in the same process.
    fn server(&self) -> &str {
        ""
    }

    /// Waits; a server in the same process may let its own clock pass instead.
    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()>;
}

/// The body of a response.
pub enum Body {
    /// All of it.
    Whole(Bytes),
    /// A stream, for watches and logs that are followed.
    Stream(Box<dyn Chunks>),
}

/// A body that arrives piece by piece.
pub trait Chunks: Send {
    /// Waits for the next piece, but no longer than the given time.
    fn next_within(&mut self, patience: Duration) -> BoxFuture<'_, Next>;
}

/// What comes next of a body.
#[derive(Debug)]
pub enum Next {
    /// A piece, or the end of the connection before that of the body.
    Chunk(Result<Bytes, TransportError>),
    /// Nothing yet.
    Quiet,
    /// The end.
    End,
}

/// How long the pieces of a body may be apart that is collected. The server sends its length or ends it, so that this
/// only stands against connections that are half open.
const LONGEST_GAP: Duration = Duration::from_secs(600);

impl Body {
    /// Collects the body.
    ///
    /// # Errors
    /// When the connection breaks before the end.
    pub async fn collect(self) -> Result<Bytes, TransportError> {
        match self {
            Body::Whole(bytes) => Ok(bytes),
            Body::Stream(mut chunks) => {
                let mut all = BytesMut::new();
                loop {
                    match chunks.next_within(LONGEST_GAP).await {
                        Next::Chunk(chunk) => all.extend_from_slice(&chunk?),
                        Next::Quiet => return Err(TransportError::new("i/o timeout")),
                        Next::End => return Ok(all.freeze()),
                    }
                }
            }
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Body::Whole(bytes) => f.debug_tuple("Whole").field(&bytes.len()).finish(),
            Body::Stream(_) => f.write_str("Stream"),
        }
    }
}

/// Why there is no response, in the words of the transport.
#[derive(Debug)]
pub struct TransportError {
    cause: Box<dyn StdError + Send + Sync>,
    stage: Stage,
}

/// How far a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// No request can be made at all: the configuration is wrong.
    Configuration,
    /// The server was not reached, or is silent.
    Reaching,
    /// The server closed the connection in place of answering, as those do that are shutting down; what only reads may be
    /// sent again.
    Answering,
    /// The answer broke off.
    Reading,
}

impl TransportError {
    /// A request was made, but there is no answer.
    pub fn new(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        TransportError::at(Stage::Reaching, cause)
    }

    /// No request can be made at all: the configuration is wrong.
    pub fn configuration(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        TransportError::at(Stage::Configuration, cause)
    }

    /// A request came as far as that.
    pub fn at(stage: Stage, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        TransportError { cause: cause.into(), stage }
    }

    /// Returns how far the request came.
    pub fn stage(&self) -> Stage {
        self.stage
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cause.fmt(f)
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.cause.source()
    }
}
