//! The functions, one file per chapter of Sprig's manual; each holds a table of rows and their bodies.

mod arguments;
mod asking;
mod case;
mod certificate;
mod certificates;
mod conversion;
mod dates;
mod decimal;
mod deep;
mod defaults;
mod dicts;
mod durations;
mod encoding;
mod hashes;
mod lists;
mod math;
mod merge;
mod paths;
mod random;
mod reflection;
mod regexes;
mod semver;
mod string_lists;
mod strings;
mod table;
mod text;
mod urls;
mod version;
mod words;
mod wrapping;

pub use table::functions;
