//! The rules of definitions in CEL, `x-kubernetes-validations`: checked against the types of their schema when a
//! definition is stored, run when its objects are. What a rule costs is not estimated.

mod check;
mod compile;
mod evaluate;
mod functions;
mod kinds;
mod path;
mod values;

pub(crate) use compile::definition_causes;
pub(crate) use evaluate::Rules;
pub(crate) use path::resolve as resolve_field_path;
