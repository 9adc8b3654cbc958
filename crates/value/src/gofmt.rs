//! Go's `fmt` for values, and the quoting and number formatting of `strconv` that it stands on.
//!
//! `%v` of nested values, maps in the order of their keys, objects by [`Object::print`](crate::Object::print). A map
//! that contains itself is printed once and `<cycle>` inside (Go would not return).

pub mod float;
mod format;
mod log;
mod printer;
mod printf;
pub mod quote;

pub use log::{log_bytes, log_text};
pub use printer::{append_print, append_println, print, printed, sprint, sprintln};
pub use printf::{append_printf, sprintf};
pub use quote::quoted;

#[cfg(test)]
mod tests;
