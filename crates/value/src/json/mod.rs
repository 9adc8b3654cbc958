//! JSON as Go's `encoding/json` reads and writes it.

mod convert;
mod read;
mod write;

pub use convert::{from_serde, to_serde};
pub use read::{read, read_list, read_map, type_error};
pub use write::{write, write_indented, write_raw};
