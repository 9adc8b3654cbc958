//! Several requests at the same time.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// How many run at the same time.
const MAX_AT_ONCE: usize = 16;

/// Runs futures at the same time, not too many, and returns what they gave in their order.
pub(crate) async fn at_once<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut open: Vec<Option<Pin<Box<F>>>> =
        futures.into_iter().map(|future| Some(Box::pin(future))).collect();
    let mut done: Vec<Option<F::Output>> = open.iter().map(|_| None).collect();
    poll_fn(|context| {
        let mut running = 0;
        for (slot, result) in open.iter_mut().zip(&mut done) {
            let Some(future) = slot else { continue };
            if running == MAX_AT_ONCE {
                return Poll::Pending;
            }
            match future.as_mut().poll(context) {
                Poll::Ready(output) => (*result, *slot) = (Some(output), None),
                Poll::Pending => running += 1,
            }
        }
        if running == 0 { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    done.into_iter().flatten().collect()
}
