//! Values as the API server's own Go types are encoded: messages show them so (`field.Error` marshals what is wrong,
//! and the internal types have no JSON tags, so fields carry their Go names and nothing is left out).

use crate::schema::{Field, Ty, TypeDef, definition, named};
use serde_json::Value;

/// JSON whose objects keep the order of the type.
#[derive(Debug, Clone, PartialEq)]
enum Shape {
    Plain(String),
    List(Vec<Shape>),
    Object(Vec<(String, Shape)>),
}

/// `value` as one line.
pub(super) fn text(value: &Value, package: &str, name: &str) -> String {
    let mut out = String::new();
    compact(&of(value, package, name), &mut out);
    out
}

/// `value` spread over lines that are indented by one space a level.
pub(super) fn lines(value: &Value, package: &str, name: &str) -> Vec<String> {
    let mut out = String::new();
    spread(&of(value, package, name), 0, &mut out);
    out.lines().map(str::to_owned).collect()
}

/// The lines of a struct that holds only `fields` of that type, in that order (an embedded struct).
pub(super) fn lines_of(value: &Value, package: &str, name: &str, fields: &[&str]) -> Vec<String> {
    let Some(def) = named(package, name).map(definition) else { return Vec::new() };
    let known = fields.iter().filter_map(|field| def.field(field));
    let shapes =
        known.map(|field| (go_name(field.name), shape_of(value.get(field.name), field, name, value)));
    let mut out = String::new();
    spread(&Shape::Object(shapes.collect()), 0, &mut out);
    out.lines().map(str::to_owned).collect()
}

fn of(value: &Value, package: &str, name: &str) -> Shape {
    match named(package, name) {
        Some(index) => structure(value, definition(index)),
        None => plain(value),
    }
}

fn plain(value: &Value) -> Shape {
    Shape::Plain(value.to_string())
}

/// Types of apimachinery are the same inside and outside: their JSON tags hold.
fn has_tags(def: &TypeDef) -> bool {
    def.package.starts_with("meta.")
}

fn structure(value: &Value, def: &'static TypeDef) -> Shape {
    if has_tags(def) || def.any {
        return tagged(value, def);
    }
    let fields = def.fields.iter().filter(|field| !is_outside_only(def.name, field.name));
    let mut out: Vec<(String, Shape)> = Vec::new();
    for field in fields {
        let own = value.get(field.name);
        if field.name != "metadata" {
            out.push((go_name(field.name), shape_of(own, field, def.name, value)));
        } else if let Some(Shape::Object(embedded)) = own.map(|metadata| of_type(metadata, &field.ty)) {
            // Metadata are embedded: their fields stand among the others.
            out.extend(embedded);
        }
    }
    arrange(def.name, &mut out);
    Shape::Object(out)
}

// The old name of the service account, and what lives in the security context inside.
fn is_outside_only(type_name: &str, field: &str) -> bool {
    type_name == "PodSpec" && (field == "serviceAccount" || POD_LEVEL.contains(&field))
}

/// Fields of a Pod spec that the internal type keeps in the security context.
const POD_LEVEL: [&str; 5] = ["hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "hostUsers"];

fn shape_of(value: Option<&Value>, field: &Field, type_name: &str, parent: &Value) -> Shape {
    if type_name == "PodSpec" && field.name == "securityContext" {
        return pod_security(value, field, parent);
    }
    match value.filter(|value| !value.is_null()) {
        Some(value) => of_type(value, &field.ty),
        None if field.pointer => Shape::Plain("null".into()),
        None => zero(&field.ty),
    }
}

fn pod_security(value: Option<&Value>, field: &Field, spec: &Value) -> Shape {
    let flag = |name: &str, missing: &str| {
        let shown = spec.get(name).map_or_else(|| missing.to_owned(), Value::to_string);
        (go_name(name), Shape::Plain(shown))
    };
    let mut fields = vec![
        flag("hostNetwork", "false"),
        flag("hostPID", "false"),
        flag("hostIPC", "false"),
        flag("shareProcessNamespace", "null"),
        flag("hostUsers", "null"),
    ];
    let empty = Value::Object(serde_json::Map::new());
    if let Shape::Object(own) = of_type(value.filter(|v| !v.is_null()).unwrap_or(&empty), &field.ty) {
        fields.extend(own);
    }
    Shape::Object(fields)
}

fn of_type(value: &Value, ty: &Ty) -> Shape {
    match (ty, value) {
        (Ty::Ref(_), _) => ty.definition().map_or_else(|| plain(value), |def| structure(value, def)),
        (Ty::List(item), Value::Array(items)) => {
            Shape::List(items.iter().map(|value| of_type(value, item)).collect())
        }
        (Ty::Map(item), Value::Object(map)) => {
            Shape::Object(map.iter().map(|(key, value)| (key.clone(), of_type(value, item))).collect())
        }
        _ => plain(value),
    }
}

fn zero(ty: &Ty) -> Shape {
    let text = match ty {
        Ty::Str => "\"\"",
        Ty::I32 | Ty::I64 | Ty::Float | Ty::IntOrString => "0",
        Ty::Bool => "false",
        Ty::Quantity => "\"0\"",
        Ty::Ref(_) => match ty.definition() {
            Some(def) => return structure(&Value::Object(serde_json::Map::new()), def),
            None => "null",
        },
        Ty::Time | Ty::MicroTime | Ty::Bytes | Ty::Any | Ty::List(_) | Ty::Map(_) => "null",
    };
    Shape::Plain(text.into())
}

fn tagged(value: &Value, def: &'static TypeDef) -> Shape {
    let Value::Object(map) = value else { return plain(value) };
    let mut out = Vec::new();
    for field in &def.fields {
        let Some(value) = map.get(field.name).filter(|value| !value.is_null()) else { continue };
        let shape = match field.ty.definition().or_else(|| item_definition(&field.ty)) {
            Some(_) => of_type(value, &field.ty),
            None => plain(value),
        };
        out.push((field.name.to_owned(), shape));
    }
    Shape::Object(out)
}

fn item_definition(ty: &Ty) -> Option<&'static TypeDef> {
    match ty {
        Ty::List(item) | Ty::Map(item) => item.definition(),
        _ => None,
    }
}

/// JSON names whose Go name is more than the first letter in upper case.
const GO_NAMES: [(&str, &str); 42] = [
    ("apiGroup", "APIGroup"),
    ("apiGroups", "APIGroups"),
    ("apiVersion", "APIVersion"),
    ("awsElasticBlockStore", "AWSElasticBlockStore"),
    ("cephfs", "CephFS"),
    ("csi", "CSI"),
    ("dnsConfig", "DNSConfig"),
    ("dnsPolicy", "DNSPolicy"),
    ("fc", "FC"),
    ("fsGroup", "FSGroup"),
    ("fsGroupChangePolicy", "FSGroupChangePolicy"),
    ("fsType", "FSType"),
    ("gcePersistentDisk", "GCEPersistentDisk"),
    ("gmsaCredentialSpec", "GMSACredentialSpec"),
    ("gmsaCredentialSpecName", "GMSACredentialSpecName"),
    ("grpc", "GRPC"),
    ("httpGet", "HTTPGet"),
    ("httpHeaders", "HTTPHeaders"),
    ("image", "Image"),
    ("ip", "IP"),
    ("ipFamilies", "IPFamilies"),
    ("ipFamilyPolicy", "IPFamilyPolicy"),
    ("iqn", "IQN"),
    ("iscsi", "ISCSI"),
    ("iscsiInterface", "ISCSIInterface"),
    ("monitors", "CephMonitors"),
    ("nfs", "NFS"),
    ("os", "OS"),
    ("pdID", "PDID"),
    ("pdName", "PDName"),
    ("rbd", "RBD"),
    ("scaleIO", "ScaleIO"),
    ("seLinuxChangePolicy", "SELinuxChangePolicy"),
    ("seLinuxOptions", "SELinuxOptions"),
    ("storageos", "StorageOS"),
    ("targetWWNs", "TargetWWNs"),
    ("tcpSocket", "TCPSocket"),
    ("tty", "TTY"),
    ("uid", "UID"),
    ("uri", "URI"),
    ("url", "URL"),
    ("wwids", "WWIDs"),
];

fn go_name(json_name: &str) -> String {
    if let Some((_, name)) = GO_NAMES.iter().find(|(json, _)| *json == json_name) {
        return (*name).to_owned();
    }
    let mut letters = json_name.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}

/// Where the internal type has another order: these fields, in turn, follow the one before them.
const ORDER: [(&str, &[&str]); 4] = [
    (
        "PodSpec",
        &[
            "Subdomain",
            "SetHostnameAsFQDN",
            "Affinity",
            "SchedulerName",
            "Tolerations",
            "HostAliases",
            "PriorityClassName",
            "Priority",
            "PreemptionPolicy",
            "DNSConfig",
            "ReadinessGates",
            "RuntimeClassName",
            "Overhead",
            "EnableServiceLinks",
            "TopologySpreadConstraints",
            "OS",
        ],
    ),
    ("PodSecurityContext", &["FSGroup", "FSGroupChangePolicy"]),
    ("Volume", &["RBD", "Quobyte", "FlexVolume"]),
    ("PodDisruptionBudgetSpec", &["MinAvailable", "Selector", "MaxUnavailable"]),
];

fn arrange(type_name: &str, fields: &mut Vec<(String, Shape)>) {
    let Some((_, order)) = ORDER.iter().find(|(name, _)| *name == type_name) else { return };
    for pair in order.windows(2) {
        let position = |name: &str| fields.iter().position(|(field, _)| field == name);
        let Some(from) = position(pair[1]) else { continue };
        let moved = fields.remove(from);
        let after = fields.iter().position(|(field, _)| field == pair[0]).map_or(fields.len(), |i| i + 1);
        fields.insert(after, moved);
    }
}

// `json.Marshal` writes these three as escapes.
fn escaped(text: &str) -> String {
    text.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

fn compact(shape: &Shape, out: &mut String) {
    match shape {
        Shape::Plain(text) => out.push_str(&escaped(text)),
        Shape::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                compact(item, out);
            }
            out.push(']');
        }
        Shape::Object(fields) => {
            out.push('{');
            for (index, (name, value)) in fields.iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                out.push_str(&escaped(&Value::from(name.as_str()).to_string()));
                out.push(':');
                compact(value, out);
            }
            out.push('}');
        }
    }
}

fn spread(shape: &Shape, level: usize, out: &mut String) {
    let inner = " ".repeat(level + 1);
    match shape {
        Shape::List(items) if !items.is_empty() => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { ",\n" } else { "\n" });
                out.push_str(&inner);
                spread(item, level + 1, out);
            }
            out.push_str(&format!("\n{}]", &inner[1..]));
        }
        Shape::Object(fields) if !fields.is_empty() => {
            out.push('{');
            for (index, (name, value)) in fields.iter().enumerate() {
                out.push_str(if index > 0 { ",\n" } else { "\n" });
                out.push_str(&format!("{inner}{}: ", Value::from(name.as_str())));
                spread(value, level + 1, out);
            }
            out.push_str(&format!("\n{}}}", &inner[1..]));
        }
        other => compact(other, out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn internal_structs_leave_nothing_out() {
        let port = json!({"port": 80, "protocol": "TCP"});
        let shown = text(&port, "core.v1", "ServicePort");
        let want = r#"{"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}"#;
        assert_eq!(shown, want);
    }

    #[test]
    fn types_of_apimachinery_keep_their_tags_and_order() {
        let selector =
            json!({"matchExpressions": [{"operator": "Exists", "key": "a"}], "matchLabels": {"a": "b"}});
        let shown = text(&selector, "meta.v1", "LabelSelector");
        let want = r#"{"matchLabels":{"a":"b"},"matchExpressions":[{"key":"a","operator":"Exists"}]}"#;
        assert_eq!(shown, want);
    }

    #[test]
    fn the_host_network_is_in_the_security_context() {
        let spec = json!({"containers": [], "hostNetwork": true});
        let all = lines(&spec, "core.v1", "PodSpec");
        let at = all.iter().position(|line| line == " \"SecurityContext\": {").unwrap();
        assert_eq!(all[at + 1], "  \"HostNetwork\": true,");
    }
}
