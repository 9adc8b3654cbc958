//! The index of a repository: which charts in which versions it has (Helm: repo/v1/index.go).

mod compact;
mod directory;
mod full;
mod read;
mod write;

pub use compact::{Chart, Entry, Index, Skipped};
pub use directory::index_directory;
pub use full::{FullEntry, FullIndex};
pub use read::read;
