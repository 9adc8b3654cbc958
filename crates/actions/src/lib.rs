//! Requests to plans to outcomes, with events.
