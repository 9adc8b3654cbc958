//! Semantic versions.

use gotmpl::{CallError, Function, pure};
use value::semver::{Constraints, Version};
use value::{Type, Value};

use super::arguments::{Outcome, text};
use super::version::VersionObject;

pub(super) const FUNCTIONS: &[Function] = &[
    pure("semver", &[Type::String], |arguments| {
        Ok(Value::object(VersionObject::pointer(parse(&text(arguments, 0).to_str_lossy())?)))
    }),
    pure("semverCompare", &[Type::String, Type::String], compare),
];

fn parse(text: &str) -> Result<Version, CallError> {
    Version::parse(text).map_err(|error| CallError::message(error.to_string()))
}

fn compare(arguments: &mut [Value]) -> Outcome {
    let constraints = Constraints::parse(&text(arguments, 0).to_str_lossy())
        .map_err(|error| CallError::message(error.to_string()))?;
    let version = parse(&text(arguments, 1).to_str_lossy())?;
    Ok(Value::Bool(constraints.check(&version)))
}
