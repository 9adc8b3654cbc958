//! The rule on the names of objects, which depends on the kind (Helm: lint/rules/template.go, validateMetadataName;
//! k8s.io/apimachinery, util/validation).

use value::gofmt::quoted;

use super::object::Object;

const LABEL_HELP: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and \
     must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is \
     '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const LABEL_1035_HELP: &str = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start \
     with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used \
     for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN_HELP: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' \
     or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is \
     '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

/// Returns what is wrong with an object's name.
pub(super) fn check(object: &Object) -> Option<String> {
    let name = object.name.as_str();
    let problems = match object.kind.to_lowercase().as_str() {
        "service" => label_1035(name),
        "namespace" => label(name),
        "certificatesigningrequest" => Vec::new(),
        "role" | "clusterrole" | "rolebinding" | "clusterrolebinding" => path_segment(name),
        _ => subdomain(name),
    };
    let name = quoted(name.as_bytes());
    let mut texts: Vec<String> =
        problems.iter().map(|problem| format!("metadata.name: Invalid value: {name}: {problem}")).collect();
    let text = match texts.len() {
        0 => return None,
        1 => texts.remove(0),
        _ => format!("[{}]", texts.join(", ")),
    };
    Some(format!("object name does not conform to Kubernetes naming requirements: {name}: {text}"))
}

fn is_label(text: &str) -> bool {
    let is_edge = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let bytes = text.as_bytes();
    is_edge(bytes.first())
        && is_edge(bytes.last())
        && bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-')
}

fn too_long(text: &str, limit: usize) -> Vec<String> {
    if text.len() > limit { vec![format!("must be no more than {limit} characters")] } else { Vec::new() }
}

fn label(name: &str) -> Vec<String> {
    let mut problems = too_long(name, 63);
    if !is_label(name) {
        let is_dotted = name.split('.').all(is_label);
        problems.push(if is_dotted { "must not contain dots" } else { LABEL_HELP }.to_owned());
    }
    problems
}

fn label_1035(name: &str) -> Vec<String> {
    let mut problems = too_long(name, 63);
    if !is_label(name) || name.starts_with(|c: char| c.is_ascii_digit()) {
        problems.push(LABEL_1035_HELP.to_owned());
    }
    problems
}

fn subdomain(name: &str) -> Vec<String> {
    let mut problems = too_long(name, 253);
    if !name.split('.').all(is_label) {
        problems.push(SUBDOMAIN_HELP.to_owned());
    }
    problems
}

fn path_segment(name: &str) -> Vec<String> {
    if matches!(name, "." | "..") {
        return vec![format!("may not be '{name}'")];
    }
    let illegal = ["/", "%"].into_iter().filter(|part| name.contains(part));
    illegal.map(|part| format!("may not contain '{part}'")).collect()
}

#[cfg(test)]
mod tests {
    use super::{Object, check};

    #[test]
    fn the_kind_decides_what_a_name_may_be() {
        let is_good = |kind: &str, name: &str| {
            check(&Object { kind: kind.to_owned(), name: name.to_owned(), ..Object::default() }).is_none()
        };
        assert!(is_good("ConfigMap", "a.b") && !is_good("ConfigMap", "A"));
        assert!(!is_good("Service", "1a") && is_good("Namespace", "1a") && !is_good("Namespace", "a.b"));
        assert!(is_good("Role", "a:B") && !is_good("Role", "a/b") && !is_good("Role", ".."));
    }
}
