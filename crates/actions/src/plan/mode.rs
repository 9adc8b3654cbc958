//! How objects are changed, from flags that may exclude each other.

use cluster::CreateMode;

use crate::error::{Error, ErrorKind};

/// How objects are to be changed, as the flags say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mode {
    /// Server-side apply.
    pub server_side: bool,
    /// Take fields from other managers.
    pub force_conflicts: bool,
    /// Replace objects.
    pub force_replace: bool,
    /// Hand over fields of client-side changes.
    pub migrate: bool,
    /// Patch custom resources against their live state too.
    pub three_way_custom: bool,
}

impl Mode {
    /// Returns the mode of creations, which never force.
    pub fn create(self) -> CreateMode {
        if self.server_side { CreateMode::ServerSide { force: false } } else { CreateMode::ClientSide }
    }

    /// Returns the mode of changes (`kube.Client.Update`).
    ///
    /// # Errors
    /// When flags exclude each other; only changes mind, creations do not.
    pub fn update(self) -> Result<UpdateMode, Error> {
        let refused = |text| Err(ErrorKind::Options(text).into());
        if !self.server_side && self.force_conflicts {
            return refused(
                "invalid client update option(s): forceConflicts enabled when serverSideApply disabled",
            );
        }
        if self.force_conflicts && self.force_replace {
            return refused("invalid operation: cannot use force conflicts and force replace together");
        }
        if self.server_side && self.force_replace {
            return refused("invalid operation: cannot use server-side apply and force replace together");
        }
        Ok(match self {
            Mode { server_side: true, force_conflicts: force, migrate, .. } => {
                UpdateMode::ServerSide { force, migrate }
            }
            Mode { force_replace: true, .. } => UpdateMode::Replace,
            Mode { three_way_custom, .. } => UpdateMode::ClientSide { three_way_custom },
        })
    }
}

/// How objects are changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdateMode {
    /// Server-side apply.
    ServerSide {
        /// Whether to take fields from other managers.
        force: bool,
        /// Whether fields of client-side changes are handed over first.
        migrate: bool,
    },
    /// Three-way patches.
    ClientSide {
        /// Whether custom resources get a three-way patch too (`--take-ownership`).
        three_way_custom: bool,
    },
    /// Replacement.
    Replace,
}

impl UpdateMode {
    /// Returns how objects are created that turn out to be missing.
    pub fn create_mode(self) -> CreateMode {
        match self {
            UpdateMode::ServerSide { force, .. } => CreateMode::ServerSide { force },
            UpdateMode::ClientSide { .. } | UpdateMode::Replace => CreateMode::ClientSide,
        }
    }
}
