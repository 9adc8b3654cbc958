//! Creating and updating objects: from the decoded body to the stored object.

use crate::conform;
use crate::convert;
use crate::custom;
use crate::decode::{self, Decoded};
use crate::defaults;
use crate::dig::Dig;
use crate::failure::{Failure, go_quote};
use crate::fields::{self, Writer};
use crate::kinds::{self, Kind};
use crate::pod_parts;
use crate::schema::definition;
use crate::server::{Call, Reply, Server};
use crate::store;
use crate::{strategy, validate};
use serde_json::{Map, Value};
use std::sync::Arc;

/// Which object counts as too long to be a request (`MaxRequestBodyBytes`).
const MAX_BODY: usize = 3 * 1024 * 1024;

/// Attempts to find a free generated name.
const NAME_ATTEMPTS: usize = 8;

impl Call<'_> {
    /// Who owns what this call writes.
    pub(crate) fn writer(&self, applied: bool) -> Writer {
        Writer {
            manager: self.request.manager(),
            applied,
            api_version: self.kind.api_version(),
            subresource: self.subresource.clone(),
        }
    }

    pub(crate) fn key(&self) -> String {
        store::key(&self.kind.storage, &self.namespace, self.name.as_deref().unwrap_or_default())
    }
}

// Who writes or patches stringData owns data; only those who apply own it by its own name.
pub(crate) fn own_string_data(kind: &Kind, object: &mut Value) {
    if kind.storage == "/secrets" {
        strategy::merge_string_data(object);
    }
}

/// Text of a metadata field.
pub(crate) fn meta<'v>(object: &'v Value, field: &str) -> &'v str {
    object.get("metadata").and_then(|m| m.get(field)).and_then(Value::as_str).unwrap_or_default()
}

/// The metadata of an object, made if it is missing.
pub(crate) fn metadata(object: &mut Value) -> &mut Map<String, Value> {
    if !object.get("metadata").is_some_and(Value::is_object) {
        object["metadata"] = Value::Object(Map::new());
    }
    object["metadata"].as_object_mut().expect("it was just made an object")
}

impl Server {
    /// Decodes the body of a create or update into the form in which objects of the kind are kept.
    fn decode(&mut self, call: &Call<'_>) -> Result<Value, Failure> {
        let is_yaml = match call.request.body_type() {
            "application/json" | "" => false,
            "application/yaml" => true,
            "application/vnd.kubernetes.protobuf" => return Err(protobuf()),
            _ => return Err(unknown_format()),
        };
        if call.request.body.len() > MAX_BODY {
            let text = format!("Request entity too large: limit is {MAX_BODY}");
            return Err(Failure::new(413, Some("RequestEntityTooLarge"), text));
        }
        let decoded = decode::object(&call.request.body, is_yaml, &call.kind)?;
        if call.kind.custom.is_some() && decoded.value.get("kind").is_none_or(|k| k.as_str() == Some("")) {
            return Err(missing_kind(&call.kind, &call.request.body));
        }
        self.check_type(&call.kind, &decoded.value)?;
        self.typed(call, decoded)
    }

    // The kind in the body must be the kind of the URL; either may be left out.
    fn check_type(&mut self, kind: &Kind, value: &Value) -> Result<(), Failure> {
        let text = |field: &str| value.get(field).and_then(Value::as_str).unwrap_or_default();
        let (api_version, name) = (text("apiVersion"), text("kind"));
        let (api_version, name) = (
            if api_version.is_empty() { kind.api_version() } else { api_version.to_owned() },
            if name.is_empty() { kind.kind.clone() } else { name.to_owned() },
        );
        if api_version == kind.api_version() && name == kind.kind {
            return Ok(());
        }
        if kind.custom.is_some() {
            return Err(custom_mismatch(kind, &api_version, &name));
        }
        let version = api_version.rsplit('/').next().unwrap_or_default();
        let group = api_version.rsplit_once('/').map_or("", |(group, _)| group);
        let handled = |why: String| {
            Failure::bad_request(format!(
                "{name} in version {version:?} cannot be handled as a {}: {why}",
                kind.kind
            ))
        };
        let is_list = name == "List" && api_version == "v1";
        let known = is_list
            || kinds::built_in().iter().any(|k| {
                let of_items = name.strip_suffix("List") == Some(&k.kind);
                k.group == group && k.version == version && (k.kind == name || of_items)
            });
        if known && name != kind.kind {
            let package =
                if kind.group.is_empty() { "core" } else { kind.group.split('.').next().unwrap_or_default() };
            let why =
                format!("converting ({version}.{name}) to ({package}.{}): unknown conversion", kind.kind);
            return Err(handled(why));
        }
        if known || kinds::built_in().iter().any(|k| k.group == group && k.kind == name && !group.is_empty())
        {
            let text = format!(
                "the API version in the data ({api_version}) does not match the expected API version ({})",
                kind.api_version()
            );
            return Err(Failure::bad_request(text));
        }
        Err(handled(not_registered(&name, &api_version)))
    }

    /// Brings a decoded object into the stored form, with warnings or a failure for unknown and duplicate fields.
    fn typed(&mut self, call: &Call<'_>, decoded: Decoded) -> Result<Value, Failure> {
        let kind = &call.kind;
        let mut unknown = Vec::new();
        let value = conformed(kind, decoded.value, &mut unknown).map_err(|error| handled_as(kind, &error))?;
        let mut problems: Vec<String> =
            unknown.iter().map(|path| format!("unknown field {}", go_quote(path))).collect();
        let is_strict = call.request.parameter("fieldValidation") == Some("Strict");
        if is_strict && call.request.body_type() == "application/yaml" && !decoded.duplicates.is_empty() {
            // The YAML reader refuses all of them in one error of its own.
            let lines = decoded.duplicates.join("\n  ");
            problems.insert(0, format!("yaml: unmarshal errors:\n  {lines}"));
        } else {
            problems.extend(decoded.duplicates);
            in_document_order(&mut problems, &call.request.body);
        }
        match call.request.parameter("fieldValidation").unwrap_or("Warn") {
            "Ignore" => {}
            "Strict" if !problems.is_empty() => {
                return Err(handled_as(kind, &format!("strict decoding error: {}", problems.join(", "))));
            }
            _ => self.warnings.extend(problems),
        }
        Ok(value)
    }

    pub(crate) fn create(&mut self, call: &Call<'_>) -> Result<Reply, Failure> {
        let mut object = self.decode(call)?;
        if let Some(reply) = self.review(call, &object)? {
            return Ok(reply);
        }
        defaults::apply(&call.kind, &mut object);
        own_string_data(&call.kind, &mut object);
        let writer = call.writer(false);
        self.create_object(call, object, |server, object| {
            let now = server.now.clone();
            let blank = Server::blank(&call.kind);
            fields::create(&call.kind, &blank, object, &writer, &now);
        })
    }

    /// The part of creating that POST and server-side apply share. `own` records the managers.
    pub(crate) fn create_object(
        &mut self,
        call: &Call<'_>,
        mut object: Value,
        own: impl FnOnce(&Server, &mut Value),
    ) -> Result<Reply, Failure> {
        let kind = call.kind.clone();
        set_type(&kind, &mut object);
        match_namespace(call, &mut object)?;
        if kind.custom.as_ref().is_some_and(|c| c.terminating) {
            let why = "create not allowed while custom resource definition is terminating";
            return Err(Failure::forbidden(&kind, meta(&object, "name"), why));
        }
        self.check_namespace(call, meta(&object, "name"))?;
        own(self, &mut object);
        if !meta(&object, "resourceVersion").is_empty() {
            return Err(Failure::unexpected("resourceVersion should not be set on objects to be created"));
        }
        self.fill_system_fields(&kind, &mut object)?;
        let mut object = self.prepared(&kind, object)?;
        let name = meta(&object, "name").to_owned();
        let key = store::key(&kind.storage, &call.namespace, &name);
        if let Some(existing) = self.store.get(&key) {
            let terminating = !meta(existing, "deletionTimestamp").is_empty();
            return Err(if terminating {
                Failure::being_deleted(&kind, &name)
            } else {
                Failure::already_exists(&kind, &name)
            });
        }
        if call.request.is_dry_run() {
            let object = Arc::new(object);
            return Ok(Reply::Object { code: 201, object: convert::view(&kind, &object) });
        }
        strategy::empty_lists_to_null(&kind, &mut object);
        let stored = self.store.put(&key, object);
        self.written(&key);
        Ok(Reply::Object { code: 201, object: convert::view(&kind, &stored) })
    }

    // The new object as it is stored. Custom objects are checked in the version they were sent in.
    fn prepared(&mut self, kind: &Kind, mut object: Value) -> Result<Value, Failure> {
        if kind.custom.is_some() {
            self.prepare_create(kind, &mut object)?;
            validate::created_custom(kind, &object)?;
            self.warnings.extend(custom::finalizer_warnings(&object, None));
            return Ok(convert::to_stored(kind, object));
        }
        let mut object = convert::to_stored(kind, object);
        self.prepare_create(kind, &mut object)?;
        self.admit(kind, &object)?;
        validate::created(kind, &object)?;
        self.warnings.extend(validate::warnings(kind, None, &object));
        if kind.storage == crate::crds::STORAGE {
            self.warnings.extend(custom::definition_warnings(&object));
        }
        Ok(object)
    }

    // The same for a changed object.
    fn prepared_change(
        &mut self,
        kind: &Kind,
        subresource: &str,
        old: &Arc<Value>,
        mut new: Value,
    ) -> Result<Value, Failure> {
        strategy::keep_system_fields(old, &mut new);
        if kind.custom.is_some() {
            let old = convert::view(kind, old);
            self.prepare_update(kind, subresource, &old, &mut new)?;
            validate::updated_custom(kind, subresource, &old, &new)?;
            self.warnings.extend(custom::finalizer_warnings(&new, Some(&old)));
            return Ok(convert::to_stored(kind, new));
        }
        let mut new = convert::to_stored(kind, new);
        if kind.storage == "/pods" && pod_parts::is_part(subresource) {
            pod_parts::keep_the_rest(subresource, old, &mut new);
        }
        self.prepare_update(kind, subresource, old, &mut new)?;
        validate::updated(kind, subresource, old, &new)?;
        if subresource.is_empty() {
            self.warnings.extend(validate::warnings(kind, Some(old), &new));
        }
        if kind.storage == crate::crds::STORAGE {
            let known = custom::definition_warnings(old);
            let found = custom::definition_warnings(&new).into_iter();
            self.warnings.extend(found.filter(|warning| !known.contains(warning)));
        }
        Ok(new)
    }

    /// Stores an object the server itself makes, with everything a request would do but its checks.
    pub(crate) fn create_own(&mut self, kind: &Kind, manager: &str, mut object: Value) -> Arc<Value> {
        set_type(kind, &mut object);
        if let Ok(conformed) = conformed(kind, object.clone(), &mut Vec::new()) {
            object = conformed;
        }
        defaults::apply(kind, &mut object);
        let writer = Writer {
            manager: manager.into(),
            applied: false,
            api_version: kind.api_version(),
            subresource: String::new(),
        };
        let blank = Server::blank(kind);
        fields::create(kind, &blank, &mut object, &writer, &self.now);
        let status = object.get("status").cloned();
        let filled =
            self.fill_system_fields(kind, &mut object).and_then(|()| self.prepare_create(kind, &mut object));
        if let Err(failure) = filled {
            self.warnings.push(failure.message().to_owned());
        }
        if let (Some(status), "Node" | "ServiceCIDR") = (status, kind.kind.as_str()) {
            object["status"] = status;
        }
        let key = store::key(&kind.storage, meta(&object, "namespace"), meta(&object, "name"));
        let stored = self.store.put(&key, object);
        self.enqueue(key);
        stored
    }

    // `rest.FillObjectMetaSystemFields` and `rest.BeforeCreate`.
    fn fill_system_fields(&mut self, kind: &Kind, object: &mut Value) -> Result<(), Failure> {
        let uid = self.new_uid();
        let now = self.now.clone();
        let metadata = metadata(object);
        for field in ["deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"] {
            metadata.remove(field);
        }
        metadata.insert("uid".into(), uid.into());
        metadata.insert("creationTimestamp".into(), now.into());
        let text = |metadata: &Map<String, Value>, field: &str| {
            metadata.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let (base, namespace) = (text(metadata, "generateName"), text(metadata, "namespace"));
        if text(metadata, "name").is_empty() && !base.is_empty() {
            let name = self.generated_name(kind, &namespace, &base)?;
            crate::write::metadata(object).insert("name".into(), name.into());
        }
        Ok(())
    }

    fn generated_name(&self, kind: &Kind, namespace: &str, base: &str) -> Result<String, Failure> {
        // `names.SimpleNameGenerator`: room for five more characters in 63.
        let mut end = base.len().min(58);
        while !base.is_char_boundary(end) {
            end -= 1;
        }
        for _ in 0..NAME_ATTEMPTS {
            let name = format!("{}{}", &base[..end], self.random_suffix());
            if !self.store.contains(&store::key(&kind.storage, namespace, &name)) {
                return Ok(name);
            }
        }
        Err(Failure::already_exists(kind, base))
    }

    // Admission plugin NamespaceLifecycle.
    fn check_namespace(&mut self, call: &Call<'_>, name: &str) -> Result<(), Failure> {
        if !call.kind.namespaced {
            return Ok(());
        }
        let Some(namespace) = self.store.get(&store::key("/namespaces", "", &call.namespace)) else {
            return Err(Failure::namespace_not_found(&call.namespace));
        };
        if namespace.at("/status/phase").and_then(Value::as_str) != Some("Terminating") {
            return Ok(());
        }
        let why = format!(
            "unable to create new content in namespace {} because it is being terminated",
            call.namespace
        );
        let failure = Failure::forbidden(&call.kind, name, &why);
        let mut details = crate::failure::details(&call.kind, name);
        let message = format!("namespace {} is being terminated", call.namespace);
        details["causes"] = serde_json::json!([
            {"reason": "NamespaceTerminating", "message": message, "field": "metadata.namespace"}
        ]);
        Err(failure.with_details(details))
    }

    pub(crate) fn update(&mut self, call: &Call<'_>) -> Result<Reply, Failure> {
        let mut object = self.decode(call)?;
        defaults::apply(&call.kind, &mut object);
        own_string_data(&call.kind, &mut object);
        let name = call.name.as_deref().unwrap_or_default();
        let sent = meta(&object, "name");
        if sent.is_empty() {
            let text = format!(
                "the name of the object ({name} based on URL) was undeterminable: name must be provided"
            );
            return Err(Failure::bad_request(text));
        }
        if sent != name {
            let text = format!("the name of the object ({sent}) does not match the name on the URL ({name})");
            return Err(Failure::bad_request(text));
        }
        match_namespace(call, &mut object)?;
        set_type(&call.kind, &mut object);
        let live = self.find(call)?;
        let live = convert::view(&call.kind, &live);
        self.check_versions(call, &live, &mut object)?;
        let now = self.now.clone();
        fields::update(&call.kind, Some(&live), &mut object, &call.writer(false), &now);
        self.update_object(call, object)
    }

    // Optimistic locking, and the uid as a precondition.
    pub(crate) fn check_versions(
        &mut self,
        call: &Call<'_>,
        live: &Value,
        object: &mut Value,
    ) -> Result<(), Failure> {
        let name = call.name.as_deref().unwrap_or_default();
        let version = meta(object, "resourceVersion").to_owned();
        let uid = meta(object, "uid").to_owned();
        if call.request.method == http::Method::PUT && !uid.is_empty() && uid != meta(live, "uid") {
            let why = format!(
                "Precondition failed: UID in precondition: {uid}, UID in object meta: {}",
                meta(live, "uid")
            );
            return Err(Failure::conflict(&call.kind, name, &why));
        }
        if version.is_empty() || version == "0" {
            if call.kind.needs_version && call.request.method == http::Method::PUT {
                let cause = crate::failure::Cause {
                    reason: "FieldValueInvalid",
                    field: "metadata.resourceVersion".into(),
                    message: "Invalid value: 0: must be specified for an update".into(),
                };
                // This one names the resource where all others name the kind.
                return Err(Failure::invalid_as(&call.kind.plural, &call.kind.group, name, &[cause]));
            }
        } else if version != meta(live, "resourceVersion") {
            let number: Result<u64, _> = version.parse();
            if number.is_err() {
                return Err(bad_version(call, &version));
            }
            return Err(Failure::stale(&call.kind, name));
        }
        metadata(object).insert("resourceVersion".into(), meta(live, "resourceVersion").into());
        Ok(())
    }

    /// The part of updating that PUT and all patches share. Both objects are in the version of the request.
    pub(crate) fn update_object(&mut self, call: &Call<'_>, new: Value) -> Result<Reply, Failure> {
        let kind = call.kind.clone();
        let key = call.key();
        let Some(old) = self.store.get(&key).cloned() else {
            return Err(Failure::not_found(&kind, call.name.as_deref().unwrap_or_default()));
        };
        if kind.storage == "apps/controllerrevisions" && call.request.method == http::Method::PATCH {
            return Err(frozen_revision(&kind, &old));
        }
        let mut new = self.prepared_change(&kind, &call.subresource, &old, new)?;
        if strategy::is_unchanged(&old, &new) {
            return Ok(Reply::ok(convert::view(&kind, &old)));
        }
        if call.request.is_dry_run() {
            return Ok(Reply::ok(convert::view(&kind, &Arc::new(new))));
        }
        if strategy::is_finalized(&new) {
            let new = Arc::new(new);
            self.remove_now(&key);
            self.settle();
            return Ok(Reply::ok(convert::view(&kind, &new)));
        }
        strategy::empty_lists_to_null(&kind, &mut new);
        let stored = self.store.put(&key, new);
        self.written(&key);
        Ok(Reply::ok(convert::view(&kind, &stored)))
    }
}

/// Sorts problems by where their fields stand in the body.
pub(crate) fn in_document_order(problems: &mut [String], body: &[u8]) {
    if problems.len() < 2 {
        return;
    }
    let paths = decode::paths(body);
    problems.sort_by_key(|problem| {
        let quoted = problem.split_once('"').map_or("", |(_, rest)| rest.trim_end_matches('"'));
        paths.iter().position(|path| path == quoted).unwrap_or(usize::MAX)
    });
}

// A patched revision holds its data in another form than the stored one, which Kubernetes takes for a change.
fn frozen_revision(kind: &Kind, old: &Value) -> Failure {
    let data = old.get("data").cloned().unwrap_or_default();
    let cause = crate::failure::Cause::invalid("data", &data, "field is immutable");
    Failure::invalid(kind, meta(old, "name"), &[cause])
}

fn bad_version(call: &Call<'_>, version: &str) -> Failure {
    let cause = crate::failure::Cause::invalid(
        "metadata.resourceVersion",
        &version.into(),
        &format!("strconv.ParseUint: parsing {version:?}: invalid syntax"),
    );
    Failure::invalid(&call.kind, call.name.as_deref().unwrap_or_default(), &[cause])
}

/// The object in the form its kind is kept in. `unknown` collects dropped fields.
///
/// # Errors
/// The decoder's text for a wrong type.
pub(crate) fn conformed(kind: &Kind, value: Value, unknown: &mut Vec<String>) -> Result<Value, String> {
    match (&kind.custom, kind.type_index) {
        (Some(_), _) => crate::crds::conformed(kind, value, unknown),
        (None, Some(index)) => conform::conform(value, definition(index), unknown),
        (None, None) => Ok(value),
    }
}

/// Writes the kind and version of the URL into an object.
pub(crate) fn set_type(kind: &Kind, object: &mut Value) {
    object["apiVersion"] = kind.api_version().into();
    object["kind"] = kind.kind.clone().into();
}

pub(crate) fn not_registered(kind: &str, api_version: &str) -> String {
    format!(
        "no kind {kind:?} is registered for version {api_version:?} in scheme \
         \"k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30\""
    )
}

fn custom_mismatch(kind: &Kind, api_version: &str, name: &str) -> Failure {
    if name != kind.kind {
        let why = format!("invalid kind {name:?}, must be {:?}", kind.kind);
        return Failure::bad_request(why);
    }
    let text = format!(
        "the API version in the data ({api_version}) does not match the expected API version ({})",
        kind.api_version()
    );
    Failure::bad_request(text)
}

// Custom objects have no Go type that says what they are (apimachinery, `unstructured.UnstructuredJSONScheme`).
fn missing_kind(kind: &Kind, body: &[u8]) -> Failure {
    let why = format!("Object 'Kind' is missing in '{}'", String::from_utf8_lossy(body));
    Failure::bad_request(format!(
        "{0} in version {1:?} cannot be handled as a {0}: {why}",
        kind.kind, kind.version
    ))
}

fn handled_as(kind: &Kind, why: &str) -> Failure {
    let text = if kind.custom.is_some() {
        why.to_owned()
    } else {
        format!("{0} in version {1:?} cannot be handled as a {0}: {why}", kind.kind, kind.version)
    };
    Failure::bad_request(text)
}

fn unknown_format() -> Failure {
    let text = "the body of the request was in an unknown format - accepted media types include: application/json, \
                application/yaml, application/vnd.kubernetes.protobuf";
    Failure::new(415, Some("UnsupportedMediaType"), text)
}

fn protobuf() -> Failure {
    let text =
        "the body of the request is in protobuf, which this server does not read; send application/json";
    Failure::new(415, Some("UnsupportedMediaType"), text)
}

/// Checks or fills the namespace of an object against that of the URL (`EnsureObjectNamespaceMatchesRequestNamespace`).
pub(crate) fn match_namespace(call: &Call<'_>, object: &mut Value) -> Result<(), Failure> {
    let sent = meta(object, "namespace").to_owned();
    let metadata = metadata(object);
    if !call.kind.namespaced {
        if !sent.is_empty() {
            metadata.remove("namespace");
        }
        return Ok(());
    }
    if sent.is_empty() {
        metadata.insert("namespace".into(), call.namespace.clone().into());
    } else if sent != call.namespace {
        let text = "the namespace of the provided object does not match the namespace sent on the request";
        return Err(Failure::bad_request(text));
    }
    Ok(())
}
