//! How many requests were sent, and how many bytes went either way.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};

use crate::transport::{Body, BoxFuture, Chunks, Next, Transport, TransportError};

/// The length of an answer as it came over the line, when it was compressed there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OnTheLine(pub(crate) usize);

/// Counts requests and the bytes of bodies, without headers, as they go over the line.
#[derive(Debug, Default)]
pub struct Traffic {
    requests: AtomicUsize,
    sent_bytes: AtomicUsize,
    received_bytes: AtomicUsize,
}

impl Traffic {
    /// Returns the number of requests, those that were sent again included.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }

    /// Returns the bytes of bodies sent.
    pub fn sent_bytes(&self) -> usize {
        self.sent_bytes.load(Ordering::Relaxed)
    }

    /// Returns the bytes of bodies received.
    pub fn received_bytes(&self) -> usize {
        self.received_bytes.load(Ordering::Relaxed)
    }

    fn receive(&self, count: usize) {
        self.received_bytes.fetch_add(count, Ordering::Relaxed);
    }
}

/// A transport whose traffic is counted.
pub struct Metered {
    transport: Arc<dyn Transport>,
    traffic: Arc<Traffic>,
}

impl Metered {
    /// Counts what goes through a transport from now on.
    pub fn new(transport: Arc<dyn Transport>, traffic: Arc<Traffic>) -> Metered {
        Metered { transport, traffic }
    }
}

impl fmt::Debug for Metered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metered").field("traffic", &self.traffic).finish_non_exhaustive()
    }
}

impl Transport for Metered {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        self.traffic.requests.fetch_add(1, Ordering::Relaxed);
        self.traffic.sent_bytes.fetch_add(request.body().len(), Ordering::Relaxed);
        let sent = self.transport.send(request);
        Box::pin(async move {
            let response = sent.await?;
            let on_the_line = response.extensions().get::<OnTheLine>().copied();
            Ok(response.map(|body| self.count(body, on_the_line)))
        })
    }

    fn server(&self) -> &str {
        self.transport.server()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        self.transport.sleep(duration)
    }
}

impl Metered {
    fn count(&self, body: Body, on_the_line: Option<OnTheLine>) -> Body {
        match body {
            Body::Whole(bytes) => {
                self.traffic.receive(on_the_line.map_or(bytes.len(), |length| length.0));
                Body::Whole(bytes)
            }
            Body::Stream(chunks) => {
                Body::Stream(Box::new(Counted { chunks, traffic: Arc::clone(&self.traffic) }))
            }
        }
    }
}

/// A stream whose pieces are counted.
struct Counted {
    chunks: Box<dyn Chunks>,
    traffic: Arc<Traffic>,
}

impl Chunks for Counted {
    fn next_within(&mut self, patience: Duration) -> BoxFuture<'_, Next> {
        Box::pin(async move {
            let next = self.chunks.next_within(patience).await;
            if let Next::Chunk(Ok(bytes)) = &next {
                self.traffic.receive(bytes.len());
            }
            next
        })
    }
}
