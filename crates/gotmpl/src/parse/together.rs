//! Parsing many texts: on two threads where that is worth one.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::ParseError;
use crate::callees::Callees;
use crate::parse::{Draft, parse};

/// From how many bytes of templates on a second thread parses too: it costs about as much as parsing 20,000.
pub const SHARED_BYTES: usize = 128 << 10;

/// The stack of that thread: parentheses and control structures may be nested ten thousand deep.
pub(crate) const STACK_BYTES: usize = 256 << 20;

/// A text to parse.
pub(crate) struct Unparsed<'a> {
    pub(crate) number: usize,
    pub(crate) name: &'a [u8],
    pub(crate) text: &'a [u8],
}

/// Parses texts. What each thread has parsed is a draft.
///
/// # Errors
/// The error of the first text that has one.
pub(crate) fn parse_all<'a>(
    texts: &[Unparsed<'a>],
    functions: &Callees,
) -> Result<Vec<Draft<'a>>, ParseError> {
    let size: usize = texts.iter().map(|unparsed| unparsed.text.len()).sum();
    let next = AtomicUsize::new(0);
    let work = || parse_next_ones(texts, size, &next, functions);
    if size < SHARED_BYTES || texts.len() < 2 {
        return work().map(|draft| vec![draft]).map_err(|(_, error)| error);
    }
    let (one, other) = on_two_threads(work);
    match (one, other) {
        (Ok(one), Ok(other)) => Ok(vec![one, other]),
        (Err((_, error)), Ok(_)) | (Ok(_), Err((_, error))) => Err(error),
        (Err(one), Err(other)) => Err(if one.0 < other.0 { one.1 } else { other.1 }),
    }
}

/// Parses one text after the other that nobody has parsed yet. An error comes with the place of its text: all before
/// it are, or are being, parsed.
fn parse_next_ones<'a>(
    texts: &[Unparsed<'a>],
    size: usize,
    next: &AtomicUsize,
    functions: &Callees,
) -> Result<Draft<'a>, (usize, ParseError)> {
    let mut draft = Draft::new(size);
    loop {
        let place = next.fetch_add(1, Ordering::Relaxed);
        let Some(Unparsed { number, name, text }) = texts.get(place) else { return Ok(draft) };
        parse(*number, Some(name), text, functions, &mut draft).map_err(|error| (place, error))?;
    }
}

/// Does the same work on two threads; the other one's outcome is nothing new when there is no second thread.
fn on_two_threads<T: Send>(work: impl Fn() -> T + Sync) -> (T, T) {
    thread::scope(|scope| {
        let other = thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, &work);
        let one = work();
        match other.map(thread::ScopedJoinHandle::join) {
            Ok(Ok(other)) => (one, other),
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            // There is none, and this one has done it all.
            Err(_) => (one, work()),
        }
    })
}
