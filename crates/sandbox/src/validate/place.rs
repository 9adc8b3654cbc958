//! A value and where it stands in its object. The path is only spelled out when something is wrong there.

use serde_json::Value;

static NULL: Value = Value::Null;

#[derive(Debug, Clone, Copy)]
enum Step<'p> {
    Object,
    Field(&'p str),
    Item(&'p str, usize),
    Key(&'p str, &'p str),
}

/// A value below an object that is being validated (`field.Path` with what is found there). A missing value is null.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'p, 'v> {
    parent: Option<&'p Place<'p, 'v>>,
    step: Step<'p>,
    value: &'v Value,
}

impl<'p, 'v> Place<'p, 'v> {
    /// The object itself.
    pub(super) fn object(value: &'v Value) -> Place<'p, 'v> {
        Place { parent: None, step: Step::Object, value }
    }

    /// A field of the object itself.
    pub(super) fn of(object: &'v Value, field: &'p str) -> Place<'p, 'v> {
        Place { parent: None, step: Step::Field(field), value: object.get(field).unwrap_or(&NULL) }
    }

    /// `value` under a name of its own.
    pub(super) fn named(value: &'v Value, field: &'p str) -> Place<'p, 'v> {
        Place { parent: None, step: Step::Field(field), value }
    }

    pub(super) fn child(&'p self, field: &'p str) -> Place<'p, 'v> {
        let value = self.value.get(field).unwrap_or(&NULL);
        Place { parent: Some(self), step: Step::Field(field), value }
    }

    /// `value` as if it stood in that field: some messages leave a part of the path out.
    pub(super) fn with(&'p self, field: &'p str, value: &'v Value) -> Place<'p, 'v> {
        Place { parent: Some(self), step: Step::Field(field), value }
    }

    /// The child, unless it is missing.
    pub(super) fn given(&'p self, field: &'p str) -> Option<Place<'p, 'v>> {
        Some(self.child(field)).filter(|place| !place.value.is_null())
    }

    /// The items of a list below this value.
    pub(super) fn items(&'p self, field: &'p str) -> impl Iterator<Item = Place<'p, 'v>> {
        let list = self.value.get(field).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        list.iter().enumerate().map(move |(index, value)| Place {
            parent: Some(self),
            step: Step::Item(field, index),
            value,
        })
    }

    /// The entries of a map below this value, as `field[key]`.
    pub(super) fn entries(&'p self, field: &'p str) -> impl Iterator<Item = (&'v str, Place<'p, 'v>)> {
        let map = self.value.get(field).and_then(Value::as_object);
        map.into_iter().flatten().map(move |(key, value)| {
            (key.as_str(), Place { parent: Some(self), step: Step::Key(field, key), value })
        })
    }

    /// `field[key]`, whether or not there is such an entry.
    pub(super) fn entry(&'p self, field: &'p str, key: &'p str) -> Place<'p, 'v> {
        let value = self.value.get(field).and_then(|map| map.get(key)).unwrap_or(&NULL);
        Place { parent: Some(self), step: Step::Key(field, key), value }
    }

    pub(super) fn value(&self) -> &'v Value {
        self.value
    }

    pub(super) fn has(&self, field: &str) -> bool {
        self.value.get(field).is_some_and(|value| !value.is_null())
    }

    /// Whether a list or map below this value has anything in it.
    pub(super) fn has_some(&self, field: &str) -> bool {
        self.count(field) > 0
    }

    pub(super) fn count(&self, field: &str) -> usize {
        match self.value.get(field) {
            Some(Value::Array(list)) => list.len(),
            Some(Value::Object(map)) => map.len(),
            _ => 0,
        }
    }

    /// The text of a field; empty if it is missing.
    pub(super) fn text(&self, field: &str) -> &'v str {
        self.value.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    /// The text of this value itself.
    pub(super) fn as_text(&self) -> &'v str {
        self.value.as_str().unwrap_or_default()
    }

    pub(super) fn number(&self, field: &str) -> Option<i64> {
        self.value.get(field).and_then(Value::as_i64)
    }

    pub(super) fn is_true(&self, field: &str) -> bool {
        self.value.get(field) == Some(&Value::Bool(true))
    }

    /// The path as messages have it: `spec.ports[0].name`, `limits[cpu]`.
    pub(super) fn path(&self) -> String {
        let mut path = self.parent.map_or_else(String::new, Place::path);
        if !path.is_empty() {
            path.push('.');
        }
        match self.step {
            Step::Object => {}
            Step::Field(name) => path.push_str(name),
            Step::Item(name, index) => path.push_str(&format!("{name}[{index}]")),
            Step::Key(name, key) => path.push_str(&format!("{name}[{key}]")),
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_read_as_in_messages() {
        let object = json!({"spec": {"ports": [{"name": "a"}, {"name": "b"}], "limits": {"cpu": "1"}}});
        let spec = Place::of(&object, "spec");
        let second = spec.items("ports").nth(1).unwrap();
        assert_eq!(second.child("name").path(), "spec.ports[1].name");
        let (key, limit) = spec.entries("limits").next().unwrap();
        assert_eq!((key, limit.path().as_str()), ("cpu", "spec.limits[cpu]"));
        assert!(spec.given("nothing").is_none());
    }
}
