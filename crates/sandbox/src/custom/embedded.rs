//! Objects inside of objects: `x-kubernetes-embedded-resource` (apiextensions, `schema/objectmeta/validation.go`).

use super::instance::is_true;
use super::walk;
use crate::failure::Cause;
use crate::names;
use crate::validate;
use serde_json::Value;

/// Problems of the embedded objects in `value`, which stands at `path`.
pub(super) fn causes(schema: &Value, value: &Value, path: &str) -> Vec<Cause> {
    let mut causes = Vec::new();
    walk::each(schema, value, path, &mut |schema, value, path| {
        if value.is_object() && is_true(schema, "x-kubernetes-embedded-resource") {
            embedded(value, path, &mut causes);
        }
    });
    causes
}

fn embedded(object: &Value, path: &str, causes: &mut Vec<Cause>) {
    for name in ["apiVersion", "kind"] {
        let at = format!("{path}.{name}");
        match object.get(name) {
            None => causes.push(Cause::required(at, "")),
            Some(Value::String(text)) if text.is_empty() => {
                causes.push(Cause::invalid(at, &"".into(), "must not be empty"));
            }
            Some(Value::String(text)) => causes
                .extend(type_problem(name, text).map(|why| Cause::invalid(at, &text.as_str().into(), &why))),
            Some(other) => causes.push(Cause::invalid(at, other, "must be a string")),
        }
    }
    if object.get("metadata").is_some_and(Value::is_object) {
        let found = validate::metadata_causes(object);
        causes.extend(
            found.into_iter().map(|cause| Cause { field: format!("{path}.{}", cause.field), ..cause }),
        );
    }
}

fn type_problem(name: &str, text: &str) -> Option<String> {
    if name == "apiVersion" {
        let parts = text.matches('/').count();
        return (parts > 1).then(|| format!("unexpected GroupVersion string: {text}"));
    }
    let problems = names::dns1035_label(&text.to_lowercase());
    let help = "may have mixed case, but should otherwise match: ";
    (!problems.is_empty()).then(|| format!("{help}{}", problems.join(",")))
}
