//! Reading arguments whose types the engine has checked, and the errors that stand for Go's run-time panics.

use gotmpl::CallError;
use value::{Kind, List, Map, Str, Type, Value};

/// What a function body returns.
pub(super) type Outcome = Result<Value, CallError>;

/// The text of Go's panic when `reflect.TypeOf(nil).Kind()` is called, as most list functions do.
const NIL_DEREFERENCE: &str = "runtime error: invalid memory address or nil pointer dereference";

/// Takes an argument out of the slice; nil when there is none.
pub(super) fn take(arguments: &mut [Value], index: usize) -> Value {
    arguments.get_mut(index).map(std::mem::take).unwrap_or_default()
}

/// Returns a `string` argument.
pub(super) fn text(arguments: &[Value], index: usize) -> Str {
    arguments.get(index).and_then(Value::as_str).cloned().unwrap_or_default()
}

/// Returns the bytes of a `string` argument.
pub(super) fn bytes(arguments: &[Value], index: usize) -> &[u8] {
    arguments.get(index).and_then(Value::as_str).map(Str::as_bytes).unwrap_or_default()
}

/// Returns an `int` argument.
pub(super) fn int(arguments: &[Value], index: usize) -> i64 {
    match arguments.get(index) {
        Some(Value::Int(number) | Value::Int64(number)) => *number,
        _ => 0,
    }
}

/// Returns a `map[string]interface {}` argument; a nil map when the template said `nil`.
pub(super) fn map(arguments: &[Value], index: usize) -> Map {
    arguments.get(index).and_then(Value::as_map).map_or_else(|| Map::nil(Type::AnyMap), Map::as_made)
}

/// Returns a `[]interface {}` argument.
pub(super) fn list(arguments: &[Value], index: usize) -> List {
    arguments.get(index).and_then(Value::as_list).cloned().unwrap_or_else(|| List::nil(Type::AnyList))
}

/// Returns the argument itself, nil when there is none.
pub(super) fn any(arguments: &[Value], index: usize) -> &Value {
    arguments.get(index).unwrap_or(&Value::Nil)
}

/// Returns the slice behind a value of kind slice, or the error that Sprig's `must…` list functions make.
///
/// # Errors
/// Go's nil dereference for nil, else the text of `refuse` with the kind.
pub(super) fn slice(value: &Value, refuse: impl Fn(Kind) -> String) -> Result<List, CallError> {
    match as_slice(value) {
        Some(list) => Ok(list),
        None if value.is_nil() => Err(nil_dereference()),
        None => Err(CallError::message(refuse(value.kind()))),
    }
}

/// Returns the list of a value whose kind is slice.
pub(super) fn as_slice(value: &Value) -> Option<List> {
    match value {
        Value::List(list) => Some(list.clone()),
        Value::Object(object) if object.object_type().kind() == Kind::Slice => {
            object.as_plain().as_list().cloned()
        }
        _ => None,
    }
}

/// Returns the error of a nil pointer dereference.
pub(super) fn nil_dereference() -> CallError {
    CallError::message(NIL_DEREFERENCE)
}
