//! The PATCH verb: four kinds of patches, one way to store the result.

use crate::convert;
use crate::decode::{self, Decoded};
use crate::defaults;
use crate::dig::Dig;
use crate::failure::{Cause, Failure, go_quote};
use crate::fields;
use crate::patch::{json, merge, strategic};
use crate::schema::Node;
use crate::server::{Call, Reply, Server};
use crate::write::{
    conformed, in_document_order, match_namespace, meta, metadata, not_registered, own_string_data, set_type,
};
use serde_json::Value;
use std::sync::Arc;

const APPLY: &str = "application/apply-patch+yaml";
/// Operations in one JSON patch (`maxJSONPatchOperations`).
const MAX_OPERATIONS: usize = 10_000;

impl Server {
    pub(crate) fn patch(&mut self, call: &Call<'_>) -> Result<Reply, Failure> {
        let media = call.request.body_type();
        let for_all = matches!(media, "application/json-patch+json" | "application/merge-patch+json" | APPLY);
        if call.kind.custom.is_some() && !for_all {
            let text = "the body of the request was in an unknown format - accepted media types include: \
                        application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml";
            return Err(Failure::new(415, Some("UnsupportedMediaType"), text));
        }
        if !for_all && media != "application/strategic-merge-patch+json" {
            let text = "415: Unsupported Media Type";
            return Err(
                Failure::new(415, Some("UnsupportedMediaType"), text).with_details(serde_json::json!({}))
            );
        }
        validate_options(call, media == APPLY)?;
        if media == APPLY { self.apply(call) } else { self.plain_patch(call, media) }
    }

    fn plain_patch(&mut self, call: &Call<'_>, media: &str) -> Result<Reply, Failure> {
        let live = self.find(call)?;
        let live = convert::view(&call.kind, &live);
        let (patched, mut problems) = patched(call, media, &live)?;
        let patched = self.typed_patch(call, &live, patched, &mut problems)?;
        let mut new = patched;
        match_namespace(call, &mut new)?;
        check_name(call, &new)?;
        defaults::apply(&call.kind, &mut new);
        self.check_versions(call, &live, &mut new)?;
        own_string_data(&call.kind, &mut new);
        let now = self.now.clone();
        fields::update(&call.kind, Some(&live), &mut new, &call.writer(false), &now);
        self.update_object(call, new)
    }

    // What is wrong with a patched object is reported without saying which object it is.
    fn typed_patch(
        &mut self,
        call: &Call<'_>,
        live: &Value,
        patched: Value,
        problems: &mut Vec<String>,
    ) -> Result<Value, Failure> {
        let bad = |value: &Value, why: &str| {
            let cause = Cause {
                reason: "FieldValueInvalid",
                field: "patch".into(),
                message: format!("Invalid value: {}: {why}", go_quote(&value.to_string())),
            };
            Failure::invalid_as("", "", "", &[cause])
        };
        let text = |object: &Value, field: &str| {
            object.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let (api_version, kind) = (text(&patched, "apiVersion"), text(&patched, "kind"));
        if !api_version.is_empty() && call.kind.custom.is_none() && api_version != text(live, "apiVersion") {
            return Err(bad(&patched, &not_registered(&kind, &api_version)));
        }
        if !kind.is_empty() && call.kind.custom.is_none() && kind != call.kind.kind {
            return Err(bad(&patched, &as_another_kind(&call.kind, &kind, &patched)));
        }
        let shown = patched.clone();
        let mut unknown = Vec::new();
        let typed = conformed(&call.kind, patched, &mut unknown).map_err(|error| bad(&shown, &error))?;
        problems.splice(0..0, unknown.iter().map(|path| format!("unknown field {}", go_quote(path))));
        if problems.len() > 1 {
            in_document_order(problems, shown.to_string().as_bytes());
        }
        match call.request.parameter("fieldValidation").unwrap_or("Warn") {
            "Ignore" => {}
            "Strict" if !problems.is_empty() => {
                return Err(bad(&shown, &format!("strict decoding error: {}", problems.join(", "))));
            }
            _ => self.warnings.append(problems),
        }
        let mut typed = typed;
        set_type(&call.kind, &mut typed);
        Ok(typed)
    }

    fn apply(&mut self, call: &Call<'_>) -> Result<Reply, Failure> {
        let name = call.name.as_deref().unwrap_or_default();
        let decoded = decode::yaml(&call.request.body).map_err(|e| {
            Failure::bad_request(format!("error decoding YAML: {}", e.trim_start_matches("yaml: ")))
        })?;
        let config = self.applied_object(call, decoded)?;
        let live = self.store.get(&call.key()).cloned();
        if live.is_none() && !call.subresource.is_empty() {
            return Err(Failure::not_found(&call.kind, name));
        }
        let view = live.as_ref().map(|live| convert::view(&call.kind, live));
        let (sent_uid, sent_version) =
            (meta(&config, "uid").to_owned(), meta(&config, "resourceVersion").to_owned());
        let base = match &view {
            Some(view) => {
                if !sent_version.is_empty()
                    && sent_version != "0"
                    && sent_version != meta(view, "resourceVersion")
                {
                    return Err(Failure::stale(&call.kind, name));
                }
                view.clone()
            }
            None if !sent_uid.is_empty() => {
                let why = format!(
                    "uid mismatch: the provided object specified uid {sent_uid}, and no existing object was found"
                );
                return Err(Failure::conflict(&call.kind, name, &why));
            }
            None => Arc::new(Server::blank(&call.kind)),
        };
        let writer = call.writer(true);
        let now = self.now.clone();
        let applied = fields::apply(&call.kind, &base, &config, &writer, call.request.flag("force"), &now)?;
        let mut object = conformed(&call.kind, applied.object, &mut Vec::new())
            .map_err(|error| Failure::unexpected(format!("failed to convert merged object: {error}")))?;
        set_type(&call.kind, &mut object);
        defaults::apply(&call.kind, &mut object);
        let managed = applied.managed;
        match view {
            Some(view) => {
                let version = meta(&view, "resourceVersion").to_owned();
                metadata(&mut object).insert("resourceVersion".into(), version.into());
                managed.write(&mut object);
                self.update_object(call, object)
            }
            None => {
                metadata(&mut object).remove("resourceVersion");
                self.create_object(call, object, |_, object| managed.write(object))
            }
        }
    }

    // Checks of the applied object itself, before it meets the live one.
    fn applied_object(&mut self, call: &Call<'_>, decoded: Decoded) -> Result<Value, Failure> {
        let mut config = decoded.value;
        if !config.is_object() {
            return Err(Failure::bad_request(
                "error decoding YAML: error unmarshaling JSON: while decoding JSON: \
                                             json: cannot unmarshal into Go value of type map[string]interface {}",
            ));
        }
        let text = |field: &str| config.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (api_version, kind) = (text("apiVersion"), text("kind"));
        if api_version != call.kind.api_version() {
            let text = format!(
                "Incorrect version specified in apply patch. Specified patch version: {api_version}, expected: {}",
                call.kind.api_version()
            );
            return Err(Failure::bad_request(text));
        }
        let name = call.name.as_deref().unwrap_or_default();
        let sent = meta(&config, "name").to_owned();
        if kind != call.kind.kind {
            return Err(Failure::unexpected(format!(
                "failed to create typed patch object: expected kind {}, got {kind}",
                call.kind.kind
            )));
        }
        if sent.is_empty() {
            return Err(Failure::bad_request("metadata.name must be provided in the patch"));
        }
        if sent != name {
            return Err(Failure::bad_request(format!(
                "the name of the object ({sent}) does not match the name on the URL ({name})"
            )));
        }
        let sent_namespace = meta(&config, "namespace").to_owned();
        if config.at("/metadata/managedFields").is_some_and(|m| !m.is_null()) {
            return Err(Failure::bad_request("metadata.managedFields must be nil"));
        }
        if !decoded.duplicates.is_empty() {
            return Err(Failure::unexpected(decoded.duplicates.join(", ")));
        }
        fields::check(&config, Node::of(&call.kind)).map_err(|error| {
            let group = &call.kind.group;
            Failure::unexpected(format!(
                "failed to create typed patch object ({sent_namespace}/{sent}; {group}/{}, Kind={}): {error}",
                call.kind.version, call.kind.kind
            ))
        })?;
        match_namespace(call, &mut config)?;
        Ok(config)
    }
}

fn check_name(call: &Call<'_>, object: &Value) -> Result<(), Failure> {
    let (sent, name) = (meta(object, "name"), call.name.as_deref().unwrap_or_default());
    if sent == name {
        return Ok(());
    }
    if sent.is_empty() {
        let text =
            format!("the name of the object ({name} based on URL) was undeterminable: name must be provided");
        return Err(Failure::bad_request(text));
    }
    Err(Failure::bad_request(format!(
        "the name of the object ({sent}) does not match the name on the URL ({name})"
    )))
}

// apimachinery, `meta/v1/validation.ValidatePatchOptions`.
fn validate_options(call: &Call<'_>, is_apply: bool) -> Result<(), Failure> {
    let mut causes = Vec::new();
    let manager = call.request.parameter("fieldManager").unwrap_or_default();
    if is_apply && manager.is_empty() {
        causes.push(Cause::required("fieldManager", "is required for apply patch"));
    }
    if !is_apply && call.request.parameter("force").is_some() {
        causes.push(Cause::forbidden("force", "may not be specified for non-apply patch"));
    }
    if manager.len() > 128 {
        causes.push(Cause::too_long("fieldManager", 128));
    }
    if causes.is_empty() {
        Ok(())
    } else {
        Err(Failure::invalid_as("PatchOptions", "meta.k8s.io", "", &causes))
    }
}

fn patched(call: &Call<'_>, media: &str, live: &Value) -> Result<(Value, Vec<String>), Failure> {
    let body = &call.request.body;
    let malformed = |error: String| Failure::bad_request(format!("error decoding patch: {error}"));
    if media == "application/json-patch+json" {
        let decoded = decode::json(body).map_err(malformed)?;
        return json_patched(decoded, live);
    }
    let decoded = decode::json(body).map_err(|error| malformed(error.clone()))?;
    match &decoded.value {
        Value::Object(_) => {}
        Value::Null if media == "application/merge-patch+json" => {
            return Err(Failure::bad_request("Invalid JSON Patch"));
        }
        Value::Null => {}
        other => {
            let what = match other {
                Value::Array(_) => "array",
                Value::String(_) => "string",
                Value::Bool(_) => "bool",
                _ => "number",
            };
            let text =
                format!("json: cannot unmarshal {what} into Go value of type map[string]interface {{}}");
            return Err(malformed(text));
        }
    }
    let problems = decoded.duplicates;
    let patched = if media == "application/merge-patch+json" {
        merge::apply(live, decoded.value)
    } else {
        strategic::apply(live, decoded.value, Node::of(&call.kind)).map_err(|error| match error {
            strategic::Error::Directive(text) => Failure::unexpected(text),
            strategic::Error::BadRequest(text) => Failure::bad_request(text),
        })?
    };
    Ok((patched, problems))
}

fn json_patched(decoded: Decoded, live: &Value) -> Result<(Value, Vec<String>), Failure> {
    let rejected = || {
        let text = "the server rejected our request due to an error in our request";
        Failure::new(422, Some("Invalid"), text).with_details(serde_json::json!({}))
    };
    let Value::Array(operations) = decoded.value else {
        let what = match decoded.value {
            Value::Object(_) => "object",
            Value::String(_) => "string",
            Value::Null => return Ok((live.clone(), Vec::new())),
            Value::Bool(_) => "bool",
            _ => "number",
        };
        let text = format!(
            "error decoding patch: json: cannot unmarshal {what} into Go value of type jsonpatch.Patch"
        );
        return Err(Failure::bad_request(text));
    };
    if operations.len() > MAX_OPERATIONS {
        let text = format!(
            "Request entity too large: The allowed maximum operations in a JSON patch is {MAX_OPERATIONS}, got {}",
            operations.len()
        );
        return Err(Failure::new(413, Some("RequestEntityTooLarge"), text));
    }
    let mut problems: Vec<String> = decoded.duplicates.iter().map(|d| format!("json patch {d}")).collect();
    for (index, operation) in operations.iter().enumerate() {
        let unknown = operation.as_object().into_iter().flat_map(|o| o.keys());
        let unknown = unknown.filter(|key| !matches!(key.as_str(), "op" | "path" | "from" | "value"));
        problems.extend(unknown.map(|key| format!("json patch unknown field \"[{index}].{key}\"")));
    }
    let patched = json::apply(live.clone(), operations).map_err(|()| rejected())?;
    Ok((patched, problems))
}

// A patch that changes the kind makes an object that is read as that kind, and then found not to be one of this one.
fn as_another_kind(kind: &crate::kinds::Kind, name: &str, patched: &Value) -> String {
    let same_version =
        |k: &&Arc<crate::kinds::Kind>| k.group == kind.group && k.version == kind.version && k.kind == name;
    let Some(other) = crate::kinds::built_in().iter().find(same_version) else {
        return not_registered(name, &kind.api_version());
    };
    match conformed(other, patched.clone(), &mut Vec::new()) {
        Err(error) => error,
        Ok(_) => format!("converting ({0}.{name}) to ({0}.{1}): unknown conversion", kind.version, kind.kind),
    }
}
