//! JSON patch (RFC 6902) as evanphx/json-patch applies it for the API server.

use serde_json::Value;

/// Returns `live` after all operations. The API server says nothing about what was wrong, so neither does this.
pub(crate) fn apply(mut live: Value, operations: Vec<Value>) -> Result<Value, ()> {
    for operation in operations {
        let text = |field: &str| operation.get(field).and_then(Value::as_str);
        let (op, path) = (text("op").ok_or(())?, text("path").ok_or(())?);
        let value = || operation.get("value").cloned().ok_or(());
        match op {
            "add" => add(&mut live, path, value()?)?,
            "remove" => {
                remove(&mut live, path)?;
            }
            "replace" => replace(&mut live, path, value()?)?,
            "move" => {
                let moved = remove(&mut live, text("from").ok_or(())?)?;
                add(&mut live, path, moved)?;
            }
            "copy" => {
                let copied = find(&live, text("from").ok_or(())?).cloned().ok_or(())?;
                add(&mut live, path, copied)?;
            }
            "test" => {
                let expected = operation.get("value").cloned().unwrap_or_default();
                let found = find(&live, path);
                if found != Some(&expected) && !(found.is_none() && expected.is_null()) {
                    return Err(());
                }
            }
            _ => return Err(()),
        }
    }
    Ok(live)
}

fn tokens(path: &str) -> Option<Vec<String>> {
    if path.is_empty() {
        return Some(Vec::new());
    }
    let rest = path.strip_prefix('/')?;
    Some(rest.split('/').map(|t| t.replace("~1", "/").replace("~0", "~")).collect())
}

fn find<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    tokens(path)?.iter().try_fold(value, |value, token| match value {
        Value::Object(map) => map.get(token),
        Value::Array(list) => list.get(position(token, list.len())?),
        _ => None,
    })
}

// Negative indexes count from the end.
fn position(token: &str, length: usize) -> Option<usize> {
    let index: i64 = token.parse().ok()?;
    if index >= 0 { usize::try_from(index).ok() } else { length.checked_sub(usize::try_from(-index).ok()?) }
}

fn parent<'v>(value: &'v mut Value, path: &str) -> Result<(&'v mut Value, String), ()> {
    let mut tokens = tokens(path).ok_or(())?;
    let last = tokens.pop().ok_or(())?;
    let mut value = value;
    for token in tokens {
        value = match value {
            Value::Object(map) => map.get_mut(&token).ok_or(())?,
            Value::Array(list) => {
                let at = position(&token, list.len()).ok_or(())?;
                list.get_mut(at).ok_or(())?
            }
            _ => return Err(()),
        };
    }
    Ok((value, last))
}

fn add(live: &mut Value, path: &str, value: Value) -> Result<(), ()> {
    if path.is_empty() {
        *live = value;
        return Ok(());
    }
    let (parent, last) = parent(live, path)?;
    match parent {
        Value::Object(map) => {
            map.insert(last, value);
        }
        Value::Array(list) if last == "-" => list.push(value),
        Value::Array(list) => {
            // -1 is the place after the last item.
            let at = position(&last, list.len() + 1).filter(|at| *at <= list.len()).ok_or(())?;
            list.insert(at, value);
        }
        _ => return Err(()),
    }
    Ok(())
}

fn remove(live: &mut Value, path: &str) -> Result<Value, ()> {
    let (parent, last) = parent(live, path)?;
    match parent {
        Value::Object(map) => map.remove(&last).ok_or(()),
        Value::Array(list) => {
            let at = position(&last, list.len()).filter(|at| *at < list.len()).ok_or(())?;
            Ok(list.remove(at))
        }
        _ => Err(()),
    }
}

// A missing field of an object is added, as the API server's library does.
fn replace(live: &mut Value, path: &str, value: Value) -> Result<(), ()> {
    if path.is_empty() {
        *live = value;
        return Ok(());
    }
    let (parent, last) = parent(live, path)?;
    match parent {
        Value::Object(map) => {
            map.insert(last, value);
        }
        Value::Array(list) => {
            let at = position(&last, list.len()).ok_or(())?;
            *list.get_mut(at).ok_or(())? = value;
        }
        _ => return Err(()),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn patched(operations: Value) -> Result<Value, ()> {
        let Value::Array(operations) = operations else { panic!() };
        apply(json!({"a": [1, 2], "b/c": "x"}), operations)
    }

    #[test]
    fn operations_run_in_order() {
        let out = patched(json!([
            {"op": "add", "path": "/a/-", "value": 3},
            {"op": "add", "path": "/a/-1", "value": 4},
            {"op": "remove", "path": "/a/0"},
            {"op": "move", "from": "/b~1c", "path": "/d"},
            {"op": "test", "path": "/nothing", "value": null},
        ]));
        assert_eq!(out, Ok(json!({"a": [2, 3, 4], "d": "x"})));
    }

    #[test]
    fn removing_what_is_missing_fails() {
        assert!(patched(json!([{"op": "remove", "path": "/x"}])).is_err());
        assert!(patched(json!([{"op": "add", "path": "/a/9", "value": 1}])).is_err());
        assert!(patched(json!([{"op": "test", "path": "/a/0", "value": 2}])).is_err());
    }
}
