//! Types and kinds as Go's reflection names them.

use gotmpl::{Function, pure};
use value::{Type, Value};

use super::arguments::{any, bytes};
use super::deep;

const NAME_AND_ANY: &[Type] = &[Type::String, Type::Any];

pub(super) const FUNCTIONS: &[Function] = &[
    pure("typeOf", &[Type::Any], |arguments| Ok(Value::from(any(arguments, 0).type_name()))),
    pure("typeIs", NAME_AND_ANY, |arguments| {
        Ok(Value::Bool(bytes(arguments, 0) == any(arguments, 1).type_name().as_bytes()))
    }),
    pure("typeIsLike", NAME_AND_ANY, |arguments| {
        let name = any(arguments, 1).type_name().as_bytes();
        let target = bytes(arguments, 0);
        Ok(Value::Bool(name == target || name.strip_prefix(b"*") == Some(target)))
    }),
    pure("kindOf", &[Type::Any], |arguments| Ok(Value::from(any(arguments, 0).kind().name()))),
    pure("kindIs", NAME_AND_ANY, |arguments| {
        Ok(Value::Bool(bytes(arguments, 0) == any(arguments, 1).kind().name().as_bytes()))
    }),
    pure("deepEqual", &[Type::Any, Type::Any], |arguments| {
        Ok(Value::Bool(deep::equal(any(arguments, 0), any(arguments, 1))))
    }),
];
