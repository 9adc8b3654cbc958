//! Ctrl-C and SIGTERM: the first one asks for an orderly end, a later one ends the program.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
#[cfg(unix)]
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};

/// Signals that follow so quickly are the same wish: `timeout` sends one to its child and one to the whole group.
#[cfg(unix)]
const SAME_WISH: Duration = Duration::from_secs(1);

/// Raises a flag when the user gives up, from now on.
#[cfg(unix)]
pub(crate) fn catch(cancelled: Arc<AtomicBool>) {
    use std::sync::atomic::Ordering;
    use std::thread;
    use std::time::Instant;

    use signal_hook::iterator::Signals;

    // Where signals cannot be caught, they end the program as they always did.
    let Ok(mut signals) = Signals::new([SIGINT, SIGTERM]) else { return };
    let listen = move || {
        let mut first = None;
        for signal in signals.forever() {
            cancelled.store(true, Ordering::Relaxed);
            if first.get_or_insert_with(Instant::now).elapsed() > SAME_WISH {
                // It ends the program, or there is nothing left to try.
                let _ended = signal_hook::low_level::emulate_default_handler(signal);
            }
        }
    };
    let _started = thread::Builder::new().name("signals".to_owned()).spawn(listen);
}

/// Raises a flag when the user gives up, from now on; here every further signal does the same.
#[cfg(not(unix))]
pub(crate) fn catch(cancelled: Arc<AtomicBool>) {
    for signal in [SIGINT, SIGTERM] {
        // Where signals cannot be caught, they end the program as they always did.
        let _unregistered = signal_hook::flag::register(signal, Arc::clone(&cancelled));
    }
}
