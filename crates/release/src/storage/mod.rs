//! Where records are kept.

mod known;
mod memory;
mod newest;
mod object;
mod objects;
mod parts;
mod sql;
mod store;
mod wanted;
mod written;

pub use self::memory::Memory;
pub use self::object::{SYSTEM_LABELS, has_system_labels};
pub use self::sql::{Database, SqlError};
pub use self::store::{Clock, Driver, Pruning, Storage, key};
pub use self::wanted::{Wanted, Window};
