//! The question behind the template function `lookup` (`pkg/engine/lookup_func.go`).

use serde_json::{Map, Value};

use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::resource::Resource;

impl Client {
    /// Reads an object, or with an empty name the list of a kind; an empty map when there is none.
    ///
    /// # Errors
    /// When the cluster does not know the version, or refuses for another reason than that the object is missing.
    pub async fn lookup(
        &self,
        api_version: &str,
        kind: &str,
        namespace: &str,
        name: &str,
    ) -> Result<Value, Error> {
        let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
        let discovery = self.discover().await?;
        let Some(mapping) = discovery.mapping(group, version, kind) else {
            return match discovery.has_version(api_version) {
                // Helm then asks for a resource without a name, which is never found.
                true => Ok(Value::Object(Map::new())),
                false => Err(ErrorKind::UnknownVersion(format!("{group}/{version}, Kind={kind}")).into()),
            };
        };
        let namespace = if mapping.namespaced { namespace.to_owned() } else { String::new() };
        let found = if name.is_empty() {
            self.list(&mapping, &namespace, &[]).await
        } else {
            let resource = Resource { object: Value::Null, mapping, namespace, name: name.to_owned() };
            self.get(&resource).await
        };
        match found {
            Err(error) if error.is_not_found() => Ok(Value::Object(Map::new())),
            outcome => outcome,
        }
    }
}
