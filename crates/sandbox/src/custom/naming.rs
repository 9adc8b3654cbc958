//! Which names a definition gets: those that no other definition of its group has (apiextensions,
//! `controller/status/naming_controller.go`).

use crate::dig::Dig;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What came of the names that a definition asks for.
#[derive(Debug)]
pub(crate) struct Naming {
    /// `status.acceptedNames`
    pub(crate) accepted: Value,
    pub(crate) conflict: Option<Conflict>,
}

/// Why a name was not accepted.
#[derive(Debug)]
pub(crate) struct Conflict {
    pub(crate) reason: &'static str,
    pub(crate) message: String,
}

/// Names that the other definitions of a group hold.
#[derive(Debug, Default)]
struct Taken<'d> {
    resources: BTreeSet<&'d str>,
    kinds: BTreeSet<&'d str>,
}

fn text<'v>(names: &'v Value, field: &str) -> &'v str {
    names.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn short_names(names: &Value) -> impl Iterator<Item = &str> {
    names.get("shortNames").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// Decides about the names of `definition` beside `others`, the definitions of the same group.
pub(crate) fn names_of<'d>(definition: &Value, others: impl Iterator<Item = &'d Value>) -> Naming {
    let blank = json!({});
    let wanted = definition.at("/spec/names").unwrap_or(&blank);
    let held = definition.at("/status/acceptedNames").unwrap_or(&blank);
    let mut taken = Taken::default();
    for names in others.filter_map(|other| other.at("/status/acceptedNames")) {
        taken.resources.extend([text(names, "plural"), text(names, "singular")]);
        taken.resources.extend(short_names(names));
        taken.kinds.extend([text(names, "kind"), text(names, "listKind")]);
    }
    let mut naming = Naming { accepted: held.clone(), conflict: None };
    for (field, reason) in [("plural", "PluralConflict"), ("singular", "SingularConflict")] {
        naming.take(field, reason, wanted, &taken.resources);
    }
    naming.take_short_names(wanted, held, &taken.resources);
    for (field, reason) in [("kind", "KindConflict"), ("listKind", "ListKindConflict")] {
        naming.take(field, reason, wanted, &taken.kinds);
    }
    if let Some(categories) = wanted.get("categories") {
        naming.accepted["categories"] = categories.clone();
    }
    naming
}

fn in_use(name: &str) -> String {
    format!("{} is already in use", crate::failure::go_quote(name))
}

impl Naming {
    fn take(&mut self, field: &str, reason: &'static str, wanted: &Value, taken: &BTreeSet<&str>) {
        let name = text(wanted, field);
        if name != text(&self.accepted, field) && taken.contains(name) {
            self.conflict = Some(Conflict { reason, message: in_use(name) });
        } else {
            self.accepted[field] = name.into();
        }
    }

    fn take_short_names(&mut self, wanted: &Value, held: &Value, taken: &BTreeSet<&str>) {
        let own: Vec<&str> = short_names(held).collect();
        let refused: Vec<String> = short_names(wanted)
            .filter(|name| !own.contains(name) && taken.contains(name))
            .map(in_use)
            .collect();
        let message = match refused.as_slice() {
            [] => {
                if let Some(names) = wanted.get("shortNames") {
                    self.accepted["shortNames"] = names.clone();
                }
                return;
            }
            [one] => one.clone(),
            many => format!("[{}]", many.join(", ")),
        };
        self.conflict = Some(Conflict { reason: "ShortNamesConflict", message });
    }
}
