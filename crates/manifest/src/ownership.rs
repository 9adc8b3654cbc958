//! Which release an object belongs to: labels and annotations Helm sets and checks (`pkg/action/validate.go`).

use serde_json::{Map, Value};

/// The label of every object of a release.
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// Its value.
pub const HELM: &str = "Helm";
const RELEASE_NAME: &str = "meta.helm.sh/release-name";
const RELEASE_NAMESPACE: &str = "meta.helm.sh/release-namespace";
/// Says what becomes of an object when its release goes.
pub const RESOURCE_POLICY: &str = "helm.sh/resource-policy";
/// The policy under which it stays.
pub const KEEP: &str = "keep";

/// Why an object does not belong to a release; the text is Helm's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid ownership metadata; {}", .0.join("; "))]
pub struct NotOwned(Vec<String>);

/// Checks that a live object carries the marks of a release.
///
/// # Errors
/// With everything that is wrong.
pub fn check(object: &Value, release_name: &str, release_namespace: &str) -> Result<(), NotOwned> {
    let metadata = &object["metadata"];
    let mut wrong = Vec::new();
    for (what, map, key, wanted) in [
        ("label", &metadata["labels"], MANAGED_BY, HELM),
        ("annotation", &metadata["annotations"], RELEASE_NAME, release_name),
        ("annotation", &metadata["annotations"], RELEASE_NAMESPACE, release_namespace),
    ] {
        match map[key].as_str() {
            None => {
                wrong.push(format!("{what} validation error: missing key {key:?}: must be set to {wanted:?}"))
            }
            Some(found) if found != wanted => wrong.push(format!(
                "{what} validation error: key {key:?} must equal {wanted:?}: current value is {found:?}"
            )),
            Some(_) => {}
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(NotOwned(wrong)) }
}

/// Marks an object as belonging to a release.
pub fn mark(object: &mut Value, release_name: &str, release_namespace: &str) {
    let Some(object) = object.as_object_mut() else { return };
    let metadata = member(object, "metadata");
    member(metadata, "labels").insert(MANAGED_BY.to_owned(), Value::from(HELM));
    let annotations = member(metadata, "annotations");
    annotations.insert(RELEASE_NAME.to_owned(), Value::from(release_name));
    annotations.insert(RELEASE_NAMESPACE.to_owned(), Value::from(release_namespace));
}

/// Returns a member as a map; anything else there is replaced.
fn member<'a>(map: &'a mut Map<String, Value>, name: &str) -> &'a mut Map<String, Value> {
    let value = map.entry(name).or_insert(Value::Null);
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    value.as_object_mut().expect("it was made an object just now")
}

/// Returns whether a live object says that it must stay; exactly `keep` (`kube.Client.update`).
pub fn is_kept(object: &Value) -> bool {
    object["metadata"]["annotations"][RESOURCE_POLICY] == KEEP
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{check, mark};

    #[test]
    fn a_marked_object_is_owned() {
        let mut object = json!({"kind": "A"});
        mark(&mut object, "r", "n");
        assert_eq!(check(&object, "r", "n"), Ok(()));
        assert_eq!(
            check(&object, "x", "n").unwrap_err().to_string(),
            "invalid ownership metadata; annotation validation error: key \"meta.helm.sh/release-name\" must equal \
             \"x\": current value is \"r\""
        );
        assert!(check(&Value::Null, "r", "n").is_err());
    }
}
