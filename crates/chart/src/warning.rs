//! What Helm logs while it loads and composes a chart, as data; its `Display` is Helm's log line.

use std::fmt;

use crate::go_text;

/// How loud a log line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// `level=INFO`
    Info,
    /// `level=WARN`
    Warn,
    /// `level=ERROR`
    Error,
}

/// Something worth telling the user that does not stop the work.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// A symbolic link was followed while a directory was loaded.
    SymbolicLink {
        /// The link.
        path: String,
        /// Where it leads.
        resolved: String,
    },
    /// A rule of a `.helmignore` turned out to be no pattern when a path was compared with it.
    BadIgnoreRule {
        /// The rule without what stands around the pattern.
        rule: String,
    },
    /// A chart of version 2 still has a `requirements.yaml`.
    RequirementsFile,
    /// A chart of version 2 still has a `requirements.lock`.
    RequirementsLock,
    /// The subchart's `global` is not a table.
    GlobalTargetNotTable,
    /// The parent's `global` is not a table.
    GlobalSourceNotTable,
    /// A global table meets a subchart's global that is none.
    GlobalConflict {
        /// The key below `global`.
        key: String,
    },
    /// A global that is no table meets a subchart's global table.
    GlobalTable {
        /// The key below `global`.
        key: String,
    },
    /// The values have a table where the chart's default is none.
    SkippedValue {
        /// The full path with the chart's name.
        path: String,
    },
    /// The values have no table where the default is one.
    TableIsLost {
        /// The full path with the chart's name.
        path: String,
        /// The default, as `%v` prints it.
        value: String,
    },
    /// The values have a table where the default is none, below the first level.
    DefaultIgnored {
        /// The full path with the chart's name.
        path: String,
        /// The default, as `%v` prints it.
        value: String,
    },
    /// The value a condition leads to is not a boolean.
    ConditionNotBool {
        /// The condition's path.
        path: String,
        /// The dependency's name.
        chart: String,
    },
    /// The value of a tag is not a boolean.
    TagNotBool {
        /// The tag.
        tag: String,
        /// The dependency's name.
        chart: String,
    },
    /// A table to import from a child is not there.
    ImportMissingInChart {
        /// The dependency's name.
        chart: String,
        /// The last key of the path looked for.
        key: String,
    },
    /// A schema refers to a URN that nobody resolves, so it allows everything there.
    UnresolvedUrn {
        /// The URN.
        urn: String,
    },
    /// A table to import from a child's exports is not there.
    ImportMissing {
        /// The last key of the path looked for.
        key: String,
    },
}

impl Warning {
    /// Returns the level Helm logs it with. (What goes through Go's old `log` package arrives as INFO.)
    pub fn level(&self) -> Level {
        match self {
            Warning::BadIgnoreRule { .. } => Level::Error,
            Warning::ConditionNotBool { .. }
            | Warning::TagNotBool { .. }
            | Warning::ImportMissingInChart { .. }
            | Warning::ImportMissing { .. }
            | Warning::UnresolvedUrn { .. } => Level::Warn,
            _ => Level::Info,
        }
    }

    /// Returns the message without its attributes.
    pub fn message(&self) -> String {
        match self {
            Warning::SymbolicLink { .. } => {
                "found symbolic link in path. Contents of linked file included and used".into()
            }
            Warning::BadIgnoreRule { .. } => "failed to compile".into(),
            Warning::RequirementsFile => {
                "Warning: Dependencies are handled in Chart.yaml since apiVersion \"v2\". \
                 We recommend migrating dependencies to Chart.yaml."
                    .into()
            }
            Warning::RequirementsLock => {
                "Warning: Dependency locking is handled in Chart.lock since apiVersion \"v2\". \
                 We recommend migrating to Chart.lock."
                    .into()
            }
            Warning::GlobalTargetNotTable => {
                "warning: skipping globals because destination global is not a table.".into()
            }
            Warning::GlobalSourceNotTable => {
                "warning: skipping globals because source global is not a table.".into()
            }
            Warning::GlobalConflict { key } => {
                format!("Conflict: cannot merge map onto non-map for {}. Skipping.", go_text::quote(key))
            }
            Warning::GlobalTable { key } => format!("key {key} is table. Skipping"),
            Warning::SkippedValue { path } => format!("warning: skipped value for {path}: Not a table."),
            Warning::TableIsLost { path, value } => {
                format!("warning: cannot overwrite table with non table for {path} ({value})")
            }
            Warning::DefaultIgnored { path, value } => {
                format!("warning: destination for {path} is a table. Ignoring non-table value ({value})")
            }
            Warning::ConditionNotBool { .. } | Warning::TagNotBool { .. } => "returned non-bool value".into(),
            Warning::ImportMissingInChart { .. } => "ImportValues missing table from chart".into(),
            Warning::ImportMissing { .. } => "ImportValues missing table".into(),
            Warning::UnresolvedUrn { .. } => {
                "unresolved URN reference ignored; using permissive schema".into()
            }
        }
    }

    /// Returns the attributes that follow the message.
    pub fn attributes(&self) -> Vec<(&'static str, String)> {
        let not_a_table = |key: &str| format!("{} is not a table", go_text::quote(key));
        match self {
            Warning::SymbolicLink { path, resolved } => {
                vec![("path", path.clone()), ("resolved", resolved.clone())]
            }
            Warning::BadIgnoreRule { rule } => {
                vec![("rule", rule.clone()), ("error", "syntax error in pattern".to_owned())]
            }
            Warning::ConditionNotBool { path, chart } => {
                vec![("path", path.clone()), ("chart", chart.clone())]
            }
            Warning::TagNotBool { tag, chart } => vec![("tag", tag.clone()), ("chart", chart.clone())],
            Warning::ImportMissingInChart { chart, key } => {
                vec![("chart", chart.clone()), ("error", not_a_table(key))]
            }
            Warning::ImportMissing { key } => vec![("error", not_a_table(key))],
            Warning::UnresolvedUrn { urn } => vec![("urn", urn.clone())],
            _ => Vec::new(),
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level() {
            Level::Info => "INFO",
            Level::Warn => "WARN",
            Level::Error => "ERROR",
        };
        write!(f, "level={level} msg={}", value::gofmt::log_text(&self.message()))?;
        for (key, value) in self.attributes() {
            write!(f, " {key}={}", value::gofmt::log_text(&value))?;
        }
        Ok(())
    }
}
