//! Carrying out plans: the one place that changes clusters and records.

mod hooks;
mod journal;
mod objects;
mod records;
mod run;
mod uninstall;

pub(crate) use self::hooks::{Ended, HookRun, run_without_deletion};
pub use self::journal::{Failure, Journal, Kept, KeptObject};
pub(crate) use self::objects::create_one;
pub use self::run::run;
pub(crate) use self::uninstall::{Owned, plan_removal};
