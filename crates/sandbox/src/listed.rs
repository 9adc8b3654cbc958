//! A list as an answer: the objects stay shared until they are written.

use crate::kinds::Kind;
use serde_json::{Value, json};
use std::io::Write;
use std::sync::Arc;

const MOST_RESERVED_BYTES: usize = 64 << 20;

/// The objects of a list and what stands around them.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) kind: String,
    pub(crate) api_version: String,
    pub(crate) metadata: Value,
    pub(crate) items: Vec<Arc<Value>>,
    /// Items of built-in kinds carry no type of their own.
    pub(crate) typed_items: bool,
}

impl Listed {
    /// A list of `kind` with nothing in it.
    pub(crate) fn new(kind: &Kind, metadata: Value) -> Listed {
        Listed {
            kind: kind.list_kind(),
            api_version: kind.api_version(),
            metadata,
            items: Vec::new(),
            typed_items: kind.custom.is_some(),
        }
    }

    /// The list as one value, for answers of other forms.
    pub(crate) fn to_value(&self) -> Value {
        let items = self.items.iter().map(|item| {
            let mut item = (**item).clone();
            if let (false, Some(fields)) = (self.typed_items, item.as_object_mut()) {
                fields.remove("kind");
                fields.remove("apiVersion");
            }
            item
        });
        let items: Vec<Value> = items.collect();
        let mut list = json!({"kind": self.kind, "apiVersion": self.api_version, "metadata": self.metadata});
        list["items"] = items.into();
        list
    }

    /// The list as JSON, without a copy of its objects.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(1024);
        // Writing to memory does not fail.
        let _ = self.write(&mut out);
        out
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        put(out, b"{\"apiVersion\":");
        serde_json::to_writer(&mut *out, &self.api_version)?;
        put(out, b",\"items\":[");
        for (index, item) in self.items.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            if index == 1 {
                // The others are about as long as the first.
                out.reserve(out.len().saturating_mul(self.items.len()).min(MOST_RESERVED_BYTES));
            }
            match &**item {
                Value::Object(_) if self.typed_items => serde_json::to_writer(&mut *out, &**item)?,
                Value::Object(fields) => {
                    let own =
                        fields.iter().filter(|(name, _)| !matches!(name.as_str(), "kind" | "apiVersion"));
                    for (index, (name, value)) in own.enumerate() {
                        out.push(if index == 0 { b'{' } else { b',' });
                        serde_json::to_writer(&mut *out, name)?;
                        out.push(b':');
                        serde_json::to_writer(&mut *out, value)?;
                    }
                    out.push(b'}');
                }
                other => serde_json::to_writer(&mut *out, other)?,
            }
        }
        put(out, b"],\"kind\":");
        serde_json::to_writer(&mut *out, &self.kind)?;
        put(out, b",\"metadata\":");
        serde_json::to_writer(&mut *out, &self.metadata)?;
        put(out, b"}\n");
        Ok(())
    }
}

fn put(out: &mut Vec<u8>, text: &[u8]) {
    let _ = out.write_all(text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds;

    #[test]
    fn both_forms_say_the_same() {
        let mut list = Listed::new(kinds::stored("/configmaps"), json!({"resourceVersion": "7"}));
        let object = |name: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"a": "\u{1}\"<"}});
        list.items = vec![Arc::new(object("a")), Arc::new(object("b"))];
        assert_eq!(serde_json::from_slice::<Value>(&list.to_json()).unwrap(), list.to_value());
        assert_eq!(
            list.to_value()["items"][1],
            json!({"metadata": {"name": "b"}, "data": {"a": "\u{1}\"<"}})
        );
    }
}
