//! Response bodies: whole ones, and the open-ended stream of a watch.

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// The body of a response.
#[derive(Debug)]
pub enum SandboxBody {
    /// All of it; `None` once it was read as a stream.
    Full(Option<Bytes>),
    /// Lines of a watch.
    Stream(WatchStream),
}

/// The receiving end of a watch: one chunk per event, open until dropped or ended by the server.
#[derive(Debug)]
pub struct WatchStream {
    queue: Arc<Queue>,
    /// How long the caller asked to watch (`timeoutSeconds`). The sandbox keeps no timers, so whoever reads the
    /// stream ends it then.
    timeout: Option<Duration>,
}

/// Events that may wait for a reader. Who is slower loses the watch, and begins another from where it was: the server
/// remembers as many events.
const MOST_WAITING: usize = 10_000;

#[derive(Debug, Default)]
pub(crate) struct Queue {
    state: Mutex<QueueState>,
    arrived: Condvar,
}

#[derive(Debug, Default)]
struct QueueState {
    chunks: VecDeque<Bytes>,
    /// How many chunks the watch began with.
    initial: usize,
    ended: bool,
    waker: Option<Waker>,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, QueueState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds what was there when the watch began, however much that is.
    pub(crate) fn push_initial(&self, chunk: Bytes) {
        let mut state = self.lock();
        state.chunks.push_back(chunk);
        state.initial += 1;
        self.wake(&mut state);
    }

    /// Adds an event, or ends the watch if too many wait already. Says whether it goes on.
    pub(crate) fn push(&self, chunk: Bytes) -> bool {
        let mut state = self.lock();
        if state.chunks.len() >= MOST_WAITING + state.initial {
            state.ended = true;
        }
        if !state.ended {
            state.chunks.push_back(chunk);
        }
        self.wake(&mut state);
        !state.ended
    }

    pub(crate) fn end(&self) {
        let mut state = self.lock();
        state.ended = true;
        self.wake(&mut state);
    }

    fn wake(&self, state: &mut QueueState) {
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
        self.arrived.notify_all();
    }
}

impl WatchStream {
    pub(crate) fn new(queue: Arc<Queue>, timeout: Option<Duration>) -> WatchStream {
        WatchStream { queue, timeout }
    }

    /// Returns how long the caller asked to watch.
    pub fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// Waits up to `patience` for the next chunk. `None` if nothing came or the watch has ended.
    pub fn next_within(&self, patience: Duration) -> Option<Bytes> {
        let state = self.queue.lock();
        let waiting = |state: &mut QueueState| state.chunks.is_empty() && !state.ended;
        let waited = self.queue.arrived.wait_timeout_while(state, patience, waiting);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.chunks.pop_front()
    }

    /// Returns whether the server has ended the watch and everything was read.
    pub fn is_ended(&self) -> bool {
        let state = self.queue.lock();
        state.ended && state.chunks.is_empty()
    }
}

impl SandboxBody {
    pub(crate) fn full(bytes: impl Into<Bytes>) -> SandboxBody {
        SandboxBody::Full(Some(bytes.into()))
    }
}

impl Body for SandboxBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.get_mut() {
            SandboxBody::Full(bytes) => Poll::Ready(bytes.take().map(|b| Ok(Frame::data(b)))),
            SandboxBody::Stream(stream) => {
                let mut state = stream.queue.lock();
                if let Some(chunk) = state.chunks.pop_front() {
                    return Poll::Ready(Some(Ok(Frame::data(chunk))));
                }
                if state.ended {
                    return Poll::Ready(None);
                }
                state.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            SandboxBody::Full(bytes) => bytes.is_none(),
            SandboxBody::Stream(stream) => stream.is_ended(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            SandboxBody::Full(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |b| u64::try_from(b.len()).unwrap_or(u64::MAX)))
            }
            SandboxBody::Stream(_) => SizeHint::default(),
        }
    }
}
