//! Handing the fields of a client-side manager over to server-side apply (client-go's `csaupgrade`).

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use serde_json::{Map, Value, json};

use crate::client::Client;
use crate::error::Error;
use crate::resource::Resource;

const ATTEMPTS: u32 = 5;

impl Client {
    /// Turns the entry `manager Update` of an object's managed fields into `manager Apply`, so that fields dropped
    /// from the manifest really go (`upgradeClientSideFieldManager` in Helm's `client.go`). `live` is the object
    /// as it was just read. Returns whether anything was sent.
    ///
    /// # Errors
    /// When the object cannot be read or patched.
    pub async fn migrate_managed_fields(&self, resource: &Resource, live: &Value) -> Result<bool, Error> {
        let mut live = Cow::Borrowed(live);
        let mut attempt = 1;
        loop {
            let Some(fields) = migrated(&live["metadata"]["managedFields"], self.field_manager()) else {
                return Ok(false);
            };
            match self.send_migration(resource, &live, fields).await {
                Ok(_) => return Ok(true),
                Err(error) if error.is_conflict() && attempt < ATTEMPTS => {
                    self.sleep(Duration::from_millis(10)).await;
                    let again = self.get(resource).await;
                    live = Cow::Owned(again.map_err(|error| {
                        error.during(format!("failed to get object {}", resource.description()))
                    })?);
                }
                Err(error) if error.is_conflict() => return Err(error),
                Err(error) => {
                    let object = resource.description();
                    return Err(
                        error.during(format!("failed to patch object to upgrade CSA field manager {object}"))
                    );
                }
            }
            attempt += 1;
        }
    }

    async fn send_migration(&self, resource: &Resource, live: &Value, fields: Value) -> Result<Value, Error> {
        let patch = json!([
            {"op": "replace", "path": "/metadata/managedFields", "value": fields},
            {"op": "replace", "path": "/metadata/resourceVersion", "value": live["metadata"]["resourceVersion"]},
        ]);
        let query = [("fieldManager", self.field_manager()), ("fieldValidation", "Strict")];
        let mut call = resource.call(Method::PATCH, &query);
        call.content_type = Some("application/json-patch+json");
        self.json(call, Bytes::from(patch.to_string())).await
    }
}

/// Returns the changed list, or `None` when there is no entry to hand over.
fn migrated(managed_fields: &Value, manager: &str) -> Option<Value> {
    let mut entries = managed_fields.as_array()?.clone();
    let is = |entry: &Value, operation: &str| {
        entry["manager"] == manager
            && entry["operation"] == operation
            && entry["subresource"].as_str().unwrap_or_default().is_empty()
    };
    let first_update = entries.iter().position(|entry| is(entry, "Update"))?;
    let target = match entries.iter().position(|entry| is(entry, "Apply")) {
        Some(position) => position,
        None => {
            entries[first_update]["operation"] = json!("Apply");
            first_update
        }
    };
    let version = entries[target]["apiVersion"].clone();
    let same_version = entries.iter().position(|entry| is(entry, "Update") && entry["apiVersion"] == version);
    if let Some(source) = same_version {
        let fields = entries[source]["fieldsV1"].clone();
        unite(&mut entries[target]["fieldsV1"], &fields);
    }
    entries.retain(|entry| !is(entry, "Update"));
    Some(Value::Array(entries))
}

fn unite(target: &mut Value, source: &Value) {
    let Some(source) = source.as_object() else { return };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    for (name, fields) in source {
        unite_member(target, name, fields);
    }
}

fn unite_member(target: &mut Value, name: &str, fields: &Value) {
    match target.get_mut(name) {
        Some(own) => unite(own, fields),
        None => target[name] = fields.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::migrated;

    #[test]
    fn an_update_entry_becomes_an_apply_entry() {
        let before = json!([{"manager": "helm", "operation": "Update", "apiVersion": "v1", "fieldsV1": {"f:a": {}}},
                            {"manager": "other", "operation": "Update"}]);
        let after = migrated(&before, "helm").unwrap();
        assert_eq!(after[0]["operation"], "Apply");
        assert_eq!(after[1]["manager"], "other");
    }

    #[test]
    fn an_existing_apply_entry_takes_the_fields() {
        let before = json!([
            {"manager": "helm", "operation": "Apply", "apiVersion": "v1", "fieldsV1": {"f:a": {"f:x": {}}}},
            {"manager": "helm", "operation": "Update", "apiVersion": "v1", "fieldsV1": {"f:a": {"f:y": {}}}}]);
        let after = migrated(&before, "helm").unwrap();
        assert_eq!(after.as_array().unwrap().len(), 1);
        assert_eq!(after[0]["fieldsV1"], json!({"f:a": {"f:x": {}, "f:y": {}}}));
    }

    #[test]
    fn status_entries_and_other_managers_stay() {
        let before = json!([{"manager": "helm", "operation": "Update", "subresource": "status"}]);
        assert_eq!(migrated(&before, "helm"), None);
        assert_eq!(migrated(&Value::Null, "helm"), None);
    }
}
