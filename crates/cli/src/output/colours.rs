//! The colours of states, namespaces and headers (internal/cli/output/color.go).

use std::io::IsTerminal;

use release::Status;

use crate::settings::Settings;

/// Whether colours are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colours {
    /// Plain text.
    Off,
    /// Escape sequences.
    On,
}

impl Colours {
    /// Decides by `--color` and by what standard output is.
    pub(crate) fn of(settings: &Settings) -> Colours {
        match settings.color.as_str() {
            "always" => Colours::On,
            "auto" if std::io::stdout().is_terminal() => Colours::On,
            _ => Colours::Off,
        }
    }

    fn paint(self, text: &str, (start, end): (u8, u8)) -> String {
        match self {
            Colours::Off => text.to_owned(),
            Colours::On => format!("\u{1b}[{start}m{text}\u{1b}[{end}m"),
        }
    }

    /// Returns the state of a release.
    pub(crate) fn status(self, status: &Status) -> String {
        let text = status.as_str();
        match status {
            Status::Deployed => self.paint(text, (32, 0)),
            Status::Failed | Status::Unknown => self.paint(text, (31, 0)),
            Status::PendingInstall
            | Status::PendingUpgrade
            | Status::PendingRollback
            | Status::Uninstalling => self.paint(text, (33, 0)),
            Status::Uninstalled | Status::Superseded | Status::Other(_) => text.to_owned(),
        }
    }

    /// Returns a column's header.
    pub(crate) fn header(self, text: &str) -> String {
        self.paint(text, (1, 22))
    }

    /// Returns a namespace.
    pub(crate) fn namespace(self, text: &str) -> String {
        self.paint(text, (36, 0))
    }
}
