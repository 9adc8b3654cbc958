//! The label `pod-template-hash`: FNV over the template as the Deployment controller prints it.
//!
//! The controller prints Go's struct with every field it has, empty ones included (`controller.ComputeHash`,
//! `dump.ForHash`: spew's `%#v` without methods, addresses and capacities). So the fields are listed here, in Go's
//! order, in `template_types.txt`: those of Kubernetes 1.36.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde_json::Value;

/// `NAME = TYPE` for types that have a name only, `NAME { Field:TYPE … }` for structs. A field whose JSON name is not
/// its own with a small first letter says `Field/json:TYPE`, and `Field/.:TYPE` if its fields are the struct's own.
const TYPES: &str = include_str!("template_types.txt");

enum Type {
    Named(&'static str),
    Struct(Vec<Field>),
}

struct Field {
    name: &'static str,
    /// `None`: the fields of its struct stand in the outer object.
    json: Option<String>,
    ty: &'static str,
}

/// Returns the hash of a template in the letters of generated names.
pub(super) fn template_hash(template: &Value) -> String {
    let mut text = String::new();
    print(&mut text, template, "v1.PodTemplateSpec", true);
    let mut hash: u32 = 0x811c_9dc5;
    for byte in text.bytes() {
        hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    const SAFE: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";
    let letters =
        hash.to_string().into_bytes().into_iter().map(|byte| char::from(SAFE[usize::from(byte) % 27]));
    letters.collect()
}

fn types() -> &'static HashMap<&'static str, Type> {
    static KNOWN: OnceLock<HashMap<&'static str, Type>> = OnceLock::new();
    KNOWN.get_or_init(|| TYPES.lines().filter_map(read_type).collect())
}

fn read_type(line: &'static str) -> Option<(&'static str, Type)> {
    let (name, rest) = line.split_once(' ')?;
    if let Some(other) = rest.strip_prefix("= ") {
        return Some((name, Type::Named(other)));
    }
    let fields = rest.trim_start_matches('{').trim_end_matches('}').split_whitespace();
    Some((name, Type::Struct(fields.filter_map(read_field).collect())))
}

fn read_field(text: &'static str) -> Option<Field> {
    let (name, ty) = text.split_once(':')?;
    let Some((name, json)) = name.split_once('/') else {
        let small = name.get(..1)?.to_ascii_lowercase() + name.get(1..)?;
        return Some(Field { name, json: Some(small), ty });
    };
    let json = (json != ".").then(|| json.to_owned());
    Some(Field { name, json, ty })
}

/// Prints a value, with the name of its type unless what surrounds it has said that.
fn print(text: &mut String, value: &Value, ty: &str, with_type: bool) {
    if with_type {
        text.push('(');
        text.push_str(ty);
        text.push(')');
    }
    if let Some(target) = ty.strip_prefix('*') {
        match value {
            Value::Null => text.push_str("<nil>"),
            value => print(text, value, target, false),
        }
        return;
    }
    print_plain(text, value, ty);
}

fn print_plain(text: &mut String, value: &Value, ty: &str) {
    if let Some(item) = ty.strip_prefix("[]") {
        let items = value.as_array().map_or(&[][..], Vec::as_slice);
        return print_all(text, "[", items.iter(), |text, value| print(text, value, item, false));
    }
    if let Some((key, item)) = ty.strip_prefix("map[").and_then(|rest| rest.split_once(']')) {
        let mut members: Vec<_> = value.as_object().into_iter().flatten().collect();
        members.sort_by_key(|(name, _)| *name);
        return print_all(text, "map[", members.into_iter(), |text, (name, value)| {
            print(text, &Value::String(name.clone()), key, false);
            text.push(':');
            print(text, value, item, false);
        });
    }
    match ty {
        "string" => text.push_str(value.as_str().unwrap_or_default()),
        "int32" | "int64" => text.push_str(&value.as_i64().unwrap_or_default().to_string()),
        "bool" => text.push_str(if value == &Value::Bool(true) { "true" } else { "false" }),
        "types.UID" => text.push_str(value.as_str().unwrap_or_default()),
        // No template has a time.
        "v1.Time" => {
            text.push_str("{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}")
        }
        "intstr.IntOrString" => print_int_or_string(text, value),
        "resource.Quantity" => print_quantity(text, value.as_str().unwrap_or_default()),
        named => match types().get(named) {
            Some(Type::Named(other)) => print_plain(text, value, other),
            Some(Type::Struct(fields)) => print_struct(text, value, fields),
            None => {}
        },
    }
}

/// Empty lists and maps are nil: protobuf does not know them otherwise.
fn print_all<T>(
    text: &mut String,
    open: &str,
    items: impl ExactSizeIterator<Item = T>,
    mut print_one: impl FnMut(&mut String, T),
) {
    if items.len() == 0 {
        return text.push_str("<nil>");
    }
    text.push_str(open);
    for (at, item) in items.enumerate() {
        if at > 0 {
            text.push(' ');
        }
        print_one(text, item);
    }
    text.push(']');
}

fn print_struct(text: &mut String, value: &Value, fields: &[Field]) {
    text.push('{');
    for (at, field) in fields.iter().enumerate() {
        if at > 0 {
            text.push(' ');
        }
        text.push_str(field.name);
        text.push(':');
        let member = field.json.as_ref().map_or(Some(value), |name| value.get(name));
        print(text, member.unwrap_or(&Value::Null), field.ty, true);
    }
    text.push('}');
}

fn print_int_or_string(text: &mut String, value: &Value) {
    let (kind, number) = (u8::from(value.is_string()), value.as_i64().unwrap_or_default());
    let string = value.as_str().unwrap_or_default();
    text.push_str(&format!("{{Type:(intstr.Type){kind} IntVal:(int32){number} StrVal:(string){string}}}"));
}

/// Prints the fields of a `Quantity` that was read from its text (`resource.ParseQuantity`, the way of numbers that
/// fit 64 bits).
fn print_quantity(text: &mut String, quantity: &str) {
    let (number, suffix) =
        quantity.split_at(quantity.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(quantity.len()));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits: i64 = format!("{whole}{fraction}").parse().unwrap_or_default();
    let places = i32::try_from(fraction.len()).unwrap_or_default();
    let binary = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].iter().position(|known| *known == suffix);
    let decimal = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"].iter().position(|known| *known == suffix);
    let (value, scale, format) =
        match (binary, decimal, suffix.get(1..).and_then(|power| power.parse::<i32>().ok())) {
            (Some(power), _, _) => {
                (digits.saturating_mul(1i64 << (10 * (power + 1)).min(62)), -places, "BinarySI")
            }
            (None, Some(step), _) => {
                (digits, 3 * (i32::try_from(step).unwrap_or(3) - 3) - places, "DecimalSI")
            }
            (None, None, power) => (digits, power.unwrap_or_default() - places, "DecimalExponent"),
        };
    text.push_str(&format!(
        "{{i:(resource.int64Amount){{value:(int64){value} scale:(resource.Scale){scale}}} \
         d:(resource.infDecAmount){{Dec:(*inf.Dec)<nil>}} s:(string){quantity} Format:(resource.Format){format}}}"
    ));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::template_hash;

    #[test]
    fn templates_have_the_hashes_that_kubernetes_gives_them() {
        let template = json!({
            "metadata": {"labels": {"app": "web"}},
            "spec": {
                "containers": [{
                    "name": "main", "image": "nginx:1.25", "resources": {}, "imagePullPolicy": "IfNotPresent",
                    "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
                }],
                "restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst",
                "securityContext": {}, "schedulerName": "default-scheduler",
            },
        });
        assert_eq!(template_hash(&template), "7845686f87");
    }
}
