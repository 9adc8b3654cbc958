//! Go's times, durations and errors as templates see them: types, methods, printed forms.

mod duration;
mod failure;
mod moment;
mod names;

pub use duration::DURATION;
pub use failure::failure;
pub use moment::TIME;
