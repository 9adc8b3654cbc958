//! The methods that Helm's type `common.Values` has in templates (Helm: chart/common/values.go).

use gotmpl::{CallError, TemplateSet, pure};
use value::{Kind, Map, Str, Type, Value};

/// Gives maps of type `common.Values` their methods.
pub(crate) fn add(set: &mut TemplateSet) {
    set.add_methods(
        Type::Values,
        vec![
            pure("YAML", &[], |arguments| Ok(Value::string(value::yaml::write(&receiver(arguments))?))),
            pure("AsMap", &[], |arguments| Ok(as_map(&receiver(arguments)))),
            pure("Encode", &[Type::Named("io.Writer", Kind::Interface)], |_| {
                // Nothing in a template is a writer but nil, on which Go panics.
                Err(CallError::message("runtime error: invalid memory address or nil pointer dereference"))
            }),
            pure("Table", &[Type::String], table),
            pure("PathValue", &[Type::String], path_value),
        ],
    );
}

fn receiver(arguments: &mut [Value]) -> Value {
    arguments.first_mut().map(std::mem::take).unwrap_or_default()
}

fn argument(arguments: &[Value]) -> Str {
    arguments.get(1).and_then(Value::as_str).cloned().unwrap_or_default()
}

fn as_map(values: &Value) -> Value {
    match values {
        Value::Map(map) if !map.is_empty() => Value::Map(map.as_made()),
        _ => Value::Map(Map::new()),
    }
}

fn table(arguments: &mut [Value]) -> Result<Value, CallError> {
    let path = argument(arguments).to_string_lossy();
    let mut current = receiver(arguments);
    for key in path.split('.') {
        current = match current.as_map().and_then(|map| map.get(key)) {
            Some(Value::Map(map)) => Value::Map(map.as_values()),
            _ => return Err(no_table(key)),
        };
    }
    Ok(current)
}

fn path_value(arguments: &mut [Value]) -> Result<Value, CallError> {
    let path = argument(arguments).to_string_lossy();
    if path.is_empty() {
        return Err(CallError::message("YAML path cannot be empty"));
    }
    let mut keys: Vec<&str> = path.split('.').collect();
    let last = keys.pop().unwrap_or_default();
    let mut current = receiver(arguments);
    for key in &keys {
        current = match current.as_map().and_then(|map| map.get(key)) {
            Some(Value::Map(map)) => Value::Map(map),
            _ => return Err(no_value(last)),
        };
    }
    match current.as_map().and_then(|map| map.get(last)) {
        Some(found) if !matches!(found, Value::Map(_)) => Ok(found),
        _ => Err(no_value(last)),
    }
}

fn no_table(key: &str) -> CallError {
    CallError::message(format!("{} is not a table", value::gofmt::quoted(key.as_bytes())))
}

fn no_value(key: &str) -> CallError {
    CallError::message(format!("{} is not a value", value::gofmt::quoted(key.as_bytes())))
}
