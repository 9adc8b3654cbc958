//! Where records are kept.

mod memory;
mod objects;
mod store;

pub use self::memory::Memory;
pub use self::objects::{SYSTEM_LABELS, has_system_labels};
pub use self::store::{Clock, Driver, Storage, key};
