//! What a rule finds.

use std::fmt;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something is recommended.
    Info,
    /// It breaks with a convention, but will likely work.
    Warning,
    /// It will likely not work.
    Error,
}

/// One finding; its `Display` is Helm's line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// How bad it is.
    pub severity: Severity,
    /// Where: a path below the chart's directory, or that directory itself, or nothing.
    pub path: String,
    /// What, in Helm's words.
    pub problem: String,
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Info => "INFO",
            Severity::Warning => "WARNING",
            Severity::Error => "ERROR",
        };
        write!(f, "[{severity}] {}: {}", self.path, self.problem)
    }
}
