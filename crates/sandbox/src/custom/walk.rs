//! Going through a value together with its schema.

use serde_json::Value;

/// Calls `visit` with the schema, the value and the path of `value` and of all that is below it, each before what it holds.
pub(super) fn each(schema: &Value, value: &Value, path: &str, visit: &mut dyn FnMut(&Value, &Value, &str)) {
    visit(schema, value, path);
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if let Some(child) = schema.get("properties").and_then(|p| p.get(name)) {
                    let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    each(child, value, &path, visit);
                } else if let Some(child @ Value::Object(_)) = schema.get("additionalProperties") {
                    each(child, value, &format!("{path}[{name}]"), visit);
                }
            }
        }
        Value::Array(items) => {
            let Some(child) = schema.get("items") else { return };
            for (index, item) in items.iter().enumerate() {
                each(child, item, &format!("{path}[{index}]"), visit);
            }
        }
        _ => {}
    }
}
