//! Three-way strategic merge patches (apimachinery's `strategicpatch.CreateThreeWayMergePatch` with overwriting).

use serde_json::{Map, Value, json};

use super::rules::{Rule, Rules};

/// Deeper objects than any schema describes are replaced as a whole.
const DEEPEST: usize = 200;

/// Returns the patch that brings a live object to a new manifest; empty when nothing changes.
///
/// What the manifest says is put back, what the old manifest had and the new one has not is removed, and all that
/// others added stays.
pub fn strategic_patch(original: &Value, modified: &Value, live: &Value, rules: Rules) -> Value {
    Value::Object(diff(Three { original, modified, live }, rules, false, 0))
}

#[derive(Clone, Copy)]
struct Three<'a> {
    original: &'a Value,
    modified: &'a Value,
    live: &'a Value,
}

impl<'a> Three<'a> {
    fn below(self, key: &str) -> Three<'a> {
        Three { original: &self.original[key], modified: &self.modified[key], live: &self.live[key] }
    }
}

fn diff(three: Three<'_>, rules: Rules, retains_keys: bool, depth: usize) -> Map<String, Value> {
    let mut patch = Map::new();
    let empty = Map::new();
    let map = |value: &'_ Value| value.as_object().cloned();
    let modified = three.modified.as_object().unwrap_or(&empty);
    for (key, value) in modified {
        match three.live.get(key) {
            None => drop(patch.insert(key.clone(), value.clone())),
            Some(live) => member(&mut patch, key, live, three, rules.member(key), depth),
        }
    }
    for key in map(three.original).unwrap_or_default().keys().filter(|key| !modified.contains_key(*key)) {
        patch.insert(key.clone(), Value::Null);
    }
    let has_more = map(three.live).unwrap_or_default().keys().any(|key| !modified.contains_key(key));
    if retains_keys && !modified.is_empty() && (!patch.is_empty() || has_more) {
        // Maps are sorted, so the keys are.
        let keys: Vec<&String> =
            modified.iter().filter(|(_, value)| !value.is_null()).map(|(key, _)| key).collect();
        patch.insert("$retainKeys".to_owned(), json!(keys));
    }
    patch
}

fn member(
    patch: &mut Map<String, Value>,
    key: &str,
    live: &Value,
    three: Three<'_>,
    rule: Rule<'_>,
    depth: usize,
) {
    let below = three.below(key);
    match (below.modified, live) {
        (Value::Object(_), Value::Object(_)) if !rule.replaces && depth < DEEPEST => {
            let inner = diff(below, rule.below(), rule.retains_keys, depth + 1);
            if !inner.is_empty() {
                patch.insert(key.to_owned(), Value::Object(inner));
            }
        }
        (Value::Array(modified), Value::Array(current)) if rule.merges && depth < DEEPEST => {
            let empty = Vec::new();
            let original = below.original.as_array().unwrap_or(&empty);
            list(patch, key, Lists { original, modified, current }, rule, depth);
        }
        (modified, live) if modified != live => {
            patch.insert(key.to_owned(), modified.clone());
        }
        _ => {}
    }
}

#[derive(Clone, Copy)]
struct Lists<'a> {
    original: &'a [Value],
    modified: &'a [Value],
    current: &'a [Value],
}

fn list(patch: &mut Map<String, Value>, key: &str, lists: Lists<'_>, rule: Rule<'_>, depth: usize) {
    if lists.current.is_empty() {
        if !lists.modified.is_empty() {
            patch.insert(key.to_owned(), json!(lists.modified));
        }
        return;
    }
    let all = lists.modified.iter().chain(lists.current);
    if rule.key.is_empty() || !all.clone().all(Value::is_object) {
        scalars(patch, key, lists);
    } else {
        maps(patch, key, lists, rule, depth);
    }
}

fn maps(patch: &mut Map<String, Value>, key: &str, lists: Lists<'_>, rule: Rule<'_>, depth: usize) {
    let Lists { original, modified, current } = lists;
    let find = |list: &[Value], wanted: &Value| list.iter().find(|item| item[rule.key] == *wanted).cloned();
    let mut changes = Vec::new();
    for item in modified {
        let identity = &item[rule.key];
        let Some(live) = find(current, identity) else {
            changes.push(item.clone());
            continue;
        };
        let old = find(original, identity).unwrap_or(Value::Null);
        let three = Three { original: &old, modified: item, live: &live };
        let mut inner = diff(three, rule.below(), rule.retains_keys, depth + 1);
        if !inner.is_empty() {
            inner.insert(rule.key.to_owned(), identity.clone());
            changes.push(Value::Object(inner));
        }
    }
    for item in original {
        if find(modified, &item[rule.key]).is_none() {
            let mut deletion = Map::new();
            deletion.insert("$patch".to_owned(), json!("delete"));
            deletion.insert(rule.key.to_owned(), item[rule.key].clone());
            changes.push(Value::Object(deletion));
        }
    }
    let same_order = current.len() == modified.len()
        && current.iter().zip(modified).all(|(live, item)| live[rule.key] == item[rule.key]);
    if changes.is_empty() && same_order {
        return;
    }
    let order = modified.iter().map(|item| {
        let mut identity = Map::new();
        identity.insert(rule.key.to_owned(), item[rule.key].clone());
        Value::Object(identity)
    });
    patch.insert(format!("$setElementOrder/{key}"), Value::Array(order.collect()));
    if !changes.is_empty() {
        patch.insert(key.to_owned(), Value::Array(changes));
    }
}

fn scalars(patch: &mut Map<String, Value>, key: &str, lists: Lists<'_>) {
    let Lists { original, modified, current } = lists;
    let without = |list: &[Value], others: &[Value]| -> Vec<Value> {
        list.iter().filter(|item| !others.contains(item)).cloned().collect()
    };
    let added = without(modified, current);
    let deleted = without(original, modified);
    if modified == current && deleted.is_empty() {
        return;
    }
    patch.insert(format!("$setElementOrder/{key}"), json!(modified));
    if !deleted.is_empty() {
        patch.insert(format!("$deleteFromPrimitiveList/{key}"), json!(deleted));
    }
    if !added.is_empty() {
        patch.insert(key.to_owned(), json!(added));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::strategic_patch;
    use crate::patch::rules::Rules;

    fn pod(spec: Value) -> Value {
        json!({"apiVersion": "v1", "kind": "Pod", "spec": spec})
    }

    fn check(original: Value, modified: Value, live: Value, patch: Value) {
        let rules = Rules::of("v1", "Pod").unwrap();
        assert_eq!(strategic_patch(&pod(original), &pod(modified), &pod(live), rules), patch);
    }

    #[test]
    fn nothing_is_said_when_nothing_changes() {
        let spec = json!({"containers": [{"name": "a", "image": "1"}]});
        let live = json!({"containers": [{"name": "a", "image": "1", "policy": "x"}], "nodeName": "n"});
        check(spec.clone(), spec, live, json!({}));
    }

    #[test]
    fn items_merge_by_key_and_foreign_ones_stay() {
        check(
            json!({"containers": [{"name": "a", "image": "1"}, {"name": "b"}]}),
            json!({"containers": [{"name": "a", "image": "2"}]}),
            json!({"containers": [{"name": "a", "image": "1"}, {"name": "b"}, {"name": "foreign"}]}),
            json!({"spec": {
                "$setElementOrder/containers": [{"name": "a"}],
                "containers": [{"name": "a", "image": "2"}, {"$patch": "delete", "name": "b"}]}}),
        );
    }

    #[test]
    fn a_volume_names_the_keys_that_stay() {
        check(
            json!({"volumes": [{"name": "v", "emptyDir": {}}]}),
            json!({"volumes": [{"name": "v", "configMap": {"name": "c"}}]}),
            json!({"volumes": [{"name": "v", "emptyDir": {}}]}),
            json!({"spec": {
                "$setElementOrder/volumes": [{"name": "v"}],
                "volumes": [{"name": "v", "configMap": {"name": "c"}, "emptyDir": null,
                    "$retainKeys": ["configMap", "name"]}]}}),
        );
    }

    #[test]
    fn a_dropped_map_goes_with_all_it_holds() {
        check(
            json!({"nodeSelector": {"a": "b"}}),
            json!({}),
            json!({"nodeSelector": {"a": "b", "foreign": "c"}}),
            json!({"spec": {"nodeSelector": null}}),
        );
    }
}
