//! Deleting objects.

use bytes::Bytes;
use http::Method;
use serde_json::json;

use crate::client::{Client, JSON};
use crate::error::{Error, ErrorKind};
use crate::resource::Resource;

/// What becomes of the objects an object owns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Propagation {
    /// They are deleted afterwards.
    Background,
    /// They are deleted first.
    Foreground,
    /// They stay.
    Orphan,
}

impl Propagation {
    fn as_str(self) -> &'static str {
        match self {
            Propagation::Background => "Background",
            Propagation::Foreground => "Foreground",
            Propagation::Orphan => "Orphan",
        }
    }
}

impl Client {
    /// Deletes an object.
    ///
    /// # Errors
    /// When the server refuses, also because the object does not exist.
    pub async fn delete(&self, resource: &Resource, propagation: Propagation) -> Result<(), Error> {
        if resource.name.is_empty() {
            return Err(ErrorKind::NoName.into());
        }
        let mut call = resource.call(Method::DELETE, &[]);
        call.content_type = Some(JSON);
        let options = json!({"propagationPolicy": propagation.as_str()});
        self.bytes(call, Bytes::from(options.to_string())).await.map(|_| ())
    }
}
