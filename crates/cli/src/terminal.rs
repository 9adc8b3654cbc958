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

/// Writes one line to standard error, the bytes that a spelled text of an error stands for.
pub(crate) fn error_line(line: &str) {
    let mut err = io::stderr().lock();
    let _ = err.write_all(&[&value::unspell(line), &b"\n"[..]].concat());
}

/// Draws lines on the terminal of standard error, in place of those that were drawn last.
pub(crate) fn draw(old: usize, lines: &[String]) {
    let mut text = String::new();
    if old > 0 {
        text.push_str(&format!("\u{1b}[{old}A"));
    }
    text.push_str("\r\u{1b}[J");
    lines.iter().for_each(|line| text.push_str(&format!("{line}\n")));
    let mut err = io::stderr().lock();
    let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
}

/// Returns columns and lines of the terminal of standard error.
#[cfg(unix)]
pub(crate) fn size_of_error_output() -> Option<(usize, usize)> {
    let size = rustix::termios::tcgetwinsize(io::stderr()).ok()?;
    (size.ws_col > 0 && size.ws_row > 0).then(|| (size.ws_col.into(), size.ws_row.into()))
}

/// Returns columns and lines of the terminal of standard error; elsewhere they are not known.
#[cfg(not(unix))]
pub(crate) fn size_of_error_output() -> Option<(usize, usize)> {
    None
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
