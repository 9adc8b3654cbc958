//! JSON merge patches (RFC 7386).

use serde_json::{Map, Value};

/// Returns the patch that turns one object into another; empty when they are equal.
pub fn merge_patch(from: &Value, to: &Value) -> Value {
    let (Some(from), Some(to)) = (from.as_object(), to.as_object()) else { return to.clone() };
    let mut patch = changes(from, to);
    for key in from.keys().filter(|key| !to.contains_key(*key)) {
        patch.insert(key.clone(), Value::Null);
    }
    for (key, value) in to {
        if let (Some(old @ Value::Object(_)), Value::Object(_)) = (from.get(key), value) {
            set(&mut patch, key, merge_patch(old, value));
        }
    }
    Value::Object(patch)
}

/// Returns the patch that brings a live object to a new manifest: what differs from the manifest, and the removal
/// of what the old manifest had and the new one has not (apimachinery's `CreateThreeWayJSONMergePatch`).
pub fn three_way_merge_patch(original: &Value, modified: &Value, live: &Value) -> Value {
    let empty = Map::new();
    let map = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let (original, live) = (map(original), map(live));
    let modified = modified.as_object().unwrap_or(&empty);
    let mut patch = changes(&live, modified);
    for key in original.keys().filter(|key| !modified.contains_key(*key)) {
        patch.insert(key.clone(), Value::Null);
    }
    for (key, value) in modified {
        if let (Value::Object(_), Some(current @ Value::Object(_))) = (value, live.get(key)) {
            let old = original.get(key).unwrap_or(&Value::Null);
            set(&mut patch, key, three_way_merge_patch(old, value, current));
        }
    }
    Value::Object(patch)
}

/// What is new or different, maps that are on both sides left out.
fn changes(from: &Map<String, Value>, to: &Map<String, Value>) -> Map<String, Value> {
    let differs = |key: &String, value: &Value| match from.get(key) {
        Some(old) if old.is_object() && value.is_object() => false,
        Some(old) => old != value,
        None => true,
    };
    to.iter()
        .filter(|(key, value)| differs(key, value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

fn set(patch: &mut Map<String, Value>, key: &str, value: Value) {
    if value.as_object().is_none_or(|map| !map.is_empty()) {
        patch.insert(key.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{merge_patch, three_way_merge_patch};

    #[test]
    fn a_patch_holds_what_changed() {
        let patch = merge_patch(
            &json!({"a": 1, "b": {"c": 1, "d": 1}, "e": 1}),
            &json!({"a": 1, "b": {"c": 2, "d": 1}}),
        );
        assert_eq!(patch, json!({"b": {"c": 2}, "e": null}));
        assert_eq!(merge_patch(&json!({"a": {"b": 1}}), &json!({"a": {"b": 1}})), json!({}));
    }

    #[test]
    fn foreign_members_stay_and_dropped_ones_go() {
        let patch = three_way_merge_patch(
            &json!({"s": {"own": 1, "dropped": 1}}),
            &json!({"s": {"own": 2}}),
            &json!({"s": {"own": 1, "dropped": 1, "foreign": 1}, "status": {}}),
        );
        assert_eq!(patch, json!({"s": {"own": 2, "dropped": null}}));
    }
}
