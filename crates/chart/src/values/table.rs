//! Looking values up by dotted paths (Helm's `Values.Table` and `Values.PathValue`).

use value::{Map, Value};

/// A key on a path that is missing or holds no table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoTable {
    /// The key, without what stands before it.
    pub key: String,
}

/// Returns the table at a path such as `a.b`.
///
/// # Errors
/// The first key that leads to no table.
pub fn table(values: &Map, path: &str) -> Result<Map, NoTable> {
    let mut table = values.clone();
    for key in path.split('.') {
        match table.get(key) {
            Some(Value::Map(next)) => table = next,
            _ => return Err(NoTable { key: key.to_owned() }),
        }
    }
    Ok(table)
}

/// Returns the value at a path such as `a.b`, if there is one and it is no table.
pub fn path_value(values: &Map, path: &str) -> Option<Value> {
    let (parent, key) = match path.rsplit_once('.') {
        Some((parent, key)) => (table(values, parent).ok()?, key),
        None => (values.clone(), path),
    };
    parent.get(key).filter(|value| value.as_map().is_none())
}
