//! Template functions as data: name, Go signature, body.

use std::rc::Rc;

use value::{Type, Value};

use crate::{CallError, State};

/// A function that templates can call by name.
///
/// The engine checks number and types of the arguments against `parameters` as Go's `text/template` checks them by
/// reflection, so a body may rely on them: a `Type::String` parameter is a `Value::String`, and so on.
/// A nil for a `Type::Any` parameter arrives as [`Value::Nil`].
#[derive(Clone)]
pub struct Function {
    /// The name in templates.
    pub name: &'static str,
    /// The types of the parameters; of a variadic function the last one is the type of each further argument.
    pub parameters: &'static [Type],
    /// Whether the last parameter may come any number of times.
    pub is_variadic: bool,
    /// What it does.
    pub body: Body,
}

/// What a function does with its arguments. It may take values out of the slice.
#[derive(Clone)]
pub enum Body {
    /// A function of its arguments alone.
    Pure(fn(&mut [Value]) -> Result<Value, CallError>),
    /// A function that needs the running template (`include`, `tpl`) or what its maker captured (clock, cluster).
    Stateful(Rc<StatefulBody>),
}

/// The body of a function that sees the running template.
pub type StatefulBody = dyn Fn(&mut State<'_>, &mut [Value]) -> Result<Value, CallError>;

/// Makes the table row of a function of its arguments alone.
pub const fn pure(
    name: &'static str,
    parameters: &'static [Type],
    body: fn(&mut [Value]) -> Result<Value, CallError>,
) -> Function {
    Function { name, parameters, is_variadic: false, body: Body::Pure(body) }
}

/// Makes the table row of a variadic function of its arguments alone.
pub const fn variadic(
    name: &'static str,
    parameters: &'static [Type],
    body: fn(&mut [Value]) -> Result<Value, CallError>,
) -> Function {
    Function { name, parameters, is_variadic: true, body: Body::Pure(body) }
}
