//! Log lines on standard error in the form of Go's `slog`, as Helm prints them.

use value::gofmt::log_text;

use crate::terminal;

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// Worth knowing.
    Info,
    /// Something may be wrong.
    Warn,
    /// Something went wrong.
    Error,
}

impl Level {
    fn as_str(self) -> &'static str {
        match self {
            Level::Info => "INFO",
            Level::Warn => "WARN",
            Level::Error => "ERROR",
        }
    }
}

/// Prints a line with attributes.
pub(crate) fn line(level: Level, message: &str, attributes: &[(&str, &str)]) {
    let mut line = format!("level={} msg={}", level.as_str(), log_text(message));
    for (key, text) in attributes {
        line.push_str(&format!(" {key}={}", log_text(text)));
    }
    terminal::error_line(&line);
}

/// Prints a line of level INFO.
pub(crate) fn info(message: &str) {
    line(Level::Info, message, &[]);
}

/// Prints a line of level DEBUG with its attributes; the caller has checked that `--debug` is given.
pub(crate) fn debug(message: &str, attributes: &[(&str, &str)]) {
    let mut line = format!("level=DEBUG msg={}", log_text(message));
    for (key, text) in attributes {
        line.push_str(&format!(" {key}={}", log_text(text)));
    }
    terminal::error_line(&line);
}

/// Prints a line of level WARN.
pub(crate) fn warn(message: &str) {
    line(Level::Warn, message, &[]);
}

/// Prints a line of level ERROR with the error as attribute.
pub(crate) fn error(message: &str, error: &str) {
    line(Level::Error, message, &[("error", error)]);
}

/// Prints a line as Kubernetes' klog does, with the letter of its level, from a place in the source of client-go.
pub(crate) fn klog(level: char, place: &str, message: &str) {
    let now = value::time::Time::from_system(std::time::SystemTime::now(), crate::clock::local_zone());
    let (time, process) = (now.format("0102 15:04:05.000000"), std::process::id());
    terminal::error_line(&format!(
        "{level}{time} {process:7} {place}] {}",
        value::gofmt::quoted(message.as_bytes())
    ));
}
