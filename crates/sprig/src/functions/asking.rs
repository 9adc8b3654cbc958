//! Functions that need the clock, chance or the local time zone besides their arguments.

use std::rc::Rc;

use gotmpl::{Body, Function};
use value::{Ambient, Type, Value};

use super::arguments::Outcome;

/// The table row of a function that asks the world.
pub(super) struct Asking {
    pub(super) name: &'static str,
    pub(super) parameters: &'static [Type],
    pub(super) body: fn(&dyn Ambient, &mut [Value]) -> Outcome,
}

/// Makes a table row.
pub(super) const fn asking(
    name: &'static str,
    parameters: &'static [Type],
    body: fn(&dyn Ambient, &mut [Value]) -> Outcome,
) -> Asking {
    Asking { name, parameters, body }
}

impl Asking {
    /// Returns the function that asks this world.
    pub(super) fn bind(&self, ambient: &Rc<dyn Ambient>) -> Function {
        let (ambient, body) = (ambient.clone(), self.body);
        Function {
            name: self.name,
            parameters: self.parameters,
            is_variadic: false,
            body: Body::Stateful(Rc::new(move |_, arguments| body(&*ambient, arguments))),
        }
    }
}
