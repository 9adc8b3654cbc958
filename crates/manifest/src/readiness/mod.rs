//! Whether an object has become what it should be, read from its status.

mod assessment;
mod condition;
mod hook;
mod legacy;
mod watcher;
mod workload;

pub use self::assessment::{Assessment, ObjectStatus};
pub use self::hook::{assess_hook, assess_job};
pub use self::legacy::{Related, is_ready as legacy_is_ready, needs as legacy_needs};
pub use self::watcher::assess;
