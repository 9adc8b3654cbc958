//! The rules for CustomResourceDefinitions (apiextensions, `apis/apiextensions/validation/validation.go`).
//!
//! What all versions say alike is reported at the definition, everything else at its version: the server keeps it so.

use super::instance::text;
use super::schema;
use crate::dig::Dig;
use crate::failure::{Cause, go_quote};
use crate::names;
use crate::rules;
use crate::write::meta;
use serde_json::{Value, json};

const APPROVAL: &str = "api-approved.kubernetes.io";
const SEE: &str = "see https://github.com/kubernetes/enhancements/pull/1111";
const COLUMN_TYPES: [&str; 5] = ["boolean", "date", "integer", "number", "string"];
const COLUMN_FORMATS: [&str; 9] =
    ["byte", "date", "date-time", "double", "float", "int32", "int64", "password", ""];
const MOST_SELECTABLE: usize = 8;

/// Problems of a new definition, those of its metadata apart.
pub(crate) fn created(definition: &Value) -> Vec<Cause> {
    let mut causes: Vec<Cause> = name_causes(definition).into_iter().collect();
    causes.extend(spec_causes(definition));
    causes.extend(status_causes(definition));
    causes.extend(approval_causes(definition, None));
    causes.extend(open_causes(definition));
    causes
}

/// Problems of a changed definition, those of its metadata apart.
pub(crate) fn changed(old: &Value, new: &Value) -> Vec<Cause> {
    let mut causes = spec_causes(new);
    let fixed = |path: &str, causes: &mut Vec<Cause>| {
        let value = |definition: &Value| definition.at(path).cloned().unwrap_or_default();
        if value(old) != value(new) {
            let field = path.trim_start_matches('/').replace('/', ".");
            causes.push(Cause::invalid(field, &value(new), "field is immutable"));
        }
    };
    if crate::crds::is_established(old) {
        fixed("/spec/scope", &mut causes);
        fixed("/spec/names/kind", &mut causes);
    }
    fixed("/spec/group", &mut causes);
    fixed("/spec/names/plural", &mut causes);
    causes.extend(status_causes(new));
    causes.extend(approval_causes(new, Some(old)));
    if old.at("/spec/preserveUnknownFields") != Some(&Value::Bool(true)) {
        causes.extend(open_causes(new));
    }
    causes
}

fn at<'v>(definition: &'v Value, path: &str) -> &'v str {
    definition.at(path).and_then(Value::as_str).unwrap_or_default()
}

fn name_causes(definition: &Value) -> Option<Cause> {
    let wanted = format!("{}.{}", at(definition, "/spec/names/plural"), at(definition, "/spec/group"));
    let name = meta(definition, "name");
    let why = "must be spec.names.plural+\".\"+spec.group";
    (name != wanted && !name.is_empty()).then(|| Cause::invalid("metadata.name", &name.into(), why))
}

fn versions(definition: &Value) -> &[Value] {
    definition.at("/spec/versions").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// What all versions say alike under `key`; nothing if some say otherwise.
fn common<'d>(versions: &'d [Value], key: &str) -> Option<Option<&'d Value>> {
    let first = versions.first()?.get(key);
    versions.iter().all(|v| v.get(key) == first).then_some(first)
}

fn spec_causes(definition: &Value) -> Vec<Cause> {
    let mut causes = Vec::new();
    let versions = versions(definition);
    group_causes(at(definition, "/spec/group"), &mut causes);
    match at(definition, "/spec/scope") {
        "" => causes.push(Cause::required("spec.scope", "")),
        "Cluster" | "Namespaced" => {}
        other => causes.push(Cause::unsupported("spec.scope", &other.into(), &["Cluster", "Namespaced"])),
    }
    schemas_are_there(versions, &mut causes);
    for (index, version) in versions.iter().enumerate() {
        version_causes(versions, version, index, &mut causes);
    }
    storage_causes(versions, &mut causes);
    for name in ["plural", "singular", "kind", "listKind"] {
        if at(definition, &format!("/spec/names/{name}")).is_empty() {
            causes.push(Cause::required(format!("spec.names.{name}"), ""));
        }
    }
    causes.extend(names_causes(definition.at("/spec/names"), "spec.names"));
    common_causes(versions, &mut causes);
    conversion_causes(definition.at("/spec/conversion"), &mut causes);
    causes
}

fn group_causes(group: &str, causes: &mut Vec<Cause>) {
    let problems = names::dns1123_subdomain(group);
    if group.is_empty() {
        causes.push(Cause::required("spec.group", ""));
    } else if !problems.is_empty() {
        causes.push(Cause::invalid("spec.group", &group.into(), &problems.join(",")));
    } else if !group.contains('.') {
        causes.push(Cause::invalid("spec.group", &group.into(), "should be a domain with at least one dot"));
    }
}

fn schema_of(version: &Value) -> Option<&Value> {
    version.get("schema")?.get("openAPIV3Schema")
}

fn schemas_are_there(versions: &[Value], causes: &mut Vec<Cause>) {
    for (index, _) in versions.iter().enumerate().filter(|(_, v)| schema_of(v).is_none()) {
        causes.push(Cause::required(format!("spec.versions[{index}].schema.openAPIV3Schema"), ""));
    }
}

fn has_status(version: &Value) -> bool {
    version.at("/subresources/status").is_some_and(|s| !s.is_null())
}

fn version_causes(versions: &[Value], version: &Value, index: usize, causes: &mut Vec<Cause>) {
    let path = format!("spec.versions[{index}]");
    let name = text(version, "name");
    let problems = names::dns1035_label(name);
    if !problems.is_empty() {
        causes.push(Cause::invalid(format!("{path}.name"), &name.into(), &problems.join(",")));
    }
    deprecation_causes(version, &path, causes);
    if let Some(schema) = schema_of(version).filter(|_| common(versions, "schema").is_none()) {
        causes.extend(schema::causes(schema, has_status(version), &format!("{path}.schema")));
    }
    if common(versions, "subresources").is_none() {
        subresource_causes(version.get("subresources"), &format!("{path}.subresources"), causes);
    }
    if common(versions, "additionalPrinterColumns").is_none() {
        column_causes(
            version.get("additionalPrinterColumns"),
            &format!("{path}.additionalPrinterColumns"),
            causes,
        );
    }
    if common(versions, "selectableFields").is_none() {
        selectable_causes(version, &format!("{path}.selectableFields"), causes);
    }
}

fn common_causes(versions: &[Value], causes: &mut Vec<Cause>) {
    let Some(first) = versions.first() else { return };
    if let (Some(schema), Some(_)) = (schema_of(first), common(versions, "schema")) {
        causes.extend(schema::causes(schema, versions.iter().any(has_status), "spec.validation"));
    }
    if let Some(subresources) = common(versions, "subresources") {
        subresource_causes(subresources, "spec.subresources", causes);
    }
    if let Some(columns) = common(versions, "additionalPrinterColumns") {
        column_causes(columns, "spec.additionalPrinterColumns", causes);
    }
    if common(versions, "selectableFields").is_some() {
        selectable_causes(first, "spec.selectableFields", causes);
    }
}

fn deprecation_causes(version: &Value, path: &str, causes: &mut Vec<Cause>) {
    let Some(warning) = version.get("deprecationWarning").and_then(Value::as_str) else { return };
    let mut problem = |why: &str| {
        causes.push(Cause::invalid(format!("{path}.deprecationWarning"), &warning.into(), why));
    };
    if version.get("deprecated") != Some(&Value::Bool(true)) {
        return problem("can only be set for deprecated versions");
    }
    if warning.len() > 256 {
        problem("must be <= 256 characters long");
    }
    if warning.is_empty() {
        problem("must not be an empty string");
    }
    if let Some((index, _)) = warning.char_indices().find(|(_, c)| !value::gofmt::quote::is_printable(*c)) {
        problem(&format!(
            "must only contain printable UTF-8 characters; non-printable character found at index {index}"
        ));
    }
}

/// The versions as the server's own type prints them.
fn shown_versions(versions: &[Value]) -> Value {
    let own = |version: &Value, key: &str| match common(versions, key) {
        Some(_) => Value::Null,
        None => version.get(key).cloned().unwrap_or_default(),
    };
    let shown = versions.iter().map(|version| {
        json!({
            "Name": text(version, "name"),
            "Served": version.get("served").cloned().unwrap_or(false.into()),
            "Storage": version.get("storage").cloned().unwrap_or(false.into()),
            "Deprecated": version.get("deprecated").cloned().unwrap_or(false.into()),
            "DeprecationWarning": version.get("deprecationWarning").cloned().unwrap_or_default(),
            "Schema": own(version, "schema"),
            "Subresources": own(version, "subresources"),
            "AdditionalPrinterColumns": own(version, "additionalPrinterColumns"),
            "SelectableFields": own(version, "selectableFields"),
        })
    });
    shown.collect()
}

// The order of fields of the Go type, which `json!` does not keep.
fn versions_cause(versions: &[Value], why: &str) -> Cause {
    const FIELDS: [&str; 9] = [
        "Name",
        "Served",
        "Storage",
        "Deprecated",
        "DeprecationWarning",
        "Schema",
        "Subresources",
        "AdditionalPrinterColumns",
        "SelectableFields",
    ];
    let all = shown_versions(versions);
    let one = |version: &Value| {
        let fields: Vec<String> = FIELDS.iter().map(|f| format!("\"{f}\":{}", version[*f])).collect();
        format!("{{{}}}", fields.join(","))
    };
    let list: Vec<String> = all.as_array().into_iter().flatten().map(one).collect();
    let message = format!("Invalid value: [{}]: {why}", list.join(","));
    Cause { reason: "FieldValueInvalid", field: "spec.versions".into(), message }
}

fn storage_causes(versions: &[Value], causes: &mut Vec<Cause>) {
    let names: Vec<&str> = versions.iter().map(|v| text(v, "name")).collect();
    if (1..names.len()).any(|index| names[..index].contains(&names[index])) {
        causes.push(versions_cause(versions, "must contain unique version names"));
    }
    if versions.iter().filter(|v| is_storage(v)).count() != 1 {
        causes.push(versions_cause(versions, "must have exactly one version marked as storage version"));
    }
    if let Some(first) = names.first().filter(|name| !name.is_empty()) {
        let problems = names::dns1035_label(first);
        if !problems.is_empty() {
            causes.push(Cause::invalid("spec.version", &(*first).into(), &problems.join(",")));
        }
    }
}

fn is_storage(version: &Value) -> bool {
    version.get("storage") == Some(&Value::Bool(true))
}

fn names_causes(names_: Option<&Value>, path: &str) -> Vec<Cause> {
    let mut causes = Vec::new();
    let Some(all) = names_ else { return causes };
    for name in ["plural", "singular"] {
        label_cause(text(all, name), &format!("{path}.{name}"), "", &mut causes);
    }
    for name in ["kind", "listKind"] {
        let given = text(all, name);
        let problems = names::dns1035_label(&given.to_lowercase());
        if !given.is_empty() && !problems.is_empty() {
            let why = format!("may have mixed case, but should otherwise match: {}", problems.join(","));
            causes.push(Cause::invalid(format!("{path}.{name}"), &given.into(), &why));
        }
    }
    label_list(all, "shortNames", path, &mut causes);
    let kind = text(all, "kind");
    if !kind.is_empty() && kind == text(all, "listKind") {
        let why = "kind and listKind may not be the same";
        causes.push(Cause::invalid(format!("{path}.listKind"), &kind.into(), why));
    }
    label_list(all, "categories", path, &mut causes);
    causes
}

fn label_cause(name: &str, path: &str, prefix: &str, causes: &mut Vec<Cause>) {
    let problems = names::dns1035_label(name);
    if !name.is_empty() && !problems.is_empty() {
        causes.push(Cause::invalid(path, &name.into(), &format!("{prefix}{}", problems.join(","))));
    }
}

fn label_list(names_: &Value, key: &str, path: &str, causes: &mut Vec<Cause>) {
    let list = names_.get(key).and_then(Value::as_array).into_iter().flatten();
    for (index, name) in list.enumerate() {
        let name = name.as_str().unwrap_or_default();
        let problems = names::dns1035_label(name);
        if !problems.is_empty() {
            causes.push(Cause::invalid(format!("{path}.{key}[{index}]"), &name.into(), &problems.join(",")));
        }
    }
}

fn column_causes(columns: Option<&Value>, path: &str, causes: &mut Vec<Cause>) {
    for (index, column) in columns.and_then(Value::as_array).into_iter().flatten().enumerate() {
        let at = |field: &str| format!("{path}[{index}].{field}");
        if text(column, "name").is_empty() {
            causes.push(Cause::required(at("name"), ""));
        }
        let kind = text(column, "type");
        let why = format!("must be one of {}", COLUMN_TYPES.join(","));
        if kind.is_empty() {
            causes.push(Cause::required(at("type"), &why));
        } else if !COLUMN_TYPES.contains(&kind) {
            causes.push(Cause::invalid(at("type"), &kind.into(), &why));
        }
        let format = text(column, "format");
        if !COLUMN_FORMATS.contains(&format) {
            let why = format!("must be one of {}", COLUMN_FORMATS[..8].join(","));
            causes.push(Cause::invalid(at("format"), &format.into(), &why));
        }
        let json_path = text(column, "jsonPath");
        if json_path.is_empty() {
            causes.push(Cause::required(at("JSONPath"), ""));
        } else {
            causes.extend(simple_path_cause(json_path, &at("JSONPath")));
        }
    }
}

fn simple_path_cause(path: &str, at: &str) -> Option<Cause> {
    (!path.starts_with('.'))
        .then(|| Cause::invalid(at, &path.into(), "must be a simple json path starting with ."))
}

fn subresource_causes(subresources: Option<&Value>, path: &str, causes: &mut Vec<Cause>) {
    let Some(scale) = subresources.and_then(|s| s.get("scale")) else { return };
    for (field, below) in
        [("specReplicasPath", ".spec"), ("statusReplicasPath", ".status"), ("labelSelectorPath", ".status")]
    {
        let (given, at) = (text(scale, field), format!("{path}.scale.{field}"));
        if given.is_empty() {
            if field != "labelSelectorPath" {
                causes.push(Cause::required(at, ""));
            }
        } else if let Some(cause) = simple_path_cause(given, &at) {
            causes.push(cause);
        } else if !given.starts_with(&format!("{below}.")) {
            causes.push(Cause::invalid(at, &given.into(), &format!("should be a json path under {below}")));
        }
    }
}

fn selectable_causes(version: &Value, path: &str, causes: &mut Vec<Cause>) {
    let Some(fields) = version.get("selectableFields").and_then(Value::as_array).filter(|f| !f.is_empty())
    else {
        return;
    };
    let Some(schema) = schema_of(version) else {
        let why = "may only be set when validations.schema is included";
        return causes.push(Cause::invalid(path, &"".into(), why));
    };
    let mut seen: Vec<String> = Vec::new();
    for (index, field) in fields.iter().enumerate() {
        let (given, at) = (text(field, "jsonPath"), format!("{path}[{index}].jsonPath"));
        if given.is_empty() {
            causes.push(Cause::required(at, ""));
            continue;
        }
        let found = match rules::resolve_field_path(schema, given) {
            _ if given.contains('[') => Err("array notation is not allowed".to_owned()),
            found => found,
        };
        let (place, found) = match found {
            Ok(found) => found,
            Err(error) => {
                causes.push(Cause::invalid(at, &given.into(), &format!("is an invalid path: {error}")));
                continue;
            }
        };
        if place == "metadata" || place.starts_with("metadata.") {
            causes.push(Cause::invalid(at.as_str(), &given.into(), "must not point to fields in metadata"));
        }
        if !matches!(text(found, "type"), "string" | "boolean" | "integer") {
            let why = "must point to a field of type string, boolean or integer. Enum string fields and strings with \
                       formats are allowed.";
            causes.push(Cause::invalid(at.as_str(), &given.into(), why));
        }
        if seen.contains(&place) {
            causes.push(Cause::duplicate(at, &given.into()));
        } else {
            seen.push(place);
        }
    }
    if seen.len() > MOST_SELECTABLE {
        let message = format!("Too many: {}: must have at most {MOST_SELECTABLE} items", seen.len());
        causes.push(Cause { reason: "FieldValueTooMany", field: path.into(), message });
    }
}

fn conversion_causes(conversion: Option<&Value>, causes: &mut Vec<Cause>) {
    let Some(conversion) = conversion else { return };
    let at = |field: &str| format!("spec.conversion.{field}");
    let strategy = text(conversion, "strategy");
    match strategy {
        "" => causes.push(Cause::required(at("strategy"), "")),
        "None" | "Webhook" => {}
        other => causes.push(Cause::unsupported(at("strategy"), &other.into(), &["None", "Webhook"])),
    }
    let webhook = conversion.get("webhook").filter(|w| !w.is_null());
    let client = webhook.and_then(|w| w.get("clientConfig"));
    let reviews = webhook.and_then(|w| w.get("conversionReviewVersions")).and_then(Value::as_array);
    let reviews: Vec<&str> = reviews.into_iter().flatten().filter_map(Value::as_str).collect();
    if strategy != "Webhook" {
        let why = "should not be set when strategy is not set to Webhook";
        if client.is_some() {
            causes.push(Cause::forbidden(at("webhookClientConfig"), why));
        }
        if !reviews.is_empty() {
            causes.push(Cause::forbidden(at("conversionReviewVersions"), why));
        }
        return;
    }
    match client {
        None => {
            let why = "required when strategy is set to Webhook";
            causes.push(Cause::required(at("webhookClientConfig"), why));
        }
        Some(client) if client.get("url").is_some() == client.get("service").is_some() => {
            let why = "exactly one of url or service is required";
            causes.push(Cause::required(at("webhookClientConfig"), why));
        }
        Some(_) => {}
    }
    review_causes(&reviews, &at("conversionReviewVersions"), causes);
}

fn review_causes(reviews: &[&str], at: &str, causes: &mut Vec<Cause>) {
    if reviews.is_empty() {
        return causes.push(Cause::required(at, ""));
    }
    for (index, version) in reviews.iter().enumerate() {
        let here = format!("{at}[{index}]");
        if reviews[..index].contains(version) {
            causes.push(Cause::invalid(here, &(*version).into(), "duplicate version"));
            continue;
        }
        let problems = names::dns1035_label(version);
        causes.extend(problems.iter().map(|p| Cause::invalid(here.as_str(), &(*version).into(), p)));
    }
    if !reviews.iter().any(|v| matches!(*v, "v1" | "v1beta1")) {
        causes.push(Cause::invalid(at, &json!(reviews), "must include at least one of v1, v1beta1"));
    }
}

fn status_causes(definition: &Value) -> Vec<Cause> {
    let mut causes = names_causes(definition.at("/status/acceptedNames"), "status.acceptedNames");
    let stored = definition.at("/status/storedVersions").cloned().unwrap_or_default();
    let names: Vec<&str> = stored.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if names.is_empty() {
        let why = "must have at least one stored version";
        causes.push(Cause::invalid("status.storedVersions", &Value::Null, why));
        return causes;
    }
    let versions = versions(definition);
    for (index, version) in versions.iter().enumerate().filter(|(_, v)| is_storage(v)) {
        let name = text(version, "name");
        // A version that is there twice is found once.
        if !names.contains(&name) || versions[..index].iter().any(|v| text(v, "name") == name) {
            let why = format!("must have the storage version {name}");
            causes.push(Cause::invalid("status.storedVersions", &stored, &why));
        }
    }
    for (index, name) in names.iter().enumerate() {
        if !versions.iter().any(|v| text(v, "name") == *name) {
            let why = format!(
                "missing from spec.versions; {name} was previously a storage version, and must remain in spec.versions \
                 until a storage migration ensures no data remains persisted in {name} and removes {name} from \
                 status.storedVersions"
            );
            causes.push(Cause::invalid(format!("status.storedVersions[{index}]"), &(*name).into(), &why));
        }
    }
    causes
}

#[derive(PartialEq, Eq)]
enum Approval {
    Missing,
    Given,
    Invalid,
    Bypassed,
}

fn approval(definition: &Value) -> (Approval, &str) {
    let annotations = definition.at("/metadata/annotations");
    let given = annotations.and_then(|a| a.get(APPROVAL)).and_then(Value::as_str).unwrap_or_default();
    let is_url = || {
        value::url::is_request_url(given)
            && value::url::url_host_and_path(given).is_some_and(|(host, _)| !host.is_empty())
    };
    let state = match given {
        "" => Approval::Missing,
        given if given.starts_with("unapproved") => Approval::Bypassed,
        _ if is_url() => Approval::Given,
        _ => Approval::Invalid,
    };
    (state, given)
}

// Groups of the Kubernetes project are reserved for it.
fn approval_causes(new: &Value, old: Option<&Value>) -> Option<Cause> {
    let group = at(new, "/spec/group");
    let protected =
        ["k8s.io", "kubernetes.io"].iter().any(|own| group == *own || group.ends_with(&format!(".{own}")));
    let (state, given) = approval(new);
    if !protected || old.is_some_and(|old| approval(old).0 == state) {
        return None;
    }
    let field = format!("metadata.annotations[{APPROVAL}]");
    let must = format!("protected groups must have approval annotation {}", go_quote(APPROVAL));
    match state {
        Approval::Missing => Some(Cause::required(field, &format!("{must}, {SEE}"))),
        Approval::Invalid => {
            let why = format!("{must} with either a URL or a reason starting with \"unapproved\", {SEE}");
            Some(Cause::invalid(field, &given.into(), &why))
        }
        Approval::Given | Approval::Bypassed => None,
    }
}

fn open_causes(definition: &Value) -> Option<Cause> {
    let open = definition.at("/spec/preserveUnknownFields") == Some(&Value::Bool(true));
    let why = "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead";
    open.then(|| Cause::invalid("spec.preserveUnknownFields", &true.into(), why))
}
