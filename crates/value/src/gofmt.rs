//! Go's `fmt` and the quoting and number formatting of `strconv`, for values.

pub mod quote;

pub use quote::quoted;
