//! Times and durations with Go's text forms.

pub mod civil;
