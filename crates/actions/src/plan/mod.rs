//! What is going to be done, as data.

mod build;
mod mode;
mod recover;
mod step;

pub use self::build::{InstallParts, UninstallParts, UpdateParts, install, rollback, uninstall, upgrade};
pub use self::mode::{Mode, UpdateMode};
pub use self::recover::{abandon, recover};
pub use self::step::{Action, OnError, Operation, Plan, Settings, Sight, Step, Target};
