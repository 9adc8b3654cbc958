//! Release records, their encoding and their storage.

mod codec;
mod error;
mod go_json;
mod history;
mod holder;
mod record;
mod status;
mod storage;

pub use crate::codec::{decode, encode};
pub use crate::error::{Damaged, Error, ErrorKind};
pub use crate::go_json::{Dependencies, to_go_json};
pub use crate::history::History;
pub use crate::holder::{HEARTBEAT, Holder, LEASE, Presence, Probe, Standing, Work};
pub use crate::record::{Blob, ChartPart, File, Info, Labels, Record};
pub use crate::status::Status;
pub use crate::storage::{
    Clock, Database, Driver, Memory, Pruning, SYSTEM_LABELS, SqlError, Storage, Wanted, Window,
    has_system_labels, key,
};
