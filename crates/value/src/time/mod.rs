//! Times, durations and zones with Go's text forms (Go's package time).

pub mod civil;
mod duration;
mod format;
mod layout;
mod moment;
mod parse;
mod zone;

#[cfg(test)]
mod tests;

pub use duration::{Duration, DurationError};
pub(crate) use layout::{MONTHS, WEEKDAYS};
pub use moment::Time;
pub use parse::{ParseError, parse, parse_in};
pub use zone::{Zone, ZoneError};
