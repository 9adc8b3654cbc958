//! Values with Go's kinds, their text forms (YAML, JSON, Go's `fmt`), and where they stood in their source.
//!
//! The vocabulary of every other crate; it knows neither templates nor files.

mod ambient;
mod base64;
mod deferred;
mod error;
pub mod gofmt;
pub mod json;
pub mod jsonpath;
mod list;
mod map;
mod object;
pub mod objects;
mod postponed;
pub mod semver;
mod source;
mod spelled;
mod str;
pub mod strconv;
pub mod time;
pub mod toml;
mod types;
pub mod url;
mod value;
pub mod yaml;

pub use crate::ambient::Ambient;
pub use crate::error::{Error, ErrorKind};
pub use crate::list::List;
pub use crate::map::{Entries, Iter, KeyHint, Map};
pub use crate::object::{Member, Object, is_exported};
pub use crate::source::{LineIndex, Position, Span};
pub use crate::spelled::{spell, unspell};
pub use crate::str::{Str, go_lossy};
pub use crate::types::{Kind, Type};
pub use crate::value::{Number, Value};
