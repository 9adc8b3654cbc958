//! Taking all objects out of a server and putting objects in, for `dump` and `load`.

use crate::dig::Dig;
use crate::request::Request;
use crate::server::Server;
use crate::store;
use crate::write::meta;
use bytes::Bytes;
use http::Method;
use serde_json::Value;

impl Server {
    /// All objects as they are stored.
    pub(crate) fn dump(&self) -> Vec<Value> {
        self.store.scan("").map(|(_, object)| (**object).clone()).collect()
    }

    /// Stores objects of a dump as they are and applies the others. Definitions and namespaces go first.
    pub(crate) fn load(&mut self, mut objects: Vec<Value>, namespace: &str) -> Result<usize, String> {
        let rank = |object: &Value| match object.get("kind").and_then(Value::as_str) {
            Some("CustomResourceDefinition") => 0,
            Some("Namespace") => 1,
            _ => 2,
        };
        objects.sort_by_key(rank);
        let count = objects.len();
        for object in objects {
            self.load_one(object, namespace)?;
        }
        Ok(count)
    }

    fn load_one(&mut self, object: Value, namespace: &str) -> Result<(), String> {
        let text = |field: &str| object.get(field).and_then(Value::as_str).unwrap_or_default();
        let (api_version, name) = (text("apiVersion").to_owned(), text("kind").to_owned());
        let kinds = self.kinds();
        let kind = kinds.iter().find(|k| k.kind == name && k.api_version() == api_version).cloned();
        let kind = kind.ok_or_else(|| format!("no matches for kind {name:?} in version {api_version:?}"))?;
        let place = match (kind.namespaced, meta(&object, "namespace")) {
            (false, _) => "",
            (true, "") => namespace,
            (true, own) => own,
        };
        if object.at("/metadata/uid").is_some() {
            let key = store::key(&kind.storage, place, meta(&object, "name"));
            self.store.put(&key, object);
            self.written(&key);
            self.save();
            return Ok(());
        }
        let group = if kind.group.is_empty() { "api".to_owned() } else { format!("apis/{}", kind.group) };
        let within = if place.is_empty() { String::new() } else { format!("namespaces/{place}/") };
        let path = format!("/{group}/{}/{within}{}/{}", kind.version, kind.plural, meta(&object, "name"));
        let request = Request {
            method: Method::PATCH,
            path,
            query: vec![("fieldManager".into(), "pintle".into()), ("force".into(), "true".into())],
            content_type: "application/apply-patch+yaml".into(),
            body: Bytes::from(object.to_string()),
            ..Request::own()
        };
        match self.answer(&request) {
            Ok(_) => Ok(()),
            Err(failure) => Err(format!("{name} {:?}: {}", meta(&object, "name"), failure.message())),
        }
    }
}
