//! Files to charts: metadata, values, dependencies, schema, --set.
//!
//! Pure but for [`files`]: what Helm would log comes back as [`Warning`]s.

pub mod archive;
mod chart;
mod compose;
pub mod create;
mod decode;
pub mod dependencies;
mod error;
pub mod files;
pub mod go_json;
mod go_text;
pub mod ignore;
mod load;
pub mod lock_time;
mod metadata;
pub mod package;
mod read_ahead;
pub mod schema;
mod tar_writer;
pub mod values;
mod version;
mod warning;

pub use crate::chart::{Chart, Crd, File, clean};
pub use crate::compose::{Composition, SchemaCheck, compose, compose_processed};
pub use crate::decode::{Decoder, check_metadata_strictly, read_metadata};
pub use crate::error::{Error, ErrorKind, ReadError};
pub use crate::go_json::{dependencies_json, metadata_json};
pub use crate::load::from_files;
pub use crate::metadata::{
    API_VERSION_V1, API_VERSION_V2, API_VERSION_V3, Dependency, Lock, Maintainer, Metadata, sanitize,
};
pub use crate::read_ahead::Meanwhile;
pub use crate::values::{Sources, gather};
pub use crate::version::is_compatible_range;
pub use crate::warning::{Level, Warning};
