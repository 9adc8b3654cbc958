//! A list as an answer: the objects stay shared until they are written.

use crate::kinds::Kind;
use crate::table::{self, Asked};
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
        let around = (self.kind.as_str(), self.api_version.as_str(), &self.metadata);
        self.written(around, |item, out| self.write_item(item, out))
    }

    /// The metadata of the objects as JSON (`PartialObjectMetadataList`).
    pub(crate) fn to_partial_json(&self) -> Vec<u8> {
        let metadata = table::list_metadata(Some(&self.metadata));
        let around = ("PartialObjectMetadataList", "meta.k8s.io/v1", &metadata);
        self.written(around, |item, out| {
            put(out, b"{\"apiVersion\":\"meta.k8s.io/v1\",\"kind\":\"PartialObjectMetadata\",\"metadata\":");
            serde_json::to_writer(&mut *out, item.get("metadata").unwrap_or(&Value::Null))?;
            out.push(b'}');
            Ok(())
        })
    }

    /// The list as a table.
    pub(crate) fn to_table(&self, asked: Asked<'_>) -> Value {
        let items: Vec<&Value> = self.items.iter().map(|item| &**item).collect();
        table::table_of(table::list_metadata(Some(&self.metadata)), &items, asked)
    }

    fn written(
        &self,
        (kind, api_version, metadata): (&str, &str, &Value),
        write_item: impl Fn(&Value, &mut Vec<u8>) -> Result<(), serde_json::Error>,
    ) -> Vec<u8> {
        let mut out = Vec::with_capacity(1024);
        put(&mut out, format!("{{\"apiVersion\":\"{api_version}\",\"items\":[").as_bytes());
        for (index, item) in self.items.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            if index == 1 {
                // The others are about as long as the first.
                out.reserve(out.len().saturating_mul(self.items.len()).min(MOST_RESERVED_BYTES));
            }
            // Writing to memory does not fail.
            let _ = write_item(item, &mut out);
        }
        put(&mut out, format!("],\"kind\":\"{kind}\",\"metadata\":{metadata}}}\n").as_bytes());
        out
    }

    fn write_item(&self, item: &Value, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        let Value::Object(fields) = item else { return serde_json::to_writer(&mut *out, item) };
        if self.typed_items {
            return serde_json::to_writer(&mut *out, item);
        }
        let own = fields.iter().filter(|(name, _)| !matches!(name.as_str(), "kind" | "apiVersion"));
        out.push(b'{');
        for (index, (name, value)) in own.enumerate() {
            if index > 0 {
                out.push(b',');
            }
            serde_json::to_writer(&mut *out, name)?;
            out.push(b':');
            serde_json::to_writer(&mut *out, value)?;
        }
        out.push(b'}');
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
        let partial: Value = serde_json::from_slice(&list.to_partial_json()).unwrap();
        assert_eq!(partial, table::partial(&list.to_value()));
        assert_eq!(
            list.to_value()["items"][1],
            json!({"metadata": {"name": "b"}, "data": {"a": "\u{1}\"<"}})
        );
    }
}
