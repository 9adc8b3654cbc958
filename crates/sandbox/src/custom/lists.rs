//! Lists whose items must differ: `x-kubernetes-list-type` `set` and `map` (apiextensions, `schema/listtype`).

use super::instance::text;
use super::walk;
use crate::failure::Cause;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// Problems of the lists in `value`, which stands at `path`.
pub(super) fn causes(schema: &Value, value: &Value, path: &str) -> Vec<Cause> {
    let mut causes = Vec::new();
    walk::each(schema, value, path, &mut |schema, value, path| {
        let Value::Array(items) = value else { return };
        match text(schema, "x-kubernetes-list-type") {
            "set" => repeated(items.iter().cloned(), path, &mut causes),
            "map" => keyed(schema, items, path, &mut causes),
            _ => {}
        }
    });
    causes
}

// Each repeated value is reported where it occurs for the second time.
fn repeated(values: impl Iterator<Item = Value>, path: &str, causes: &mut Vec<Cause>) {
    let mut seen: HashMap<String, u32> = HashMap::new();
    for (index, value) in values.enumerate() {
        let times = seen.entry(value.to_string()).or_default();
        *times += 1;
        if *times == 2 {
            causes.push(Cause::duplicate(format!("{path}[{index}]"), &value));
        }
    }
}

fn keyed(schema: &Value, items: &[Value], path: &str, causes: &mut Vec<Cause>) {
    if let Some(index) = items.iter().position(|item| !item.is_object() && !item.is_null()) {
        let why = "must be an object for an array of list-type map";
        return causes.push(Cause::invalid(format!("{path}[{index}]"), &items[index], why));
    }
    let keys = schema.get("x-kubernetes-list-map-keys").and_then(Value::as_array);
    let keys: Vec<&str> = keys.into_iter().flatten().filter_map(Value::as_str).collect();
    let key_of = |item: &Value| {
        let pairs = keys.iter().filter_map(|key| Some(((*key).to_owned(), item.get(*key)?.clone())));
        Value::Object(pairs.collect::<Map<_, _>>())
    };
    repeated(items.iter().map(key_of), path, causes);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_repeated_item_is_reported_once() {
        let schema = json!({"properties": {"l": {
            "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"],
        }}});
        let value = json!({"l": [{"k": 1}, {"k": 2}, {"k": 1}, {"k": 1}]});
        let causes = causes(&schema, &value, "spec");
        assert_eq!(causes.len(), 1);
        assert_eq!(
            (causes[0].field.as_str(), causes[0].message.as_str()),
            ("spec.l[2]", "Duplicate value: {\"k\":1}")
        );
    }
}
