//! JSON merge patch (RFC 7386).

use serde_json::Value;

/// Returns `live` changed by `patch`; null removes a field.
pub(crate) fn apply(live: &Value, patch: Value) -> Value {
    let mut out = live.clone();
    merge(&mut out, patch);
    out
}

fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Some(object) = target.as_object_mut() else { return };
    for (name, value) in patch {
        if value.is_null() {
            object.remove(&name);
        } else {
            merge(object.entry(name).or_insert(Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn null_removes_and_lists_are_replaced() {
        let live = json!({"a": {"b": 1, "c": 2}, "l": [1, 2]});
        let out = apply(&live, json!({"a": {"b": null, "d": {"e": null}}, "l": [3]}));
        assert_eq!(out, json!({"a": {"c": 2, "d": {}}, "l": [3]}));
    }
}
