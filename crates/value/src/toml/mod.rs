//! TOML as BurntSushi/toml 1.6 reads and writes it, with its error texts.

mod cursor;
mod date;
mod key;
mod number;
mod read;
mod text;
mod write;

pub use read::read;
pub use write::write;

#[cfg(test)]
mod tests;
