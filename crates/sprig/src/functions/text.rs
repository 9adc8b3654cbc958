//! The text of a value in Sprig's functions: strings and bytes as they are, all else as Go's `%v` prints it.

use value::{Str, Type, Value, gofmt};

/// Returns what `%v` prints.
pub(super) fn go_print(value: &Value) -> Str {
    if let Value::String(text) = value {
        return text.clone();
    }
    gofmt::printed(value)
}

/// Returns Sprig's `strval`: the text of a string, bytes as text, else what `%v` prints.
pub(super) fn string_value(value: &Value) -> Str {
    match value {
        Value::String(text) => text.clone(),
        Value::List(list) if list.list_type() == Type::Bytes => match list.bytes() {
            Some(bytes) => bytes.clone(),
            None => Str::from(bytes_of(value)),
        },
        other => go_print(other),
    }
}

fn bytes_of(value: &Value) -> Vec<u8> {
    let items = value.as_list().map(|list| list.items().to_vec()).unwrap_or_default();
    items
        .iter()
        .map(|item| match item {
            Value::Number(value::Number::Uint8(byte)) => *byte,
            _ => 0,
        })
        .collect()
}
