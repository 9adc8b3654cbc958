//! The subresources of Pods that change a part of the Pod and nothing else: `ephemeralcontainers` and `resize`
//! (`pkg/registry/core/pod/strategy.go`).

use crate::dig::Dig;
use crate::failure::{Cause, go_quote};
use crate::write::metadata;
use serde_json::Value;

/// Whether `subresource` is one of those.
pub(crate) fn is_part(subresource: &str) -> bool {
    matches!(subresource, "ephemeralcontainers" | "resize")
}

/// Undoes everything in `new` that the subresource does not change.
pub(crate) fn keep_the_rest(subresource: &str, old: &Value, new: &mut Value) {
    let mut kept = old.clone();
    if let Some(managers) = new.at("/metadata/managedFields") {
        metadata(&mut kept).insert("managedFields".into(), managers.clone());
    }
    if subresource == "ephemeralcontainers" {
        match new.at("/spec/ephemeralContainers") {
            Some(list) => kept["spec"]["ephemeralContainers"] = list.clone(),
            None => crate::strategy::remove(&mut kept["spec"], "ephemeralContainers"),
        }
    } else {
        for list in ["containers", "initContainers"] {
            resize(list, new, &mut kept);
        }
    }
    *new = kept;
}

fn list_of<'v>(pod: &'v Value, list: &str) -> &'v [Value] {
    pod.at(&format!("/spec/{list}")).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn resize(list: &str, new: &Value, kept: &mut Value) {
    let sizes: Vec<(Option<Value>, Option<Value>)> =
        list_of(new, list).iter().map(|c| (c.get("name").cloned(), c.get("resources").cloned())).collect();
    let containers = kept["spec"].get_mut(list).and_then(Value::as_array_mut);
    for container in containers.into_iter().flatten() {
        let size = sizes.iter().find(|(name, _)| name.as_ref() == container.get("name"));
        if let Some((_, Some(resources))) = size {
            container["resources"] = resources.clone();
        }
    }
}

/// Problems of a change through the subresource.
pub(crate) fn causes(subresource: &str, old: &Value, new: &Value) -> Vec<Cause> {
    if subresource != "ephemeralcontainers" {
        return Vec::new();
    }
    let now = list_of(new, "ephemeralContainers");
    let changed = |container: &Value| {
        let name = container.get("name").and_then(Value::as_str).unwrap_or_default();
        let what = match now.iter().find(|c| c.get("name") == container.get("name")) {
            None => "removed",
            Some(same) if same != container => "changed",
            Some(_) => return None,
        };
        let why = format!("existing ephemeral containers {} may not be {what}\n", go_quote(name));
        Some(Cause::forbidden("spec.ephemeralContainers", &why))
    };
    list_of(old, "ephemeralContainers").iter().filter_map(changed).collect()
}
