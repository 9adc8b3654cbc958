//! ControllerRevisions of StatefulSets and DaemonSets.

use super::objects::{MANAGER, controller_reference, number};
use super::template_hash::template_hash;
use crate::dig::Dig;
use crate::kinds;
use crate::server::Server;
use crate::store;
use crate::write::meta;
use serde_json::{Value, json};

const STORAGE: &str = "apps/controllerrevisions";

impl Server {
    /// Returns the name of the revision of the owner's template, made if it is new.
    pub(super) fn template_revision(&mut self, owner: &Value) -> String {
        let template = owner.at("/spec/template").cloned().unwrap_or_default();
        let revisions = self.controlled(owner, STORAGE);
        let latest = revisions.iter().map(|(_, r)| number(r, "/revision")).max().unwrap_or(0);
        let mut data = template.clone();
        data["$patch"] = "replace".into();
        let data = json!({"spec": {"template": data}});
        if let Some((key, found)) = revisions.iter().find(|(_, r)| r["data"] == data) {
            if number(found, "/revision") < latest {
                let mut new = (**found).clone();
                new["revision"] = (latest + 1).into();
                self.put_own(key, new, MANAGER, "");
            }
            return meta(found, "name").to_owned();
        }
        let hash = template_hash(&template);
        let name = format!("{}-{hash}", meta(owner, "name"));
        let mut labels = template.at("/metadata/labels").cloned().unwrap_or_else(|| json!({}));
        labels["controller.kubernetes.io/hash"] = hash.into();
        let revision = json!({
            "metadata": {
                "name": name, "namespace": meta(owner, "namespace"), "labels": labels,
                "ownerReferences": [controller_reference(owner)],
            },
            "data": data, "revision": latest + 1,
        });
        if !self.store.contains(&store::key(STORAGE, meta(owner, "namespace"), &name)) {
            self.create_own(kinds::stored(STORAGE), MANAGER, revision);
        }
        name
    }
}
