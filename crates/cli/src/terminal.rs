//! Standard output and standard error: the only place that writes to them.

use std::io::{self, BufWriter, Write};

/// How much is gathered of short texts before the system is asked to write.
const PIECES_BUFFER_BYTES: usize = 1 << 16;

/// Writes text to standard output. A closed pipe ends the output quietly, as it does for Helm.
pub(crate) fn print(text: &str) {
    print_bytes(text.as_bytes());
}

/// Writes bytes to standard output.
pub(crate) fn print_bytes(bytes: &[u8]) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(bytes).and_then(|()| out.flush());
}

/// Writes texts to standard output one behind the other, without putting them together first.
pub(crate) fn print_pieces<'a>(pieces: impl IntoIterator<Item = &'a str>) {
    let mut out = BufWriter::with_capacity(PIECES_BUFFER_BYTES, io::stdout().lock());
    for piece in pieces {
        if out.write_all(piece.as_bytes()).is_err() {
            return;
        }
    }
    let _ = out.flush();
}

/// Writes one line to standard error.
pub(crate) fn error_line(line: &str) {
    let mut err = io::stderr().lock();
    let _ = err.write_all(format!("{line}\n").as_bytes());
}

/// Does something while the terminal does not show what is typed.
#[cfg(unix)]
pub(crate) fn without_echo<T>(work: impl FnOnce() -> T) -> T {
    use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
    let input = io::stdin();
    let Ok(before) = tcgetattr(&input) else { return work() };
    let mut quiet = before.clone();
    quiet.local_modes.remove(LocalModes::ECHO);
    let _ = tcsetattr(&input, OptionalActions::Now, &quiet);
    let result = work();
    let _ = tcsetattr(&input, OptionalActions::Now, &before);
    result
}

/// Does something; elsewhere the terminal shows what is typed.
#[cfg(not(unix))]
pub(crate) fn without_echo<T>(work: impl FnOnce() -> T) -> T {
    work()
}
