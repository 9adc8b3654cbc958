//! A timer that needs no runtime and no server.

use std::future::Future;
use std::pin::Pin;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

/// A future that ends some time after it was first polled. Until then it costs nothing; then a sleeping thread, which
/// ends when the future is dropped.
#[derive(Debug)]
pub struct Alarm {
    delay: Duration,
    state: Arc<Mutex<State>>,
    /// Dropping it wakes the thread.
    running: Option<Sender<()>>,
}

#[derive(Debug, Default)]
struct State {
    has_rung: bool,
    waker: Option<Waker>,
}

impl Alarm {
    /// Sets an alarm.
    pub fn after(delay: Duration) -> Alarm {
        Alarm { delay, state: Arc::default(), running: None }
    }

    fn start(&self) -> Sender<()> {
        let (sender, receiver) = mpsc::channel();
        let (state, delay) = (Arc::clone(&self.state), self.delay);
        let sleep = move || {
            if receiver.recv_timeout(delay) == Err(RecvTimeoutError::Timeout) {
                let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
                state.has_rung = true;
                if let Some(waker) = state.waker.take() {
                    waker.wake();
                }
            }
        };
        // Without a thread there is no alarm; whoever waits for it has something else to wait for.
        let _started = thread::Builder::new().name("alarm".to_owned()).spawn(sleep);
        sender
    }
}

impl Future for Alarm {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            if state.has_rung {
                return Poll::Ready(());
            }
            state.waker = Some(context.waker().clone());
        }
        if self.running.is_none() {
            self.running = Some(self.start());
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Alarm;

    #[test]
    fn it_rings() {
        crate::block_on(Alarm::after(Duration::from_millis(1)));
    }
}
