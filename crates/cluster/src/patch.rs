//! Changing objects by patches the client makes (`patchResourceClientSide`).

use manifest::patch::{self, Rules};
use serde_json::Value;

use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::resource::Resource;

impl Client {
    /// Brings an object, as it is in the cluster, from its old to its new manifest: built-in kinds by a three-way
    /// strategic merge patch, all others by a JSON merge patch between the manifests (or a three-way one). Returns
    /// whether anything was sent.
    ///
    /// # Errors
    /// When its identity changes, or the server refuses.
    pub async fn patch_client_side(
        &self,
        original: &Resource,
        target: &Resource,
        live: &Value,
        three_way_custom: bool,
    ) -> Result<bool, Error> {
        let (old, new) = (&original.object, &target.object);
        let (media_type, patch) = match Rules::of(&target.mapping.api_version(), &target.mapping.kind) {
            Some(rules) => {
                ("application/strategic-merge-patch+json", patch::strategic_patch(old, new, live, rules))
            }
            None if three_way_custom => {
                check_identity(new, live)?;
                ("application/merge-patch+json", patch::three_way_merge_patch(old, new, live))
            }
            None => ("application/merge-patch+json", patch::merge_patch(old, new)),
        };
        if patch.as_object().is_some_and(serde_json::Map::is_empty) {
            return Ok(false);
        }
        let sent = self.patch(target, media_type, &patch).await;
        let (name, kind) = (&target.name, &target.mapping.kind);
        sent.map_err(|error| error.during(format!("cannot patch {name:?} with kind {kind}")))?;
        Ok(true)
    }
}

/// A three-way patch must not turn an object into another one.
fn check_identity(new: &Value, live: &Value) -> Result<(), Error> {
    for pointer in ["/apiVersion", "/kind", "/metadata/name"] {
        if live.pointer(pointer).is_some_and(|value| Some(value) != new.pointer(pointer)) {
            return Err(ErrorKind::IdentityChanged.into());
        }
    }
    Ok(())
}
