//! Reading nested fields by path. `Value::pointer` unescapes and so allocates for every step; the paths here never
//! need that, and they are read a lot.

use serde_json::Value;

/// Fields below a value.
pub(crate) trait Dig {
    /// The value at a path like `/spec/replicas`.
    fn at(&self, path: &str) -> Option<&Value>;
}

impl Dig for Value {
    fn at(&self, path: &str) -> Option<&Value> {
        path.split('/').skip(1).try_fold(self, |value, name| match value {
            Value::Object(map) => map.get(name),
            _ => None,
        })
    }
}
