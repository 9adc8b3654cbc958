//! The rules for the names of a definition, wanted or accepted.

use super::instance::text;
use crate::failure::Cause;
use crate::names;
use serde_json::Value;

pub(super) fn names_causes(names_: Option<&Value>, path: &str) -> Vec<Cause> {
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
