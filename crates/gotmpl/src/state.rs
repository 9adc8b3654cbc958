//! A running template as functions see it.

/// The state of an execution.
pub struct State<'a> {
    _set: std::marker::PhantomData<&'a ()>,
}
