//! Creating and changing objects: server-side apply, create, replace, patch.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use serde_json::Value;

use crate::client::{Client, JSON};
use crate::error::{Error, ErrorKind};
use crate::resource::Resource;

/// How the server treats unknown and repeated fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldValidation {
    /// Refuses them.
    Strict,
    /// Drops them silently.
    Ignore,
}

impl FieldValidation {
    fn as_str(self) -> &'static str {
        match self {
            FieldValidation::Strict => "Strict",
            FieldValidation::Ignore => "Ignore",
        }
    }
}

/// How objects are made and changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreateMode {
    /// Server-side apply; `force` takes fields from other managers.
    ServerSide {
        /// Whether to take fields from other managers.
        force: bool,
    },
    /// Plain creation, three-way merge patches for changes.
    ClientSide,
}

/// client-go's `retry.DefaultRetry`: five attempts, 10 ms apart.
const ATTEMPTS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(10);

impl Client {
    /// Makes an object that is not there yet and returns what the server made of it.
    ///
    /// # Errors
    /// Server-side, conflicts and refusals name the object; client-side, the server's own words.
    pub async fn create(&self, resource: &Resource, mode: CreateMode) -> Result<Value, Error> {
        let made = match mode {
            CreateMode::ServerSide { force } => self.apply(resource, force, FieldValidation::Strict).await,
            CreateMode::ClientSide => self.post(resource).await,
        };
        if made.is_ok() && resource.is_definition() {
            self.forget_discovery();
        }
        made
    }

    /// Applies an object (`patchResourceServerSide`), again when a quota was changed meanwhile.
    ///
    /// # Errors
    /// Conflicts and refusals name the object.
    pub async fn apply(
        &self,
        resource: &Resource,
        force: bool,
        validation: FieldValidation,
    ) -> Result<Value, Error> {
        let mut attempt = 1;
        loop {
            match self.apply_once(resource, force, validation).await {
                Err(error) if attempt < ATTEMPTS && is_quota_conflict(&error) => self.sleep(PAUSE).await,
                Err(error) => return Err(name_apply_error(error, resource)),
                Ok(object) => return Ok(object),
            }
            attempt += 1;
        }
    }

    async fn apply_once(
        &self,
        resource: &Resource,
        force: bool,
        validation: FieldValidation,
    ) -> Result<Value, Error> {
        if resource.name.is_empty() {
            return Err(ErrorKind::NoName.into());
        }
        let query = [
            ("fieldManager", self.field_manager()),
            ("fieldValidation", validation.as_str()),
            ("force", if force { "true" } else { "false" }),
        ];
        let mut call = resource.call(Method::PATCH, &query);
        call.content_type = Some("application/apply-patch+yaml");
        self.json(call, Bytes::from(resource.object.to_string())).await
    }

    /// A resource version in the manifest is left out, as cli-runtime's `Helper.Create` does.
    async fn post(&self, resource: &Resource) -> Result<Value, Error> {
        let mut object = resource.object.clone();
        if let Some(metadata) = object["metadata"].as_object_mut() {
            metadata.remove("resourceVersion");
        }
        let body = Bytes::from(object.to_string());
        let mut attempt = 1;
        loop {
            let mut call = resource.collection_call(Method::POST, &[("fieldManager", self.field_manager())]);
            call.content_type = Some(JSON);
            match self.json(call, body.clone()).await {
                Err(error) if attempt < ATTEMPTS && error.is_conflict() => self.sleep(PAUSE).await,
                outcome => return outcome,
            }
            attempt += 1;
        }
    }

    /// Replaces an object, as it was just read (`replaceResource`, `--force-replace`). Without a resource version in the
    /// manifest the live one is filled in, as cli-runtime's `Helper.Replace` does.
    ///
    /// # Errors
    /// When it cannot be replaced.
    pub async fn replace(&self, resource: &Resource, live: &Value) -> Result<Value, Error> {
        let failed = |error: Error| error.during("failed to replace object");
        let mut object = resource.object.clone();
        let version = &object["metadata"]["resourceVersion"];
        if version.as_str().unwrap_or_default().is_empty()
            && let Some(metadata) = object["metadata"].as_object_mut()
        {
            metadata.insert("resourceVersion".to_owned(), live["metadata"]["resourceVersion"].clone());
        }
        let query = [("fieldManager", self.field_manager()), ("fieldValidation", "Strict")];
        let mut call = resource.call(Method::PUT, &query);
        call.content_type = Some(JSON);
        self.json(call, Bytes::from(object.to_string())).await.map_err(failed)
    }

    /// Sends a patch of a given media type.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn patch(&self, resource: &Resource, media_type: &str, patch: &Value) -> Result<Value, Error> {
        let mut call = resource.call(Method::PATCH, &[("fieldManager", self.field_manager())]);
        call.content_type = Some(media_type);
        self.json(call, Bytes::from(patch.to_string())).await
    }
}

fn name_apply_error(error: Error, resource: &Resource) -> Error {
    let code = error.api_status().map_or(0, |status| status.code);
    if code == 415 {
        return ErrorKind::NoServerSideApply(error).into();
    }
    if error.is_conflict() {
        return ErrorKind::Conflict(resource.description(), error).into();
    }
    ErrorKind::Apply(resource.description(), error).into()
}

/// The admission of resource quotas has no reason of its own (`isResourceQuotaConflict` in Helm's `client.go`).
fn is_quota_conflict(error: &Error) -> bool {
    error.api_status().is_some_and(|status| {
        status.is_conflict()
            && status.message.contains("Operation cannot be fulfilled on resourcequotas")
            && status.message.contains("the object has been modified")
    })
}
