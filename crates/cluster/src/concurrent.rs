//! Several requests at once, without a runtime.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// Runs futures, at most `most` at a time, and returns their results in the order they were given in.
pub async fn concurrently<F: Future>(futures: Vec<F>, most: usize) -> Vec<F::Output> {
    let mut results: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    let mut waiting = futures.into_iter().enumerate();
    let mut running: Vec<(usize, Pin<Box<F>>)> = Vec::new();
    poll_fn(|context| {
        loop {
            let room = most.max(1).saturating_sub(running.len());
            running.extend(waiting.by_ref().take(room).map(|(index, future)| (index, Box::pin(future))));
            let before = running.len();
            running.retain_mut(|(index, future)| match future.as_mut().poll(context) {
                Poll::Pending => true,
                Poll::Ready(result) => {
                    results[*index] = Some(result);
                    false
                }
            });
            if running.is_empty() && waiting.len() == 0 {
                return Poll::Ready(());
            }
            // Those that take the place of finished ones have not been asked yet.
            if running.len() == before {
                return Poll::Pending;
            }
        }
    })
    .await;
    results.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::poll_fn;
    use std::task::Poll;

    use super::concurrently;
    use crate::block_on;

    #[test]
    fn results_keep_their_order_and_no_more_run_than_may() {
        let (running, most) = (Cell::new(0), Cell::new(0));
        let (running, most) = (&running, &most);
        let future = |number: usize| async move {
            running.set(running.get() + 1);
            most.set(most.get().max(running.get()));
            let mut polls = 4 + number % 3;
            poll_fn(|context| match polls {
                0 => Poll::Ready(()),
                _ => {
                    polls -= 1;
                    context.waker().wake_by_ref();
                    Poll::Pending
                }
            })
            .await;
            running.set(running.get() - 1);
            number
        };
        let results = block_on(concurrently((0..10).map(future).collect(), 3));
        assert_eq!(results, (0..10).collect::<Vec<_>>());
        assert_eq!(most.get(), 3);
        assert!(block_on(concurrently(Vec::<std::future::Ready<()>>::new(), 3)).is_empty());
    }
}
