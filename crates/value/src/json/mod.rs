//! JSON as Go's `encoding/json` reads and writes it.

mod convert;
mod number;
mod read;
mod syntax;
mod write;

pub use convert::{from_serde, to_serde};
pub(crate) use number::{go_float, unsupported_number, whole, write_float, yaml_float};
pub use read::{field_type_error, read, read_list, read_map, read_map_partly, type_error, type_of};
pub(crate) use write::{MAX_DEPTH, Path, bytes_of};
pub use write::{write, write_indented, write_raw};
