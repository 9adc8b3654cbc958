//! Go's times and durations as templates see them: types, methods, printed forms.

mod duration;
mod moment;
mod names;

pub use duration::DURATION;
pub use moment::TIME;
