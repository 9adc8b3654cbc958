//! Parsing many texts: on two threads where that is worth one.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use value::Str;

use crate::ParseError;
use crate::callees::Callees;
use crate::parse::{Draft, parse};

/// From how many bytes of templates on a second thread parses too: it costs about as much as parsing 20,000.
const SHARED_BYTES: usize = 128 << 10;

/// The stack of that thread: parentheses and control structures may be nested ten thousand deep.
const STACK_BYTES: usize = 256 << 20;

/// A text's place among the others, and what came of it.
type Numbered<'a> = (usize, Result<Draft<'a>, ParseError>);

/// Parses texts, each given with its name.
///
/// # Errors
/// The error of the first text that has one.
pub(crate) fn parse_all<'a>(
    texts: &'a [(&'a str, Str)],
    functions: &Callees,
) -> Result<Vec<Draft<'a>>, ParseError> {
    let texts: Vec<(&[u8], &[u8])> =
        texts.iter().map(|(name, text)| (name.as_bytes(), text.as_bytes())).collect();
    let size: usize = texts.iter().map(|(_, text)| text.len()).sum();
    if size < SHARED_BYTES || texts.len() < 2 {
        return texts.iter().map(|(name, text)| parse(name, text, functions)).collect();
    }
    let mut drafts = on_two_threads(&texts, functions);
    drafts.sort_unstable_by_key(|(number, _)| *number);
    drafts.into_iter().map(|(_, draft)| draft).collect()
}

/// Parses texts on two threads, each of which takes the next one when it is done with another.
fn on_two_threads<'a>(texts: &[(&'a [u8], &'a [u8])], functions: &Callees) -> Vec<Numbered<'a>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut drafts: Vec<Numbered<'a>> = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some((name, text)) = texts.get(number) else { return drafts };
            drafts.push((number, parse(name, text, functions)));
        }
    };
    thread::scope(|scope| {
        let other = thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work);
        let mut drafts = work();
        match other.map(thread::ScopedJoinHandle::join) {
            Ok(Ok(more)) => drafts.extend(more),
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            // There is no second thread, and this one has done it all.
            Err(_) => {}
        }
        drafts
    })
}
