//! Defaults: emptiness, `default`, `coalesce`, `ternary`, and JSON.

use gotmpl::{CallError, Function, pure, variadic};
use value::{Kind, Str, Type, Value, json};

use super::arguments::{Outcome, any, bytes, take};

const ANY: &[Type] = &[Type::Any];
const TEXT: &[Type] = &[Type::String];

pub(super) const FUNCTIONS: &[Function] = &[
    variadic("default", &[Type::Any, Type::Any], default),
    pure("empty", ANY, |arguments| Ok(Value::Bool(is_empty(any(arguments, 0))))),
    variadic("coalesce", ANY, |arguments| {
        Ok(arguments.iter().find(|value| !is_empty(value)).cloned().unwrap_or_default())
    }),
    variadic("all", ANY, |arguments| Ok(Value::Bool(!arguments.iter().any(is_empty)))),
    variadic("any", ANY, |arguments| Ok(Value::Bool(arguments.iter().any(|value| !is_empty(value))))),
    pure("ternary", &[Type::Any, Type::Any, Type::Bool], |arguments| {
        let index = usize::from(any(arguments, 2).as_bool() != Some(true));
        Ok(take(arguments, index))
    }),
    pure("fromJson", TEXT, |arguments| Ok(json::read(bytes(arguments, 0)).unwrap_or_default())),
    pure("mustFromJson", TEXT, |arguments| Ok(json::read(bytes(arguments, 0))?)),
    pure("toJson", ANY, |arguments| Ok(or_empty(json::write(any(arguments, 0))))),
    pure("mustToJson", ANY, |arguments| Ok(Str::from(json::write(any(arguments, 0))?).into())),
    pure("toPrettyJson", ANY, |arguments| Ok(or_empty(json::write_indented(any(arguments, 0), "  ")))),
    pure("mustToPrettyJson", ANY, |arguments| {
        Ok(Str::from(json::write_indented(any(arguments, 0), "  ")?).into())
    }),
    pure("toRawJson", ANY, |arguments| Ok(Str::from(json::write_raw(any(arguments, 0))?).into())),
    pure("mustToRawJson", ANY, |arguments| Ok(Str::from(json::write_raw(any(arguments, 0))?).into())),
    pure("fail", TEXT, |arguments| Err(CallError::message(Str::from(bytes(arguments, 0)).to_string_lossy()))),
];

/// Returns the second argument unless it is empty or missing, else the first.
fn default(arguments: &mut [Value]) -> Outcome {
    let index = usize::from(arguments.get(1).is_some_and(|given| !is_empty(given)));
    Ok(take(arguments, index))
}

/// Returns Sprig's `empty`: nil, false, zero, and what has no length; structs never are.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Object(object) => match object.object_type().kind() {
            Kind::Struct => false,
            Kind::Ptr | Kind::Func => !object.is_true(),
            _ => match object.as_plain() {
                Value::Object(_) => !object.is_true(),
                plain => !plain.is_true(),
            },
        },
        other => !other.is_true(),
    }
}

fn or_empty(written: Result<Vec<u8>, value::Error>) -> Value {
    written.map(Str::from).unwrap_or_default().into()
}
