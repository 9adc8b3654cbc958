//! `.Release`: what templates may know of the release they are rendered for.

use value::{Map, Value};

/// The release that a chart is rendered for (Helm: common.ReleaseOptions).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The release's name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// The revision that is being made, from 1; 0 when nothing is installed or upgraded (`lint`).
    pub revision: i64,
    /// Whether this is an upgrade or rollback and not an installation.
    pub is_upgrade: bool,
}

impl Release {
    pub(crate) fn context(&self) -> Map {
        [
            ("Name", Value::string(self.name.as_str())),
            ("Namespace", Value::string(self.namespace.as_str())),
            ("IsUpgrade", Value::Bool(self.is_upgrade)),
            ("IsInstall", Value::Bool(!self.is_upgrade && self.revision > 0)),
            ("Revision", Value::Int(self.revision)),
            ("Service", Value::string("Helm")),
        ]
        .into_iter()
        .collect()
    }
}
